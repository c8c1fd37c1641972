/** What the API answers administrators with. What the portal does not know of it survives a change: it is sent back as it came. */
import type { Catalog, Expiration, Package, Party, Person, Policy } from "./shapes";

export interface Group {
  id: string;
  displayName: string;
  description: string | null;
}

export interface DirectoryObject {
  "@odata.type": string;
  id: string;
  displayName: string;
}

export interface Resource {
  id: string;
  displayName: string;
  description: string | null;
  originSystem: string;
  originId: string;
  roles?: ResourceRole[];
}

export interface ResourceRole {
  id: string;
  displayName: string;
  description: string | null;
  resource?: Resource;
}

export interface CustomExtension {
  id: string;
  displayName: string;
  /** What kind of answer is waited for, if any. */
  callbackConfiguration?: { "@odata.type": string } | null;
}

/** One entry of a list of people: somebody, the members of a group, or whoever stands in a relation to the person. */
export interface SubjectSet {
  "@odata.type": string;
  userId?: string;
  groupId?: string;
  managerLevel?: number;
  description?: string | null;
}

export interface StageSettings {
  "@odata.type"?: string;
  durationBeforeAutomaticDenial: string;
  isApproverJustificationRequired: boolean;
  isEscalationEnabled: boolean;
  durationBeforeEscalation: string;
  primaryApprovers: SubjectSet[];
  fallbackPrimaryApprovers: SubjectSet[];
  escalationApprovers: SubjectSet[];
  fallbackEscalationApprovers: SubjectSet[];
  approverInformationVisibility?: string;
  /** So long before the deadline each; null are the usual ones. */
  reminders?: string[] | null;
  customExtension?: { id: string };
}

export type RequestorSettings = Policy["requestorSettings"] & { onBehalfRequestors: SubjectSet[] };

export interface ApprovalSettings {
  isApprovalRequiredForAdd: boolean;
  isApprovalRequiredForUpdate: boolean;
  isRequestorJustificationRequired: boolean;
  approverIsRequestor: string;
  stages: StageSettings[];
}

/** A text in another language. */
export interface Localization {
  languageCode: string;
  text: string;
}

export interface Choice {
  actualValue?: string | undefined;
  text: string;
  localizations?: Localization[];
}

export interface WrittenQuestion {
  "@odata.type": string;
  id?: string;
  sequence: number;
  text: string;
  localizations?: Localization[];
  isRequired: boolean;
  isAnswerEditable: boolean;
  isSingleLineQuestion?: boolean;
  regexPattern?: string | null;
  isMultipleSelectionAllowed?: boolean;
  choices?: Choice[];
}

export interface ExtensionUse {
  stage: string;
  customExtension: { id: string };
}

export interface WrittenPolicy {
  modifiedDateTime?: string;
  id?: string;
  displayName: string;
  description: string | null;
  allowedTargetScope: string;
  specificAllowedTargets: SubjectSet[];
  expiration: Expiration;
  requestorSettings: RequestorSettings;
  requestApprovalSettings: ApprovalSettings;
  questions: WrittenQuestion[];
  customExtensionStageSettings: ExtensionUse[];
  notificationSettings?: { isAssignmentNotificationDisabled?: boolean } | null;
  accessPackage: { id: string };
  catalog?: { id: string };
}

export interface WholePackage extends Package {
  catalog: Catalog;
}

export interface ExplainedAssignment {
  grants: { id: string; role: string; resource: string; state: string; lastError: string | null }[];
}

export interface Overlap {
  target: Person;
  accessPackage: Party;
  assignmentId: string;
  incompatibleWith: { kind: "accessPackage" | "group"; id: string; displayName: string | null; assignmentId: string | null };
}

export interface Drifted {
  grantId: string;
  drift: "missing" | "surplus";
  since: string;
  person: Party;
  role: string;
  resource: string;
  originSystem: string;
}

export interface Reprocessed {
  items: { assignmentId: string; error?: { code: string; message: string } }[];
}

export interface PackageChange {
  id: string;
  kind: string;
  role: string | null;
  accessPackage: Party;
  createdDateTime: string;
  completedDateTime: string | null;
  supersededBy: string | null;
  holders: number;
  seen: number;
}

export interface Controls {
  managersSeeReportsAccess: boolean;
  showApproverDetailsToMembers: boolean;
}

export interface RoleDefinition {
  id: string;
  displayName: string;
  description: string;
}

export interface RoleAssignment {
  id: string;
  principalId: string;
  /** Nobody, where whoever holds it left the directory. */
  principal: { "@odata.type": string; displayName?: string; appId?: string } | null;
  roleDefinition: RoleDefinition;
}
