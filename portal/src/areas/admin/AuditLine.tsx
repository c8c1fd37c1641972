import { Button, makeStyles, tokens } from "@fluentui/react-components";
import { ChevronDownRegular, ChevronUpRegular } from "@fluentui/react-icons";
import { type ReactNode, useId, useState } from "react";
import { Link } from "wouter";
import type { AuditEvent } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Face } from "../../ui/People";
import { When } from "../../ui/When";
import { FactList } from "../history/Facts";
import { useLinkStyles } from "../shared/RequestRow";
import type { Narrowed } from "./Audit";
import { subject, told } from "./trail";

const useStyles = makeStyles({
  line: { borderTop: `1px solid ${tokens.colorNeutralStroke3}`, ":first-child": { borderTopWidth: 0 } },
  head: {
    display: "grid",
    gridTemplateColumns: "auto minmax(0, 1fr) auto",
    columnGap: "16px",
    alignItems: "center",
    padding: "10px 20px",
    "@media (max-width: 720px)": { padding: "10px 12px", columnGap: "12px" },
  },
  words: { display: "grid", gap: "2px", minWidth: 0, overflowWrap: "anywhere" },
  what: { fontWeight: tokens.fontWeightSemibold },
  about: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200, lineHeight: tokens.lineHeightBase300 },
  more: {
    display: "grid",
    gap: "12px",
    padding: "4px 20px 20px 68px",
    "@media (max-width: 720px)": { padding: "4px 12px 16px" },
  },
  ways: { display: "flex", flexWrap: "wrap", gap: "8px" },
  raw: {
    margin: 0,
    padding: "12px",
    maxHeight: "280px",
    overflow: "auto",
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: "pre-wrap",
    overflowWrap: "anywhere",
  },
  hash: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
});

interface Props {
  event: AuditEvent;
  narrow: (changes: Narrowed) => void;
}

/** One event in plain words; all that is on record of it, if one asks. */
export function AuditLine({ event, narrow }: Props) {
  const styles = useStyles();
  const text = useText();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={styles.line}>
      <div className={styles.head}>
        <Face name={event.actor?.displayName ?? text("story.grantline")} size={32} />
        <div className={styles.words}>
          <span className={styles.what}>{told(event, text)}</span>
          <span className={styles.about}>
            {subject(event, text)} · <When at={event.at} style="whole" />
          </span>
        </div>
        <Button
          appearance="subtle"
          icon={isOpen ? <ChevronUpRegular /> : <ChevronDownRegular />}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          aria-label={text("audit.detailsOf", { number: event.number })}
          onClick={() => setOpen(!isOpen)}
        />
      </div>
      {isOpen && (
        <div id={id} className={styles.more}>
          <Whole event={event} />
          <Ways event={event} narrow={narrow} />
        </div>
      )}
    </li>
  );
}

function Whole({ event }: { event: AuditEvent }) {
  const styles = useStyles();
  const text = useText();
  const facts: [string, ReactNode][] = [
    [text("reason"), event.reason],
    [text("audit.onBehalfOf"), event.onBehalfOf?.displayName],
    [text("audit.event"), `${event.event} (${event.number})`],
    [text("audit.object"), `${text.word("kind", event.object.type)} ${event.object.id}`],
    [text("audit.hash"), <span key="hash" className={styles.hash}>{event.hash}</span>],
  ];
  return (
    <>
      <FactList facts={facts} />
      {Object.keys(event.details).length > 0 && (
        <pre className={styles.raw} tabIndex={0} aria-label={text("audit.record")}>
          {JSON.stringify(event.details, null, 2)}
        </pre>
      )}
    </>
  );
}

/** Where one goes on from an event: to what else happened about it, or by whom. */
function Ways({ event, narrow }: Props) {
  const styles = useStyles();
  const { link } = useLinkStyles();
  const text = useText();
  const { actor, object, requestId } = event;
  const alone: Narrowed = { event: "", objectType: "", objectId: "", actorId: "", requestId: "", assignmentId: "" };
  return (
    <div className={styles.ways}>
      {requestId && (
        <Link to={`/requests/${requestId}`} className={link}>
          {text("audit.story")}
        </Link>
      )}
      {requestId && (
        <Button size="small" onClick={() => narrow({ ...alone, requestId })}>
          {text("audit.ofRequest")}
        </Button>
      )}
      <Button size="small" onClick={() => narrow({ ...alone, objectType: object.type, objectId: object.id })}>
        {text("audit.ofObject", { what: text.word("kind", object.type) })}
      </Button>
      {actor && (
        <Button size="small" onClick={() => narrow({ ...alone, actorId: actor.id })}>
          {text("audit.by", { name: actor.displayName ?? actor.id })}
        </Button>
      )}
    </div>
  );
}
