import { Field, Input, makeStyles, Textarea } from "@fluentui/react-components";
import { type FormEvent, useId, useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { WholePackage } from "../../../api/adminShapes";
import { useOne } from "../../../api/queries";
import type { Package } from "../../../api/shapes";
import { usePermissions } from "../../../api/useMay";
import { fieldValue, zone } from "../../../format/times";
import { useText } from "../../../messages/useText";
import { Confirm } from "../../../ui/Confirm";
import { Panel } from "../../../ui/Panel";
import { Problem } from "../../../ui/Problem";
import { useTyped } from "../../../ui/useUnsaved";
import { complainer, refusedAt, useGoingToComplaints } from "../../shared/complaints";
import { Finder } from "../../shared/Finder";
import { Listed } from "./Listed";
import { linesOf } from "./listed";
import { ManyActions } from "./ManyActions";
import { isRefused, Outcomes } from "./Outcomes";
import { PolicyChoice } from "./PolicyChoice";
import { useAssigning } from "./useAssigning";

/** The places in the body that have a field here. */
const PLACES = ["accessPackageId", "assignmentPolicyId", "targetNames", "targetIds", "justification", "schedule/startDateTime", "schedule/expiration"];

const useStyles = makeStyles({
  form: { display: "contents" },
  times: { display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(min(220px, 100%), 1fr))", gap: "16px", alignItems: "start" },
});

interface Props {
  /** The package; without one, it is chosen here. */
  offered?: WholePackage;
  close: () => void;
}

/** Gives a package to everybody on a list, and tells of each what became of it. */
export function AssignMany({ offered: given, close }: Props) {
  const styles = useStyles();
  const text = useText();
  const { may } = usePermissions();
  const form = useId();
  const typed = useTyped(close);
  const [chosen, setChosen] = useState<Package | undefined>(given);
  const found = useOne(given || !chosen ? null : adminPaths.package(chosen.id));
  const policies = (given ?? found.data)?.assignmentPolicies ?? [];
  const [policyId, setPolicyId] = useState("");
  const [list, setList] = useState("");
  const [why, setWhy] = useState("");
  const [startsAt, setStartsAt] = useState("");
  const [endsAt, setEndsAt] = useState("");
  const { items, sending, clear } = useAssigning();
  const [isLeaving, setLeaving] = useState(false);
  useGoingToComplaints(sending.error);
  const complain = complainer(refusedAt(sending.error));
  const isBeside = complain(...PLACES).validationState !== undefined;
  const names = linesOf(list);
  const policy = policies.find(({ id }) => id === policyId) ?? policies[0];
  const hasBegun = items.length > 0;
  const isReady = chosen !== undefined && policy !== undefined && names.length > 0 && !sending.isPending;
  const end = endsAt && { expiration: { type: "afterDateTime", endDateTime: new Date(endsAt).toISOString() } };
  const about = {
    accessPackageId: chosen?.id ?? null,
    assignmentPolicyId: policy?.id ?? null,
    justification: why.trim(),
    schedule: { ...(startsAt ? { startDateTime: new Date(startsAt).toISOString() } : {}), ...(end || {}) },
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) sending.mutate({ names, about }, { onSuccess: typed.forget });
  };
  const waiting = names.length - items.length;
  const leave = () => (hasBegun && waiting > 0 ? setLeaving(true) : typed.close());
  const refused = items.filter(isRefused).map(({ named }) => named);
  const correct = () => {
    setList(refused.join("\n"));
    clear();
  };
  const footer = (
    <ManyActions
      form={form}
      listed={names.length}
      told={items.length}
      refused={refused.length}
      isReady={isReady}
      isSending={sending.isPending}
      correct={correct}
      close={leave}
    />
  );
  return (
    <Panel title={chosen ? text("many.title", { package: chosen.displayName }) : text("many.open")} close={close} footer={footer} typed={{ ...typed, close: leave }}>
      <form id={form} className={styles.form} onSubmit={send} data-form noValidate>
        {hasBegun ? (
          <Outcomes items={items} names={names} isSending={sending.isPending} error={sending.error} />
        ) : (
          <>
            {text("many.about")}
            {!given && (
              <Finder<Package>
                label={text("admin.package.one")}
                among={adminPaths.packagesNamed}
                about={(one) => one.catalog?.displayName}
                chosen={chosen?.displayName}
                choose={setChosen}
                without={(one) => !may("assign", one.catalog?.id)}
                isRequired
                complaint={complain("accessPackageId")}
              />
            )}
            <PolicyChoice
              policies={policies}
              chosen={policy?.id ?? ""}
              choose={setPolicyId}
              hint={found.data && policies.length === 0 ? text("admin.package.noPolicies") : undefined}
              complaint={complain("assignmentPolicyId")}
            />
            <Listed list={list} change={setList} count={names.length} complaint={complain("targetNames", "targetIds")} />
            <Field label={text("reason")} {...complain("justification")}>
              <Textarea value={why} resize="vertical" onChange={(_, { value }) => setWhy(value)} />
            </Field>
            <div className={styles.times}>
              <Field label={text("many.start")} hint={text("many.startHint")} {...complain("schedule/startDateTime")}>
                <Input type="datetime-local" min={fieldValue(new Date())} value={startsAt} onChange={(_, { value }) => setStartsAt(value)} />
              </Field>
              <Field label={text("many.end")} hint={text("many.endHint", { zone: zone() })} {...complain("schedule/expiration")}>
                <Input type="datetime-local" min={startsAt || fieldValue(new Date())} value={endsAt} onChange={(_, { value }) => setEndsAt(value)} />
              </Field>
            </div>
          </>
        )}
        {!hasBegun && <Problem error={found.error ?? (isBeside ? null : sending.error)} />}
      </form>
      {isLeaving && waiting > 0 && (
        <Confirm
          title={text("many.leaveTitle")}
          about={text.count("many.leaveAbout", waiting)}
          action={text("many.leave")}
          act={async () => {
            typed.forget();
            close();
          }}
          close={() => setLeaving(false)}
        />
      )}
    </Panel>
  );
}
