import { BoxRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { Assignment } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { AssignmentRow } from "../shared/AssignmentRow";
import { StateFilter } from "./StateFilter";

const STATES = ["delivering", "delivered", "partiallyDelivered", "deliveryFailed", "expired"];

export function AllAssignments() {
  const text = useText();
  const [state, setState] = useState("");
  const list = useList<Assignment>(paths.allAssignments(state && `state eq '${state}'`));
  return (
    <>
      <StateFilter states={STATES} state={state} choose={setState} />
      <Listing list={list} label={text("admin.assignments")} empty={{ icon: <BoxRegular />, title: text("admin.none") }}>
        {(one) => <AssignmentRow key={one.id} assignment={one} isNamed isPlain />}
      </Listing>
    </>
  );
}
