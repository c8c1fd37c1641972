import { Button, Field, makeStyles, Select } from "@fluentui/react-components";
import { AddRegular, DismissRegular } from "@fluentui/react-icons";
import type { StageSettings } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import { DurationField } from "./DurationField";
import type { Editing } from "./draft";
import { seconds } from "./durations";

const HOW = ["usual", "none", "own"] as const;
type How = (typeof HOW)[number];
const MOST = 10;
const A_DAY = 86_400;

const useStyles = makeStyles({
  how: { maxWidth: "420px" },
  own: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", paddingLeft: "12px" },
  one: { display: "flex", gap: "4px", alignItems: "flex-start" },
  remove: { marginTop: "26px" },
});

interface Props {
  editing: Editing;
  stage: StageSettings;
  path: string;
  change: (reminders: string[] | null) => void;
}

/** When those who have not decided are reminded: as usual, never, or so long before the deadline. */
export function RemindersField({ editing, stage, path, change }: Props) {
  const styles = useStyles();
  const text = useText();
  const reminders = stage.reminders ?? null;
  const how: How = reminders === null ? "usual" : reminders.length === 0 ? "none" : "own";
  const fresh = (seconds(stage.durationBeforeAutomaticDenial) ?? 0) > A_DAY ? "P1D" : "PT1H";
  const choose = (chosen: string) => change(chosen === "usual" ? null : chosen === "own" ? [fresh] : []);
  const own = reminders ?? [];
  return (
    <>
      <Field label={text("admin.policy.reminders")} className={styles.how}>
        <Select value={how} onChange={(_, { value }) => choose(value)}>
          {HOW.map((one) => (
            <option key={one} value={one}>
              {text.word("reminders", one)}
            </option>
          ))}
        </Select>
      </Field>
      {how === "own" && (
        <div className={styles.own}>
          {own.map((before, place) => (
            <div key={place} className={styles.one}>
              <DurationField
                label={text("admin.policy.reminder", { number: place + 1 })}
                value={before}
                change={(changed) => change(own.map((one, other) => (other === place ? changed : one)))}
                complaint={editing.complain(`${path}/reminders/${place}`)}
              />
              {own.length > 1 && (
                <Button
                  appearance="subtle"
                  className={styles.remove}
                  icon={<DismissRegular />}
                  aria-label={text("admin.policy.removeReminder", { number: place + 1 })}
                  onClick={() => change(own.filter((_, other) => other !== place))}
                />
              )}
            </div>
          ))}
          {own.length < MOST && (
            <div>
              <Button size="small" icon={<AddRegular />} onClick={() => change([...own, fresh])}>
                {text("admin.policy.addReminder")}
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  );
}
