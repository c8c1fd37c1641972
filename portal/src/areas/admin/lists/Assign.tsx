import { Field, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import { paths } from "../../../api/paths";
import type { Package, Person, Policy } from "../../../api/shapes";
import { useKeys } from "../../../api/useKeys";
import { useText } from "../../../messages/useText";
import { Finder } from "../../shared/Finder";
import { FormPanel } from "../parts/FormPanel";
import { PolicyChoice } from "./PolicyChoice";

interface Props {
  offered: Package;
  policies: Policy[];
  close: () => void;
}

/** Gives a package to somebody who did not ask, under one of its policies. */
export function Assign({ offered, policies, close }: Props) {
  const text = useText();
  const keyOf = useKeys();
  const [person, setPerson] = useState<Person>();
  const [policyId, setPolicyId] = useState(policies[0]?.id ?? "");
  const [why, setWhy] = useState("");
  const body = {
    requestType: "adminAdd",
    justification: why.trim(),
    assignment: { targetId: person?.id ?? null, assignmentPolicyId: policyId, accessPackageId: offered.id },
  };
  return (
    <FormPanel
      title={text("admin.assign.title", { package: offered.displayName })}
      about={text("admin.assign.about")}
      action={text("admin.assign.do")}
      done={text("admin.assign.done", { package: offered.displayName, name: person?.displayName ?? "" })}
      isReady={person !== undefined && policyId !== ""}
      send={() => call("POST", adminPaths.assign(), { body, idempotencyKey: keyOf(body) })}
      close={close}
      places={["assignment/targetId", "assignment/target", "assignment/assignmentPolicyId", "justification"]}
    >
      {(complain) => (
        <>
          <Finder<Person>
            label={text("admin.person")}
            among={paths.people}
            about={(one) => one.jobTitle}
            chosen={person?.displayName}
            choose={setPerson}
            isRequired
            complaint={complain("assignment/targetId", "assignment/target")}
          />
          <PolicyChoice policies={policies} chosen={policyId} choose={setPolicyId} complaint={complain("assignment/assignmentPolicyId")} />
          <Field label={text("reason")} {...complain("justification")}>
            <Textarea value={why} resize="vertical" onChange={(_, { value }) => setWhy(value)} />
          </Field>
        </>
      )}
    </FormPanel>
  );
}
