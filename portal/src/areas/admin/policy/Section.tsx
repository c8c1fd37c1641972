import { makeStyles, Subtitle1, tokens } from "@fluentui/react-components";
import { type ReactNode, useId } from "react";

const useStyles = makeStyles({
  section: {
    display: "grid",
    // No wider than the page, whatever is in it.
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "16px",
    padding: "20px 24px 24px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow4,
    minWidth: 0,
    "@media (max-width: 720px)": { padding: "16px" },
  },
  title: { margin: 0 },
  head: { display: "grid", gap: "4px" },
  about: { color: tokens.colorNeutralForeground2 },
});

/** A part of the policy, as Entra's tabs divide it; all of them on one page. */
export function Section({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  const styles = useStyles();
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.head}>
        <Subtitle1 as="h2" id={id} className={styles.title}>
          {title}
        </Subtitle1>
        {about && <span className={styles.about}>{about}</span>}
      </div>
      {children}
    </section>
  );
}
