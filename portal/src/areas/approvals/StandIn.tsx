import { Button, Field, Input, Spinner } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call, Refusal } from "../../api/http";
import { paths } from "../../api/paths";
import { useRefresh } from "../../api/queries";
import { fieldValue, zone } from "../../format/times";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { useNotify } from "../../ui/Notices";
import { Panel } from "../../ui/Panel";
import { Problem } from "../../ui/Problem";
import { type Picked, PersonPicker } from "../shared/PersonPicker";

/** Names somebody who decides in one's place for a time. */
export function StandIn({ close }: { close: () => void }) {
  const text = useText();
  const me = useSession().id;
  const notify = useNotify();
  const refresh = useRefresh();
  const [delegate, setDelegate] = useState<Picked>();
  const [endsAt, setEndsAt] = useState("");
  const naming = useMutation({
    mutationFn: () =>
      call("POST", paths.delegations(), {
        body: { delegateId: delegate?.id, ...(endsAt ? { endDateTime: new Date(endsAt).toISOString() } : {}) },
      }),
    onSuccess: async () => {
      notify(text("standIn.named", { name: delegate?.displayName ?? "" }));
      close();
      await refresh();
    },
  });
  const refused = naming.error instanceof Refusal && naming.error.target === "delegateId" ? naming.error.message : undefined;
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
      <Button onClick={close}>{text("cancel")}</Button>
    </>
  );
  return (
    <Panel title={text("standIn.add")} close={close} footer={footer} isForm>
      <div>{text("standIn.about")}</div>
      <PersonPicker label={text("standIn.who")} isRequired complaint={refused} leaveOut={me} pick={setDelegate} />
      <Field label={text("standIn.until")} hint={text("standIn.untilHint", { zone: zone() })}>
        <Input type="datetime-local" min={fieldValue(new Date())} value={endsAt} onChange={(_, { value }) => setEndsAt(value)} />
      </Field>
      <Problem error={refused ? null : naming.error} />
    </Panel>
  );
}
