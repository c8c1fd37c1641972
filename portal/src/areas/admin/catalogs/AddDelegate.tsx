import { Field, Radio, RadioGroup, Select } from "@fluentui/react-components";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { Group } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { paths } from "../../../api/paths";
import { useList } from "../../../api/queries";
import type { Catalog, Person } from "../../../api/shapes";
import { useKeys } from "../../../api/useKeys";
import { useText } from "../../../messages/useText";
import { Problem } from "../../../ui/Problem";
import { Finder } from "../../shared/Finder";
import { FormPanel } from "../parts/FormPanel";
import { CREATOR, roleAbout, roleName, scopeOf } from "./delegatedRoles";

interface Props {
  catalog?: Catalog;
  close: () => void;
}

/** Gives somebody, or everybody in a group, a role in a catalog, or lets them make catalogs. */
export function AddDelegate({ catalog, close }: Props) {
  const text = useText();
  const keyOf = useKeys();
  const [isGroup, setIsGroup] = useState(false);
  const [chosen, setChosen] = useState<Person | Group>();
  const [roleId, setRoleId] = useState(catalog ? "" : CREATOR);
  const all = useList(adminPaths.roleDefinitions());
  const roles = all.items.filter(({ id }) => id !== CREATOR);
  const role = roles.find(({ id }) => id === roleId);
  const body = {
    principalId: chosen?.id ?? "",
    roleDefinitionId: roleId,
    directoryScopeId: "/",
    appScopeId: scopeOf(catalog),
  };
  return (
    <FormPanel
      title={text(catalog ? "admin.delegate.add" : "admin.creator.add")}
      about={catalog ? text("admin.delegate.addAbout", { catalog: catalog.displayName }) : text("admin.creator.addAbout")}
      action={text("admin.add")}
      done={text("admin.delegate.added", { name: chosen?.displayName ?? "" })}
      isReady={chosen !== undefined && roleId !== ""}
      send={() => call("POST", adminPaths.roleAssignments(), { body, idempotencyKey: keyOf(body) })}
      close={close}
      places={["principalId", "roleDefinitionId"]}
    >
      {(complain) => (
        <>
          <Field label={text("admin.delegate.whom")}>
            <RadioGroup
              layout="horizontal"
              value={isGroup ? "group" : "person"}
              onChange={(_, { value }) => {
                setIsGroup(value === "group");
                setChosen(undefined);
              }}
            >
              <Radio value="person" label={text("admin.delegate.person")} />
              <Radio value="group" label={text("admin.delegate.group")} />
            </RadioGroup>
          </Field>
          {isGroup ? (
            <Finder<Group>
              key="group"
              label={text("admin.group.one")}
              among={adminPaths.groupsNamed}
              about={(one) => one.description}
              chosen={chosen?.displayName}
              choose={setChosen}
              isRequired
              complaint={complain("principalId")}
            />
          ) : (
            <Finder<Person>
              key="person"
              label={text("admin.person")}
              among={paths.people}
              about={(one) => one.jobTitle}
              chosen={chosen?.displayName}
              choose={setChosen}
              isRequired
              complaint={complain("principalId")}
            />
          )}
          <Problem error={all.error} again={all.again} />
          {catalog && (
            <Field
              label={text("admin.delegate.role")}
              required
              {...(role ? { hint: roleAbout(role, text) } : {})}
              {...complain("roleDefinitionId")}
            >
              <Select value={roleId} onChange={(_, { value }) => setRoleId(value)}>
                <option value="">{text("admin.choose")}</option>
                {roles.map((one) => (
                  <option key={one.id} value={one.id}>
                    {roleName(one, text)}
                  </option>
                ))}
              </Select>
            </Field>
          )}
        </>
      )}
    </FormPanel>
  );
}
