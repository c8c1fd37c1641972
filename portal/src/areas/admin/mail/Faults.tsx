import { makeStyles } from "@fluentui/react-components";
import type { TemplateFault } from "../../../api/mailShapes";
import { useText } from "../../../messages/useText";

const useStyles = makeStyles({ list: { margin: 0, paddingLeft: "20px", overflowWrap: "anywhere" } });

/** What is wrong with templates: in which file, in which line, and what. */
export function Faults({ faults }: { faults: TemplateFault[] }) {
  const styles = useStyles();
  const text = useText();
  return (
    <ul className={styles.list}>
      {faults.map(({ file, line, message }) => (
        <li key={file}>{text(line === null ? "mail.fault" : "mail.faultInLine", { file, line: line ?? "", message })}</li>
      ))}
    </ul>
  );
}
