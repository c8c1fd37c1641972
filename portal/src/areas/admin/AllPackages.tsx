import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import { BoxRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { Package, Policy } from "../../api/shapes";
import { dateTime, duration } from "../../format/times";
import { type Text, useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { Row } from "../../ui/Row";
import { SearchBox } from "../../ui/SearchBox";
import { PackageIcon } from "../packages/PackageIcon";

const useStyles = makeStyles({
  policy: { display: "grid", gap: "2px", marginTop: "6px", color: tokens.colorNeutralForeground2 },
  name: { color: tokens.colorNeutralForeground1 },
});

/** Every package with its policies in plain words. */
export function AllPackages() {
  const text = useText();
  const [search, setSearch] = useState("");
  const list = useList<Package>(paths.allPackages(search));
  return (
    <>
      <SearchBox label={text("packages.search")} search={setSearch} />
      <Listing list={list} label={text("admin.packages")} empty={{ icon: <BoxRegular />, title: text("admin.none") }}>
        {(one) => (
          <Row
            key={one.id}
            lead={<PackageIcon />}
            title={one.displayName}
            meta={[
              `${one.description ?? ""} · ${text("packages.in", { catalog: one.catalog?.displayName ?? "" })}`,
              ...(one.assignmentPolicies ?? []).map((policy) => <PolicyLines key={policy.id} policy={policy} />),
            ]}
            extra={one.isHidden ? <Badge appearance="outline">{text("admin.hidden")}</Badge> : null}
          />
        )}
      </Listing>
    </>
  );
}

function PolicyLines({ policy }: { policy: Policy }) {
  const styles = useStyles();
  const text = useText();
  return (
    <span className={styles.policy}>
      <span className={styles.name}>{policy.displayName}</span>
      <span>{terms(policy, text).join(" · ")}</span>
    </span>
  );
}

function terms({ requestorSettings: settings, requestApprovalSettings: approval, expiration }: Policy, text: Text): string[] {
  const { type, duration: lasts, endDateTime } = expiration;
  return [
    settings.enableTargetsToSelfAddAccess ? text("admin.self") : null,
    text(settings.enableOnBehalfRequestorsToAddAccess ? "admin.onBehalf" : "admin.notOnBehalf"),
    approval?.isApprovalRequiredForAdd ? text.count("admin.stages", approval.stages.length) : text("packages.atOnce"),
    lasts && type === "afterDuration" ? text("ask.lasts", { duration: duration(lasts) }) : null,
    endDateTime && type === "afterDateTime" ? text("ask.until", { at: dateTime(endDateTime) }) : null,
    type === "noExpiration" ? text("ask.noEnd") : null,
  ].filter((line) => line !== null);
}
