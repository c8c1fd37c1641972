/** What the API answers about the custom extensions of a catalog, and about the policies that name them. */
import type { CustomExtension, ExtensionUse, StageSettings } from "./adminShapes";
import type { Party } from "./shapes";

export interface WholeExtension extends CustomExtension {
  "@odata.type": string;
  description: string;
  endpointConfiguration: { targetUrl: string };
  /** Without one, nothing waits for an answer. */
  callbackConfiguration: { "@odata.type": string; timeoutDuration: string; onTimeout: "deny" | "continue" } | null;
}

export interface NamingPolicy {
  id: string;
  displayName: string;
  accessPackage: Party;
  customExtensionStageSettings: ExtensionUse[];
  requestApprovalSettings: { stages: Pick<StageSettings, "customExtension">[] };
}
