import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, Spinner, Textarea } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import type { WholePackage, WrittenPolicy } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useRefresh } from "../../../api/queries";
import { useKeys } from "../../../api/useKeys";
import { useText } from "../../../messages/useText";
import { useNotify } from "../../../ui/Notices";
import { Page } from "../../../ui/Page";
import { Problem } from "../../../ui/Problem";
import { useUnsaved } from "../../../ui/useUnsaved";
import { complainer, refusedAt, useGoingToComplaints } from "../../shared/complaints";
import { ApprovalSection } from "./ApprovalSection";
import { check } from "./check";
import { type Editing, namedIn, sent } from "./draft";
import { ExtensionsSection } from "./ExtensionsSection";
import { LifecycleSection } from "./LifecycleSection";
import { Meaning } from "./Meaning";
import { PolicyTrail } from "./PolicyTrail";
import { QuestionsSection } from "./QuestionsSection";
import { RequestsSection } from "./RequestsSection";
import { Section } from "./Section";
import { useNames } from "./useNames";

const useStyles = makeStyles({
  whole: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) 320px",
    gap: "20px",
    alignItems: "start",
    "@media (max-width: 1100px)": { gridTemplateColumns: "minmax(0, 1fr)" },
  },
  form: { display: "grid", gridTemplateColumns: "minmax(0, 1fr)", gap: "20px", minWidth: 0 },
  do: { display: "flex", flexWrap: "wrap", gap: "8px" },
});

interface Props {
  offered: WholePackage;
  /** The policy as the API has it now; it is read again now and then, and what is typed stays. */
  read: WrittenPolicy;
}

/** The whole of a policy, beside what it means. Nothing is sent before it is saved. */
export function PolicyForm({ offered, read }: Props) {
  const styles = useStyles();
  const text = useText();
  const [begun] = useState(() => ({ ...read, questions: [...read.questions].sort((a, b) => a.sequence - b.sequence) }));
  const [policy, setPolicy] = useState<WrittenPolicy>(begun);
  const [tries, setTries] = useState(0);
  const [, go] = useLocation();
  const { forget, question } = useUnsaved(policy !== begun);
  const saving = useSaving(offered, policy, forget);
  const known = useNames(namedIn(policy));
  const lacking = check(policy, text);
  useGoingToComplaints(tries);
  useGoingToComplaints(saving.error);
  const complaints = new Map([...(tries > 0 ? lacking : []), ...refusedAt(saving.error)]);
  const editing: Editing = {
    ...known,
    policy,
    change: (part) => setPolicy((before) => ({ ...before, ...part })),
    complain: complainer(complaints),
    catalogId: offered.catalog.id,
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTries(tries + 1);
    if (lacking.size === 0 && !saving.isPending) saving.mutate();
  };
  const title = policy.id ? begun.displayName : text("admin.policy.new");
  return (
    <Page title={title} about={text("admin.policy.of", { package: offered.displayName })} above={<PolicyTrail offered={offered} />}>
      <form className={styles.whole} data-form onSubmit={submit} noValidate>
        <div className={styles.form}>
          {isChanged(begun, read) && (
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{text("admin.policy.changedMeanwhile")}</MessageBarBody>
            </MessageBar>
          )}
          <Section title={text("admin.policy.basics")}>
            <Field label={text("admin.name")} required {...editing.complain("displayName")}>
              <Input value={policy.displayName} maxLength={256} onChange={(_, { value }) => editing.change({ displayName: value })} />
            </Field>
            <Field label={text("admin.description")} {...editing.complain("description")}>
              <Textarea
                value={policy.description ?? ""}
                resize="vertical"
                onChange={(_, { value }) => editing.change({ description: value })}
              />
            </Field>
          </Section>
          <RequestsSection editing={editing} />
          <ApprovalSection editing={editing} />
          <QuestionsSection editing={editing} />
          <LifecycleSection editing={editing} />
          <ExtensionsSection editing={editing} />
        </div>
        <Meaning told={editing}>
          <Problem error={saving.error} />
          <div className={styles.do}>
            <Button
              appearance="primary"
              type="submit"
              disabledFocusable={saving.isPending}
              icon={saving.isPending ? <Spinner size="tiny" /> : null}
            >
              {text("admin.save")}
            </Button>
            <Button onClick={() => go(policiesOf(offered))}>{text("cancel")}</Button>
          </div>
        </Meaning>
        {question}
      </form>
    </Page>
  );
}

function useSaving(offered: WholePackage, policy: WrittenPolicy, forget: () => void) {
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const [, go] = useLocation();
  const keyOf = useKeys();
  return useMutation({
    mutationFn: () => {
      const body = sent(policy);
      return policy.id
        ? call("PUT", adminPaths.plainPolicy(policy.id), { body })
        : call("POST", adminPaths.newPolicy(), { body, idempotencyKey: keyOf(body) });
    },
    onSuccess: async () => {
      notify(text("admin.saved", { name: policy.displayName.trim() }));
      forget();
      go(policiesOf(offered));
      await refresh();
    },
  });
}

const policiesOf = ({ id }: WholePackage) => `/admin/packages/${id}/policies`;

function isChanged(begun: WrittenPolicy, read: WrittenPolicy): boolean {
  return begun.modifiedDateTime !== read.modifiedDateTime;
}
