import { Badge, Button, Spinner } from "@fluentui/react-components";
import { ArrowSyncRegular, ShieldCheckmarkRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { adminPaths } from "../../../api/adminPaths";
import type { Drifted } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useList, useRefresh } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { useNotify } from "../../../ui/Notices";
import { Face } from "../../../ui/People";
import { Problem } from "../../../ui/Problem";
import { Row } from "../../../ui/Row";
import { When } from "../../../ui/When";

/** What was changed in target systems behind Grantline's back. */
export function DriftReport() {
  const text = useText();
  const list = useList(adminPaths.drift());
  return (
    <Listing
      list={list}
      label={text("admin.drift")}
      empty={{ icon: <ShieldCheckmarkRegular />, title: text("admin.noDrift"), about: text("admin.noDriftAbout") }}
    >
      {(one) => <One key={one.grantId} drifted={one} />}
    </Listing>
  );
}

function One({ drifted }: { drifted: Drifted }) {
  const text = useText();
  const mayCorrect = useMay("reprocess");
  const { grantId, person, role, resource, drift, since } = drifted;
  const name = person.displayName ?? person.id;
  return (
    <Row
      lead={<Face name={name} />}
      title={`${name} · ${text("packages.role", { role, resource })}`}
      meta={[
        text(drift === "missing" ? "admin.driftMissing" : "admin.driftSurplus", { resource }),
        <>
          {text("admin.driftSince")} <When at={since} style="whole" />
        </>,
      ]}
      extra={
        <Badge appearance="tint" color={drift === "missing" ? "warning" : "danger"}>
          {text.word("drift", drift)}
        </Badge>
      }
      actions={mayCorrect && <Correct grantId={grantId} name={`${name}: ${resource}`} />}
    />
  );
}

function Correct({ grantId, name }: { grantId: string; name: string }) {
  const text = useText();
  const notify = useNotify();
  const refresh = useRefresh();
  const correcting = useMutation({
    mutationFn: () => call("POST", adminPaths.correct(grantId)),
    onSuccess: async () => {
      notify(text("admin.repairing", { name }));
      await refresh();
    },
  });
  return (
    <>
      <Button
        icon={correcting.isPending ? <Spinner size="tiny" /> : <ArrowSyncRegular />}
        disabledFocusable={correcting.isPending}
        onClick={() => correcting.isPending || correcting.mutate()}
        aria-label={text("admin.repairLabel", { name })}
      >
        {text("admin.repair")}
      </Button>
      <Problem error={correcting.error} />
    </>
  );
}
