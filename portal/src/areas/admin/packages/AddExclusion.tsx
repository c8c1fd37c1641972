import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { Group, WholePackage } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import type { Package } from "../../../api/shapes";
import { useText } from "../../../messages/useText";
import { Finder } from "../../shared/Finder";
import { FormPanel } from "../parts/FormPanel";

interface Props {
  kind: "package" | "group";
  offered: WholePackage;
  close: () => void;
}

/** Names a package or a group that excludes this one. */
export function AddExclusion({ kind, offered, close }: Props) {
  const text = useText();
  const [chosen, setChosen] = useState<Package | Group>();
  const isPackage = kind === "package";
  const at = isPackage ? adminPaths.plainPackage : adminPaths.group;
  const send = () => {
    const body = { "@odata.id": location.origin + at(chosen?.id ?? "") };
    return isPackage
      ? call("POST", adminPaths.addIncompatiblePackage(offered.id), { body })
      : call("POST", adminPaths.addIncompatibleGroup(offered.id), { body });
  };
  const title = text(isPackage ? "admin.exclusion.addPackage" : "admin.exclusion.addGroup");
  return (
    <FormPanel
      title={title}
      about={text(isPackage ? "admin.exclusion.addPackageAbout" : "admin.exclusion.addGroupAbout", { package: offered.displayName })}
      action={text("admin.add")}
      done={text("admin.added", { name: chosen?.displayName ?? "" })}
      isReady={chosen !== undefined}
      send={send}
      close={close}
      places={["@odata/id"]}
    >
      {(complain) =>
        isPackage ? (
          <Finder<Package>
            label={text("admin.package.one")}
            among={adminPaths.packagesNamed}
            about={(one) => one.catalog?.displayName}
            chosen={chosen?.displayName}
            choose={setChosen}
            without={({ id }) => id === offered.id}
            isRequired
            complaint={complain("@odata/id")}
          />
        ) : (
          <Finder<Group>
            label={text("admin.group.one")}
            among={adminPaths.groupsNamed}
            about={(one) => one.description}
            chosen={chosen?.displayName}
            choose={setChosen}
            isRequired
            complaint={complain("@odata/id")}
          />
        )
      }
    </FormPanel>
  );
}
