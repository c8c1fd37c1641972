import { makeStyles } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  bar: { display: "flex", flexWrap: "wrap", gap: "8px 16px", alignItems: "center", justifyContent: "space-between", minHeight: "44px" },
  tabs: { marginLeft: "-10px", maxWidth: "100%", overflowX: "auto" },
});

/** What stands above a list: its views on one side, the search on the other. */
export function Toolbar({ tabs, search }: { tabs?: ReactNode; search?: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.bar}>
      {tabs && <div className={styles.tabs}>{tabs}</div>}
      {search}
    </div>
  );
}
