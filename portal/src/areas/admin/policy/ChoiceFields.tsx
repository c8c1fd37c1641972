import { Button, Field, Input, makeStyles } from "@fluentui/react-components";
import { AddRegular, DismissRegular } from "@fluentui/react-icons";
import type { Choice, WrittenQuestion } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import type { Editing } from "./draft";

const useStyles = makeStyles({
  choices: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "8px" },
  choice: { display: "grid", gridTemplateColumns: "minmax(0, 1fr) auto", gap: "4px", alignItems: "start" },
  remove: { marginTop: "26px" },
});

interface Props {
  editing: Editing;
  question: WrittenQuestion;
  path: string;
  change: (question: WrittenQuestion) => void;
}

/** What one can choose from. */
export function ChoiceFields({ editing, question, path, change }: Props) {
  const styles = useStyles();
  const text = useText();
  const choices = question.choices ?? [];
  const give = (changed: Choice[]) => change({ ...question, choices: changed });
  return (
    <div className={styles.choices}>
      {choices.map((choice, place) => (
        <div key={place} className={styles.choice}>
          <Field label={text("admin.policy.choice", { number: place + 1 })} required {...editing.complain(`${path}/choices/${place}`)}>
            <Input
              value={choice.text}
              onChange={(_, { value }) => give(choices.map((one, other) => (other === place ? { ...one, text: value } : one)))}
            />
          </Field>
          <Button
            appearance="subtle"
            className={styles.remove}
            icon={<DismissRegular />}
            aria-label={text("admin.policy.removeChoice", { number: place + 1 })}
            onClick={() => give(choices.filter((_, other) => other !== place))}
          />
        </div>
      ))}
      <Field {...(choices.length < 2 ? editing.complain(`${path}/choices`) : {})}>
        <div>
          <Button size="small" icon={<AddRegular />} onClick={() => give([...choices, { text: "" }])}>
            {text("admin.policy.addChoice")}
          </Button>
        </div>
      </Field>
    </div>
  );
}
