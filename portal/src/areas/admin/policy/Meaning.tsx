import { makeStyles, mergeClasses, Subtitle2, tokens } from "@fluentui/react-components";
import {
  CalendarLtrRegular,
  CheckmarkCircleRegular,
  PeopleRegular,
  PlugConnectedRegular,
  QuestionCircleRegular,
} from "@fluentui/react-icons";
import { type ReactElement, type ReactNode, useId } from "react";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import type { Editing } from "./draft";
import { meaning, type Said } from "./meaning";

const WIDE = "@media (min-width: 1101px)";

const useStyles = makeStyles({
  card: {
    display: "grid",
    gap: "12px",
    padding: "20px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
  },
  // Beside the form it stays in sight.
  beside: {
    [WIDE]: {
      position: "sticky",
      top: "72px",
      maxHeight: "calc(100vh - 96px)",
      boxSizing: "border-box",
      gridTemplateRows: "auto minmax(0, 1fr) auto",
    },
  },
  title: { margin: 0 },
  parts: { display: "grid", gap: "16px", overflowY: "auto", alignContent: "start" },
  part: { display: "grid", gridTemplateColumns: "20px 1fr", gap: "10px" },
  icon: { color: tokens.colorBrandForeground1, fontSize: "20px", lineHeight: 1 },
  sentences: { margin: 0, padding: 0, listStyleType: "none", display: "grid", gap: "4px", overflowWrap: "anywhere" },
});

const ICONS: Record<Said["about"], ReactElement> = {
  who: <PeopleRegular />,
  approval: <CheckmarkCircleRegular />,
  questions: <QuestionCircleRegular />,
  lifecycle: <CalendarLtrRegular />,
  extensions: <PlugConnectedRegular />,
};

interface Props {
  told: Pick<Editing, "policy" | "names" | "catalogId">;
  /** There is no form that it explains. */
  isAlone?: boolean;
  children?: ReactNode;
}

/** The policy in plain words, as it is or is being written; and what is done with it. */
export function Meaning({ told, isAlone = false, children }: Props) {
  const styles = useStyles();
  const text = useText();
  const id = useId();
  const extensions = useList(adminPaths.catalogExtensions(told.catalogId));
  const called = new Map(extensions.items.map((one) => [one.id, one.displayName]));
  return (
    <aside className={mergeClasses(styles.card, !isAlone && styles.beside)} aria-labelledby={id}>
      <Subtitle2 as="h2" id={id} className={styles.title}>
        {text("admin.policy.meaning")}
      </Subtitle2>
      {/* Longer than the window is high, it is scrolled; with the keyboard as well. */}
      <div className={styles.parts} tabIndex={0} role="group" aria-labelledby={id}>
        {meaning(told.policy, told.names, called, text).map(({ about, sentences }) => (
          <div key={about} className={styles.part}>
            <span className={styles.icon} aria-hidden>
              {ICONS[about]}
            </span>
            <ul className={styles.sentences}>
              {sentences.map((one, place) => (
                <li key={place}>{one}</li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      {children}
    </aside>
  );
}
