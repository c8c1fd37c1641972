import { call } from "../../api/http";
import { paths } from "../../api/paths";
import type { GivenAnswer } from "../../api/shapes";

export type Verdict = "Approve" | "Deny";

/** Decide the stage that is open; the server says who was faster, if somebody was. An approval may bring the end nearer. */
export async function decide(id: string, verdict: Verdict, justification: string, endsAt = ""): Promise<void> {
  const story = await call("GET", paths.explain(id));
  const stage = story.stages.find((one) => one.state === "open") ?? story.stages.at(-1);
  await call("PATCH", paths.stage(id, stage?.id ?? id), {
    body: {
      reviewResult: verdict,
      ...(justification ? { justification } : {}),
      ...(endsAt && verdict === "Approve"
        ? { shortenedTo: { type: "afterDateTime", endDateTime: new Date(endsAt).toISOString() } }
        : {}),
    },
  });
}

/** Put answers in place of what was left blank, or of what may be changed; the same again changes nothing. */
export async function answer(id: string, answers: GivenAnswer[]): Promise<void> {
  if (answers.length > 0) await call("PATCH", paths.answers(id), { body: { answers } });
}
