import { useState } from "react";
import { Refusal } from "../../api/http";
import { paths } from "../../api/paths";
import { useOne } from "../../api/queries";
import type { GivenAnswer, Question } from "../../api/shapes";

/** The answers of a request that an approver may change, the blanks among them, and what is typed there until it is sent. */
export function useAnswering(id: string) {
  const found = useOne(paths.answers(id));
  const [typed, setTyped] = useState<Record<string, string[]>>({});
  const [sent, setSent] = useState<GivenAnswer[]>([]);
  const { answers = [], unanswered = [] } = found.data ?? {};
  const before = (question: Question) => answers.filter((one) => one.answeredQuestion.id === question.id).map(({ value }) => value);
  const answered = answers.map((one) => one.answeredQuestion).filter((one) => one.isAnswerEditable);
  const questions = [...new Map([...answered, ...unanswered].map((one) => [one.id, one])).values()].sort((a, b) => a.sequence - b.sequence);
  const values = (question: Question) => typed[question.id] ?? before(question);
  const changed = questions.filter((one) => values(one).join("\n") !== before(one).join("\n"));
  /** Only what differs; one that was emptied is sent as a blank. */
  const given = changed.flatMap((one) =>
    (values(one).length ? values(one) : [""]).map((value): GivenAnswer => ({ value, answeredQuestion: { id: one.id } })),
  );
  const refusedOf = (question: Question, error: Error | null): string | undefined => {
    if (!(error instanceof Refusal) || !error.target?.startsWith("answers")) return undefined;
    const place = sent[Number(error.target.split("/")[1] ?? 0)];
    return place?.answeredQuestion.id === question.id ? error.message : undefined;
  };
  return {
    found,
    questions,
    values,
    given,
    give: (question: Question, chosen: string[]) => setTyped((all) => ({ ...all, [question.id]: chosen })),
    remember: () => setSent(given),
    refusedOf,
  };
}
