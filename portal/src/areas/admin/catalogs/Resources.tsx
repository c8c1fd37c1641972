import { Button } from "@fluentui/react-components";
import { AddRegular, KeyRegular, PeopleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { Resource } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useList } from "../../../api/queries";
import type { Catalog } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Row } from "../../../ui/Row";
import { Delete } from "../parts/Delete";
import { Part } from "../parts/Part";
import { AddResource } from "./AddResource";
import { OWN_GROUPS, useControl } from "./useControl";

/** What packages of a catalog may give: groups of ours, and things in other systems. */
export function Resources({ catalog }: { catalog: Catalog }) {
  const text = useText();
  const [isAdding, setAdding] = useState(false);
  const mayChange = useMay("changeResources", catalog.id);
  const { isOverAll, controls } = useControl(mayChange);
  const list = useList(adminPaths.catalogResources(catalog.id));
  return (
    <Part
      title={text("admin.resource.title")}
      about={mayChange && !isOverAll ? text("admin.resource.aboutOwned") : text("admin.resource.about")}
      action={
        mayChange && (
          <Button icon={<AddRegular />} onClick={() => setAdding(true)}>
            {text("admin.resource.add")}
          </Button>
        )
      }
    >
      <Listing list={list} label={text("admin.resource.title")} empty={{ icon: <KeyRegular />, title: text("admin.resource.none") }}>
        {(one) => <One key={one.id} resource={one} catalog={catalog} mayRemove={mayChange && controls(one)} />}
      </Listing>
      {isAdding && <AddResource catalog={catalog} close={() => setAdding(false)} />}
    </Part>
  );
}

function One({ resource, catalog, mayRemove }: { resource: Resource; catalog: Catalog; mayRemove: boolean }) {
  const text = useText();
  const isGroup = resource.originSystem === OWN_GROUPS;
  const names = { name: resource.displayName, catalog: catalog.displayName };
  return (
    <Row
      lead={isGroup ? <PeopleRegular fontSize={24} aria-hidden /> : <KeyRegular fontSize={24} aria-hidden />}
      title={resource.displayName}
      meta={[
        resource.description,
        `${isGroup ? text("admin.resource.group") : `${resource.originSystem} · ${resource.originId}`} · ${(resource.roles ?? [])
          .map((role) => role.displayName)
          .join(", ")}`,
      ]}
      actions={
        mayRemove && (
          <Delete
            action={text("admin.remove")}
            label={text("admin.removeLabel", names)}
            title={text("admin.resource.removeTitle", names)}
            about={text("admin.resource.removeAbout")}
            done={text("admin.removed", names)}
            act={() =>
              call("POST", adminPaths.resourceRequests(), {
                body: { requestType: "adminRemove", resource: { id: resource.id }, catalog: { id: catalog.id } },
              })
            }
          />
        )
      }
    />
  );
}
