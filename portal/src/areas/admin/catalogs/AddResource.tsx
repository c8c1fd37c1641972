import { Field, Input, Radio, RadioGroup } from "@fluentui/react-components";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { Group } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import type { Catalog } from "../../../api/shapes";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Finder } from "../../shared/Finder";
import { FormPanel } from "../parts/FormPanel";

/** How the API calls Grantline's own groups. */
export const OWN_GROUPS = "AadGroup";

/** Brings a group, or something in another system, into a catalog. */
export function AddResource({ catalog, close }: { catalog: Catalog; close: () => void }) {
  const text = useText();
  // What lies in other systems, administrators alone control.
  const hasOthers = useMay("govern");
  const [isGroup, setIsGroup] = useState(true);
  const [group, setGroup] = useState<Group>();
  const [system, setSystem] = useState("");
  const [originId, setOriginId] = useState("");
  const [name, setName] = useState("");
  const other = { originSystem: system.trim(), originId: originId.trim(), displayName: name.trim() || originId.trim() };
  const resource = isGroup ? { originSystem: OWN_GROUPS, originId: group?.id } : other;
  return (
    <FormPanel
      title={text("admin.resource.add")}
      {...(hasOthers ? {} : { about: text("may.groupsOfOnesOwn") })}
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
          {hasOthers && (
            <Field label={text("admin.resource.kind")}>
              <RadioGroup value={isGroup ? "group" : "other"} onChange={(_, { value }) => setIsGroup(value === "group")}>
                <Radio value="group" label={text("admin.resource.group")} />
                <Radio value="other" label={text("admin.resource.other")} />
              </RadioGroup>
            </Field>
          )}
          {isGroup ? (
            <Finder<Group>
              label={text("admin.resource.whichGroup")}
              among={adminPaths.groupsNamed}
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
