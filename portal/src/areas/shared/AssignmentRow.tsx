import { Badge, Button, makeStyles, tokens } from "@fluentui/react-components";
import { ClockRegular } from "@fluentui/react-icons";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { Assignment } from "../../api/shapes";
import { useKeys } from "../../api/useKeys";
import { daysUntil } from "../../format/times";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Confirm } from "../../ui/Confirm";
import { useRefresh } from "../../api/queries";
import { useNotify } from "../../ui/Notices";
import { Face } from "../../ui/People";
import { Row } from "../../ui/Row";
import { Status } from "../../ui/Status";
import { When } from "../../ui/When";
import { Extend } from "./Extend";
import { useLinkStyles } from "./RequestRow";
import { removeAccess } from "./requests";

export const SOON_DAYS = 30;
const HELD = new Set(["delivered", "partiallyDelivered"]);

const useStyles = makeStyles({
  soon: { color: tokens.colorStatusWarningForeground1, fontWeight: tokens.fontWeightSemibold },
  not: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** Tell what whoever reads may do about it, as its policy says. */
function allowed({ assignmentPolicy: policy, state, status }: Assignment, isMine: boolean) {
  const settings = policy?.requestorSettings;
  const isHeld = HELD.has(state) && status !== "Revoking";
  if (!settings || !isHeld) return { isHeld, remove: false, extend: false };
  return isMine
    ? { isHeld, remove: settings.enableTargetsToSelfRemoveAccess, extend: settings.enableTargetsToSelfUpdateAccess }
    : {
        isHeld,
        remove: settings.enableOnBehalfRequestorsToRemoveAccess,
        extend: settings.enableOnBehalfRequestorsToUpdateAccess,
      };
}

const endsSoon = ({ schedule, state }: Assignment) =>
  HELD.has(state) && !!schedule.expiration.endDateTime && daysUntil(schedule.expiration.endDateTime) < SOON_DAYS;

interface Props {
  assignment: Assignment;
  /** Show whose it is. */
  isNamed?: boolean;
  /** Without what can be done about it. */
  isPlain?: boolean;
  lead?: ReactNode;
  /** Where it is told what the package gives. */
  to?: string;
}

export function AssignmentRow({ assignment, isNamed = false, isPlain = false, lead, to }: Props) {
  const { link } = useLinkStyles();
  const text = useText();
  const { accessPackage, target, expiredDateTime } = assignment;
  const me = useSession().id;
  const title = isNamed ? `${target.displayName} · ${accessPackage.displayName}` : accessPackage.displayName;
  return (
    <Row
      lead={lead ?? (isNamed ? <Face name={target.displayName} /> : null)}
      title={to ? <Link to={to} className={link}>{title}</Link> : title}
      meta={[
        accessPackage.description,
        expiredDateTime ? (
          <>
            {text("assignment.ended")} <When at={expiredDateTime} style="whole" />
          </>
        ) : (
          <Ends assignment={assignment} />
        ),
      ]}
      extra={<Status state={assignment.state} status={assignment.status} />}
      actions={isPlain ? undefined : <Actions assignment={assignment} isMine={target.id === me} />}
    />
  );
}

function Ends({ assignment }: { assignment: Assignment }) {
  const styles = useStyles();
  const text = useText();
  const at = assignment.schedule.expiration.endDateTime;
  if (!at) return text("assignment.noEnd");
  return (
    <span className={endsSoon(assignment) ? styles.soon : undefined}>
      {text("assignment.ends")} <When at={at} style="whole" /> (<When at={at} />)
    </span>
  );
}

function Actions({ assignment, isMine }: { assignment: Assignment; isMine: boolean }) {
  const styles = useStyles();
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const keyOf = useKeys();
  const [open, setOpen] = useState<"remove" | "extend">();
  const may = allowed(assignment, isMine);
  if (!may.isHeld) return null;
  const names = { name: assignment.target.displayName, package: assignment.accessPackage.displayName };
  const removing = isMine ? text("assignment.giveUp") : text("assignment.remove");
  const close = () => setOpen(undefined);
  const hasEnd = assignment.schedule.expiration.endDateTime !== null;
  return (
    <>
      {may.extend && hasEnd && (
        <Button icon={<ClockRegular />} onClick={() => setOpen("extend")} aria-label={text("assignment.extendLabel", names)}>
          {text("assignment.extend")}
        </Button>
      )}
      {may.remove && (
        <Button onClick={() => setOpen("remove")} aria-label={text(isMine ? "assignment.giveUpLabel" : "assignment.removeLabel", names)}>
          {removing}
        </Button>
      )}
      {!may.remove && !may.extend && (
        <Badge appearance="outline" color="subtle" className={styles.not}>
          {text(isMine ? "assignment.fixedMine" : "assignment.fixed")}
        </Badge>
      )}
      {open === "remove" && (
        <Confirm
          title={text(isMine ? "assignment.giveUpTitle" : "assignment.removeTitle", names)}
          about={text(isMine ? "assignment.giveUpAbout" : "assignment.removeAbout", names)}
          action={removing}
          reason="optional"
          act={(reason) => removeAccess(assignment.id, reason, keyOf)}
          after={async () => {
            notify(text("assignment.removed", names));
            await refresh();
          }}
          close={close}
        />
      )}
      {open === "extend" && <Extend assignment={assignment} close={close} />}
    </>
  );
}
