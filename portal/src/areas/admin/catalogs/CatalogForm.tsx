import { Field, Input, Switch, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { useLocation } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import type { Catalog } from "../../../api/shapes";
import { useKeys } from "../../../api/useKeys";
import { useText } from "../../../messages/useText";
import { FormPanel } from "../parts/FormPanel";

/** Makes a catalog, or changes one. */
export function CatalogForm({ catalog, close }: { catalog?: Catalog; close: () => void }) {
  const text = useText();
  const [, go] = useLocation();
  const keyOf = useKeys();
  const [displayName, setName] = useState(catalog?.displayName ?? "");
  const [description, setDescription] = useState(catalog?.description ?? "");
  const [isPublished, setPublished] = useState(catalog?.state !== "unpublished");
  const send = async (): Promise<Catalog | undefined> => {
    const body = { displayName: displayName.trim(), description: description.trim(), state: isPublished ? "published" : "unpublished" };
    return catalog
      ? call("PATCH", adminPaths.catalog(catalog.id), { body })
      : call("POST", adminPaths.newCatalog(), { body, idempotencyKey: keyOf(body) });
  };
  return (
    <FormPanel
      title={text(catalog ? "admin.catalog.edit" : "admin.catalog.new")}
      action={text(catalog ? "admin.save" : "admin.create")}
      done={text(catalog ? "admin.saved" : "admin.created", { name: displayName.trim() })}
      isReady={displayName.trim() !== ""}
      send={send}
      after={(made) => made && go(`/admin/catalogs/${made.id}`)}
      close={close}
      places={["displayName", "description", "state"]}
    >
      {(complain) => (
        <>
          <Field label={text("admin.name")} required {...complain("displayName")}>
            <Input value={displayName} maxLength={256} onChange={(_, { value }) => setName(value)} />
          </Field>
          <Field label={text("admin.description")} {...complain("description")}>
            <Textarea value={description} resize="vertical" onChange={(_, { value }) => setDescription(value)} />
          </Field>
          <Field hint={text("admin.catalog.publishedHint")} {...complain("state")}>
            <Switch
              checked={isPublished}
              label={text("admin.catalog.published")}
              onChange={(_, { checked }) => setPublished(checked)}
            />
          </Field>
        </>
      )}
    </FormPanel>
  );
}
