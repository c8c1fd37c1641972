import { Button, makeStyles, MessageBar, MessageBarBody, tokens } from "@fluentui/react-components";
import { useState } from "react";
import { Link } from "wouter";
import { paths } from "../../api/paths";
import { useOne, useRefresh } from "../../api/queries";
import type { AccessRequest, Explanation } from "../../api/shapes";
import { useKeys } from "../../api/useKeys";
import { useMay } from "../../api/useMay";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Confirm } from "../../ui/Confirm";
import { Ghost } from "../../ui/Listing";
import { useNotify } from "../../ui/Notices";
import { Panel } from "../../ui/Panel";
import { PersonLine } from "../../ui/People";
import { Problem } from "../../ui/Problem";
import { Status } from "../../ui/Status";
import { useLinkStyles } from "../shared/RequestRow";
import { cancelRequest, isCancellable, isRepeatable, resubmit, standing } from "../shared/requests";
import { Facts } from "./Facts";
import { Timeline } from "./Timeline";
import { comesNext } from "./sentences";

const useStyles = makeStyles({
  head: { display: "flex", flexWrap: "wrap", gap: "12px", justifyContent: "space-between", alignItems: "center" },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
});

/** One request from its first to its last moment, and what can still be done about it. */
export function Story({ id, close }: { id: string; close: () => void }) {
  const styles = useStyles();
  const text = useText();
  const found = useOne(paths.explain(id));
  const asked = useOne(paths.request(id));
  const story = found.data;
  return (
    <Panel
      title={story?.package.displayName ?? text(found.error ? "nav.history" : "loading")}
      close={close}
      footer={story && <Actions story={story} request={asked.data} close={close} />}
    >
      <Problem error={found.error} again={() => void found.refetch()} />
      {found.isLoading && <Ghost rows={3} />}
      {story && (
        <>
          <div className={styles.head}>
            <PersonLine
              name={story.target.displayName ?? ""}
              about={
                story.requestor.id === story.target.id
                  ? text("story.forSelf")
                  : text("story.askedBy", { name: story.requestor.displayName ?? "" })
              }
            />
            <Status state={story.state === "expired" ? "Expired" : standing({ requestType: story.type, state: story.state })} />
          </div>
          <Next story={story} />
          <Facts story={story} request={asked.data} />
          <h3 className={styles.title}>{text("story.timeline")}</h3>
          <Timeline moments={story.timeline} />
        </>
      )}
    </Panel>
  );
}

function Next({ story }: { story: Explanation }) {
  const text = useText();
  const says = comesNext(story, text);
  if (!says) return null;
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>{says}</MessageBarBody>
    </MessageBar>
  );
}

function Actions({ story, request, close }: { story: Explanation; request: AccessRequest | undefined; close: () => void }) {
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const session = useSession();
  const keyOf = useKeys();
  const [open, setOpen] = useState<"cancel" | "again">();
  const isParty = [story.requestor.id, story.target.id].includes(session.id);
  const mayCancel = useMayCancel(story, isParty) && isCancellable(story.state);
  const mayGovern = useMay("govern");
  const mayRepeat = story.requestor.id === session.id && isRepeatable(story.type, story.state);
  const names = { package: story.package.displayName ?? "", name: story.target.displayName ?? "" };
  const after = (says: string) => async () => {
    notify(says);
    close();
    await refresh();
  };
  return (
    <>
      {mayCancel && <Button onClick={() => setOpen("cancel")}>{text("story.cancel")}</Button>}
      {mayRepeat && (
        <Button appearance="primary" onClick={() => setOpen("again")}>
          {text("story.again")}
        </Button>
      )}
      <Button onClick={close}>{text("close")}</Button>
      {mayGovern && <Behind story={story} request={request} />}
      {open === "cancel" && (
        <Confirm
          title={text("story.cancelTitle")}
          about={text("story.cancelAbout", names)}
          action={text("story.cancel")}
          act={() => cancelRequest(story.id)}
          after={after(text("story.cancelled"))}
          close={() => setOpen(undefined)}
        />
      )}
      {open === "again" && (
        <Confirm
          title={text("story.againTitle")}
          about={text("story.againAbout", names)}
          action={text("story.again")}
          reason="optional"
          act={(reason) => resubmit(story.id, reason, keyOf)}
          after={after(text.count("ask.sent", 1))}
          close={() => setOpen(undefined)}
        />
      )}
    </>
  );
}

/** Whoever has a part in it may; so may those whose role reaches the catalog of the package. */
function useMayCancel(story: Explanation, isParty: boolean): boolean {
  const mayAnywhere = useMay("cancel");
  const offered = useOne(mayAnywhere && !isParty ? paths.package(story.package.id) : null);
  const mayHere = useMay("cancel", offered.data?.catalog?.id);
  return isParty || (offered.data !== undefined && mayHere);
}

/** What administrators and operators look at: all that is on record, and the workflow that carries it. */
function Behind({ story, request }: { story: Explanation; request: AccessRequest | undefined }) {
  const { link } = useLinkStyles();
  const text = useText();
  const { workflowsUrl } = useSession();
  // A removal has no workflow of its own: the assignment's brings it about.
  const assignmentId = request?.assignment.id;
  const workflow = !/remove$/i.test(story.type) ? `request-${story.id}` : assignmentId ? `assignment-${assignmentId}` : null;
  return (
    <>
      <Link to={`/admin/audit?requestId=${story.id}`} className={link}>
        {text("story.trail")}
      </Link>
      {workflowsUrl && workflow && (
        <a href={`${workflowsUrl}${workflow}`} target="_blank" rel="noreferrer" className={link}>
          {text("story.workflow")}
        </a>
      )}
    </>
  );
}
