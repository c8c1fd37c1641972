import { Checkbox, Field, Input, Radio, RadioGroup } from "@fluentui/react-components";
import type { Expiration } from "../../../api/shapes";
import { fieldValue, zone } from "../../../format/times";
import { useText } from "../../../messages/useText";
import { DurationField } from "./DurationField";
import { type Editing, hasNotices } from "./draft";
import { Section } from "./Section";

const ENDS: Expiration["type"][] = ["afterDuration", "afterDateTime", "noExpiration"];

/** How long it lasts, and who says so. */
export function LifecycleSection({ editing }: { editing: Editing }) {
  const text = useText();
  const { policy, change, complain } = editing;
  const { expiration, requestorSettings: settings } = policy;
  const set = (part: Partial<Expiration>) => change({ expiration: { ...expiration, ...part } });
  const ends = ENDS.includes(expiration.type) ? ENDS : [...ENDS, expiration.type];
  return (
    <Section title={text("admin.policy.lifecycle")}>
      <Field label={text("admin.policy.ends")} {...complain("expiration/type")}>
        <RadioGroup value={expiration.type} onChange={(_, { value }) => set({ type: value as Expiration["type"] })}>
          {ends.map((one) => (
            <Radio key={one} value={one} label={text.word("expiration", one)} />
          ))}
        </RadioGroup>
      </Field>
      {expiration.type === "afterDuration" && (
        <DurationField
          label={text("admin.policy.lasts")}
          value={expiration.duration}
          change={(duration) => set({ duration })}
          complaint={complain("expiration/duration")}
        />
      )}
      {expiration.type === "afterDateTime" && (
        <Field
          label={text("admin.policy.endsAt")}
          hint={text("admin.policy.endsAtHint", { zone: zone() })}
          required
          {...complain("expiration/endDateTime")}
        >
          <Input
            type="datetime-local"
            value={expiration.endDateTime ? fieldValue(new Date(expiration.endDateTime)) : ""}
            onChange={(_, { value }) => set({ endDateTime: value ? new Date(value).toISOString() : null })}
          />
        </Field>
      )}
      <div>
        <Checkbox
          label={text("admin.policy.ownTimes")}
          checked={settings.allowCustomAssignmentSchedule}
          onChange={(_, { checked }) => change({ requestorSettings: { ...settings, allowCustomAssignmentSchedule: checked === true } })}
        />
      </div>
      <div>
        <Checkbox
          label={text("admin.policy.notices")}
          checked={hasNotices(policy)}
          onChange={(_, { checked }) =>
            change({ notificationSettings: { ...policy.notificationSettings, isAssignmentNotificationDisabled: checked !== true } })
          }
        />
      </div>
    </Section>
  );
}
