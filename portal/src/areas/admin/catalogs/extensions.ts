/** Custom extensions as people think of them: what they are called about, and what happens to the request meanwhile. */
import type { ExtensionBody } from "../../../api/generated";
import type { NamingPolicy, WholeExtension } from "../../../api/extensionShapes";

const PREFIX = "#microsoft.graph.";
const APPROVERS = `${PREFIX}accessPackageRequestApprovalStageCallbackConfiguration`;
const ANSWER = `${PREFIX}customExtensionCallbackConfiguration`;

export const KINDS = {
  request: `${PREFIX}accessPackageAssignmentRequestWorkflowExtension`,
  assignment: `${PREFIX}accessPackageAssignmentWorkflowExtension`,
} as const;
export type Kind = keyof typeof KINDS;

/** `continue`: it is told, and nothing waits. The others wait for an answer: whether to go on, or who approves. */
export const WAITS = ["continue", "answer", "approvers"] as const;
export type Wait = (typeof WAITS)[number];

export interface Draft {
  kind: Kind;
  displayName: string;
  description: string;
  url: string;
  wait: Wait;
  timeout: string;
  onTimeout: "deny" | "continue";
}

export function draftOf(one?: WholeExtension): Draft {
  const callback = one?.callbackConfiguration;
  return {
    kind: one?.["@odata.type"] === KINDS.assignment ? "assignment" : "request",
    displayName: one?.displayName ?? "",
    description: one?.description ?? "",
    url: one?.endpointConfiguration.targetUrl ?? "",
    wait: !callback ? "continue" : callback["@odata.type"] === APPROVERS ? "approvers" : "answer",
    timeout: callback?.timeoutDuration ?? "P1D",
    onTimeout: callback?.onTimeout ?? "deny",
  };
}

/** Whether a request waits; before access ends, nobody does. */
export const isWaiting = ({ kind, wait }: Draft) => kind === "request" && wait !== "continue";

export function bodyOf(draft: Draft): ExtensionBody {
  const { timeout: timeoutDuration, onTimeout, wait } = draft;
  return {
    "@odata.type": KINDS[draft.kind],
    displayName: draft.displayName.trim(),
    description: draft.description.trim(),
    endpointConfiguration: { "@odata.type": `${PREFIX}httpRequestEndpoint`, targetUrl: draft.url.trim() },
    callbackConfiguration: isWaiting(draft) ? { "@odata.type": wait === "approvers" ? APPROVERS : ANSWER, timeoutDuration, onTimeout } : null,
  };
}

/** The policies that name an extension, at a point or for a stage of approval. */
export function naming(policies: NamingPolicy[], extensionId: string): NamingPolicy[] {
  return policies.filter(
    ({ customExtensionStageSettings: uses, requestApprovalSettings: { stages } }) =>
      uses.some(({ customExtension }) => customExtension.id === extensionId) ||
      stages.some(({ customExtension }) => customExtension?.id === extensionId),
  );
}
