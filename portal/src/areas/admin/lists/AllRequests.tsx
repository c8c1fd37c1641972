import { SendRegular } from "@fluentui/react-icons";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { RequestRow } from "../../shared/RequestRow";
import { Export } from "./Export";
import { Filters } from "./Filters";
import { allOf, is, useFilters } from "./useFilters";

const STATES = ["pendingApproval", "scheduled", "delivering", "delivered", "partiallyDelivered", "deliveryFailed", "denied", "canceled"];

export function AllRequests() {
  const text = useText();
  const filters = useFilters();
  const filter = allOf(is("state", filters.state), is("assignment/target/id", filters.person), is("accessPackage/id", filters.package));
  const list = useList(adminPaths.requests(filter));
  return (
    <>
      <Filters filters={filters} states={STATES} />
      <div>
        <Export path={adminPaths.requestsFile(filter)} name="requests.csv" />
      </div>
      <Listing list={list} label={text("admin.requests")} empty={{ icon: <SendRegular />, title: text(filter ? "admin.noneMatches" : "admin.none") }}>
        {(one) => <RequestRow key={one.id} request={one} />}
      </Listing>
    </>
  );
}
