import { Button, Field, Input, makeStyles, Select, tokens } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronRightRegular, DeleteRegular } from "@fluentui/react-icons";
import { useId, useState } from "react";
import type { Choice, WrittenQuestion } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import type { Editing } from "./draft";
import { languageName, languagesLeft, languagesOf, reworded, withoutLanguage, worded } from "./languages";

const useStyles = makeStyles({
  more: { justifySelf: "start" },
  all: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "16px", paddingLeft: "12px" },
  one: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", borderLeft: `2px solid ${tokens.colorNeutralStroke2}`, paddingLeft: "12px", minWidth: 0 },
  head: { display: "flex", alignItems: "center", gap: "4px" },
  name: { margin: 0, marginRight: "auto", fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  add: { maxWidth: "280px" },
});

interface Props {
  editing: Editing;
  question: WrittenQuestion;
  /** Where it stands in the policy, and for whoever reads. */
  path: string;
  number: number;
  change: (question: WrittenQuestion) => void;
}

/** What few questions need: the same in other languages, and what programs read where people read an answer. */
export function Wordings({ editing, question, path, number, change }: Props) {
  const styles = useStyles();
  const text = useText();
  const id = useId();
  const languages = languagesOf(question);
  const [isOpen, setOpen] = useState(languages.length > 0);
  const choices = question.choices ?? [];
  const setChoice = (place: number, part: Partial<Choice>) =>
    change({ ...question, choices: choices.map((one, other) => (other === place ? { ...one, ...part } : one)) });
  return (
    <>
      <Button
        className={styles.more}
        appearance="subtle"
        size="small"
        icon={isOpen ? <ChevronDownRegular /> : <ChevronRightRegular />}
        aria-expanded={isOpen}
        aria-controls={id}
        aria-label={text(question.choices ? "admin.policy.wordingsAndValuesOf" : "admin.policy.wordingsOf", { number })}
        onClick={() => setOpen(!isOpen)}
      >
        {text(question.choices ? "admin.policy.wordingsAndValues" : "admin.policy.wordings")}
      </Button>
      <div id={id} hidden={!isOpen} className={isOpen ? styles.all : undefined}>
        {choices.map((choice, place) => (
          <Field
            key={place}
            label={text("admin.policy.valueOf", { number: place + 1 })}
            hint={place === 0 ? text("admin.policy.valueHint") : ""}
            {...editing.complain(`${path}/choices/${place}/actualValue`)}
          >
            <Input
              value={choice.actualValue ?? ""}
              placeholder={choice.text}
              maxLength={256}
              onChange={(_, { value }) => setChoice(place, { actualValue: value || undefined })}
            />
          </Field>
        ))}
        {languages.map((code) => (
          <OneLanguage key={code} editing={editing} question={question} path={path} code={code} change={change} setChoice={setChoice} />
        ))}
        <Field label={text("admin.policy.addLanguage")} className={styles.add}>
          <Select
            value=""
            onChange={(_, { value }) => value && change({ ...question, localizations: reworded(question.localizations, value, "") })}
          >
            <option value="">{text("admin.choose")}</option>
            {languagesLeft(question).map((code) => (
              <option key={code} value={code}>
                {languageName(code)}
              </option>
            ))}
          </Select>
        </Field>
      </div>
    </>
  );
}

interface LanguageProps extends Omit<Props, "number"> {
  code: string;
  setChoice: (place: number, part: Partial<Choice>) => void;
}

function OneLanguage({ editing, question, path, code, change, setChoice }: LanguageProps) {
  const styles = useStyles();
  const text = useText();
  const language = languageName(code);
  const place = (question.localizations ?? []).findIndex(({ languageCode }) => languageCode.toLowerCase() === code.toLowerCase());
  return (
    <div role="group" aria-label={language} className={styles.one}>
      <div className={styles.head}>
        <h4 className={styles.name}>{language}</h4>
        <Button
          appearance="subtle"
          size="small"
          icon={<DeleteRegular />}
          aria-label={text("admin.policy.removeLanguage", { language })}
          onClick={() => change(withoutLanguage(question, code))}
        />
      </div>
      <Field
        label={text("admin.policy.questionIn", { language })}
        required
        {...editing.complain(`${path}/localizations/${Math.max(place, 0)}`)}
      >
        <Input
          lang={code}
          value={worded(question.localizations, code)}
          maxLength={1000}
          onChange={(_, { value }) => change({ ...question, localizations: reworded(question.localizations, code, value) })}
        />
      </Field>
      {(question.choices ?? []).map((choice, number) => (
        <Field key={number} label={text("admin.policy.choiceIn", { number: number + 1, language })}>
          <Input
            lang={code}
            value={worded(choice.localizations, code)}
            placeholder={choice.text}
            maxLength={1000}
            onChange={(_, { value }) => setChoice(number, { localizations: reworded(choice.localizations, code, value) })}
          />
        </Field>
      ))}
    </div>
  );
}
