import { Button } from "@fluentui/react-components";
import { AddRegular, PeopleAddRegular, PeopleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import type { WholePackage } from "../../../api/adminShapes";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Assign } from "../lists/Assign";
import { AssignMany } from "../lists/AssignMany";
import { Export } from "../lists/Export";
import { HeldRow } from "../lists/HeldRow";
import { Part } from "../parts/Part";

/** Who has a package now, or will. */
export function Holders({ offered }: { offered: WholePackage }) {
  const text = useText();
  const [isAssigning, setAssigning] = useState(false);
  const [isAssigningMany, setAssigningMany] = useState(false);
  const filter = `accessPackage/id eq '${offered.id}' and state ne 'expired'`;
  const list = useList(adminPaths.assignments(filter));
  const mayAssign = useMay("assign", offered.catalog.id);
  const policies = offered.assignmentPolicies ?? [];
  return (
    <Part
      title={text("admin.package.holders")}
      action={
        <>
          <Export path={adminPaths.assignmentsFile(filter)} name="assignments.csv" />
          {mayAssign && policies.length > 0 && (
            <>
              <Button icon={<PeopleAddRegular />} onClick={() => setAssigningMany(true)}>
                {text("many.open")}
              </Button>
              <Button appearance="primary" icon={<AddRegular />} onClick={() => setAssigning(true)}>
                {text("admin.assign.do")}
              </Button>
            </>
          )}
        </>
      }
    >
      <Listing list={list} label={text("admin.package.holders")} empty={{ icon: <PeopleRegular />, title: text("admin.package.noHolders") }}>
        {(one) => <HeldRow key={one.id} assignment={one} />}
      </Listing>
      {isAssigningMany && <AssignMany offered={offered} close={() => setAssigningMany(false)} />}
      {isAssigning && <Assign offered={offered} policies={policies} close={() => setAssigning(false)} />}
    </Part>
  );
}
