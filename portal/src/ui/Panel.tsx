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

const useStyles = makeStyles({
  drawer: { width: "min(600px, 100vw)", maxWidth: "100vw" },
  body: { display: "flex", flexDirection: "column", gap: "20px", paddingBottom: "24px" },
  footer: { borderTop: `1px solid ${tokens.colorNeutralStroke2}`, flexWrap: "wrap", gap: "8px" },
});

interface Props {
  title: ReactNode;
  close: () => void;
  footer?: ReactNode;
  children: ReactNode;
}

/** What slides in from the side; the page behind it waits, and has the focus back after. */
export function Panel({ title, close, footer, children }: Props) {
  const styles = useStyles();
  const text = useText();
  return (
    <OverlayDrawer open position="end" className={styles.drawer} onOpenChange={(_, { open }) => !open && close()}>
      <DrawerHeader>
        <DrawerHeaderTitle
          heading={{ as: "h2" }}
          action={<Button appearance="subtle" aria-label={text("close")} icon={<DismissRegular />} onClick={close} />}
        >
          {title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <div className={styles.body}>{children}</div>
      </DrawerBody>
      {footer && <DrawerFooter className={styles.footer}>{footer}</DrawerFooter>}
    </OverlayDrawer>
  );
}
