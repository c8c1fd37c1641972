import { useText } from "../../messages/useText";
import { QuestionField } from "../shared/QuestionField";
import type { Asked } from "./useAsking";

/** What the policies ask, each question once. */
export function Questions({ asked, lacking }: { asked: Asked; lacking: Set<string> }) {
  const text = useText();
  const all = asked.items.flatMap((item) => item.requirements?.questions ?? []);
  const once = new Map(all.map((question) => [question.id, question]));
  return [...once.values()]
    .sort((a, b) => a.sequence - b.sequence)
    .map((question) => (
      <QuestionField
        key={question.id}
        question={question}
        values={asked.draft.answers[question.id] ?? []}
        give={(given) => asked.change({ answers: { ...asked.draft.answers, [question.id]: given } })}
        complaint={lacking.has(question.id) ? text("ask.answerMissing") : undefined}
      />
    ));
}
