import { Badge, Button } from "@fluentui/react-components";
import { AddRegular, EditRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useLocation } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import { useList, useOne } from "../../../api/queries";
import type { Catalog } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Page } from "../../../ui/Page";
import { PackageIcon } from "../../packages/PackageIcon";
import { PackageForm } from "../packages/PackageForm";
import { PackageRow } from "../packages/PackageRow";
import { Delete } from "../parts/Delete";
import { NotThere } from "../parts/NotThere";
import { Part } from "../parts/Part";
import { Trail } from "../parts/Trail";
import { CatalogForm } from "./CatalogForm";
import { Delegates } from "./Delegates";
import { Extensions } from "./Extensions";
import { Resources } from "./Resources";

/** One catalog: what it offers, and what of target systems it may give away. */
export function CatalogPage({ id }: { id: string }) {
  const found = useOne(adminPaths.catalog(id));
  if (!found.data) return <NotThere found={found} />;
  return <Shown key={id} catalog={found.data} />;
}

function Shown({ catalog }: { catalog: Catalog }) {
  const text = useText();
  const [, go] = useLocation();
  const [isEditing, setEditing] = useState(false);
  const mayChange = useMay("changeCatalog", catalog.id);
  return (
    <Page
      title={catalog.displayName}
      about={catalog.description ?? undefined}
      above={<Trail steps={[{ name: text("admin.catalogs"), to: "/admin/catalogs" }]} />}
      actions={
        <>
          {catalog.state !== "published" && <Badge appearance="outline">{text.word("catalog", catalog.state)}</Badge>}
          {mayChange && (
            <>
              <Button icon={<EditRegular />} onClick={() => setEditing(true)}>
                {text("admin.edit")}
              </Button>
              <Delete
                action={text("admin.delete")}
                appearance="secondary"
                title={text("admin.deleteTitle", { name: catalog.displayName })}
                about={text("admin.catalog.deleteAbout")}
                done={text("admin.deleted", { name: catalog.displayName })}
                act={() => call("DELETE", adminPaths.catalog(catalog.id))}
                after={() => go("/admin/catalogs")}
              />
            </>
          )}
        </>
      }
    >
      <Packages catalog={catalog} />
      <Resources catalog={catalog} />
      <Extensions catalog={catalog} />
      <Delegates catalog={catalog} />
      {isEditing && <CatalogForm catalog={catalog} close={() => setEditing(false)} />}
    </Page>
  );
}

function Packages({ catalog }: { catalog: Catalog }) {
  const text = useText();
  const [isMaking, setMaking] = useState(false);
  const mayChange = useMay("changePackage", catalog.id);
  const list = useList(adminPaths.catalogPackages(catalog.id));
  return (
    <Part
      title={text("admin.catalog.packages")}
      action={
        mayChange && (
          <Button appearance="primary" icon={<AddRegular />} onClick={() => setMaking(true)}>
            {text("admin.package.new")}
          </Button>
        )
      }
    >
      <Listing
        list={list}
        label={text("admin.catalog.packages")}
        empty={{ icon: <PackageIcon />, title: text("admin.catalog.noPackages"), ...(mayChange ? { about: text("admin.catalog.noPackagesAbout") } : {}) }}
      >
        {(one) => <PackageRow key={one.id} offered={one} />}
      </Listing>
      {isMaking && <PackageForm catalog={catalog} close={() => setMaking(false)} />}
    </Part>
  );
}
