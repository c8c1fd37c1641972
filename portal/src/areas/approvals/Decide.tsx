import { Button, Field, makeStyles, MessageBar, MessageBarBody, Spinner, Textarea, tokens } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Refusal } from "../../api/http";
import { paths } from "../../api/paths";
import { useOne, useRefresh } from "../../api/queries";
import { dateTime, relative } from "../../format/times";
import { useText } from "../../messages/useText";
import { Ghost } from "../../ui/Listing";
import { useNotify } from "../../ui/Notices";
import { Panel } from "../../ui/Panel";
import { PersonLine } from "../../ui/People";
import { Problem, reasonOf } from "../../ui/Problem";
import { useTyped } from "../../ui/useUnsaved";
import { Facts } from "../history/Facts";
import { Timeline } from "../history/Timeline";
import { useGoingToComplaints } from "../shared/complaints";
import { Answers } from "./Answers";
import { answer, decide, type Verdict } from "./decide";
import { Shorten } from "./Shorten";
import { useAnswering } from "./useAnswering";

const useStyles = makeStyles({
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
});

/** All one needs to decide, and the decision. */
export function Decide({ id, close }: { id: string; close: () => void }) {
  const styles = useStyles();
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const found = useOne(paths.explain(id));
  const asked = useOne(paths.request(id));
  const offered = useOne(found.data ? paths.package(found.data.package.id) : null);
  const answering = useAnswering(id);
  const typed = useTyped(close);
  const [why, setWhy] = useState("");
  const [endsAt, setEndsAt] = useState("");
  const deciding = useMutation({
    mutationFn: async (verdict: Verdict) => {
      answering.remember();
      await answer(id, answering.given);
      await decide(id, verdict, why.trim(), endsAt);
    },
    onSuccess: async (_, verdict) => {
      notify(text(verdict === "Approve" ? "approvals.approved" : "approvals.denied"));
      typed.forget();
      close();
      await refresh();
    },
  });
  useGoingToComplaints(deciding.error);
  const story = found.data;
  const stage = story?.stages.find((one) => one.state === "open");
  // Somebody else was faster, or it was withdrawn, perhaps while one looked at it.
  const isOver = story !== undefined && !stage && !deciding.isPending && !deciding.isSuccess;
  const { forget } = typed;
  useEffect(() => {
    // There is nothing left that what was typed could go with.
    if (isOver) forget();
  }, [isOver, forget]);
  const refusedFor = (target: string) =>
    deciding.error instanceof Refusal && deciding.error.target === target ? reasonOf(deciding.error, text) : undefined;
  const refused = refusedFor("justification");
  const refusedEnd = refusedFor("shortenedTo");
  const isAnswerRefused = answering.questions.some((one) => answering.refusedOf(one, deciding.error) !== undefined);
  const isBusy = deciding.isPending;
  const choice = (
    <>
      <Button appearance="primary" disabledFocusable={isBusy} icon={isBusy ? <Spinner size="tiny" /> : null} onClick={() => deciding.mutate("Approve")}>
        {text("approvals.approve")}
      </Button>
      <Button disabledFocusable={isBusy} onClick={() => deciding.mutate("Deny")}>
        {text("approvals.deny")}
      </Button>
    </>
  );
  const footer = isOver ? <Button onClick={close}>{text("close")}</Button> : stage && choice;
  return (
    <Panel title={story?.package.displayName ?? text(found.error ? "nav.approvals" : "loading")} close={close} footer={footer} typed={typed}>
      <Problem error={found.error} again={() => void found.refetch()} />
      {(found.isLoading || offered.isLoading) && <Ghost rows={3} />}
      {story && !offered.isLoading && (
        <>
          <PersonLine
            name={story.target.displayName ?? ""}
            about={
              story.requestor.id === story.target.id
                ? text("story.forSelf")
                : text("story.askedBy", { name: story.requestor.displayName ?? "" })
            }
          />
          {isOver && (
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>{text("approvals.over")}</MessageBarBody>
            </MessageBar>
          )}
          {stage?.deadlineAt && (
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>
                {text("approvals.deadline", { at: dateTime(stage.deadlineAt), when: relative(stage.deadlineAt) })}
              </MessageBarBody>
            </MessageBar>
          )}
          <Facts story={story} request={asked.data} offered={offered.data} />
          <form data-form onSubmit={(event) => event.preventDefault()} style={{ display: "contents" }}>
            {stage && <Answers answering={answering} error={deciding.error} />}
            {stage && (
              <Field
                label={text("approvals.reason")}
                required={stage.isApproverJustificationRequired}
                {...(refused ? { validationMessage: refused, validationState: "error" as const } : {})}
              >
                <Textarea value={why} onChange={(_, { value }) => setWhy(value)} resize="vertical" rows={3} />
              </Field>
            )}
            {stage && !/remove$/i.test(story.type) && (
              <Shorten request={asked.data} endsAt={endsAt} change={setEndsAt} refused={refusedEnd} />
            )}
          </form>
          <Problem error={refused || refusedEnd || isAnswerRefused ? null : deciding.error} />
          <h3 className={styles.title}>{text("story.timeline")}</h3>
          <Timeline moments={story.timeline} />
        </>
      )}
    </Panel>
  );
}
