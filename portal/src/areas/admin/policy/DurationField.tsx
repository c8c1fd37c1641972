import { Field, Input, makeStyles, Select } from "@fluentui/react-components";
import { useState } from "react";
import { useText } from "../../../messages/useText";
import type { Complaint } from "../../shared/complaints";
import { counted, seconds, type Unit, UNITS, written } from "./durations";

const useStyles = makeStyles({
  line: { display: "flex", gap: "8px" },
  count: { width: "96px" },
});

interface Props {
  label: string;
  hint?: string;
  value: string | null;
  change: (iso: string) => void;
  complaint: Complaint;
}

/** So many days, hours or minutes. */
export function DurationField({ label, hint, value, change, complaint }: Props) {
  const styles = useStyles();
  const text = useText();
  const [first] = useState(() => counted(value));
  const [last, setLast] = useState(first);
  // What was typed stands as it was typed, unless the value has become another: of its neighbour, that was taken away.
  const iso = written(last.count, last.unit);
  const typed = iso === (value ?? "") || seconds(iso) === seconds(value) ? last : counted(value);
  // Seconds are for those who wrote some.
  const units = UNITS.filter((one) => one !== "seconds" || first.unit === "seconds");
  const give = (count: string, unit: Unit) => {
    setLast({ count, unit });
    change(written(count, unit));
  };
  return (
    <Field label={label} required {...(hint ? { hint } : {})} {...complaint}>
      {(field) => (
        <div className={styles.line}>
          <Input
            {...field}
            className={styles.count}
            type="number"
            min={1}
            value={typed.count}
            onChange={(_, { value: count }) => give(count, typed.unit)}
          />
          <Select
            aria-label={`${label}: ${text("admin.policy.unit")}`}
            value={typed.unit}
            onChange={(_, { value: unit }) => give(typed.count, unit as Unit)}
          >
            {units.map((one) => (
              <option key={one} value={one}>
                {text.word("unit", one)}
              </option>
            ))}
          </Select>
        </div>
      )}
    </Field>
  );
}
