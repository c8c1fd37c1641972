import { Badge, makeStyles } from "@fluentui/react-components";
import { useText } from "../../messages/useText";

const useStyles = makeStyles({ badge: { marginLeft: "8px" } });

export function NewBadge() {
  const styles = useStyles();
  const text = useText();
  return (
    <Badge appearance="tint" color="brand" className={styles.badge}>
      {text("team.new")}
    </Badge>
  );
}
