import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  tokens,
} from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { useText } from "../messages/useText";
import { useReturningFocus } from "./useReturningFocus";
import type { Typed } from "./useUnsaved";

const useStyles = makeStyles({
  drawer: { width: "min(640px, 100vw)", maxWidth: "100vw" },
  body: { display: "flex", flexDirection: "column", gap: "16px", paddingBottom: "24px" },
  footer: { borderTop: `1px solid ${tokens.colorNeutralStroke2}`, flexWrap: "wrap", gap: "8px" },
});

interface Props {
  title: ReactNode;
  close: () => void;
  footer?: ReactNode;
  children: ReactNode;
  /** What is typed here: a click beside it does not close it, and neither does anything else unasked. */
  typed?: Typed;
}

/** Escape closes one thing at a time: a list that is open goes before the panel it is in. */
const hasOpenList = () => document.activeElement?.getAttribute("aria-expanded") === "true";

/** What slides in from the side; the page behind it waits, and has the focus back after. */
export function Panel({ title, close: closeAtOnce, footer, children, typed }: Props) {
  useReturningFocus();
  const styles = useStyles();
  const text = useText();
  const close = typed?.close ?? closeAtOnce;
  return (
    <OverlayDrawer
      open
      position="end"
      className={styles.drawer}
      onOpenChange={(_, { open, type }) => {
        if (open || (type === "escapeKeyDown" && hasOpenList()) || (type === "backdropClick" && typed)) return;
        close();
      }}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          heading={{ as: "h2" }}
          action={<Button appearance="subtle" aria-label={text("close")} icon={<DismissRegular />} onClick={close} />}
        >
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <div className={styles.body} onInput={typed?.onInput}>
          {children}
        </div>
      </DrawerBody>
      {footer && <DrawerFooter className={styles.footer}>{footer}</DrawerFooter>}
      {typed?.question}
    </OverlayDrawer>
  );
}
