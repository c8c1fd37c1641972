import { makeStyles, Spinner, Subtitle2, tokens } from "@fluentui/react-components";
import { CheckmarkCircleFilled, DismissCircleFilled, InfoRegular, SendRegular } from "@fluentui/react-icons";
import { type ReactElement, useEffect, useRef } from "react";
import { NoConnection } from "../../api/http";
import { isSignedOut } from "../../api/queries";
import type { Rehearsal } from "../../api/shapes";
import { after, dateTime, duration, oneOf, weekdayTime } from "../../format/times";
import { inWords } from "../../messages/refusals";
import { type Text, useText } from "../../messages/useText";
import { reasonOf } from "../../ui/Problem";
import type { Item } from "./draft";
import { nameOf } from "./PackagesField";
import type { Asked } from "./useAsking";

const useStyles = makeStyles({
  whole: { display: "grid", gap: "8px" },
  title: { margin: 0 },
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "8px" },
  one: {
    display: "grid",
    gridTemplateColumns: "24px minmax(0, 1fr)",
    gap: "8px",
    padding: "12px",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
  },
  good: { color: tokens.colorStatusSuccessForeground1, fontSize: "20px" },
  bad: { color: tokens.colorStatusDangerForeground1, fontSize: "20px" },
  plain: { color: tokens.colorNeutralForeground2, fontSize: "20px" },
  words: { display: "grid", gap: "2px", overflowWrap: "anywhere" },
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
  const section = useRef<HTMLElement>(null);
  const count = Object.keys(failed).length;
  useEffect(() => {
    // Below the fold, on a phone, nothing would seem to have happened.
    if (count > 0) section.current?.scrollIntoView({ block: "nearest" });
  }, [count]);
  if (asked.items.length === 0) return null;
  return (
    <section className={styles.whole} aria-live="polite" ref={section}>
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
  outcome: Rehearsal | Error | undefined,
  isSent: boolean,
  error: Error | undefined,
  text: Text,
  styles: Record<"good" | "bad" | "plain", string>,
): [ReactElement, string[]] {
  if (isSent) return [<SendRegular className={styles.good} />, [text("ask.isSent")]];
  if (error) {
    // That one is signed out is said below, with the way back in.
    const says = isSignedOut(error) ? text("ask.unsent") : error instanceof NoConnection ? text("offline.unsent") : reasonOf(error, text);
    return [<DismissCircleFilled className={styles.bad} />, [says]];
  }
  if (!outcome) return [<Spinner size="extra-tiny" />, [text("ask.looking")]];
  if (outcome instanceof Error) {
    return [<InfoRegular className={styles.plain} />, [text("ask.untold", { reason: reasonOf(outcome, text) })]];
  }
  if (!outcome.isAccepted) {
    const isOpen = outcome.refusals.every((one) => one.code === "answerRequired");
    if (isOpen) return [<InfoRegular className={styles.plain} />, [text("ask.answerFirst")]];
    return [<DismissCircleFilled className={styles.bad} />, outcome.refusals.map((one) => inWords(one, text))];
  }
  return [<CheckmarkCircleFilled className={styles.good} />, [...approval(item, outcome, text), lasting(item, outcome, text)]];
}

/** Who decides, one stage after the other, and by when it is known at the latest. */
function approval({ body }: Item, { stages }: Rehearsal, text: Text): string[] {
  const waiting = stages.filter((stage) => !stage.countsAsApproved);
  if (waiting.length === 0) return [text(body.schedule?.startDateTime ? "ask.noApproval" : "ask.atOnce")];
  const all = waiting.map(({ approvers, window }, place) => {
    const names = (approvers ?? []).map((one) => one.person.displayName);
    const who = names.length ? oneOf(names) : text("ask.anApprover");
    const says = window ? text("ask.decidesWithin", { who, window: duration(window) }) : text("ask.decides", { who });
    return waiting.length > 1 ? `${place + 1}. ${says}` : says;
  });
  const windows = waiting.flatMap(({ window }) => window ?? []);
  // A stage without a deadline may take as long as it likes.
  if (windows.length < waiting.length) return all;
  return [...all, text("ask.latest", { at: weekdayTime(windows.reduce(after, new Date())) })];
}

function lasting({ body }: Item, { endsAt, startsAt, lasts }: Rehearsal, text: Text): string {
  const from = startsAt ? text("ask.from", { at: dateTime(startsAt) }) : "";
  // An end of one's own choosing is a date, not what the policy would have given.
  if (lasts && !body.schedule?.expiration) return `${from} ${text("ask.lasts", { duration: duration(lasts) })}`.trim();
  if (endsAt) return `${from} ${text("ask.until", { at: dateTime(endsAt) })}`.trim();
  return `${from} ${text("ask.noEnd")}`.trim();
}
