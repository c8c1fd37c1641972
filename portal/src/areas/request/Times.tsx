import { Field, Input, makeStyles } from "@fluentui/react-components";
import { fieldValue, zone } from "../../format/times";
import { useText } from "../../messages/useText";
import { nameOf } from "./PackagesField";
import type { Asked } from "./useAsking";

const useStyles = makeStyles({ both: { display: "flex", flexWrap: "wrap", gap: "16px", alignItems: "flex-start", "& > *": { flex: "1 1 200px" } } });

/** Start and end, where a policy lets people choose them. */
export function Times({ asked, refused }: { asked: Asked; refused: string | undefined }) {
  const styles = useStyles();
  const text = useText();
  const free = asked.items.filter((item) => item.requirements?.allowCustomAssignmentSchedule);
  if (free.length === 0) return null;
  const names = [...new Set(free.map((item) => nameOf(asked, item.packageId)))].join(", ");
  const first = fieldValue(new Date());
  return (
    <div className={styles.both}>
      <Field
        label={text("ask.start")}
        hint={text("ask.timesFor", { names, zone: zone() })}
        {...(refused ? { validationMessage: refused, validationState: "error" as const } : {})}
      >
        <Input
          type="datetime-local"
          min={first}
          value={asked.draft.startsAt}
          onChange={(_, { value }) => asked.change({ startsAt: value })}
        />
      </Field>
      <Field label={text("ask.end")}>
        <Input
          type="datetime-local"
          min={asked.draft.startsAt || first}
          value={asked.draft.endsAt}
          onChange={(_, { value }) => asked.change({ endsAt: value })}
        />
      </Field>
    </div>
  );
}
