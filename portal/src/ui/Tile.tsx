import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  tile: { display: "grid", placeItems: "center", width: "40px", height: "40px", fontSize: "20px", borderRadius: tokens.borderRadiusLarge },
  brand: { color: tokens.colorBrandForeground1, backgroundColor: tokens.colorBrandBackground2 },
  plain: { color: tokens.colorNeutralForeground2, backgroundColor: tokens.colorNeutralBackground3 },
});

/** A sign on a tile, the size of a face. */
export function Tile({ look, children }: { look: "brand" | "plain"; children: ReactNode }) {
  const styles = useStyles();
  return (
    <span className={mergeClasses(styles.tile, styles[look])} aria-hidden>
      {children}
    </span>
  );
}
