import { Button, Spinner } from "@fluentui/react-components";
import { ArrowSyncRegular, CheckmarkCircleRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { adminPaths } from "../../../api/adminPaths";
import type { ExplainedAssignment } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useList, useOne, useRefresh } from "../../../api/queries";
import type { AccessRequest, Assignment } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { useNotify } from "../../../ui/Notices";
import { Problem } from "../../../ui/Problem";
import { RequestRow } from "../../shared/RequestRow";
import { cancelRequest } from "../../shared/requests";
import { Delete } from "../parts/Delete";
import { Part } from "../parts/Part";
import { HeldRow } from "./HeldRow";
import { ReprocessAll } from "./ReprocessAll";

/** Access that was approved and did not come about, or not all of it; with the reason, and another try. */
export function DeliveryErrors() {
  const text = useText();
  const failed = useList(adminPaths.requests("state eq 'deliveryFailed'"));
  const partial = useList(adminPaths.assignments("state eq 'partiallyDelivered'"));
  return (
    <>
      {/* One list says so, where nothing has failed at all. */}
      {(failed.items.length > 0 || partial.items.length === 0) && (
        <Part title={text("admin.failed")} about={text("admin.failedAbout")}>
          <Listing
            list={failed}
            label={text("admin.failed")}
            empty={{ icon: <CheckmarkCircleRegular />, title: text("admin.noErrors"), about: text("admin.noErrorsAbout") }}
          >
            {(one) => <Failed key={one.id} request={one} />}
          </Listing>
        </Part>
      )}
      {(partial.items.length > 0 || partial.error) && (
        <Part
          title={text("admin.partial")}
          about={text("admin.partialAbout")}
          action={partial.items.length > 1 && <ReprocessAll ids={partial.items.map(({ id }) => id)} />}
        >
          <Listing list={partial} label={text("admin.partial")} empty={{ icon: null, title: "" }}>
            {(one) => <Partial key={one.id} assignment={one} />}
          </Listing>
        </Part>
      )}
    </>
  );
}

/** Nothing of it could be given: the request is the place to begin again. */
function Failed({ request }: { request: AccessRequest }) {
  const text = useText();
  const mayCancel = useMay("cancelDelivery");
  const names = { name: request.assignment.target.displayName, package: request.accessPackage.displayName };
  return (
    <RequestRow
      request={request}
      more={request.status.replace(/^DeliveryFailed:? */, "")}
      actions={
        <>
          <Reprocess again={() => call("POST", adminPaths.reprocessRequest(request.id))} names={names} />
          {mayCancel && (
            <Delete
              action={text("admin.dismiss")}
              label={text("admin.dismissLabel", names)}
              title={text("admin.dismissTitle", names)}
              about={text("admin.dismissAbout")}
              done={text("story.cancelled")}
              act={() => cancelRequest(request.id)}
            />
          )}
        </>
      }
    />
  );
}

/** Some of it is there, and some is not. */
function Partial({ assignment }: { assignment: Assignment }) {
  const why = useOne(adminPaths.explainAssignment(assignment.id));
  const names = { name: assignment.target.displayName, package: assignment.accessPackage.displayName };
  return (
    <HeldRow
      assignment={assignment}
      more={<Reasons grants={why.data?.grants ?? []} />}
      actions={<Reprocess again={() => call("POST", adminPaths.reprocess(assignment.id))} names={names} />}
    />
  );
}

function Reasons({ grants }: { grants: ExplainedAssignment["grants"] }) {
  const text = useText();
  return grants
    .filter(({ lastError }) => lastError)
    .map(({ id, role, resource, lastError }) => (
      <div key={id}>
        {text("packages.role", { role, resource })}: {lastError}
      </div>
    ));
}

function Reprocess({ again, names }: { again: () => Promise<unknown>; names: { name: string; package: string } }) {
  const text = useText();
  const mayTry = useMay("reprocess");
  const notify = useNotify();
  const refresh = useRefresh();
  const trying = useMutation({
    mutationFn: again,
    onSuccess: async () => {
      notify(text("admin.reprocessing", names));
      await refresh();
    },
  });
  if (!mayTry) return null;
  return (
    <>
      <Button
        icon={trying.isPending ? <Spinner size="tiny" /> : <ArrowSyncRegular />}
        disabledFocusable={trying.isPending}
        onClick={() => trying.isPending || trying.mutate()}
        aria-label={text("admin.reprocessLabel", names)}
      >
        {text("admin.reprocess")}
      </Button>
      <Problem error={trying.error} />
    </>
  );
}
