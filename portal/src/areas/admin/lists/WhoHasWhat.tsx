import { PeopleRegular } from "@fluentui/react-icons";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { Listing, Nothing } from "../../../ui/Listing";
import { Export } from "./Export";
import { Filters } from "./Filters";
import { HeldRow } from "./HeldRow";
import { allOf, is, useFilters } from "./useFilters";

/** What somebody has, or who has a package. */
export function WhoHasWhat() {
  const text = useText();
  const filters = useFilters();
  const isAsked = filters.person !== "" || filters.package !== "";
  const filter = allOf(is("target/id", filters.person), is("accessPackage/id", filters.package), "state ne 'expired'");
  const list = useList(adminPaths.assignments(filter), { isEnabled: isAsked });
  return (
    <>
      <Filters filters={filters} />
      {isAsked ? (
        <>
          <div>
            <Export path={adminPaths.assignmentsFile(filter)} name="assignments.csv" />
          </div>
          <Listing list={list} label={text("admin.holders")} empty={{ icon: <PeopleRegular />, title: text("admin.holdersNone") }}>
            {(one) => <HeldRow key={one.id} assignment={one} />}
          </Listing>
        </>
      ) : (
        <Nothing icon={<PeopleRegular />} title={text("admin.holdersAsk")} about={text("admin.holdersAbout")} />
      )}
    </>
  );
}
