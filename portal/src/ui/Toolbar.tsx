import { makeStyles } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { Strip } from "./Strip";

const useStyles = makeStyles({
  bar: { display: "flex", flexWrap: "wrap", gap: "8px 16px", alignItems: "center", justifyContent: "space-between", minHeight: "44px" },
  tabs: { marginLeft: "-10px", minWidth: 0, maxWidth: "calc(100% + 10px)" },
});

/** What stands above a list: its views on one side, the search on the other. */
export function Toolbar({ tabs, search }: { tabs?: ReactNode; search?: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.bar}>
      {tabs && (
        <div className={styles.tabs}>
          <Strip>{tabs}</Strip>
        </div>
      )}
      {search}
    </div>
  );
}
