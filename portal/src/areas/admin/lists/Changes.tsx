import { Badge } from "@fluentui/react-components";
import { BoxEditRegular } from "@fluentui/react-icons";
import { Link } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Row } from "../../../ui/Row";
import { When } from "../../../ui/When";
import { PackageIcon } from "../../packages/PackageIcon";
import { useLinkStyles } from "../../shared/RequestRow";

/** How far what was changed in packages has come on its way to those who hold them. */
export function Changes() {
  const { link } = useLinkStyles();
  const text = useText();
  const list = useList(adminPaths.changes());
  return (
    <Listing
      list={list}
      label={text("admin.changes")}
      empty={{ icon: <BoxEditRegular />, title: text("admin.noChanges"), about: text("admin.noChangesAbout") }}
    >
      {(one) => {
        const isDone = one.completedDateTime !== null || one.supersededBy !== null;
        return (
          <Row
            key={one.id}
            lead={<PackageIcon />}
            title={
              <Link to={`/admin/packages/${one.accessPackage.id}`} className={link}>
                {one.accessPackage.displayName ?? one.accessPackage.id}
              </Link>
            }
            meta={[
              <>
                {text.word("packageChange", one.kind)}
                {one.role && `: ${one.role}`} · <When at={one.createdDateTime} />
              </>,
              text.count("admin.changeReached", one.holders, { seen: one.seen }),
            ]}
            extra={
              <Badge appearance="tint" color={isDone ? "success" : "informative"}>
                {text(one.supersededBy ? "admin.changeSuperseded" : isDone ? "admin.changeDone" : "admin.changeGoing")}
              </Badge>
            }
          />
        );
      }}
    </Listing>
  );
}
