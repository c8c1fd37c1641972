import { Badge, Button, Tab, TabList } from "@fluentui/react-components";
import { ArchiveRegular, EditRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useLocation } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import type { WholePackage } from "../../../api/adminShapes";
import { call } from "../../../api/http";
import { useOne } from "../../../api/queries";
import { usePermissions } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Page } from "../../../ui/Page";
import { Toolbar } from "../../../ui/Toolbar";
import Missing from "../../Missing";
import { Delete } from "../parts/Delete";
import { NotThere } from "../parts/NotThere";
import { Trail } from "../parts/Trail";
import { Exclusions } from "./Exclusions";
import { Holders } from "./Holders";
import { PackageForm } from "./PackageForm";
import { Policies } from "./Policies";
import { Roles } from "./Roles";

const PARTS = { policies: Policies, roles: Roles, exclusions: Exclusions, holders: Holders } as const;
type PartOf = keyof typeof PARTS;

/** One package: what it gives, on which terms, what excludes it, and who has it. */
export function PackagePage({ id, part = "policies" }: { id: string; part?: string | undefined }) {
  const found = useOne(adminPaths.package(id));
  if (!(part in PARTS)) return <Missing />;
  if (!found.data) return <NotThere found={found} />;
  return <Shown key={id} offered={found.data} part={part as PartOf} />;
}

function Shown({ offered, part }: { offered: WholePackage; part: PartOf }) {
  const text = useText();
  const [, go] = useLocation();
  const [isEditing, setEditing] = useState(false);
  const { catalog } = offered;
  const { may } = usePermissions();
  const mayChange = may("changePackage", catalog.id);
  const parts = (Object.keys(PARTS) as PartOf[]).filter((one) => one !== "holders" || may("listAssignments", catalog.id));
  const In = PARTS[part];
  if (!parts.includes(part)) return <Missing />;
  return (
    <Page
      title={offered.displayName}
      about={offered.description ?? undefined}
      above={
        <Trail
          steps={[
            { name: text("admin.packages"), to: "/admin/packages" },
            { name: catalog.displayName, to: `/admin/catalogs/${catalog.id}` },
          ]}
        />
      }
      actions={
        <>
          {offered.isHidden && <Badge appearance="outline">{text("admin.hidden")}</Badge>}
          {mayChange && (
            <Button icon={<EditRegular />} onClick={() => setEditing(true)}>
              {text("admin.edit")}
            </Button>
          )}
          {mayChange && <Ending offered={offered} />}
        </>
      }
    >
      <Toolbar
        tabs={
          <TabList
            selectedValue={part}
            onTabSelect={(_, { value }) => go(`/admin/packages/${offered.id}/${value as PartOf}`, { replace: true })}
          >
            {parts.map((one) => (
              <Tab key={one} value={one}>
                {text(`admin.package.${one}`)}
              </Tab>
            ))}
          </TabList>
        }
      />
      <In offered={offered} />
      {isEditing && <PackageForm offered={offered} close={() => setEditing(false)} />}
    </Page>
  );
}

/** How a package comes to its end: closed and taken from everybody, or deleted. */
function Ending({ offered }: { offered: WholePackage }) {
  const text = useText();
  const [, go] = useLocation();
  const names = { name: offered.displayName };
  return (
    <>
      <Delete
        action={text("admin.package.retire")}
        icon={<ArchiveRegular />}
        appearance="secondary"
        title={text("admin.package.retireTitle", names)}
        about={text("admin.package.retireAbout")}
        done={text("admin.package.retired", names)}
        reason="optional"
        act={(reason) => call("POST", adminPaths.retire(offered.id), { body: reason ? { reason } : {} })}
      />
      <Delete
        action={text("admin.delete")}
        appearance="secondary"
        title={text("admin.deleteTitle", names)}
        about={text("admin.package.deleteAbout")}
        done={text("admin.deleted", names)}
        act={() => call("DELETE", adminPaths.plainPackage(offered.id))}
        after={() => go(`/admin/catalogs/${offered.catalog.id}`)}
      />
    </>
  );
}
