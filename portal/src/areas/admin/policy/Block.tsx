import { makeStyles, Subtitle2, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

const useStyles = makeStyles({
  block: {
    display: "grid",
    // No wider than the page, whatever is in it.
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "12px",
    padding: "16px",
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    minWidth: 0,
  },
  head: { display: "flex", alignItems: "center", gap: "4px", minHeight: "32px" },
  title: { margin: 0, marginRight: "auto" },
});

interface Props {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** One of several of a kind within a section: a stage, a question. */
export function Block({ title, actions, children }: Props) {
  const styles = useStyles();
  return (
    <div role="group" aria-label={title} className={styles.block}>
      <div className={styles.head}>
        <Subtitle2 as="h3" className={styles.title}>
          {title}
        </Subtitle2>
        {actions}
      </div>
      {children}
    </div>
  );
}
