import { Checkbox, Field, Input, makeStyles, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import type { Question } from "../../api/shapes";
import { useText } from "../../messages/useText";
import type { Asked } from "./useAsking";

const useStyles = makeStyles({ choices: { display: "grid" } });

/** What the policies ask, each question once. */
export function Questions({ asked, lacking }: { asked: Asked; lacking: Set<string> }) {
  const text = useText();
  const all = asked.items.flatMap((item) => item.requirements?.questions ?? []);
  const once = new Map(all.map((question) => [question.id, question]));
  return [...once.values()]
    .sort((a, b) => a.sequence - b.sequence)
    .map((question) => (
      <Field
        key={question.id}
        label={question.text}
        required={question.isRequired}
        {...(lacking.has(question.id)
          ? { validationMessage: text("ask.answerMissing"), validationState: "error" as const }
          : {})}
      >
        <AnswerField
          question={question}
          values={asked.draft.answers[question.id] ?? []}
          give={(values) => asked.change({ answers: { ...asked.draft.answers, [question.id]: values } })}
        />
      </Field>
    ));
}

interface Props {
  question: Question;
  values: string[];
  give: (values: string[]) => void;
}

function AnswerField({ question, values, give, ...field }: Props) {
  const styles = useStyles();
  const first = values[0] ?? "";
  if (!question.choices) {
    return question.isSingleLineQuestion ? (
      <Input {...field} value={first} onChange={(_, { value }) => give([value])} />
    ) : (
      <Textarea {...field} value={first} resize="vertical" onChange={(_, { value }) => give([value])} />
    );
  }
  if (!question.isMultipleSelectionAllowed) {
    return (
      <RadioGroup {...field} value={first} onChange={(_, { value }) => give([value])}>
        {question.choices.map((one) => (
          <Radio key={one.actualValue} value={one.actualValue} label={one.text} />
        ))}
      </RadioGroup>
    );
  }
  return (
    <div {...field} role="group" className={styles.choices}>
      {question.choices.map((one) => (
        <Checkbox
          key={one.actualValue}
          label={one.text}
          checked={values.includes(one.actualValue)}
          onChange={(_, { checked }) => {
            const others = values.filter((value) => value !== one.actualValue);
            give(checked ? [...others, one.actualValue] : others);
          }}
        />
      ))}
    </div>
  );
}
