import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Spinner,
  Textarea,
} from "@fluentui/react-components";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RequestBody } from "../../api/generated";
import { call } from "../../api/http";
import { freshKey } from "../../api/keys";
import { paths } from "../../api/paths";
import { useRefresh } from "../../api/queries";
import type { Assignment, Rehearsal } from "../../api/shapes";
import { dateTime, fieldValue, zone } from "../../format/times";
import { useText } from "../../messages/useText";
import { useNotify } from "../../ui/Notices";
import { Problem } from "../../ui/Problem";
import { useReturningFocus } from "../../ui/useReturningFocus";
import { useTyped } from "../../ui/useUnsaved";

const useStyles = makeStyles({ content: { display: "grid", gap: "16px", paddingTop: "8px", paddingBottom: "8px" } });

/** Asks for a later end; says first what the end would be, and who would have to agree. */
export function Extend({ assignment, close }: { assignment: Assignment; close: () => void }) {
  useReturningFocus();
  const styles = useStyles();
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const [why, setWhy] = useState("");
  const [endsAt, setEndsAt] = useState("");
  const [key] = useState(freshKey);
  const typed = useTyped(close);
  const isFree = assignment.assignmentPolicy?.requestorSettings.allowCustomAssignmentSchedule ?? false;
  const names = { name: assignment.target.displayName, package: assignment.accessPackage.displayName };
  const body = (justification: string): RequestBody => ({
    requestType: "userUpdate",
    assignment: { id: assignment.id },
    ...(justification ? { justification } : {}),
    ...(endsAt ? { schedule: { expiration: { type: "afterDateTime", endDateTime: new Date(endsAt).toISOString() } } } : {}),
  });
  const rehearsal = useQuery({
    queryKey: ["rehearsal", "extend", assignment.id, endsAt],
    queryFn: () => call("POST", paths.rehearse(), { body: body("…") }),
  });
  const sending = useMutation({
    mutationFn: () => call("POST", paths.submit(), { body: body(why.trim()), idempotencyKey: `${key}${endsAt}${why.length}` }),
    onSuccess: async () => {
      notify(text("extend.sent", names));
      typed.forget();
      close();
      await refresh();
    },
  });
  const isPossible = rehearsal.data?.isAccepted ?? false;
  return (
    <Dialog open onOpenChange={(_, { open }) => !open && typed.close()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{text("extend.title", names)}</DialogTitle>
          <DialogContent className={styles.content} onInput={typed.onInput}>
            {isFree && (
              <Field label={text("ask.end")} hint={text("extend.hint", { zone: zone() })}>
                <Input
                  type="datetime-local"
                  min={fieldValue(new Date())}
                  value={endsAt}
                  onChange={(_, { value }) => setEndsAt(value)}
                />
              </Field>
            )}
            <Field label={text("ask.reason")}>
              <Textarea value={why} onChange={(_, { value }) => setWhy(value)} resize="vertical" />
            </Field>
            <Preview rehearsal={rehearsal.data} />
            <Problem error={rehearsal.error ?? sending.error} />
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={typed.close}>{text("back")}</Button>
            <Button
              appearance="primary"
              disabledFocusable={!isPossible || sending.isPending}
              icon={sending.isPending ? <Spinner size="tiny" /> : null}
              onClick={() => isPossible && !sending.isPending && sending.mutate()}
            >
              {text("assignment.extend")}
            </Button>
          </DialogActions>
        </DialogBody>
        {typed.question}
      </DialogSurface>
    </Dialog>
  );
}

function Preview({ rehearsal }: { rehearsal: Rehearsal | undefined }) {
  const text = useText();
  if (!rehearsal) return <Spinner size="tiny" label={text("ask.looking")} />;
  const says = rehearsal.isAccepted
    ? [
        rehearsal.endsAt ? text("extend.until", { at: dateTime(rehearsal.endsAt) }) : text("ask.noEnd"),
        rehearsal.stages.length ? text("extend.approval") : text("extend.atOnce"),
      ]
    : rehearsal.refusals.map((one) => one.message);
  return (
    <MessageBar intent={rehearsal.isAccepted ? "info" : "error"} layout="multiline">
      <MessageBarBody>{says.join(" ")}</MessageBarBody>
    </MessageBar>
  );
}
