import { Button, Field, Input, Spinner } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/http";
import { paths } from "../../api/paths";
import { useRefresh } from "../../api/queries";
import type { Person } from "../../api/shapes";
import { fieldValue, zone } from "../../format/times";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { useNotify } from "../../ui/Notices";
import { Panel } from "../../ui/Panel";
import { Problem } from "../../ui/Problem";
import { useTyped } from "../../ui/useUnsaved";
import { complainer, refusedAt, useGoingToComplaints } from "../shared/complaints";
import { Finder } from "../shared/Finder";

/** Names somebody who decides in one's place for a time. */
export function StandIn({ close }: { close: () => void }) {
  const text = useText();
  const me = useSession().id;
  const notify = useNotify();
  const refresh = useRefresh();
  const [delegate, setDelegate] = useState<Person>();
  const [startsAt, setStartsAt] = useState("");
  const [endsAt, setEndsAt] = useState("");
  const typed = useTyped(close);
  const naming = useMutation({
    mutationFn: () =>
      call("POST", paths.delegations(), {
        body: {
          delegateId: delegate?.id ?? null,
          ...(startsAt ? { startDateTime: new Date(startsAt).toISOString() } : {}),
          ...(endsAt ? { endDateTime: new Date(endsAt).toISOString() } : {}),
        },
      }),
    onSuccess: async () => {
      notify(text("standIn.named", { name: delegate?.displayName ?? "" }));
      typed.forget();
      close();
      await refresh();
    },
  });
  const complain = complainer(refusedAt(naming.error));
  const isBeside = complain("delegateId", "startDateTime", "endDateTime").validationState !== undefined;
  useGoingToComplaints(naming.error);
  const isReady = delegate !== undefined && !naming.isPending;
  const footer = (
    <>
      <Button
        appearance="primary"
        disabledFocusable={!isReady}
        icon={naming.isPending ? <Spinner size="tiny" /> : null}
        onClick={() => isReady && naming.mutate()}
      >
        {text("standIn.do")}
      </Button>
      <Button onClick={typed.close}>{text("cancel")}</Button>
    </>
  );
  return (
    <Panel title={text("standIn.add")} close={close} footer={footer} typed={typed}>
      <div>{text("standIn.about")}</div>
      <form data-form onSubmit={(event) => event.preventDefault()} style={{ display: "contents" }}>
        <Finder<Person>
          label={text("standIn.who")}
          among={paths.people}
          about={(one) => one.jobTitle}
          chosen={delegate?.displayName}
          choose={setDelegate}
          without={({ id }) => id === me}
          isRequired
          complaint={complain("delegateId")}
        />
        <Field label={text("standIn.from")} hint={text("standIn.fromHint")} {...complain("startDateTime")}>
          <Input type="datetime-local" min={fieldValue(new Date())} value={startsAt} onChange={(_, { value }) => setStartsAt(value)} />
        </Field>
        <Field label={text("standIn.until")} hint={text("standIn.untilHint", { zone: zone() })} {...complain("endDateTime")}>
          <Input type="datetime-local" min={startsAt || fieldValue(new Date())} value={endsAt} onChange={(_, { value }) => setEndsAt(value)} />
        </Field>
      </form>
      <Problem error={isBeside ? null : naming.error} />
    </Panel>
  );
}
