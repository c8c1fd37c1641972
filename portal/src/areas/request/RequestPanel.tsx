import { Button, Field, Spinner, Textarea } from "@fluentui/react-components";
import { SendRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Refusal } from "../../api/http";
import { isSignedOut } from "../../api/queries";
import { type Text, useText } from "../../messages/useText";
import { useNotify } from "../../ui/Notices";
import { Panel } from "../../ui/Panel";
import { Problem, reasonOf } from "../../ui/Problem";
import { useTyped } from "../../ui/useUnsaved";
import { useGoingToComplaints } from "../shared/complaints";
import type { Beginning } from "./AskContext";
import { missing } from "./draft";
import { Outcomes } from "./Outcomes";
import { PackagesField } from "./PackagesField";
import { Questions } from "./Questions";
import { Times } from "./Times";
import { type Asked, useAsking, useSending } from "./useAsking";
import { Whom } from "./Whom";

interface Props {
  beginning: Beginning;
  close: () => void;
}

/** Everything one asks in one place: for whom, for what, why, how long, and what will come of it. */
export default function RequestPanel({ beginning, close }: Props) {
  const text = useText();
  const notify = useNotify();
  const asked = useAsking(beginning);
  // It stands above every page, and would still be there on the next.
  const typed = useTyped(close, close);
  const { sending, sent, failedOf } = useSending();
  const failed = failedOf(asked.items);
  const [tries, setTries] = useState(0);
  const wasTried = tries > 0;
  useGoingToComplaints(tries);
  const open = asked.items.filter((item) => !(item.key in sent));
  const lacks = missing(asked.draft, open);
  const isWhole = open.length > 0 && asked.isComplete && !lacks.justification && lacks.questions.size === 0;
  const submit = () => {
    setTries(tries + 1);
    if (!isWhole || sending.isPending) return;
    sending.mutate(open, {
      onSuccess: ({ count, isWhole: isDone }) => {
        if (count) notify(text.count("ask.sent", count));
        if (!isDone) return;
        typed.forget();
        close();
      },
    });
  };
  const over = Object.values(failed).find(isSignedOut) ?? null;
  const footer = (
    <>
      <Button
        appearance="primary"
        icon={sending.isPending ? <Spinner size="tiny" /> : <SendRegular />}
        disabledFocusable={open.length === 0 || sending.isPending}
        onClick={submit}
      >
        {open.length > 1 ? text.count("ask.sendMany", open.length) : text("ask.send")}
      </Button>
      <Button onClick={typed.close}>{text("cancel")}</Button>
    </>
  );
  return (
    <Panel title={text("ask.title")} close={close} footer={footer} typed={typed}>
      <form data-form onSubmit={(event) => event.preventDefault()} style={{ display: "contents" }}>
        <Whom asked={asked} />
        <PackagesField asked={asked} beginsWith={beginning.packageIds ?? []} wasTried={wasTried} />
        <Questions asked={asked} lacking={wasTried ? lacks.questions : new Set()} />
        <Reason asked={asked} isLacking={wasTried && lacks.justification} refused={refusedFor("justification", failed, text)} />
        <Times asked={asked} refused={refusedFor("schedule", failed, text)} />
      </form>
      <Outcomes asked={asked} sent={sent} failed={failed} />
      <Problem error={sending.error ?? over} />
    </Panel>
  );
}

function Reason({ asked, isLacking, refused }: { asked: Asked; isLacking: boolean; refused: string | undefined }) {
  const text = useText();
  const isRequired = asked.items.some((item) => item.requirements?.isRequestorJustificationRequired);
  const says = isLacking ? text("ask.reasonMissing") : refused;
  return (
    <Field
      label={text("ask.reason")}
      required={isRequired}
      hint={text("ask.reasonHint")}
      {...(says ? { validationMessage: says, validationState: "error" as const } : {})}
    >
      <Textarea
        value={asked.draft.justification}
        onChange={(_, { value }) => asked.change({ justification: value })}
        resize="vertical"
        rows={2}
      />
    </Field>
  );
}

function refusedFor(target: string, failed: Record<string, Error>, text: Text): string | undefined {
  const found = Object.values(failed).find((error) => error instanceof Refusal && error.target === target);
  return found && reasonOf(found, text);
}
