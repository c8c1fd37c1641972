import { Button } from "@fluentui/react-components";
import { AddRegular, PeopleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { WholePackage } from "../../../api/adminShapes";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import type { Assignment } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Assign } from "../lists/Assign";
import { Export } from "../lists/Export";
import { HeldRow } from "../lists/HeldRow";
import { Part } from "../parts/Part";

/** Who has a package now, or will. */
export function Holders({ offered }: { offered: WholePackage }) {
  const text = useText();
  const [isAssigning, setAssigning] = useState(false);
  const filter = `accessPackage/id eq '${offered.id}' and state ne 'expired'`;
  const list = useList<Assignment>(adminPaths.assignments(filter));
  const mayAssign = useMay("assign", offered.catalog.id);
  const policies = offered.assignmentPolicies ?? [];
  return (
    <Part
      title={text("admin.package.holders")}
      action={
        <div>
          <Export filter={filter} />{" "}
          {mayAssign && policies.length > 0 && (
            <Button appearance="primary" icon={<AddRegular />} onClick={() => setAssigning(true)}>
              {text("admin.assign.do")}
            </Button>
          )}
        </div>
      }
    >
      <Listing list={list} label={text("admin.package.holders")} empty={{ icon: <PeopleRegular />, title: text("admin.package.noHolders") }}>
        {(one) => <HeldRow key={one.id} assignment={one} />}
      </Listing>
      {isAssigning && <Assign offered={offered} policies={policies} close={() => setAssigning(false)} />}
    </Part>
  );
}
