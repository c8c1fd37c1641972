import { makeStyles, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { AccessRequest } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Face } from "../../ui/People";
import { Row } from "../../ui/Row";
import { Status } from "../../ui/Status";
import { When } from "../../ui/When";
import { askedBy, kind, standing } from "./requests";

export const useLinkStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: "none",
    ":hover": { textDecorationLine: "underline" },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
});

interface Props {
  request: AccessRequest;
  actions?: ReactNode;
  more?: ReactNode;
  /** Where its whole story is told. */
  to?: string;
}

export function RequestRow({ request, actions, more, to = `/requests/${request.id}` }: Props) {
  const styles = useLinkStyles();
  const text = useText();
  const me = useSession().id;
  const what = kind(request.requestType, text);
  return (
    <Row
      lead={<Face name={request.assignment.target.displayName} />}
      title={
        <Link to={to} className={styles.link}>
          {request.accessPackage.displayName}
        </Link>
      }
      meta={[
        <>
          {what && `${what} · `}
          {askedBy(request, me, text)} · <When at={request.createdDateTime} />
        </>,
        more,
      ]}
      extra={<Status state={standing(request)} status={request.status} />}
      actions={actions}
    />
  );
}
