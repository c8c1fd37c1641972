import { Field, Radio, RadioGroup, Select } from "@fluentui/react-components";
import { adminPaths } from "../../../api/adminPaths";
import type { StageSettings } from "../../../api/adminShapes";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import type { Editing } from "./draft";
import { RELATIONS } from "./subjects";
import { SubjectsField } from "./SubjectsField";

const DYNAMIC = "#microsoft.graph.accessPackageDynamicApprovalStage";
const ANSWERS_WITH_A_STAGE = "accessPackageRequestApprovalStageCallbackConfiguration";

interface Props {
  editing: Editing;
  stage: StageSettings;
  path: string;
  change: (stage: StageSettings) => void;
}

/** Who decides in a stage: people whom the policy names, or whoever an extension of the catalog names when it comes to it. */
export function ApproversFields({ editing, stage, path, change }: Props) {
  const text = useText();
  const known = useList(adminPaths.catalogExtensions(editing.catalogId));
  const naming = known.items.filter((one) => one.callbackConfiguration?.["@odata.type"].endsWith(ANSWERS_WITH_A_STAGE));
  const first = naming[0];
  const { customExtension, "@odata.type": _, ...plain } = stage;
  const determinedBy = (id: string) => change({ ...plain, "@odata.type": DYNAMIC, customExtension: { id } });
  return (
    <>
      {(customExtension || first) && (
        <Field label={text("admin.policy.whoNames")}>
          <RadioGroup
            value={customExtension ? "extension" : "policy"}
            onChange={(_, { value }) => (value === "extension" && first ? determinedBy(first.id) : change(plain))}
          >
            <Radio value="policy" label={text("admin.policy.policyNames")} />
            <Radio value="extension" label={text("admin.policy.extensionDecides")} />
          </RadioGroup>
        </Field>
      )}
      {customExtension ? (
        <Field label={text("admin.policy.callWhom")} {...editing.complain(`${path}/customExtension`)}>
          <Select value={customExtension.id} onChange={(_, { value }) => determinedBy(value)}>
            {naming.map((one) => (
              <option key={one.id} value={one.id}>
                {one.displayName}
              </option>
            ))}
          </Select>
        </Field>
      ) : (
        <SubjectsField
          editing={editing}
          label={text("admin.policy.approvers")}
          hint={text("admin.policy.approversHint")}
          place={`${path}/primaryApprovers`}
          subjects={stage.primaryApprovers}
          change={(primaryApprovers) => change({ ...stage, primaryApprovers })}
          relations={RELATIONS}
          isRequired
        />
      )}
    </>
  );
}
