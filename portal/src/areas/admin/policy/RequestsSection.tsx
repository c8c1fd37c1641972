import { Checkbox, Field, makeStyles, Radio, RadioGroup, Select, Switch } from "@fluentui/react-components";
import type { RequestorSettings, SubjectSet } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import { actsOnBehalf, type Editing } from "./draft";
import { Section } from "./Section";
import { isManagerOfTarget, LEVELS, targetManager } from "./subjects";
import { SubjectsField } from "./SubjectsField";

const SCOPES = ["allMemberUsers", "allDirectoryUsers", "specificDirectoryUsers", "notSpecified"];

const useStyles = makeStyles({
  choices: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)" },
  inner: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "12px", paddingLeft: "12px" },
  level: { maxWidth: "420px" },
});

/** Who may have it, and who may ask for it. */
export function RequestsSection({ editing }: { editing: Editing }) {
  const styles = useStyles();
  const text = useText();
  const { policy, change, complain } = editing;
  const settings = policy.requestorSettings;
  const set = (part: Partial<RequestorSettings>) => change({ requestorSettings: { ...settings, ...part } });
  const isAsked = policy.allowedTargetScope !== "notSpecified";
  const scopes = SCOPES.includes(policy.allowedTargetScope) ? SCOPES : [...SCOPES, policy.allowedTargetScope];
  return (
    <Section title={text("admin.policy.requests")}>
      <Field label={text("admin.policy.whoGets")} {...complain("allowedTargetScope")}>
        <RadioGroup value={policy.allowedTargetScope} onChange={(_, { value }) => change({ allowedTargetScope: value })}>
          {scopes.map((one) => (
            <Radio key={one} value={one} label={text.word("targetScope", one)} />
          ))}
        </RadioGroup>
      </Field>
      {policy.allowedTargetScope === "specificDirectoryUsers" && (
        <SubjectsField
          editing={editing}
          label={text("admin.policy.targets")}
          place="specificAllowedTargets"
          subjects={policy.specificAllowedTargets}
          change={(specificAllowedTargets) => change({ specificAllowedTargets })}
          isRequired
        />
      )}
      {isAsked && (
        <>
          <div role="group" aria-label={text("admin.policy.themselves")} className={styles.choices}>
            <span>{text("admin.policy.themselves")}</span>
            <Checkbox
              label={text("admin.policy.selfAdd")}
              checked={settings.enableTargetsToSelfAddAccess}
              onChange={(_, { checked }) => set({ enableTargetsToSelfAddAccess: checked === true })}
            />
            <Checkbox
              label={text("admin.policy.selfExtend")}
              checked={settings.enableTargetsToSelfUpdateAccess}
              onChange={(_, { checked }) => set({ enableTargetsToSelfUpdateAccess: checked === true })}
            />
            <Checkbox
              label={text("admin.policy.selfRemove")}
              checked={settings.enableTargetsToSelfRemoveAccess}
              onChange={(_, { checked }) => set({ enableTargetsToSelfRemoveAccess: checked === true })}
            />
          </div>
          <OnBehalf editing={editing} set={set} />
        </>
      )}
    </Section>
  );
}

interface OnBehalfProps {
  editing: Editing;
  set: (part: Partial<RequestorSettings>) => void;
}

/** What managers, and others who are named, may do for the people the policy is for. */
function OnBehalf({ editing, set }: OnBehalfProps) {
  const styles = useStyles();
  const text = useText();
  const settings = editing.policy.requestorSettings;
  const managers = settings.onBehalfRequestors.filter(isManagerOfTarget);
  const others = settings.onBehalfRequestors.filter((one) => !isManagerOfTarget(one));
  const level = Math.max(0, ...managers.map(({ managerLevel }) => managerLevel ?? 1));
  // Whoever allows it means the direct manager, until they say otherwise.
  const someone = (): SubjectSet[] => (settings.onBehalfRequestors.length ? settings.onBehalfRequestors : [targetManager(1)]);
  const allow = (part: Partial<RequestorSettings>) =>
    set(Object.values(part).includes(true) ? { ...part, onBehalfRequestors: someone() } : part);
  return (
    <div role="group" aria-label={text("admin.policy.onBehalf")} className={styles.choices}>
      <Switch
        label={text("admin.policy.onBehalf")}
        checked={settings.enableOnBehalfRequestorsToAddAccess}
        onChange={(_, { checked }) => allow({ enableOnBehalfRequestorsToAddAccess: checked })}
      />
      <div className={styles.inner}>
        <div className={styles.choices}>
          <Checkbox
            label={text("admin.policy.managersExtend")}
            checked={settings.enableOnBehalfRequestorsToUpdateAccess}
            onChange={(_, { checked }) => allow({ enableOnBehalfRequestorsToUpdateAccess: checked === true })}
          />
          <Checkbox
            label={text("admin.policy.managersRemove")}
            checked={settings.enableOnBehalfRequestorsToRemoveAccess}
            onChange={(_, { checked }) => allow({ enableOnBehalfRequestorsToRemoveAccess: checked === true })}
          />
        </div>
        {actsOnBehalf(editing.policy) && (
          <>
            <Field label={text("admin.policy.whichManagers")} className={styles.level}>
              <Select
                value={String(level)}
                onChange={(_, { value }) =>
                  set({ onBehalfRequestors: [...(value === "0" ? [] : [targetManager(Number(value))]), ...others] })
                }
              >
                {[...LEVELS, 0].map((one) => (
                  <option key={one} value={one}>
                    {text.word("managersUpTo", String(one))}
                  </option>
                ))}
              </Select>
            </Field>
            <SubjectsField
              editing={editing}
              label={text("admin.policy.others")}
              hint={text("admin.policy.othersHint")}
              place="requestorSettings/onBehalfRequestors"
              subjects={others}
              change={(chosen) => set({ onBehalfRequestors: [...managers, ...chosen] })}
            />
          </>
        )}
      </div>
    </div>
  );
}
