import { makeStyles, tokens } from "@fluentui/react-components";
import { BoxRegular } from "@fluentui/react-icons";

const useStyles = makeStyles({
  icon: {
    display: "grid",
    placeItems: "center",
    width: "40px",
    height: "40px",
    fontSize: "20px",
    borderRadius: tokens.borderRadiusLarge,
    color: tokens.colorBrandForeground1,
    backgroundColor: tokens.colorBrandBackground2,
  },
});

export function PackageIcon() {
  const styles = useStyles();
  return (
    <span className={styles.icon} aria-hidden>
      <BoxRegular />
    </span>
  );
}
