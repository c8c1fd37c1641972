import { Button } from "@fluentui/react-components";
import { AddRegular, DocumentTextRegular } from "@fluentui/react-icons";
import { Link, useLocation } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import type { WholePackage } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import type { Policy } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { inLine } from "../../../format/words";
import { useText } from "../../../messages/useText";
import { Nothing, WholeList } from "../../../ui/Listing";
import { Row } from "../../../ui/Row";
import { useLinkStyles } from "../../shared/RequestRow";
import { Delete } from "../parts/Delete";
import { Part } from "../parts/Part";
import { terms } from "./PolicyLines";

/** On which terms a package is had: one policy or several. */
export function Policies({ offered }: { offered: WholePackage }) {
  const text = useText();
  const [, go] = useLocation();
  const policies = offered.assignmentPolicies ?? [];
  const mayChange = useMay("changePolicy", offered.catalog.id);
  const make = mayChange && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => go(`/admin/packages/${offered.id}/policies/new`)}>
      {text("admin.policy.new")}
    </Button>
  );
  return (
    <Part title={text("admin.package.policies")} about={text("admin.policy.about")} action={policies.length > 0 && make}>
      {policies.length === 0 ? (
        <Nothing
          icon={<DocumentTextRegular />}
          title={text("admin.policy.none")}
          {...(mayChange ? { about: text("admin.policy.noneAbout") } : {})}
          action={make}
        />
      ) : (
        <WholeList label={text("admin.package.policies")}>
          {policies.map((one) => (
            <One key={one.id} policy={one} packageId={offered.id} mayChange={mayChange} />
          ))}
        </WholeList>
      )}
    </Part>
  );
}

function One({ policy, packageId, mayChange }: { policy: Policy; packageId: string; mayChange: boolean }) {
  const { link } = useLinkStyles();
  const text = useText();
  const names = { name: policy.displayName };
  return (
    <Row
      lead={<DocumentTextRegular fontSize={24} aria-hidden />}
      title={
        <Link to={`/admin/packages/${packageId}/policies/${policy.id}`} className={link}>
          {policy.displayName}
        </Link>
      }
      meta={[policy.description, inLine(...terms(policy, text))]}
      actions={
        mayChange && (
          <Delete
            action={text("admin.delete")}
            label={text("admin.deleteLabel", names)}
            title={text("admin.deleteTitle", names)}
            about={text("admin.policy.deleteAbout")}
            done={text("admin.deleted", names)}
            act={() => call("DELETE", adminPaths.plainPolicy(policy.id))}
          />
        )
      }
    />
  );
}
