import { Field, Input, Radio, RadioGroup, Textarea } from "@fluentui/react-components";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { WholeExtension } from "../../../api/extensionShapes";
import { call } from "../../../api/http";
import type { Catalog } from "../../../api/shapes";
import { useKeys } from "../../../api/useKeys";
import { useText } from "../../../messages/useText";
import { FormPanel } from "../parts/FormPanel";
import { DurationField } from "../policy/DurationField";
import { bodyOf, type Draft, draftOf, isWaiting, type Kind, KINDS, WAITS } from "./extensions";

interface Props {
  catalog: Catalog;
  extension?: WholeExtension;
  close: () => void;
}

/** Makes a custom extension, or changes one; what it is called about stays as it was made. */
export function ExtensionForm({ catalog, extension, close }: Props) {
  const text = useText();
  const keyOf = useKeys();
  const [draft, setDraft] = useState(() => draftOf(extension));
  const set = (changed: Partial<Draft>) => setDraft((before) => ({ ...before, ...changed }));
  const body = bodyOf(draft);
  const send = () =>
    extension
      ? call("PATCH", adminPaths.catalogExtension(catalog.id, extension.id), { body })
      : call("POST", adminPaths.catalogExtensions(catalog.id), { body, idempotencyKey: keyOf(body) });
  const hasTime = !isWaiting(draft) || draft.timeout !== "";
  return (
    <FormPanel
      title={text(extension ? "extension.edit" : "extension.add")}
      about={text("extension.formAbout")}
      action={text(extension ? "admin.save" : "admin.add")}
      done={text(extension ? "admin.saved" : "admin.added", { name: draft.displayName.trim() })}
      isReady={draft.displayName.trim() !== "" && draft.url.trim() !== "" && hasTime}
      send={send}
      close={close}
      places={["displayName", "description", "endpointConfiguration", "callbackConfiguration", "@odata.type"]}
    >
      {(complain) => (
        <>
          <Field label={text("admin.name")} required {...complain("displayName")}>
            <Input value={draft.displayName} maxLength={256} onChange={(_, { value }) => set({ displayName: value })} />
          </Field>
          <Field label={text("admin.description")} {...complain("description")}>
            <Textarea value={draft.description} resize="vertical" onChange={(_, { value }) => set({ description: value })} />
          </Field>
          <Field label={text("extension.url")} hint={text("extension.urlHint")} required {...complain("endpointConfiguration")}>
            <Input type="url" value={draft.url} spellCheck={false} onChange={(_, { value }) => set({ url: value })} />
          </Field>
          <Field label={text("extension.kind")} {...(extension ? { hint: text("extension.kindStays") } : {})} {...complain("@odata.type")}>
            <RadioGroup value={draft.kind} disabled={extension !== undefined} onChange={(_, { value }) => set({ kind: value as Kind })}>
              {(Object.keys(KINDS) as Kind[]).map((kind) => (
                <Radio key={kind} value={kind} label={text.word("extensionKind", kind)} />
              ))}
            </RadioGroup>
          </Field>
          {draft.kind === "request" && (
            <Field label={text("extension.wait")} {...complain("callbackConfiguration/@odata.type")}>
              <RadioGroup value={draft.wait} onChange={(_, { value }) => set({ wait: value as Draft["wait"] })}>
                {WAITS.map((wait) => (
                  <Radio key={wait} value={wait} label={text.word("extensionWait", wait)} />
                ))}
              </RadioGroup>
            </Field>
          )}
          {isWaiting(draft) && (
            <>
              <DurationField
                label={text("extension.timeout")}
                hint={text("extension.timeoutHint")}
                value={draft.timeout}
                change={(timeout) => set({ timeout })}
                complaint={complain("callbackConfiguration/timeoutDuration")}
              />
              <Field label={text("extension.onTimeout")} {...complain("callbackConfiguration/onTimeout")}>
                <RadioGroup value={draft.onTimeout} onChange={(_, { value }) => set({ onTimeout: value as Draft["onTimeout"] })}>
                  <Radio value="deny" label={text("extension.thenDenied")} />
                  <Radio value="continue" label={text("extension.thenGoesOn")} />
                </RadioGroup>
              </Field>
            </>
          )}
        </>
      )}
    </FormPanel>
  );
}
