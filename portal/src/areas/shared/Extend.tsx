import { Field, Input, MessageBar, MessageBarBody, Spinner, Textarea } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RequestBody } from "../../api/generated";
import { call } from "../../api/http";
import { paths } from "../../api/paths";
import { useRefresh } from "../../api/queries";
import type { Assignment, Rehearsal } from "../../api/shapes";
import { useKeys } from "../../api/useKeys";
import { dateTime, fieldValue, zone } from "../../format/times";
import { inWords } from "../../messages/refusals";
import { useText } from "../../messages/useText";
import { useNotify } from "../../ui/Notices";
import { Problem } from "../../ui/Problem";
import { Question } from "../../ui/Question";
import { useTyped } from "../../ui/useUnsaved";

/** Asks for a later end; says first what the end would be, and who would have to agree. */
export function Extend({ assignment, close }: { assignment: Assignment; close: () => void }) {
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const keyOf = useKeys();
  const [why, setWhy] = useState("");
  const [endsAt, setEndsAt] = useState("");
  const typed = useTyped(close);
  const isFree = assignment.assignmentPolicy?.requestorSettings.allowCustomAssignmentSchedule ?? false;
  const names = { name: assignment.target.displayName, package: assignment.accessPackage.displayName };
  const bodyWith = (justification: string): RequestBody => ({
    requestType: "userUpdate",
    assignment: { id: assignment.id },
    ...(justification ? { justification } : {}),
    ...(endsAt ? { schedule: { expiration: { type: "afterDateTime", endDateTime: new Date(endsAt).toISOString() } } } : {}),
  });
  const rehearsal = useQuery({
    queryKey: ["rehearsal", "extend", assignment.id, endsAt],
    queryFn: () => call("POST", paths.rehearse(), { body: bodyWith("…") }),
  });
  const send = async () => {
    const body = bodyWith(why.trim());
    await call("POST", paths.submit(), { body, idempotencyKey: keyOf(body) });
    typed.forget();
    notify(text("extend.sent", names));
    await refresh();
  };
  return (
    <>
      <Question
        title={text("extend.title", names)}
        action={text("assignment.extend")}
        isReady={rehearsal.data?.isAccepted ?? false}
        act={send}
        close={close}
        back={typed.close}
        onInput={typed.onInput}
      >
        {isFree && (
          <Field label={text("ask.end")} hint={text("extend.hint", { zone: zone() })}>
            <Input type="datetime-local" min={fieldValue(new Date())} value={endsAt} onChange={(_, { value }) => setEndsAt(value)} />
          </Field>
        )}
        <Field label={text("ask.reason")}>
          <Textarea value={why} onChange={(_, { value }) => setWhy(value)} resize="vertical" />
        </Field>
        <Preview rehearsal={rehearsal.data} />
        <Problem error={rehearsal.error} />
      </Question>
      {typed.question}
    </>
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
    : rehearsal.refusals.map((one) => inWords(one, text));
  return (
    <MessageBar intent={rehearsal.isAccepted ? "info" : "error"} layout="multiline">
      <MessageBarBody>{says.join(" ")}</MessageBarBody>
    </MessageBar>
  );
}
