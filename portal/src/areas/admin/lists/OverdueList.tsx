import { ShieldCheckmarkRegular } from "@fluentui/react-icons";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Face } from "../../../ui/People";
import { Row } from "../../../ui/Row";
import { When } from "../../../ui/When";

/** Access that nobody should have any more and that is still there. */
export function OverdueList() {
  const text = useText();
  const list = useList(adminPaths.overdue());
  return (
    <Listing
      list={list}
      label={text("admin.overdue")}
      empty={{ icon: <ShieldCheckmarkRegular />, title: text("admin.noOverdue"), about: text("admin.noOverdueAbout") }}
    >
      {(one) => (
        <Row
          key={one.id}
          lead={<Face name={one.person.displayName ?? "?"} />}
          title={one.person.displayName ?? one.person.id}
          meta={[`${one.role}: ${one.resource}`, one.overdueSince && <When key="at" at={one.overdueSince} style="whole" />, one.lastError]}
        />
      )}
    </Listing>
  );
}
