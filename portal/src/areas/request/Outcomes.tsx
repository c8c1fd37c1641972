import { makeStyles, Spinner, Subtitle2, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, DismissCircleFilled, InfoRegular, SendRegular } from "@fluentui/react-icons";
import type { ReactElement } from "react";
import { NoConnection } from "../../api/http";
import type { Rehearsal } from "../../api/shapes";
import { dateTime, duration, oneOf } from "../../format/times";
import { type Text, useText } from "../../messages/useText";
import type { Item } from "./draft";
import { nameOf } from "./PackagesField";
import type { Asked } from "./useAsking";

const useStyles = makeStyles({
  whole: { display: "grid", gap: "8px" },
  title: { margin: 0 },
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "8px" },
  one: {
    display: "grid",
    gridTemplateColumns: "24px 1fr",
    gap: "8px",
    padding: "12px",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  good: { color: tokens.colorStatusSuccessForeground1, fontSize: "20px" },
  bad: { color: tokens.colorStatusDangerForeground1, fontSize: "20px" },
  plain: { color: tokens.colorNeutralForeground2, fontSize: "20px" },
  words: { display: "grid", gap: "2px" },
  what: { fontWeight: tokens.fontWeightSemibold },
  says: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  asked: Asked;
  sent: Record<string, string>;
  failed: Record<string, Error>;
}

/** What will happen, before anything is sent; after, what has. */
export function Outcomes({ asked, sent, failed }: Props) {
  const styles = useStyles();
  const text = useText();
  if (asked.items.length === 0) return null;
  return (
    <section className={styles.whole} aria-live="polite">
      <Subtitle2 as="h3" className={styles.title}>
        {text("ask.outcome")}
      </Subtitle2>
      <ul className={styles.list}>
        {asked.items.map((item) => {
          const [icon, lines] = told(item, asked.outcomes[item.key], item.key in sent, failed[item.key], text, styles);
          return (
            <li key={item.key} className={styles.one}>
              <span aria-hidden>{icon}</span>
              <span className={styles.words}>
                <span className={styles.what}>
                  {asked.draft.isForOthers ? `${asked.nameOf(item.targetId)} · ` : ""}
                  {nameOf(asked, item.packageId)}
                </span>
                {lines.map((line) => (
                  <span key={line} className={styles.says}>
                    {line}
                  </span>
                ))}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function told(
  item: Item,
  outcome: Rehearsal | undefined,
  isSent: boolean,
  error: Error | undefined,
  text: Text,
  styles: Record<"good" | "bad" | "plain", string>,
): [ReactElement, string[]] {
  if (isSent) return [<SendRegular className={styles.good} />, [text("ask.isSent")]];
  if (error) {
    return [<DismissCircleFilled className={styles.bad} />, [error instanceof NoConnection ? text("offline.unsent") : error.message]];
  }
  if (!outcome) return [<Spinner size="extra-tiny" />, [text("ask.looking")]];
  if (!outcome.isAccepted) {
    const isOpen = outcome.refusals.every((one) => one.code === "answerRequired");
    if (isOpen) return [<InfoRegular className={styles.plain} />, [text("ask.answerFirst")]];
    return [<DismissCircleFilled className={styles.bad} />, outcome.refusals.map((one) => one.message)];
  }
  return [<CheckmarkCircleFilled className={styles.good} />, [approval(outcome, text), lasting(item, outcome, text)]];
}

function approval({ stages }: Rehearsal, text: Text): string {
  const waiting = stages.filter((stage) => !stage.countsAsApproved);
  if (waiting.length === 0) return text("ask.atOnce");
  const all = waiting.map(({ approvers, window }) => {
    const names = (approvers ?? []).map((one) => one.person.displayName);
    const who = names.length ? oneOf(names) : text("ask.anApprover");
    return window ? text("ask.decidesWithin", { who, window: duration(window) }) : text("ask.decides", { who });
  });
  return all.join(" → ");
}

function lasting({ body }: Item, { endsAt, startsAt, lasts }: Rehearsal, text: Text): string {
  const from = startsAt ? text("ask.from", { at: dateTime(startsAt) }) : "";
  // An end of one's own choosing is a date, not what the policy would have given.
  if (lasts && !body.schedule?.expiration) return `${from} ${text("ask.lasts", { duration: duration(lasts) })}`.trim();
  if (endsAt) return `${from} ${text("ask.until", { at: dateTime(endsAt) })}`.trim();
  return `${from} ${text("ask.noEnd")}`.trim();
}
