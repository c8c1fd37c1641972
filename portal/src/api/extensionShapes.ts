/** What the API answers about the custom extensions of a catalog, and about the policies that name them. */
import type { StageSettings } from "./adminShapes";
import type { ExtensionOut, PolicyOut } from "./generated";
import type { With } from "./shapes";

/** Without a callbackConfiguration, nothing waits for an answer. */
export type WholeExtension = ExtensionOut;

export type NamingPolicy = Pick<With<PolicyOut, "accessPackage" | "customExtensionStageSettings">, "id" | "displayName" | "accessPackage" | "customExtensionStageSettings"> & {
  requestApprovalSettings: { stages: Pick<StageSettings, "customExtension">[] };
};
