import { makeStyles, tokens } from "@fluentui/react-components";
import type { Policy } from "../../../api/shapes";
import { dateTime, duration } from "../../../format/times";
import { inLine } from "../../../format/words";
import { type Text, useText } from "../../../messages/useText";

const useStyles = makeStyles({
  policy: { display: "grid", gap: "2px", marginTop: "6px", color: tokens.colorNeutralForeground2 },
  name: { color: tokens.colorNeutralForeground1 },
});

/** A policy in two lines. */
export function PolicyLines({ policy }: { policy: Policy }) {
  const styles = useStyles();
  const text = useText();
  return (
    <span className={styles.policy}>
      <span className={styles.name}>{policy.displayName}</span>
      <span>{inLine(...terms(policy, text))}</span>
    </span>
  );
}

export function terms(policy: Policy, text: Text): string[] {
  const { requestorSettings: settings, requestApprovalSettings: approval, expiration, allowedTargetScope } = policy;
  const { type, duration: lasts, endDateTime } = expiration;
  const asked = [
    settings.enableTargetsToSelfAddAccess ? text("admin.self") : null,
    text(settings.enableOnBehalfRequestorsToAddAccess ? "admin.onBehalf" : "admin.notOnBehalf"),
    approval?.isApprovalRequiredForAdd ? text.count("admin.stages", approval.stages.length) : text("packages.atOnce"),
  ];
  return [
    ...(allowedTargetScope === "notSpecified" ? [text("admin.nobody")] : asked),
    lasts && type === "afterDuration" ? text("ask.lasts", { duration: duration(lasts) }) : null,
    endDateTime && type === "afterDateTime" ? text("ask.until", { at: dateTime(endDateTime) }) : null,
    type === "noExpiration" ? text("ask.noEnd") : null,
  ].filter((line) => line !== null);
}
