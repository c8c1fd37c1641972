import { Badge, Button } from "@fluentui/react-components";
import { AddRegular, PeopleSwapRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { call } from "../../api/http";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { Delegation } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Confirm } from "../../ui/Confirm";
import { Listing } from "../../ui/Listing";
import { Face } from "../../ui/People";
import { Row } from "../../ui/Row";
import { When } from "../../ui/When";
import { useVanishing } from "../shared/useVanishing";
import { StandIn } from "./StandIn";

/** Who decides in one's place, and in whose place one decides. */
export function StandIns() {
  const text = useText();
  const me = useSession().id;
  const list = useList(paths.delegations());
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button icon={<AddRegular />} onClick={() => setAdding(true)}>
      {text("standIn.add")}
    </Button>
  );
  return (
    <>
      {list.items.length > 0 && <div>{add}</div>}
      <Listing
        list={list}
        label={text("approvals.standIns")}
        empty={{ icon: <PeopleSwapRegular />, title: text("standIn.none"), about: text("standIn.noneAbout"), action: add }}
      >
        {(one) => <One key={one.id} delegation={one} isMine={one.delegator.id === me} />}
      </Listing>
      {isAdding && <StandIn close={() => setAdding(false)} />}
    </>
  );
}

function One({ delegation, isMine }: { delegation: Delegation; isMine: boolean }) {
  const text = useText();
  const vanish = useVanishing();
  const [isEnding, setEnding] = useState(false);
  const { delegate, delegator, startDateTime, endDateTime } = delegation;
  const other = isMine ? delegate : delegator;
  const names = { name: other.displayName };
  const end = async () => {
    const place = { path: paths.delegations(), id: delegation.id };
    void vanish(place, () => call("DELETE", paths.delegation(delegation.id)), text("standIn.ended", names));
  };
  return (
    <Row
      lead={<Face name={other.displayName} />}
      title={text(isMine ? "standIn.forMe" : "standIn.forOther", names)}
      meta={[
        <>
          <When at={startDateTime} style="whole" /> – {endDateTime ? <When at={endDateTime} style="whole" /> : text("standIn.open")}
        </>,
      ]}
      extra={
        <Badge appearance="tint" color={delegation.isInForce ? "success" : "informative"}>
          {text(delegation.isInForce ? "standIn.inForce" : "standIn.coming")}
        </Badge>
      }
      actions={
        isMine && (
          <>
            <Button onClick={() => setEnding(true)} aria-label={text("standIn.endLabel", names)}>
              {text("standIn.end")}
            </Button>
            {isEnding && (
              <Confirm
                title={text("standIn.endTitle", names)}
                about={text("standIn.endAbout")}
                action={text("standIn.end")}
                act={end}
                close={() => setEnding(false)}
              />
            )}
          </>
        )
      }
    />
  );
}
