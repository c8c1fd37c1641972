import { Field, makeStyles, Select } from "@fluentui/react-components";
import { useText } from "../../messages/useText";

const useStyles = makeStyles({ field: { maxWidth: "280px" } });

interface Props {
  states: string[];
  state: string;
  choose: (state: string) => void;
}

export function StateFilter({ states, state, choose }: Props) {
  const styles = useStyles();
  const text = useText();
  return (
    <Field label={text("admin.state")} className={styles.field}>
      <Select value={state} onChange={(_, { value }) => choose(value)}>
        <option value="">{text("admin.any")}</option>
        {states.map((one) => (
          <option key={one} value={one}>
            {text.word("state", one)}
          </option>
        ))}
      </Select>
    </Field>
  );
}
