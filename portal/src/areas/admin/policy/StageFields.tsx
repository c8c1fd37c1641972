import { Button, Checkbox, Field, makeStyles, Select, Switch } from "@fluentui/react-components";
import { DeleteRegular } from "@fluentui/react-icons";
import type { StageSettings } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import { ApproversFields } from "./ApproversFields";
import { Block } from "./Block";
import { DurationField } from "./DurationField";
import type { Editing } from "./draft";
import { seconds, written } from "./durations";
import { RemindersField } from "./RemindersField";
import { RELATIONS } from "./subjects";
import { SubjectsField } from "./SubjectsField";

const VISIBILITIES = ["default", "visible", "notVisible"];

const useStyles = makeStyles({
  visibility: { maxWidth: "420px" },
  alternates: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", paddingLeft: "12px" },
});

interface Props {
  editing: Editing;
  stage: StageSettings;
  place: number;
  change: (stage: StageSettings) => void;
  remove?: () => void;
}

/** One round of approval: who decides, by when, and who else if nobody does. */
export function StageFields({ editing, stage, place, change, remove }: Props) {
  const styles = useStyles();
  const text = useText();
  const path = `requestApprovalSettings/stages/${place}`;
  const set = (part: Partial<StageSettings>) => change({ ...stage, ...part });
  const title = text("admin.policy.stage", { number: place + 1 });
  return (
    <Block
      title={title}
      actions={
        remove && (
          <Button appearance="subtle" icon={<DeleteRegular />} onClick={remove} aria-label={text("admin.policy.removeStage", { number: place + 1 })} />
        )
      }
    >
      <ApproversFields editing={editing} stage={stage} path={path} change={change} />
      <SubjectsField
        editing={editing}
        label={text("admin.policy.fallback")}
        hint={text("admin.policy.fallbackHint")}
        place={`${path}/fallbackPrimaryApprovers`}
        subjects={stage.fallbackPrimaryApprovers}
        change={(fallbackPrimaryApprovers) => set({ fallbackPrimaryApprovers })}
      />
      <DurationField
        label={text("admin.policy.deadline")}
        value={stage.durationBeforeAutomaticDenial}
        change={(durationBeforeAutomaticDenial) => set({ durationBeforeAutomaticDenial })}
        complaint={editing.complain(`${path}/durationBeforeAutomaticDenial`)}
      />
      <RemindersField editing={editing} stage={stage} path={path} change={(reminders) => set({ reminders })} />
      <Checkbox
        label={text("admin.policy.approverReason")}
        checked={stage.isApproverJustificationRequired}
        onChange={(_, { checked }) => set({ isApproverJustificationRequired: checked === true })}
      />
      <Field
        label={text("admin.policy.visibility")}
        className={styles.visibility}
        {...editing.complain(`${path}/approverInformationVisibility`)}
      >
        <Select
          value={stage.approverInformationVisibility ?? "default"}
          onChange={(_, { value }) => set({ approverInformationVisibility: value })}
        >
          {VISIBILITIES.map((one) => (
            <option key={one} value={one}>
              {text.word("visibility", one)}
            </option>
          ))}
        </Select>
      </Field>
      <Alternates editing={editing} stage={stage} path={path} set={set} />
    </Block>
  );
}

interface AlternatesProps {
  editing: Editing;
  stage: StageSettings;
  path: string;
  set: (part: Partial<StageSettings>) => void;
}

function Alternates({ editing, stage, path, set }: AlternatesProps) {
  const styles = useStyles();
  const text = useText();
  const enable = (isOn: boolean) => {
    const halfway = Math.floor((seconds(stage.durationBeforeAutomaticDenial) ?? 0) / 2 / 86_400);
    const isUnset = !seconds(stage.durationBeforeEscalation);
    set({ isEscalationEnabled: isOn, ...(isOn && isUnset ? { durationBeforeEscalation: written(String(halfway), "days") } : {}) });
  };
  return (
    <>
      <div>
        <Switch
          label={text("admin.policy.escalate")}
          checked={stage.isEscalationEnabled}
          onChange={(_, { checked }) => enable(checked)}
        />
      </div>
      {stage.isEscalationEnabled && (
        <div className={styles.alternates}>
          <DurationField
            label={text("admin.policy.escalateAfter")}
            value={stage.durationBeforeEscalation}
            change={(durationBeforeEscalation) => set({ durationBeforeEscalation })}
            complaint={editing.complain(`${path}/durationBeforeEscalation`)}
          />
          <SubjectsField
            editing={editing}
            label={text("admin.policy.alternates")}
            place={`${path}/escalationApprovers`}
            subjects={stage.escalationApprovers}
            change={(escalationApprovers) => set({ escalationApprovers })}
            relations={RELATIONS}
            isRequired
          />
          <SubjectsField
            editing={editing}
            label={text("admin.policy.alternatesFallback")}
            place={`${path}/fallbackEscalationApprovers`}
            subjects={stage.fallbackEscalationApprovers}
            change={(fallbackEscalationApprovers) => set({ fallbackEscalationApprovers })}
          />
        </div>
      )}
    </>
  );
}
