import { Button, Checkbox, makeStyles, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useLocation, useSearch } from "wouter";
import { mentioning, paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { AccessRequest } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { closeOnto } from "../../ui/leaving";
import { Listing } from "../../ui/Listing";
import { Face } from "../../ui/People";
import { Row } from "../../ui/Row";
import { When } from "../../ui/When";
import { askedBy, kind } from "../shared/requests";
import { Decide } from "./Decide";
import { DecideMany } from "./DecideMany";

const useStyles = makeStyles({
  several: {
    display: "flex",
    flexWrap: "wrap",
    gap: "8px",
    alignItems: "center",
    padding: "8px 20px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
  },
  count: { marginRight: "auto", fontWeight: tokens.fontWeightSemibold },
  lead: { display: "flex", alignItems: "center", gap: "4px" },
});

export function Waiting({ search }: { search: string }) {
  const styles = useStyles();
  const text = useText();
  const [, go] = useLocation();
  const opened = new URLSearchParams(useSearch()).get("open");
  const list = useList(paths.requests("approver", mentioning(search)));
  // What the navigation counts says by when each must be decided.
  const approvals = useList(paths.approvals());
  const deadlines = new Map(approvals.items.map(({ id, stages }) => [id, stages.find((one) => one.assignedToMe)?.deadlineDateTime]));
  const more = () => {
    list.more();
    if (approvals.hasMore) approvals.more();
  };
  const [marked, setMarked] = useState<string[]>([]);
  const [deciding, setDeciding] = useState<"Approve" | "Deny">();
  const chosen = list.items.filter((one) => marked.includes(one.id));
  return (
    <>
      {chosen.length > 0 && (
        <div className={styles.several} role="region" aria-label={text("approvals.several")}>
          <span className={styles.count}>{text.count("approvals.marked", chosen.length)}</span>
          <Button appearance="primary" onClick={() => setDeciding("Approve")}>
            {text("approvals.approve")}
          </Button>
          <Button onClick={() => setDeciding("Deny")}>{text("approvals.deny")}</Button>
        </div>
      )}
      <Listing
        list={{ ...list, more, isLoading: list.isLoading || approvals.isLoading }}
        label={text("approvals.pending")}
        empty={{
          icon: <CheckmarkCircleRegular />,
          ...(search ? { title: text("list.noneFound") } : { title: text("approvals.none"), about: text("approvals.noneAbout") }),
        }}
      >
        {(one) => (
          <One
            key={one.id}
            request={one}
            deadline={deadlines.get(one.id) ?? null}
            isMarked={marked.includes(one.id)}
            mark={(isMarked) => setMarked((before) => [...before.filter((id) => id !== one.id), ...(isMarked ? [one.id] : [])])}
            open={() => go(`/approvals?open=${one.id}`)}
          />
        )}
      </Listing>
      {opened && <Decide id={opened} close={() => closeOnto("/approvals")} />}
      {deciding && <DecideMany requests={chosen} verdict={deciding} close={() => setDeciding(undefined)} decided={() => setMarked([])} />}
    </>
  );
}

interface OneProps {
  request: AccessRequest;
  deadline: string | null;
  isMarked: boolean;
  mark: (isMarked: boolean) => void;
  open: () => void;
}

function One({ request, deadline, isMarked, mark, open }: OneProps) {
  const styles = useStyles();
  const text = useText();
  const me = useSession().id;
  const names = { name: request.assignment.target.displayName, package: request.accessPackage.displayName };
  const what = kind(request.requestType, text);
  return (
    <Row
      lead={
        <span className={styles.lead}>
          <Checkbox checked={isMarked} onChange={(_, { checked }) => mark(checked === true)} aria-label={text("approvals.mark", names)} />
          <Face name={names.name} />
        </span>
      }
      title={`${names.name} · ${names.package}`}
      meta={[
        <>
          {what && `${what} · `}
          {askedBy(request, me, text)} · <When at={request.createdDateTime} />
        </>,
        request.justification && text("quoted", { words: request.justification }),
        deadline && (
          <>
            {text("approvals.decideBy")} <When at={deadline} style="whole" /> (<When at={deadline} />)
          </>
        ),
      ]}
      actions={
        <Button onClick={open} aria-label={text("approvals.reviewOf", names)}>
          {text("approvals.review")}
        </Button>
      }
    />
  );
}
