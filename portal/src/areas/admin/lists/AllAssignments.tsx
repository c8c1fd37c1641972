import { Button } from "@fluentui/react-components";
import { BoxRegular, PeopleAddRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Bar } from "../parts/Bar";
import { AssignMany } from "./AssignMany";
import { Export } from "./Export";
import { Filters } from "./Filters";
import { HeldRow } from "./HeldRow";
import { allOf, is, useFilters } from "./useFilters";

const STATES = ["delivering", "delivered", "partiallyDelivered", "deliveryFailed", "expired"];

export function AllAssignments() {
  const text = useText();
  const filters = useFilters();
  const mayAssign = useMay("assign");
  const [isAssigning, setAssigning] = useState(false);
  const filter = allOf(is("state", filters.state), is("target/id", filters.person), is("accessPackage/id", filters.package));
  const list = useList(adminPaths.assignments(filter));
  return (
    <>
      <Filters filters={filters} states={STATES} />
      <Bar>
        <Export path={adminPaths.assignmentsFile(filter)} name="assignments.csv" />
        {mayAssign && (
          <Button icon={<PeopleAddRegular />} onClick={() => setAssigning(true)}>
            {text("many.open")}
          </Button>
        )}
      </Bar>
      <Listing list={list} label={text("admin.assignments")} empty={{ icon: <BoxRegular />, title: text(filter ? "admin.noneMatches" : "admin.none") }}>
        {(one) => <HeldRow key={one.id} assignment={one} />}
      </Listing>
      {isAssigning && <AssignMany close={() => setAssigning(false)} />}
    </>
  );
}
