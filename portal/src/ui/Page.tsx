import { makeStyles, Text as Paragraph, tokens, typographyStyles } from "@fluentui/react-components";
import { type ReactNode, useEffect, useRef } from "react";
import { useText } from "../messages/useText";

const useStyles = makeStyles({
  page: {
    display: "flex",
    flexDirection: "column",
    gap: "20px",
    maxWidth: "1080px",
    margin: "0 auto",
    padding: "32px 32px 64px",
    "@media (max-width: 720px)": { padding: "20px 16px 48px", gap: "16px" },
  },
  head: { display: "flex", flexWrap: "wrap", gap: "12px 24px", alignItems: "flex-end", justifyContent: "space-between" },
  words: { display: "grid", gap: "4px", minWidth: 0 },
  title: {
    ...typographyStyles.title1,
    margin: 0,
    outline: "none",
    overflowWrap: "anywhere",
    "@media (max-width: 720px)": { fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  },
  about: { color: tokens.colorNeutralForeground2, maxWidth: "70ch", overflowWrap: "anywhere" },
  actions: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

interface Props {
  title: string;
  about?: string | undefined;
  actions?: ReactNode;
  /** What stands over the title: where the page is. */
  above?: ReactNode;
  children: ReactNode;
}

let isFirst = true;

/** One page: its name for the window and for whoever cannot see, and the focus on it when one comes to it. */
export function Page({ title, about, actions, above, children }: Props) {
  const styles = useStyles();
  const text = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – ${text("app.name")}`;
  }, [title, text]);
  useEffect(() => {
    // On arrival at the portal the focus stays where browsers put it: before the skip link. A panel that came with
    // the page has it already, and would be hidden from whoever cannot see if it were taken away.
    if (!isFirst && !document.querySelector("[role=dialog]")) heading.current?.focus({ preventScroll: true });
    isFirst = false;
    window.scrollTo(0, 0);
  }, []);
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.words}>
          {above}
          <h1 className={styles.title} tabIndex={-1} ref={heading}>
            {title}
          </h1>
          {about && <Paragraph className={styles.about}>{about}</Paragraph>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
