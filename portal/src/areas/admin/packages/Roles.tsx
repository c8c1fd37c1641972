import { Button, Field, Select } from "@fluentui/react-components";
import { AddRegular, KeyRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import type { ResourceRole, WholePackage } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useList } from "../../../api/queries";
import type { Role } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Nothing, WholeList } from "../../../ui/Listing";
import { Problem } from "../../../ui/Problem";
import { Row } from "../../../ui/Row";
import { useLinkStyles } from "../../shared/RequestRow";
import { Delete } from "../parts/Delete";
import { FormPanel } from "../parts/FormPanel";
import { Part } from "../parts/Part";

/** What a package gives: roles of the resources of its catalog. */
export function Roles({ offered }: { offered: WholePackage }) {
  const text = useText();
  const [isAdding, setAdding] = useState(false);
  const mayChange = useMay("changePackage", offered.catalog.id);
  const roles = offered.resourceRoleScopes ?? [];
  return (
    <Part
      title={text("admin.package.roles")}
      about={text("admin.role.about")}
      action={
        mayChange && (
          <Button appearance="primary" icon={<AddRegular />} onClick={() => setAdding(true)}>
            {text("admin.role.add")}
          </Button>
        )
      }
    >
      {roles.length === 0 ? (
        <Nothing icon={<KeyRegular />} title={text("admin.role.none")} {...(mayChange ? { about: text("admin.role.noneAbout") } : {})} />
      ) : (
        <WholeList label={text("admin.package.roles")}>
          {roles.map((one) => (
            <One key={one.id} held={one} offered={offered} mayChange={mayChange} />
          ))}
        </WholeList>
      )}
      {isAdding && <AddRole offered={offered} close={() => setAdding(false)} />}
    </Part>
  );
}

function One({ held, offered, mayChange }: { held: Role; offered: WholePackage; mayChange: boolean }) {
  const text = useText();
  const resource = held.role?.resource?.displayName ?? "";
  const names = { name: text("packages.role", { role: held.role?.displayName ?? "", resource }), package: offered.displayName };
  return (
    <Row
      lead={<KeyRegular fontSize={24} aria-hidden />}
      title={resource}
      meta={[held.role?.displayName, held.role?.resource?.description]}
      actions={
        mayChange && (
          <Delete
            action={text("admin.remove")}
            label={text("admin.removeLabel", names)}
            title={text("admin.role.removeTitle", names)}
            about={text("admin.role.removeAbout")}
            done={text("admin.removed", names)}
            act={() => call("DELETE", adminPaths.roleScope(offered.id, held.id))}
          />
        )
      }
    />
  );
}

function AddRole({ offered, close }: { offered: WholePackage; close: () => void }) {
  const { link } = useLinkStyles();
  const text = useText();
  const [roleId, setRoleId] = useState("");
  const mayAddResources = useMay("changeResources", offered.catalog.id);
  const all = useList(adminPaths.catalogRoles(offered.catalog.id));
  const given = new Set((offered.resourceRoleScopes ?? []).map(({ id }) => id.split("_")[0]));
  const left = all.items.filter(({ id }) => !given.has(id));
  const name = (one: ResourceRole) => text("packages.role", { role: one.displayName, resource: one.resource?.displayName ?? "" });
  const chosen = left.find(({ id }) => id === roleId);
  return (
    <FormPanel
      title={text("admin.role.add")}
      about={text("admin.role.addAbout")}
      action={text("admin.add")}
      done={text("admin.added", { name: chosen ? name(chosen) : "" })}
      isReady={chosen !== undefined}
      send={() => call("POST", adminPaths.roleScopes(offered.id), { body: { role: { id: roleId } } })}
      close={close}
      places={["role"]}
    >
      {(complain) => (
        <>
          <Field label={text("admin.role.which")} required {...complain("role")}>
            <Select value={roleId} onChange={(_, { value }) => setRoleId(value)}>
              <option value="">{text(left.length || all.isLoading ? "admin.choose" : "admin.role.noneLeft")}</option>
              {left.map((one) => (
                <option key={one.id} value={one.id}>
                  {name(one)}
                </option>
              ))}
            </Select>
          </Field>
          <Problem error={all.error} again={all.again} />
          <div>
            {text(mayAddResources ? "admin.role.elsewhere" : "admin.role.elsewhereOwners")}{" "}
            <Link to={`/admin/catalogs/${offered.catalog.id}`} className={link}>
              {offered.catalog.displayName}
            </Link>
          </div>
        </>
      )}
    </FormPanel>
  );
}
