import type { ReactNode } from "react";
import { Link } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import type { Assignment } from "../../../api/shapes";
import { useKeys } from "../../../api/useKeys";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Face } from "../../../ui/People";
import { Row } from "../../../ui/Row";
import { Status } from "../../../ui/Status";
import { When } from "../../../ui/When";
import { useLinkStyles } from "../../shared/RequestRow";
import { Delete } from "../parts/Delete";

const LIVE = new Set(["delivering", "delivered", "partiallyDelivered", "deliveryFailed", "scheduled"]);

interface Props {
  assignment: Assignment;
  /** More about it, and more that can be done. */
  more?: ReactNode;
  actions?: ReactNode;
}

/** Somebody who has a package, or had. */
export function HeldRow({ assignment, more, actions }: Props) {
  const { link } = useLinkStyles();
  const text = useText();
  const keyOf = useKeys();
  // What one may list one may end as well: in both, the same roles count (tests/rules/test_permissions.py).
  const mayRemove = useMay("assign");
  const { target, accessPackage, assignmentPolicy, schedule, expiredDateTime, state, status } = assignment;
  const names = { name: target.displayName, package: accessPackage.displayName };
  const endsAt = schedule.expiration.endDateTime;
  const ends = expiredDateTime ? (
    <>
      {text("assignment.ended")} <When at={expiredDateTime} style="whole" />
    </>
  ) : endsAt ? (
    <>
      {text("assignment.ends")} <When at={endsAt} style="whole" />
    </>
  ) : (
    text("assignment.noEnd")
  );
  const remove = (why: string) => {
    const body = { requestType: "adminRemove", assignment: { id: assignment.id }, ...(why ? { justification: why } : {}) };
    return call("POST", adminPaths.assign(), { body, idempotencyKey: keyOf(body) });
  };
  return (
    <Row
      lead={<Face name={target.displayName} />}
      title={
        <>
          <Link to={`/admin/holders?person=${target.id}`} className={link}>
            {target.displayName}
          </Link>
          {" · "}
          <Link to={`/admin/packages/${accessPackage.id}/holders`} className={link}>
            {accessPackage.displayName}
          </Link>
        </>
      }
      meta={[
        <>
          {assignmentPolicy && `${assignmentPolicy.displayName} · `}
          {ends}
        </>,
        more,
      ]}
      extra={<Status state={state} status={status} />}
      actions={
        <>
          {actions}
          {mayRemove && LIVE.has(state) && status !== "Revoking" && (
            <Delete
              action={text("admin.remove")}
              label={text("assignment.removeLabel", names)}
              title={text("assignment.removeTitle", names)}
              about={text("assignment.removeAbout", names)}
              done={text("assignment.removed", names)}
              reason="optional"
              act={remove}
            />
          )}
        </>
      }
    />
  );
}
