import { Field, Input, Switch, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { useLocation } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import type { Catalog, Package } from "../../../api/shapes";
import { useKeys } from "../../../api/useKeys";
import { usePermissions } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Finder } from "../../shared/Finder";
import { FormPanel } from "../parts/FormPanel";

interface Props {
  /** The package to change; without one, one is made. */
  offered?: Package;
  catalog?: Catalog;
  close: () => void;
}

/** Makes a package in a catalog, or changes what is said of one. */
export function PackageForm({ offered, catalog: given, close }: Props) {
  const text = useText();
  const { may } = usePermissions();
  const [, go] = useLocation();
  const keyOf = useKeys();
  const [catalog, setCatalog] = useState(given);
  const [displayName, setName] = useState(offered?.displayName ?? "");
  const [description, setDescription] = useState(offered?.description ?? "");
  const [isHidden, setHidden] = useState(offered?.isHidden ?? false);
  const send = async (): Promise<Package | undefined> => {
    const said = { displayName: displayName.trim(), description: description.trim(), isHidden };
    if (offered) return call("PATCH", adminPaths.plainPackage(offered.id), { body: said });
    const body = { ...said, catalog: { id: catalog?.id ?? null } };
    return call("POST", adminPaths.newPackage(), { body, idempotencyKey: keyOf(body) });
  };
  return (
    <FormPanel
      title={text(offered ? "admin.package.edit" : "admin.package.new")}
      {...(offered ? {} : { about: text("admin.package.newAbout") })}
      action={text(offered ? "admin.save" : "admin.create")}
      done={text(offered ? "admin.saved" : "admin.created", { name: displayName.trim() })}
      isReady={displayName.trim() !== "" && (offered !== undefined || catalog !== undefined)}
      send={send}
      after={(made) => made && go(`/admin/packages/${made.id}/roles`)}
      close={close}
      places={["displayName", "description", "isHidden", "catalog"]}
    >
      {(complain) => (
        <>
          {!offered && !given && (
            <Finder<Catalog>
              label={text("admin.package.catalog")}
              among={adminPaths.catalogs}
              about={(one) => one.description}
              chosen={catalog?.displayName}
              choose={setCatalog}
              without={(one) => !may("changePackage", one.id)}
              isRequired
              complaint={complain("catalog")}
            />
          )}
          <Field label={text("admin.name")} required {...complain("displayName")}>
            <Input value={displayName} maxLength={256} onChange={(_, { value }) => setName(value)} />
          </Field>
          <Field label={text("admin.description")} hint={text("admin.package.descriptionHint")} {...complain("description")}>
            <Textarea value={description} resize="vertical" onChange={(_, { value }) => setDescription(value)} />
          </Field>
          <Field hint={text("admin.package.hiddenHint")} {...complain("isHidden")}>
            <Switch checked={isHidden} label={text("admin.package.isHidden")} onChange={(_, { checked }) => setHidden(checked)} />
          </Field>
        </>
      )}
    </FormPanel>
  );
}
