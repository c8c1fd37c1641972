import { Field, Input, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import type { Question } from "../../api/shapes";
import { Choices } from "./Choices";

interface Props {
  question: Question;
  values: string[];
  give: (values: string[]) => void;
  complaint: string | undefined;
}

/** One question of a policy, answered by whoever asks, or by an approver in their place. */
export function QuestionField({ question, values, give, complaint }: Props) {
  if (question.choices && question.isMultipleSelectionAllowed) {
    return <Choices question={question} values={values} give={give} complaint={complaint} />;
  }
  return (
    <Field
      label={question.text}
      required={question.isRequired}
      {...(complaint ? { validationMessage: complaint, validationState: "error" as const } : {})}
    >
      {answerField(question, values[0] ?? "", (value) => give([value]))}
    </Field>
  );
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
