import { makeStyles, tokens } from "@fluentui/react-components";
import { ChevronRightRegular } from "@fluentui/react-icons";
import { Link } from "wouter";
import { useText } from "../../../messages/useText";
import { useLinkStyles } from "../../shared/RequestRow";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "flex", flexWrap: "wrap", gap: "4px", alignItems: "center" },
  step: { display: "inline-flex", alignItems: "center", gap: "4px", color: tokens.colorNeutralForeground3 },
});

/** Where a page is: each step names a place and leads to it. */
export function Trail({ steps }: { steps: { name: string; to: string }[] }) {
  const styles = useStyles();
  const { link } = useLinkStyles();
  const text = useText();
  return (
    <nav aria-label={text("admin.trail")}>
      <ol className={styles.list}>
        {steps.map(({ name, to }) => (
          <li key={to} className={styles.step}>
            <Link to={to} className={link}>
              {name}
            </Link>
            <ChevronRightRegular aria-hidden />
          </li>
        ))}
      </ol>
    </nav>
  );
}
