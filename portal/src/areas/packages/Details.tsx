import { Button, makeStyles, Subtitle2, tokens } from "@fluentui/react-components";
import { paths } from "../../api/paths";
import { useOne } from "../../api/queries";
import type { Requirements } from "../../api/shapes";
import { dateTime, duration } from "../../format/times";
import { type Text, useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Ghost } from "../../ui/Listing";
import { Panel } from "../../ui/Panel";
import { Problem } from "../../ui/Problem";
import { useAsk } from "../request/AskContext";

const useStyles = makeStyles({
  plain: { margin: 0, color: tokens.colorNeutralForeground2 },
  part: { display: "grid", gap: "8px" },
  title: { margin: 0 },
  list: { margin: 0, paddingLeft: "20px", display: "grid", gap: "4px" },
});

interface Props {
  id: string;
  /** One has it: there is nothing to request. */
  isHeld: boolean;
  close: () => void;
}

/** A package in plain words: what one gets, and on which terms. */
export function Details({ id, isHeld, close }: Props) {
  const styles = useStyles();
  const text = useText();
  const ask = useAsk();
  const me = useSession().id;
  const found = useOne(paths.package(id));
  const terms = useOne(paths.requirements(id, me));
  const one = found.data;
  const request = () => {
    close();
    ask({ packageIds: [id], isForOthers: terms.data?.items.length === 0 });
  };
  return (
    <Panel
      title={one?.displayName ?? text(found.error ? "packages.details" : "loading")}
      close={close}
      footer={
        isHeld || !one ? (
          <Button onClick={close}>{text("close")}</Button>
        ) : (
          <Button appearance="primary" onClick={request}>
            {text("packages.request")}
          </Button>
        )
      }
    >
      <Problem error={found.error} again={() => void found.refetch()} />
      {found.isLoading && <Ghost rows={2} />}
      {one && (
        <>
          <p className={styles.plain}>{one.description}</p>
          <section className={styles.part}>
            <Subtitle2 as="h3" className={styles.title}>
              {text("packages.gives")}
            </Subtitle2>
            <ul className={styles.list}>
              {(one.resourceRoleScopes ?? []).map(({ id, role }) => (
                <li key={id}>
                  {text("packages.role", { role: role?.displayName ?? "", resource: role?.resource?.displayName ?? "" })}
                </li>
              ))}
            </ul>
          </section>
          {!isHeld && <Terms terms={terms.data?.items} />}
          <p className={styles.plain}>{text("packages.in", { catalog: one.catalog?.displayName ?? "" })}</p>
        </>
      )}
    </Panel>
  );
}

function Terms({ terms }: { terms: Requirements[] | undefined }) {
  const styles = useStyles();
  const text = useText();
  return (
    <section className={styles.part}>
      <Subtitle2 as="h3" className={styles.title}>
        {text("packages.terms")}
      </Subtitle2>
      {terms?.length === 0 && <p className={styles.plain}>{text("packages.onlyForOthers")}</p>}
      {terms?.map((term) => (
        <ul key={term.policyId} className={styles.list} aria-label={term.policyDisplayName}>
          {plain(term, text).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ))}
    </section>
  );
}

function plain(term: Requirements, text: Text): string[] {
  const { type, duration: lasts, endDateTime } = term.schedule.expiration;
  return [
    text(term.isApprovalRequiredForAdd ? "packages.needsApproval" : "packages.atOnce"),
    lasts && type === "afterDuration" ? text("ask.lasts", { duration: duration(lasts) }) : null,
    endDateTime && type === "afterDateTime" ? text("ask.until", { at: dateTime(endDateTime) }) : null,
    type === "noExpiration" || type === "notSpecified" ? text("ask.noEnd") : null,
    term.isRequestorJustificationRequired ? text("packages.needsReason") : null,
    term.questions.length ? text.count("packages.questions", term.questions.length) : null,
    term.allowCustomAssignmentSchedule ? text("packages.ownTimes") : null,
  ].filter((line) => line !== null);
}
