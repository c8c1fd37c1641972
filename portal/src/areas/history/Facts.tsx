import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { AccessRequest, Explanation, Package } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { When } from "../../ui/When";

const useStyles = makeStyles({
  list: { display: "grid", gridTemplateColumns: "minmax(120px, auto) 1fr", gap: "8px 16px", margin: 0 },
  name: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, overflowWrap: "anywhere", whiteSpace: "pre-wrap" },
});

interface Props {
  story: Explanation;
  request: AccessRequest | undefined;
  /** The package, where it is not given yet. */
  offered?: Package | undefined;
}

/** What was asked: why, for how long, with which answers, and what it gives. */
export function Facts({ story, request, offered }: Props) {
  const text = useText();
  const expiration = request?.schedule.expiration;
  const given = story.grants.map((one) => `${one.role}: ${one.resource}`);
  const toGive = (offered?.resourceRoleScopes ?? []).map(({ role }) => `${role?.displayName}: ${role?.resource?.displayName}`);
  const facts: [string, ReactNode][] = [
    [text("facts.reason"), story.justification],
    ...(request?.answers ?? []).map(({ answeredQuestion, displayValue }): [string, ReactNode] => [answeredQuestion.text, displayValue]),
    [text("facts.start"), request?.schedule.startDateTime && <When at={request.schedule.startDateTime} style="whole" />],
    [text("facts.end"), expiration?.endDateTime && <When at={expiration.endDateTime} style="whole" />],
    [text("facts.gives"), (given.length > 0 ? given : toGive).join(", ")],
    [text("facts.failed"), story.grants.map((one) => one.lastError).filter(Boolean).join("; ")],
  ];
  return <FactList facts={facts} />;
}

export function FactList({ facts }: { facts: [string, ReactNode][] }) {
  const styles = useStyles();
  const shown = facts.filter(([, value]) => value);
  if (shown.length === 0) return null;
  return (
    <dl className={styles.list}>
      {shown.map(([name, value], place) => (
        <Fact key={place} name={name} value={value} />
      ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>{value}</dd>
    </>
  );
}
