import { Button } from "@fluentui/react-components";
import { AddRegular, PeopleRegular, ShieldDismissRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { WholePackage } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useList } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { PackageIcon } from "../../packages/PackageIcon";
import { Part } from "../parts/Part";
import { AddExclusion } from "./AddExclusion";
import { ExclusionRow } from "./ExclusionRow";

/** What one may not hold, or be in, to have a package. */
export function Exclusions({ offered }: { offered: WholePackage }) {
  const text = useText();
  const [adding, setAdding] = useState<"package" | "group">();
  const packages = useList(adminPaths.incompatiblePackages(offered.id));
  const groups = useList(adminPaths.incompatibleGroups(offered.id));
  const reverse = useList(adminPaths.incompatibleWith(offered.id));
  const mayChange = useMay("changePackage", offered.catalog.id);
  const add = (kind: "package" | "group") => mayChange && (
    <Button icon={<AddRegular />} onClick={() => setAdding(kind)}>
      {text(kind === "package" ? "admin.exclusion.addPackage" : "admin.exclusion.addGroup")}
    </Button>
  );
  return (
    <>
      <Part title={text("admin.exclusion.packages")} about={text("admin.exclusion.packagesAbout")} action={add("package")}>
        <Listing
          list={packages}
          label={text("admin.exclusion.packages")}
          empty={{ icon: <ShieldDismissRegular />, title: text("admin.exclusion.noPackages") }}
        >
          {(one) => (
            <ExclusionRow
              key={one.id}
              icon={<PackageIcon />}
              excluded={one}
              offered={offered}
              to={`/admin/packages/${one.id}`}
              remove={mayChange && (() => call("DELETE", adminPaths.incompatiblePackage(offered.id, one.id)))}
              from={{ path: adminPaths.incompatiblePackages(offered.id), id: one.id }}
            />
          )}
        </Listing>
      </Part>
      <Part title={text("admin.exclusion.groups")} about={text("admin.exclusion.groupsAbout")} action={add("group")}>
        <Listing
          list={groups}
          label={text("admin.exclusion.groups")}
          empty={{ icon: <PeopleRegular />, title: text("admin.exclusion.noGroups") }}
        >
          {(one) => (
            <ExclusionRow
              key={one.id}
              icon={<PeopleRegular fontSize={24} aria-hidden />}
              excluded={one}
              offered={offered}
              remove={mayChange && (() => call("DELETE", adminPaths.incompatibleGroup(offered.id, one.id)))}
              from={{ path: adminPaths.incompatibleGroups(offered.id), id: one.id }}
            />
          )}
        </Listing>
      </Part>
      {(reverse.items.length > 0 || reverse.error) && (
        <Part title={text("admin.exclusion.reverse")} about={text("admin.exclusion.reverseAbout")}>
          <Listing list={reverse} label={text("admin.exclusion.reverse")} empty={{ icon: null, title: "" }}>
            {(one) => (
              <ExclusionRow key={one.id} icon={<PackageIcon />} excluded={one} offered={offered} to={`/admin/packages/${one.id}/exclusions`} />
            )}
          </Listing>
        </Part>
      )}
      {adding && <AddExclusion kind={adding} offered={offered} close={() => setAdding(undefined)} />}
    </>
  );
}
