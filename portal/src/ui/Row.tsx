import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  row: {
    display: "grid",
    gridTemplateColumns: "auto minmax(0, 1fr) auto",
    columnGap: "16px",
    alignItems: "center",
    padding: "14px 20px",
    borderTop: `1px solid ${tokens.colorNeutralStroke3}`,
    ":first-child": { borderTopWidth: 0 },
    "@media (max-width: 720px)": {
      gridTemplateColumns: "auto minmax(0, 1fr)",
      rowGap: "8px",
      columnGap: "12px",
      padding: "14px 16px",
    },
  },
  // Beside many short lines it would float in the middle of nowhere.
  lead: { "@media (max-width: 720px)": { alignSelf: "start" } },
  words: { display: "grid", gap: "2px", minWidth: 0 },
  title: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  meta: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase300, overflowWrap: "anywhere" },
  end: {
    display: "flex",
    gap: "8px 16px",
    alignItems: "center",
    justifyContent: "flex-end",
    flexWrap: "wrap",
    "@media (max-width: 720px)": { gridColumnStart: 2, justifyContent: "flex-start" },
  },
  actions: {
    display: "flex",
    gap: "8px",
    flexWrap: "wrap",
    // What may be done is known to those who are asked for it.
    ":empty": { display: "none" },
    // Below the words, what has no frame begins where they do, as nearly as it can.
    "@media (max-width: 720px)": { "& > button": { minWidth: "auto" } },
  },
});

interface Props {
  lead?: ReactNode;
  title: ReactNode;
  meta?: ReactNode[];
  extra?: ReactNode;
  actions?: ReactNode;
}

/** One line of a list: who or what, about it, where it stands, and what can be done. On a phone, one below the other. */
export function Row({ lead, title, meta = [], extra, actions }: Props) {
  const styles = useStyles();
  return (
    <li className={styles.row}>
      <div className={styles.lead}>{lead}</div>
      <div className={styles.words}>
        <div className={styles.title}>{title}</div>
        {meta.filter(Boolean).map((line, place) => (
          <div key={place} className={styles.meta}>
            {line}
          </div>
        ))}
      </div>
      {(extra || actions) && (
        <div className={styles.end}>
          {extra}
          {actions && <div className={styles.actions}>{actions}</div>}
        </div>
      )}
    </li>
  );
}
