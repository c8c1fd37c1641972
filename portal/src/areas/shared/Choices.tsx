import { Checkbox, Label, makeStyles, tokens, useId } from "@fluentui/react-components";
import type { Question } from "../../api/shapes";

const useStyles = makeStyles({
  choices: { display: "grid" },
  complaint: { color: tokens.colorPaletteRedForeground1, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  question: Question;
  values: string[];
  give: (values: string[]) => void;
  complaint: string | undefined;
}

/** Several of several. A group of its own, since a field would mark each of its boxes as required. */
export function Choices({ question, values, give, complaint }: Props) {
  const styles = useStyles();
  const label = useId("question");
  const told = useId("complaint");
  return (
    <div role="group" aria-labelledby={label} aria-describedby={complaint ? told : undefined} className={styles.choices}>
      <Label id={label} required={question.isRequired}>
        {question.text}
      </Label>
      {(question.choices ?? []).map((one) => (
        <Checkbox
          key={one.actualValue}
          label={one.text}
          checked={values.includes(one.actualValue)}
          aria-invalid={complaint ? true : undefined}
          onChange={(_, { checked }) => {
            const others = values.filter((value) => value !== one.actualValue);
            give(checked ? [...others, one.actualValue] : others);
          }}
        />
      ))}
      {complaint && (
        <span id={told} role="alert" className={styles.complaint}>
          {complaint}
        </span>
      )}
    </div>
  );
}
