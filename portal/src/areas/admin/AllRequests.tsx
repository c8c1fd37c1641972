import { SendRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { AccessRequest } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { RequestRow } from "../shared/RequestRow";
import { StateFilter } from "./StateFilter";

const STATES = ["pendingApproval", "scheduled", "delivering", "delivered", "partiallyDelivered", "deliveryFailed", "denied", "canceled"];

export function AllRequests() {
  const text = useText();
  const [state, setState] = useState("");
  const list = useList<AccessRequest>(paths.allRequests(state && `state eq '${state}'`));
  return (
    <>
      <StateFilter states={STATES} state={state} choose={setState} />
      <Listing list={list} label={text("admin.requests")} empty={{ icon: <SendRegular />, title: text("admin.none") }}>
        {(one) => <RequestRow key={one.id} request={one} />}
      </Listing>
    </>
  );
}
