import { Field, Input, Radio, RadioGroup } from "@fluentui/react-components";
import { PeopleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { Group } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import type { Catalog } from "../../../api/shapes";
import { useText } from "../../../messages/useText";
import { Nothing } from "../../../ui/Listing";
import { Problem } from "../../../ui/Problem";
import { Finder } from "../../shared/Finder";
import { FormPanel } from "../parts/FormPanel";
import { useWhole } from "../parts/useWhole";
import { OWN_GROUPS, useControl } from "./useControl";

/** Brings a group, or something in another system, into a catalog. */
export function AddResource({ catalog, close }: { catalog: Catalog; close: () => void }) {
  const text = useText();
  const { isOverAll, owned } = useControl();
  const present = useWhole(adminPaths.catalogResources(catalog.id));
  const isThere = ({ id }: Group) => present.items.some(({ originSystem, originId }) => originSystem === OWN_GROUPS && originId === id);
  const hasNone = !isOverAll && !owned.isLoading && !owned.error && owned.items.every(isThere);
  const [isGroup, setIsGroup] = useState(true);
  const [group, setGroup] = useState<Group>();
  const [system, setSystem] = useState("");
  const [originId, setOriginId] = useState("");
  const [name, setName] = useState("");
  const other = { originSystem: system.trim(), originId: originId.trim(), displayName: name.trim() || originId.trim() };
  const resource = isGroup ? { originSystem: OWN_GROUPS, originId: group?.id ?? null } : other;
  return (
    <FormPanel
      title={text("admin.resource.add")}
      {...(isOverAll || hasNone ? {} : { about: text("may.groupsOfOnesOwn") })}
      action={text("admin.add")}
      done={text("admin.added", { name: (isGroup ? group?.displayName : other.displayName) ?? "" })}
      isReady={isGroup ? group !== undefined : system.trim() !== "" && originId.trim() !== ""}
      send={() =>
        call("POST", adminPaths.resourceRequests(), {
          body: { requestType: "adminAdd", resource, catalog: { id: catalog.id } },
        })
      }
      close={close}
      places={isGroup ? ["resource/originId"] : ["resource/originSystem", "resource/originId", "resource/displayName"]}
    >
      {(complain) => (
        <>
          {isOverAll && (
            <Field label={text("admin.resource.kind")}>
              <RadioGroup value={isGroup ? "group" : "other"} onChange={(_, { value }) => setIsGroup(value === "group")}>
                <Radio value="group" label={text("admin.resource.group")} />
                <Radio value="other" label={text("admin.resource.other")} />
              </RadioGroup>
            </Field>
          )}
          <Problem error={owned.error ?? present.error} again={owned.error ? owned.again : present.again} />
          {hasNone ? (
            <Nothing
              icon={<PeopleRegular />}
              title={text(owned.items.length > 0 ? "admin.resource.ownedAreThere" : "admin.resource.noneOwned")}
              about={text("may.groupsOfOthers")}
            />
          ) : isGroup ? (
            <Finder<Group>
              label={text("admin.resource.whichGroup")}
              among={isOverAll ? adminPaths.groupsNamed : adminPaths.ownedGroups}
              without={isThere}
              about={(one) => one.description}
              chosen={group?.displayName}
              choose={setGroup}
              isRequired
              complaint={complain("resource/originId")}
            />
          ) : (
            <>
              <Field
                label={text("admin.resource.system")}
                hint={text("admin.resource.systemHint")}
                required
                {...complain("resource/originSystem")}
              >
                <Input value={system} onChange={(_, { value }) => setSystem(value)} />
              </Field>
              <Field label={text("admin.resource.id")} hint={text("admin.resource.idHint")} required {...complain("resource/originId")}>
                <Input value={originId} onChange={(_, { value }) => setOriginId(value)} />
              </Field>
              <Field label={text("admin.name")} {...complain("resource/displayName")}>
                <Input value={name} onChange={(_, { value }) => setName(value)} />
              </Field>
            </>
          )}
        </>
      )}
    </FormPanel>
  );
}
