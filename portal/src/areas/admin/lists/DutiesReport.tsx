import { ShieldCheckmarkRegular } from "@fluentui/react-icons";
import { Link } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Face } from "../../../ui/People";
import { Row } from "../../../ui/Row";
import { useLinkStyles } from "../../shared/RequestRow";

/** Who holds together what excludes each other: from before it did, or given by hand. */
export function DutiesReport() {
  const { link } = useLinkStyles();
  const text = useText();
  const list = useList(adminPaths.duties());
  return (
    <Listing
      list={list}
      label={text("admin.duties")}
      empty={{ icon: <ShieldCheckmarkRegular />, title: text("admin.noDuties"), about: text("admin.noDutiesAbout") }}
    >
      {({ target, accessPackage, assignmentId, incompatibleWith: other }) => (
        <Row
          key={`${assignmentId}${other.id}`}
          lead={<Face name={target.displayName} />}
          title={
            <Link to={`/admin/holders?person=${target.id}`} className={link}>
              {target.displayName}
            </Link>
          }
          meta={[
            text(other.kind === "group" ? "admin.dutiesGroup" : "admin.dutiesPackage", {
              package: accessPackage.displayName ?? accessPackage.id,
              other: other.displayName ?? other.id,
            }),
          ]}
        />
      )}
    </Listing>
  );
}
