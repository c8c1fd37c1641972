import { makeStyles } from "@fluentui/react-components";
import { NoConnection, Refusal } from "../../api/http";
import { isSignedOut, useRefresh } from "../../api/queries";
import type { AccessRequest } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Confirm } from "../../ui/Confirm";
import { useNotify } from "../../ui/Notices";
import { reasonOf } from "../../ui/Problem";
import { decide, type Verdict } from "./decide";

const useStyles = makeStyles({ list: { margin: "8px 0 0", paddingLeft: "20px" } });

interface Props {
  requests: AccessRequest[];
  verdict: Verdict;
  close: () => void;
  decided: () => void;
}

/** One word for several requests. Those that cannot be decided are named with the reason; the others are. */
export function DecideMany({ requests, verdict, close, decided }: Props) {
  const styles = useStyles();
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const isApproval = verdict === "Approve";
  const act = async (reason: string) => {
    const wrong: string[] = [];
    for (const one of requests) {
      try {
        await decide(one.id, verdict, reason);
      } catch (error) {
        wrong.push(`${one.assignment.target.displayName}: ${reasonOf(error as Error, text)}`);
        // The others would not arrive either; they stay marked.
        if (error instanceof NoConnection || isSignedOut(error as Error)) throw error;
      }
    }
    await refresh();
    if (wrong.length) throw new Refusal(409, "partlyDecided", wrong.join(" "));
  };
  return (
    <Confirm
      title={text.count(isApproval ? "approvals.approveMany" : "approvals.denyMany", requests.length)}
      about={
        <ul className={styles.list}>
          {requests.map((one) => (
            <li key={one.id}>
              {one.assignment.target.displayName} · {one.accessPackage.displayName}
            </li>
          ))}
        </ul>
      }
      action={text(isApproval ? "approvals.approve" : "approvals.deny")}
      reason={isApproval ? "optional" : "required"}
      act={act}
      after={() => {
        notify(text.count(isApproval ? "approvals.approvedMany" : "approvals.deniedMany", requests.length));
        decided();
      }}
      close={close}
    />
  );
}
