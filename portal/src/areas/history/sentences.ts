/** Sentences about a request in the reader's language; where there is none for it, the API's own. */
import type { Explanation, Moment } from "../../api/shapes";
import { dateTime, oneOf } from "../../format/times";
import type { Key } from "../../messages/language";
import type { Text } from "../../messages/useText";

export function comesNext({ state, stages, next, assignment }: Explanation, text: Text): string | null {
  const stage = stages.find((one) => one.state === "open");
  if (state === "pendingApproval" && stage) {
    const names = stage.approvers.filter((one) => one.isWaitedFor).map((one) => one.person.displayName ?? "");
    const who = names.length ? oneOf(names) : text("ask.anApprover");
    const waits = text("story.waitsFor", { who });
    return stage.deadlineAt ? `${waits} ${text("story.deadline", { at: dateTime(stage.deadlineAt) })}` : waits;
  }
  if (state === "scheduled" && next.at) return text("story.starts", { at: dateTime(next.at) });
  if (state === "delivered" && assignment?.endsAt && assignment.state === "delivered") {
    return text("story.held", { at: dateTime(assignment.endsAt) });
  }
  return null;
}

/** One event; those about a decision say which. */
export function happened({ event, actor, says }: Moment, text: Text): string {
  const name = actor?.displayName ?? text("story.grantline");
  if (event === "stage.decided") {
    return text(/: approve/i.test(says) ? "event.stage.approved" : "event.stage.denied", { name });
  }
  const key = `event.${event}`;
  const sentence = text.word("event", event);
  return sentence === event ? says : text(key as Key, { name });
}
