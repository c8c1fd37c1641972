import { Button, Field, makeStyles, Select } from "@fluentui/react-components";
import { AddRegular, DismissRegular } from "@fluentui/react-icons";
import { adminPaths } from "../../../api/adminPaths";
import type { ExtensionUse } from "../../../api/adminShapes";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import type { Editing } from "./draft";
import { Section } from "./Section";

const POINTS = [
  "assignmentRequestCreated",
  "assignmentRequestDeterminingApprovalRequirements",
  "assignmentRequestApproved",
  "assignmentRequestGranted",
  "assignmentRequestRemoved",
  "assignmentFourteenDaysBeforeExpiration",
  "assignmentOneDayBeforeExpiration",
];

const useStyles = makeStyles({
  use: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) minmax(0, 1fr) auto",
    gap: "8px",
    alignItems: "end",
    "@media (max-width: 720px)": { gridTemplateColumns: "minmax(0, 1fr) auto" },
  },
});

/** Which of the catalog's extensions is called when. Not there where the catalog has none. */
export function ExtensionsSection({ editing }: { editing: Editing }) {
  const styles = useStyles();
  const text = useText();
  const known = useList(adminPaths.catalogExtensions(editing.catalogId));
  const uses = editing.policy.customExtensionStageSettings;
  if (known.items.length === 0 && uses.length === 0) return null;
  const give = (changed: ExtensionUse[]) => editing.change({ customExtensionStageSettings: changed });
  const set = (place: number, use: ExtensionUse) => give(uses.map((one, other) => (other === place ? use : one)));
  const first = known.items[0];
  return (
    <Section title={text("admin.policy.extensions")} about={text("admin.policy.extensionsAbout")}>
      {uses.map((use, place) => (
        <div key={place} className={styles.use} role="group" aria-label={text("admin.policy.call", { number: place + 1 })}>
          <Field label={text("admin.policy.callWhen")} {...editing.complain(`customExtensionStageSettings/${place}/stage`)}>
            <Select value={use.stage} onChange={(_, { value }) => set(place, { ...use, stage: value })}>
              {POINTS.map((one) => (
                <option key={one} value={one}>
                  {text.word("callout", one)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={text("admin.policy.callWhom")} {...editing.complain(`customExtensionStageSettings/${place}`)}>
            <Select
              value={use.customExtension.id}
              onChange={(_, { value }) => set(place, { ...use, customExtension: { id: value } })}
            >
              {known.items.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.displayName}
                </option>
              ))}
            </Select>
          </Field>
          <Button
            appearance="subtle"
            icon={<DismissRegular />}
            aria-label={text("admin.policy.removeCall", { number: place + 1 })}
            onClick={() => give(uses.filter((_, other) => other !== place))}
          />
        </div>
      ))}
      {first && (
        <div>
          <Button
            icon={<AddRegular />}
            onClick={() => give([...uses, { stage: POINTS[3] ?? "", customExtension: { id: first.id } }])}
          >
            {text("admin.policy.addCall")}
          </Button>
        </div>
      )}
    </Section>
  );
}
