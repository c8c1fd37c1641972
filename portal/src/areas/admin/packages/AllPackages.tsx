import { Button } from "@fluentui/react-components";
import { AddRegular, BoxRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import { useList } from "../../../api/queries";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { SearchBox } from "../../../ui/SearchBox";
import { Bar } from "../parts/Bar";
import { PackageForm } from "./PackageForm";
import { PackageRow } from "./PackageRow";

/** Every package with its policies in plain words. */
export function AllPackages() {
  const text = useText();
  const [search, setSearch] = useState("");
  const [isMaking, setMaking] = useState(false);
  const mayMake = useMay("changePackage");
  const list = useList(adminPaths.packages(search));
  return (
    <>
      <Bar>
        <SearchBox label={text("packages.search")} search={setSearch} />
        {mayMake && (
          <Button appearance="primary" icon={<AddRegular />} onClick={() => setMaking(true)}>
            {text("admin.package.new")}
          </Button>
        )}
      </Bar>
      <Listing list={list} label={text("admin.packages")} empty={{ icon: <BoxRegular />, title: text("admin.none") }}>
        {(one) => <PackageRow key={one.id} offered={one} />}
      </Listing>
      {isMaking && <PackageForm close={() => setMaking(false)} />}
    </>
  );
}
