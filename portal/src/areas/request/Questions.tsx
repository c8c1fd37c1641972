import { Field, Input, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import type { Question } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Choices } from "./Choices";
import type { Asked } from "./useAsking";

/** What the policies ask, each question once. */
export function Questions({ asked, lacking }: { asked: Asked; lacking: Set<string> }) {
  const text = useText();
  const all = asked.items.flatMap((item) => item.requirements?.questions ?? []);
  const once = new Map(all.map((question) => [question.id, question]));
  return [...once.values()]
    .sort((a, b) => a.sequence - b.sequence)
    .map((question) => {
      const values = asked.draft.answers[question.id] ?? [];
      const give = (given: string[]) => asked.change({ answers: { ...asked.draft.answers, [question.id]: given } });
      const complaint = lacking.has(question.id) ? text("ask.answerMissing") : undefined;
      if (question.choices && question.isMultipleSelectionAllowed) {
        return <Choices key={question.id} question={question} values={values} give={give} complaint={complaint} />;
      }
      return (
        <Field
          key={question.id}
          label={question.text}
          required={question.isRequired}
          {...(complaint ? { validationMessage: complaint, validationState: "error" as const } : {})}
        >
          {answerField(question, values[0] ?? "", (value) => give([value]))}
        </Field>
      );
    });
}

/** The field itself, not a component around one: the label belongs to it. */
function answerField(question: Question, value: string, give: (value: string) => void) {
  if (question.choices) {
    return (
      <RadioGroup value={value} onChange={(_, { value }) => give(value)}>
        {question.choices.map((one) => (
          <Radio key={one.actualValue} value={one.actualValue} label={one.text} />
        ))}
      </RadioGroup>
    );
  }
  return question.isSingleLineQuestion ? (
    <Input value={value} onChange={(_, { value }) => give(value)} />
  ) : (
    <Textarea value={value} resize="vertical" onChange={(_, { value }) => give(value)} />
  );
}
