/** What the API answers administrators with. What the portal does not know of it survives a change: it is sent back as it came. */
import type {
  ApplicationOut,
  ApprovalSettingsOut,
  ChoiceOut,
  ControlsOut,
  DriftOut,
  GroupOut,
  LocalizedTextOut,
  PackageOut,
  PolicyOut,
  QuestionOut,
  RequestorSettingsOut,
  ResourceOut,
  ResourceRoleOut,
  RoleAssignmentOut,
  RoleDefinitionOut,
  StageSettingsOut,
  SubjectSetOut,
  UserOut,
} from "./generated";
import type { With } from "./shapes";

export type { ExplainedAssignment } from "./shapes";

export type Group = GroupOut;
export type Resource = ResourceOut;
export type ResourceRole = ResourceRoleOut;
/** One entry of a list of people: somebody, the members of a group, or whoever stands in a relation to the person. */
export type SubjectSet = SubjectSetOut;
export type RequestorSettings = RequestorSettingsOut;
/** A stage as it is written: what is left out is as it was made. What a choice of words gives is text. */
export type StageSettings = Chosen<Written<StageSettingsOut, "approverInformationVisibility" | "reminders">, "approverInformationVisibility">;
export type ApprovalSettings = Chosen<Omit<ApprovalSettingsOut, "stages">, "approverIsRequestor"> & { stages: StageSettings[] };
/** A text in another language. */
export type Localization = LocalizedTextOut;
export type Choice = Omit<Written<ChoiceOut, "localizations">, "actualValue"> & { actualValue?: string | undefined };
export type WrittenQuestion = Written<Omit<QuestionOut, "choices">, "id" | "localizations"> & { choices?: Choice[] };
export type ExtensionUse = { stage: string; customExtension: { id: string } };
/** A policy as it is read and written: new ones have no id yet, and nothing that the portal does not know. */
export type WrittenPolicy = Partial<Pick<PolicyOut, "id" | "modifiedDateTime">> &
  Chosen<Pick<PolicyOut, "displayName" | "allowedTargetScope" | "specificAllowedTargets" | "expiration" | "requestorSettings">, "allowedTargetScope"> & {
    description: string | null;
    requestApprovalSettings: ApprovalSettings;
    questions: WrittenQuestion[];
    customExtensionStageSettings: ExtensionUse[];
    notificationSettings?: { isAssignmentNotificationDisabled?: boolean } | null;
    accessPackage: { id: string };
    catalog?: { id: string };
  };
export type WholePackage = With<PackageOut, "catalog">;
export type Drifted = With<DriftOut, "since">;
export type Controls = ControlsOut;
export type RoleDefinition = RoleDefinitionOut;
/** The principal is nobody where whoever holds it left the directory. */
export type RoleAssignment = Omit<With<RoleAssignmentOut, "roleDefinition">, "principal"> & { principal: Principal | null };
type Principal = Pick<ApplicationOut, "@odata.type"> & Partial<Pick<UserOut, "displayName"> & Pick<ApplicationOut, "appId">>;

/** Of what is read, what may be left out when it is written. */
type Written<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;
/** The same with a word that a list of choices gives, which is text to the type checker. */
type Chosen<T, K extends keyof T> = { [P in keyof T]: P extends K ? string | Exclude<T[P], string> : T[P] };
