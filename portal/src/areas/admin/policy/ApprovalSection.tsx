import { Button, Checkbox, Field, makeStyles, Select, Switch } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import type { ApprovalSettings, StageSettings } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import { type Editing, MOST_STAGES, needsStages, newStage } from "./draft";
import { Section } from "./Section";
import { StageFields } from "./StageFields";

const OWN = ["nextManager", "fallback", "countAsApproved"];

const useStyles = makeStyles({
  choices: { display: "grid", justifyItems: "start" },
  own: { maxWidth: "420px" },
});

/** Whether somebody decides, and who, in how many rounds. */
export function ApprovalSection({ editing }: { editing: Editing }) {
  const styles = useStyles();
  const text = useText();
  const { policy, change, complain } = editing;
  const settings = policy.requestApprovalSettings;
  const set = (part: Partial<ApprovalSettings>) => change({ requestApprovalSettings: { ...settings, ...part } });
  const setStage = (place: number, stage: StageSettings) =>
    set({ stages: settings.stages.map((one, other) => (other === place ? stage : one)) });
  const require = (part: Partial<ApprovalSettings>) =>
    set({ ...part, stages: settings.stages.length ? settings.stages : [newStage()] });
  const hasStages = needsStages(policy);
  return (
    <Section title={text("admin.policy.approval")}>
      <div className={styles.choices}>
        <Switch
          label={text("admin.policy.requireApproval")}
          checked={settings.isApprovalRequiredForAdd}
          onChange={(_, { checked }) =>
            // Whoever switches it off wants no approval at all; for more time alone it can be asked for below.
            checked ? require({ isApprovalRequiredForAdd: true }) : set({ isApprovalRequiredForAdd: false, isApprovalRequiredForUpdate: false })
          }
        />
        <Checkbox
          label={text("admin.policy.requireExtension")}
          checked={settings.isApprovalRequiredForUpdate}
          onChange={(_, { checked }) => require({ isApprovalRequiredForUpdate: checked === true })}
        />
        <Checkbox
          label={text("admin.policy.requireReason")}
          checked={settings.isRequestorJustificationRequired}
          onChange={(_, { checked }) => set({ isRequestorJustificationRequired: checked === true })}
        />
      </div>
      {hasStages && (
        <>
          {settings.stages.map((stage, place) => (
            <StageFields
              key={place}
              editing={editing}
              stage={stage}
              place={place}
              change={(changed) => setStage(place, changed)}
              {...(settings.stages.length > 1 ? { remove: () => set({ stages: settings.stages.filter((_, other) => other !== place) }) } : {})}
            />
          ))}
          {settings.stages.length < MOST_STAGES && (
            <div>
              <Button icon={<AddRegular />} onClick={() => set({ stages: [...settings.stages, newStage()] })}>
                {text("admin.policy.addStage")}
              </Button>
            </div>
          )}
          <Field label={text("admin.policy.own")} className={styles.own} {...complain("requestApprovalSettings/approverIsRequestor")}>
            <Select value={settings.approverIsRequestor} onChange={(_, { value }) => set({ approverIsRequestor: value })}>
              {OWN.map((one) => (
                <option key={one} value={one}>
                  {text.word("approverIsRequestor", one)}
                </option>
              ))}
            </Select>
          </Field>
        </>
      )}
    </Section>
  );
}
