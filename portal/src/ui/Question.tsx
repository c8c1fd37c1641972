import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  Spinner,
} from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { useText } from "../messages/useText";
import { Problem } from "./Problem";
import { useReturningFocus } from "./useReturningFocus";

const useStyles = makeStyles({ content: { display: "grid", gap: "16px", paddingTop: "8px", paddingBottom: "8px" } });

interface Props {
  title: string;
  about?: ReactNode;
  action: string;
  act: () => Promise<unknown>;
  close: () => void;
  /** Without doing it; where nothing would be lost, simply to close. */
  back?: () => void;
  isReady?: boolean;
  /** For the element around the fields. */
  onInput?: (event: FormEvent) => void;
  /** Fields to fill before it is done. */
  children?: ReactNode;
}

/** Asks once more before something is done, and stays open, saying why, if it does not work. */
export function Question({ title, about, action, act, close, back = close, isReady = true, onInput, children }: Props) {
  useReturningFocus();
  const styles = useStyles();
  const text = useText();
  const acting = useMutation({ mutationFn: act, onSuccess: close });
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && back()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent className={styles.content} onInput={onInput}>
            {about && <div>{about}</div>}
            {children}
            <Problem error={acting.error} />
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={back}>{text("back")}</Button>
            <Button
              appearance="primary"
              disabledFocusable={!isReady || acting.isPending}
              icon={acting.isPending ? <Spinner size="tiny" /> : null}
              onClick={() => isReady && !acting.isPending && acting.mutate()}
            >
              {action}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
