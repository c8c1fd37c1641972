import { makeStyles, Subtitle1, tokens } from "@fluentui/react-components";
import { type ReactNode, useId } from "react";

const useStyles = makeStyles({
  part: { display: "grid", gap: "8px", minWidth: 0 },
  head: { display: "flex", flexWrap: "wrap", gap: "8px 16px", alignItems: "center", justifyContent: "space-between" },
  title: { margin: 0 },
  actions: { display: "flex", flexWrap: "wrap", gap: "8px" },
  about: { color: tokens.colorNeutralForeground2, maxWidth: "70ch" },
});

interface Props {
  title: string;
  about?: string;
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a page with a name of its own, and what can be done in it. */
export function Part({ title, about, action, children }: Props) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.part} aria-labelledby={id}>
      <div className={styles.head}>
        <Subtitle1 as="h2" id={id} className={styles.title}>
          {title}
        </Subtitle1>
        {action && <div className={styles.actions}>{action}</div>}
      </div>
      {about && <div className={styles.about}>{about}</div>}
      {children}
    </section>
  );
}
