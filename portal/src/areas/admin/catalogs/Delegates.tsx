import { Button } from "@fluentui/react-components";
import { AddRegular, PeopleRegular, PersonKeyRegular, PlugConnectedRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { RoleAssignment } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useList } from "../../../api/queries";
import type { Catalog } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Face } from "../../../ui/People";
import { Row } from "../../../ui/Row";
import type { Place } from "../../shared/useVanishing";
import { Delete } from "../parts/Delete";
import { Part } from "../parts/Part";
import { AddDelegate } from "./AddDelegate";
import { roleAbout, roleName, scopeOf } from "./delegatedRoles";

interface Props {
  /** Where the roles count; without one they are those of no single catalog. */
  catalog?: Catalog;
}

/** Who looks after a catalog beside administrators, and as what; or who makes catalogs. */
export function Delegates({ catalog }: Props) {
  const text = useText();
  const [isAdding, setAdding] = useState(false);
  const title = text(catalog ? "admin.delegate.title" : "admin.creator.title");
  const mayChange = useMay(catalog ? "assignRoles" : "makeCreators", catalog?.id);
  const path = adminPaths.rolesIn(scopeOf(catalog));
  const list = useList(path);
  return (
    <Part
      title={title}
      about={text(catalog ? "admin.delegate.about" : "admin.creator.about")}
      action={
        mayChange && (
          <Button icon={<AddRegular />} onClick={() => setAdding(true)}>
            {text(catalog ? "admin.delegate.add" : "admin.creator.add")}
          </Button>
        )
      }
    >
      <Listing
        list={list}
        label={title}
        empty={{ icon: <PersonKeyRegular />, title: text(catalog ? "admin.delegate.none" : "admin.creator.none") }}
      >
        {(one) => (
          <One key={one.id} held={one} path={path} where={catalog?.displayName ?? text("admin.delegate.everywhere")} mayChange={mayChange} />
        )}
      </Listing>
      {isAdding && <AddDelegate {...(catalog ? { catalog } : {})} close={() => setAdding(false)} />}
    </Part>
  );
}

interface OneProps {
  held: RoleAssignment;
  path: Place["path"];
  where: string;
  mayChange: boolean;
}

function One({ held, path, where, mayChange }: OneProps) {
  const text = useText();
  const { principal, roleDefinition } = held;
  const kind = principal?.["@odata.type"].split(".").at(-1);
  const name = principal?.displayName ?? principal?.appId ?? held.principalId;
  const role = roleName(roleDefinition, text);
  const names = { name, role, catalog: where };
  return (
    <Row
      lead={
        kind === "user" ? (
          <Face name={name} />
        ) : kind === "group" ? (
          <PeopleRegular fontSize={24} aria-hidden />
        ) : (
          <PlugConnectedRegular fontSize={24} aria-hidden />
        )
      }
      title={name}
      meta={[role, roleAbout(roleDefinition, text)]}
      actions={
        mayChange && (
          <Delete
            action={text("admin.delegate.withdraw")}
            label={text("admin.delegate.withdrawLabel", names)}
            title={text("admin.delegate.withdrawTitle", names)}
            about={text("admin.delegate.withdrawAbout", names)}
            done={text("admin.delegate.withdrawn", names)}
            act={() => call("DELETE", adminPaths.roleAssignment(held.id))}
            from={{ path, id: held.id }}
          />
        )
      }
    />
  );
}
