import { makeStyles, tokens } from "@fluentui/react-components";
import type { Moment } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { When } from "../../ui/When";
import { happened } from "./sentences";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0 },
  one: {
    position: "relative",
    paddingLeft: "28px",
    paddingBottom: "20px",
    "::before": {
      content: "''",
      position: "absolute",
      left: "5px",
      top: "6px",
      width: "10px",
      height: "10px",
      boxSizing: "border-box",
      borderRadius: "50%",
      backgroundColor: tokens.colorBrandBackground,
    },
    "::after": {
      content: "''",
      position: "absolute",
      left: "9px",
      top: "20px",
      bottom: "-2px",
      width: "2px",
      backgroundColor: tokens.colorNeutralStroke2,
    },
    ":last-child": { "::after": { display: "none" } },
  },
  what: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  reason: { color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  at: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** What happened, first to last. */
export function Timeline({ moments }: { moments: Moment[] }) {
  const styles = useStyles();
  const text = useText();
  return (
    <ol className={styles.list}>
      {moments.map((moment) => (
        <li key={moment.number} className={styles.one}>
          <div className={styles.what}>{happened(moment, text)}</div>
          {moment.reason && <div className={styles.reason}>{text("quoted", { words: moment.reason })}</div>}
          <div className={styles.at}>
            <When at={moment.at} style="whole" />
          </div>
        </li>
      ))}
    </ol>
  );
}
