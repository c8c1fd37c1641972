/** What can be said and done about a request, as every page says and does it. */
import type { RequestBody } from "../../api/generated";
import { call } from "../../api/http";
import { paths } from "../../api/paths";
import type { AccessRequest } from "../../api/shapes";
import type { Text } from "../../messages/useText";

const CANCELLABLE = new Set(["pendingApproval", "scheduled"]);
const OVER_WITHOUT_ACCESS = new Set(["denied", "canceled", "deliveryFailed", "expired"]);
/** Those that are not over, as a filter says it. */
export const IS_OPEN = "state in ('submitted','pendingApproval','scheduled','delivering')";

export const isCancellable = (state: string) => CANCELLABLE.has(state);
export const isRepeatable = (type: string, state: string) => /add$/i.test(type) && OVER_WITHOUT_ACCESS.has(state);

export const cancelRequest = (id: string) => call("POST", paths.cancel(id));

/** Has a key for each body, as `useKeys` does. */
type KeyOf = (body: unknown) => string;

export const resubmit = (id: string, justification: string, keyOf: KeyOf) => {
  const body = justification ? { justification } : {};
  return call("POST", paths.resubmit(id), { body, idempotencyKey: keyOf(body) });
};

export const removeAccess = (assignmentId: string, reason: string, keyOf: KeyOf) => {
  const body: RequestBody = {
    requestType: "userRemove",
    assignment: { id: assignmentId },
    ...(reason ? { justification: reason } : {}),
  };
  return call("POST", paths.submit(), { body, idempotencyKey: keyOf(body) });
};

/** "Mia Lind asked for Leo Park", "You asked", in the words for what was asked. */
export function askedBy(request: AccessRequest, me: string, text: Text): string {
  const { requestor, assignment } = request;
  const isMine = requestor.id === me;
  if (requestor.id === assignment.target.id) {
    return isMine ? text("request.byMe") : text("request.by", { name: requestor.displayName });
  }
  const target = assignment.target.id === me ? text("request.you") : assignment.target.displayName;
  return isMine
    ? text("request.byMeFor", { target })
    : text("request.byFor", { name: requestor.displayName, target });
}

/** How its state is called: a removal that is done has removed, not delivered. */
export function standing({ requestType, state }: Pick<AccessRequest, "requestType" | "state">): string {
  if (state !== "delivered") return state;
  if (/remove$/i.test(requestType)) return "removed";
  return /update$/i.test(requestType) ? "extended" : state;
}

/** What kind of request it is, where it is not simply for access. */
export function kind(type: string, text: Text): string | null {
  return /add$/i.test(type) ? null : text.word("type", type);
}
