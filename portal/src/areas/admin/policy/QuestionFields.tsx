import { Button, Checkbox, Field, Input, makeStyles, Select } from "@fluentui/react-components";
import { ArrowDownRegular, ArrowUpRegular, DeleteRegular } from "@fluentui/react-icons";
import type { WrittenQuestion } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import { Block } from "./Block";
import { ChoiceFields } from "./ChoiceFields";
import type { Editing } from "./draft";
import { Wordings } from "./Wordings";
import { type Kind, KINDS, kindOf, turned } from "./questions";

const useStyles = makeStyles({
  kind: { maxWidth: "280px" },
  checks: { display: "flex", flexWrap: "wrap", columnGap: "16px" },
});

interface Props {
  editing: Editing;
  question: WrittenQuestion;
  place: number;
  change: (question: WrittenQuestion) => void;
  remove: () => void;
  up?: () => void;
  down?: () => void;
}

/** One question: its words, what kind of answer it wants, and whether it must be answered. */
export function QuestionFields({ editing, question, place, change, remove, up, down }: Props) {
  const styles = useStyles();
  const text = useText();
  const path = `questions/${place}`;
  const set = (part: Partial<WrittenQuestion>) => change({ ...question, ...part });
  const number = { number: place + 1 };
  return (
    <Block
      title={text("admin.policy.question", number)}
      actions={
        <>
          {up && <Button appearance="subtle" icon={<ArrowUpRegular />} onClick={up} aria-label={text("admin.policy.questionUp", number)} />}
          {down && <Button appearance="subtle" icon={<ArrowDownRegular />} onClick={down} aria-label={text("admin.policy.questionDown", number)} />}
          <Button appearance="subtle" icon={<DeleteRegular />} onClick={remove} aria-label={text("admin.policy.removeQuestion", number)} />
        </>
      }
    >
      <Field label={text("admin.policy.questionText")} required {...editing.complain(`${path}/text`)}>
        <Input value={question.text} maxLength={1000} onChange={(_, { value }) => set({ text: value })} />
      </Field>
      <Field label={text("admin.policy.questionKind")} className={styles.kind}>
        <Select value={kindOf(question)} onChange={(_, { value }) => change(turned(question, value as Kind))}>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {text.word("questionKind", one)}
            </option>
          ))}
        </Select>
      </Field>
      {question.choices ? (
        <ChoiceFields editing={editing} question={question} path={path} change={change} />
      ) : (
        <Field label={text("admin.policy.pattern")} hint={text("admin.policy.patternHint")} {...editing.complain(`${path}/regexPattern`)}>
          <Input
            value={question.regexPattern ?? ""}
            spellCheck={false}
            onChange={(_, { value }) => set({ regexPattern: value || null })}
          />
        </Field>
      )}
      <div className={styles.checks}>
        <Checkbox
          label={text("admin.policy.mustAnswer")}
          checked={question.isRequired}
          onChange={(_, { checked }) => set({ isRequired: checked === true })}
        />
        <Checkbox
          label={text("admin.policy.approversEdit")}
          checked={question.isAnswerEditable}
          onChange={(_, { checked }) => set({ isAnswerEditable: checked === true })}
        />
        {question.choices && (
          <Checkbox
            label={text("admin.policy.several")}
            checked={question.isMultipleSelectionAllowed ?? false}
            onChange={(_, { checked }) => set({ isMultipleSelectionAllowed: checked === true })}
          />
        )}
      </div>
      <Wordings editing={editing} question={question} path={path} number={place + 1} change={change} />
    </Block>
  );
}
