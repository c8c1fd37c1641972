import { HistoryRegular } from "@fluentui/react-icons";
import { Link } from "wouter";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { Decided } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { Face } from "../../ui/People";
import { Row } from "../../ui/Row";
import { Status } from "../../ui/Status";
import { When } from "../../ui/When";
import { useLinkStyles } from "../shared/RequestRow";
import { isStanding, TakeBack } from "./TakeBack";

/** The decisions one has made, newest first. */
export function Made({ search }: { search: string }) {
  const text = useText();
  const list = useList(paths.decided(search));
  return (
    <Listing
      list={list}
      label={text("approvals.history")}
      empty={{ icon: <HistoryRegular />, title: text(search ? "list.noneFound" : "approvals.noHistory") }}
    >
      {(one) => <One key={one.stageId} decided={one} />}
    </Listing>
  );
}

function One({ decided: one }: { decided: Decided }) {
  const { link } = useLinkStyles();
  const text = useText();
  const isApproval = one.reviewResult === "Approve";
  const mayStill = isApproval && isStanding(one);
  // What has become of an approval since then says why it cannot be taken back.
  const since = isApproval && !mayStill ? text("approvals.since", { state: text.word("state", one.assignmentState ?? one.requestState) }) : null;
  return (
    <Row
      lead={<Face name={one.target.displayName ?? "?"} />}
      title={
        <Link to={`/requests/${one.requestId}`} className={link}>
          {one.target.displayName} · {one.accessPackage.displayName}
        </Link>
      }
      meta={[
        <>
          {text("approvals.decidedAt")} <When at={one.reviewedDateTime} style="whole" />
        </>,
        one.justification && text("quoted", { words: one.justification }),
        since,
      ]}
      extra={<Status state={isApproval ? "approved" : "denied"} />}
      actions={mayStill && <TakeBack decided={one} />}
    />
  );
}
