import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { call } from "../../api/http";
import { paths } from "../../api/paths";
import { useRefresh } from "../../api/queries";
import type { Decided } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Confirm } from "../../ui/Confirm";
import { useNotify } from "../../ui/Notices";

const WAITS = new Set(["pendingApproval", "scheduled"]);
const CARRIED_OUT = new Set(["delivering", "delivered", "partiallyDelivered"]);
const GONE = new Set(["ending", "expired", "deliveryFailed"]);

/** Whether something still rests on the approval: a request that waits, or access that is there. */
export function isStanding({ requestState, assignmentState }: Decided): boolean {
  if (WAITS.has(requestState)) return true;
  return CARRIED_OUT.has(requestState) && !GONE.has(assignmentState ?? "");
}

/** Takes back an approval one gave; the server says where another one stands in its place by now. */
export function TakeBack({ decided }: { decided: Decided }) {
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const [isOpen, setOpen] = useState(false);
  const names = { name: decided.target.displayName ?? "", package: decided.accessPackage.displayName ?? "" };
  return (
    <>
      <Button onClick={() => setOpen(true)} aria-label={text("approvals.takeBackLabel", names)}>
        {text("approvals.takeBack")}
      </Button>
      {isOpen && (
        <Confirm
          title={text("approvals.takeBackTitle")}
          about={text(WAITS.has(decided.requestState) ? "approvals.takeBackWaiting" : "approvals.takeBackHeld", names)}
          action={text("approvals.takeBack")}
          reason="required"
          act={(justification) => call("POST", paths.takeBack(decided.requestId), { body: { justification } })}
          after={async () => {
            notify(text("approvals.takenBack"));
            await refresh();
          }}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}
