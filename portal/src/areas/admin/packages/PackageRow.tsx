import { Badge } from "@fluentui/react-components";
import { Link } from "wouter";
import type { Package } from "../../../api/shapes";
import { inLine } from "../../../format/words";
import { useText } from "../../../messages/useText";
import { Row } from "../../../ui/Row";
import { PackageIcon } from "../../packages/PackageIcon";
import { useLinkStyles } from "../../shared/RequestRow";
import { PolicyLines } from "./PolicyLines";

/** A package among others, with its policies in plain words. */
export function PackageRow({ offered }: { offered: Package }) {
  const { link } = useLinkStyles();
  const text = useText();
  const { catalog, description, assignmentPolicies = [] } = offered;
  const about = inLine(description, catalog && text("packages.in", { catalog: catalog.displayName }));
  return (
    <Row
      lead={<PackageIcon />}
      title={
        <Link to={`/admin/packages/${offered.id}`} className={link}>
          {offered.displayName}
        </Link>
      }
      meta={[
        about,
        ...assignmentPolicies.map((policy) => <PolicyLines key={policy.id} policy={policy} />),
        assignmentPolicies.length === 0 && text("admin.package.noPolicies"),
      ]}
      extra={offered.isHidden ? <Badge appearance="outline">{text("admin.hidden")}</Badge> : null}
    />
  );
}
