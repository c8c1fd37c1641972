import { Button } from "@fluentui/react-components";
import { AddRegular, EditRegular, PlugConnectedRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import type { NamingPolicy, WholeExtension } from "../../../api/extensionShapes";
import { call } from "../../../api/http";
import { useList } from "../../../api/queries";
import type { Catalog } from "../../../api/shapes";
import { duration } from "../../../format/times";
import { useMay } from "../../../api/useMay";
import { useText } from "../../../messages/useText";
import { Listing } from "../../../ui/Listing";
import { Row } from "../../../ui/Row";
import { useLinkStyles } from "../../shared/RequestRow";
import { Delete } from "../parts/Delete";
import { Part } from "../parts/Part";
import { useWhole } from "../parts/useWhole";
import { ExtensionForm } from "./ExtensionForm";
import { draftOf, isWaiting, naming } from "./extensions";

/** Which endpoints in other systems the policies of a catalog can have called. */
export function Extensions({ catalog }: { catalog: Catalog }) {
  const text = useText();
  const [edited, setEdited] = useState<WholeExtension | "new">();
  const list = useList(adminPaths.catalogExtensions(catalog.id));
  const mayChange = useMay("changeExtensions", catalog.id);
  // All of them: one that is missing would make an extension look unused.
  const { items: policies } = useWhole(adminPaths.catalogPolicies(catalog.id), list.items.length > 0);
  return (
    <Part
      title={text("extension.title")}
      about={text("extension.about")}
      action={
        mayChange && (
          <Button icon={<AddRegular />} onClick={() => setEdited("new")}>
            {text("extension.add")}
          </Button>
        )
      }
    >
      <Listing list={list} label={text("extension.title")} empty={{ icon: <PlugConnectedRegular />, title: text("extension.none") }}>
        {(one) => (
          <One key={one.id} extension={one} catalog={catalog} users={naming(policies, one.id)} mayChange={mayChange} edit={() => setEdited(one)} />
        )}
      </Listing>
      {edited && <ExtensionForm catalog={catalog} {...(edited === "new" ? {} : { extension: edited })} close={() => setEdited(undefined)} />}
    </Part>
  );
}

interface Props {
  extension: WholeExtension;
  catalog: Catalog;
  users: NamingPolicy[];
  mayChange: boolean;
  edit: () => void;
}

function One({ extension, catalog, users, mayChange, edit }: Props) {
  const { link } = useLinkStyles();
  const text = useText();
  const draft = draftOf(extension);
  const names = { name: extension.displayName, catalog: catalog.displayName };
  const about = draft.kind === "assignment" ? text("extensionKind.assignment") : text.word("extensionWait", draft.wait);
  const silence = draft.onTimeout === "deny" ? "extension.waitsThenDenied" : "extension.waitsThenGoesOn";
  return (
    <Row
      lead={<PlugConnectedRegular fontSize={24} aria-hidden />}
      title={extension.displayName}
      meta={[
        extension.description,
        draft.url,
        isWaiting(draft) ? `${about}. ${text(silence, { time: duration(draft.timeout) })}` : about,
        users.length > 0 && (
          <>
            {text("extension.usedBy")}{" "}
            {users.map(({ id, displayName, accessPackage }, place) => (
              <span key={id}>
                {place > 0 && ", "}
                <Link to={`/admin/packages/${accessPackage.id}/policies/${id}`} className={link}>
                  {text("extension.user", { policy: displayName, package: accessPackage.displayName ?? accessPackage.id })}
                </Link>
              </span>
            ))}
          </>
        ),
      ]}
      actions={
        mayChange && (
          <>
            <Button appearance="subtle" icon={<EditRegular />} onClick={edit} aria-label={text("extension.editLabel", names)}>
              {text("admin.edit")}
            </Button>
            <Delete
              action={text("admin.delete")}
              label={text("admin.deleteLabel", names)}
              title={text("admin.deleteTitle", names)}
              about={text("extension.deleteAbout")}
              done={text("admin.deleted", names)}
              act={() => call("DELETE", adminPaths.catalogExtension(catalog.id, extension.id))}
            />
          </>
        )
      }
    />
  );
}
