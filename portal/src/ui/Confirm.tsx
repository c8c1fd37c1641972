import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  makeStyles,
  Spinner,
  Textarea,
} from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useText } from "../messages/useText";
import { Problem } from "./Problem";
import { useReturningFocus } from "./useReturningFocus";

const useStyles = makeStyles({ content: { display: "grid", gap: "16px", paddingTop: "8px", paddingBottom: "8px" } });

interface Props {
  title: string;
  about: ReactNode;
  action: string;
  /** Ask for a reason: not at all, if one likes, or before anything is done. */
  reason?: "none" | "optional" | "required";
  act: (reason: string) => Promise<unknown>;
  close: () => void;
}

/** Asks once more before something that hurts, and stays open with what was typed if it does not work. */
export function Confirm({ title, about, action, reason = "none", act, close }: Props) {
  useReturningFocus();
  const styles = useStyles();
  const text = useText();
  const [why, setWhy] = useState("");
  const acting = useMutation({ mutationFn: () => act(why.trim()), onSuccess: close });
  const isReady = reason !== "required" || why.trim() !== "";
  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent className={styles.content}>
            <div>{about}</div>
            {reason !== "none" && (
              <Field label={text("reason")} required={reason === "required"}>
                <Textarea value={why} onChange={(_, { value }) => setWhy(value)} resize="vertical" />
              </Field>
            )}
            <Problem error={acting.error} />
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={close}>{text("back")}</Button>
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
