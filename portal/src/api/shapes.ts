/** What the API answers with, as far as the portal reads it. */
export interface Subject {
  id: string;
  displayName: string;
  email: string | null;
  principalName: string;
}

export interface Person {
  id: string;
  displayName: string;
  userPrincipalName: string;
  mail?: string | null;
  jobTitle?: string | null;
  department?: string | null;
  employeeHireDate?: string | null;
}

/** Somebody below whoever reads: `level` is 1 for those who report to them. */
export interface LineMember extends Person {
  level: number;
  manager: { id: string; displayName: string };
}

export interface Role {
  id: string;
  role?: { displayName: string; description: string | null; resource?: { displayName: string; description: string | null } };
}

export interface Policy {
  id: string;
  displayName: string;
  description: string | null;
  allowedTargetScope: string;
  expiration: Expiration;
  requestorSettings: {
    allowCustomAssignmentSchedule: boolean;
    enableTargetsToSelfAddAccess: boolean;
    enableTargetsToSelfUpdateAccess: boolean;
    enableTargetsToSelfRemoveAccess: boolean;
    enableOnBehalfRequestorsToAddAccess: boolean;
    enableOnBehalfRequestorsToUpdateAccess: boolean;
    enableOnBehalfRequestorsToRemoveAccess: boolean;
  };
  requestApprovalSettings?: { isApprovalRequiredForAdd: boolean; stages: unknown[] };
}

export interface Package {
  id: string;
  displayName: string;
  description: string | null;
  isHidden: boolean;
  catalog?: { id: string; displayName: string };
  resourceRoleScopes?: Role[];
  assignmentPolicies?: Policy[];
}

export interface Catalog {
  id: string;
  displayName: string;
  description: string | null;
  state: string;
}

export interface Expiration {
  type: "noExpiration" | "afterDateTime" | "afterDuration" | "notSpecified";
  endDateTime: string | null;
  duration: string | null;
}

export interface Schedule {
  startDateTime: string | null;
  expiration: Expiration;
}

export interface Question {
  id: string;
  text: string;
  isRequired: boolean;
  isAnswerEditable?: boolean;
  sequence: number;
  isSingleLineQuestion?: boolean;
  regexPattern?: string | null;
  isMultipleSelectionAllowed?: boolean;
  choices?: { actualValue: string; text: string }[];
}

export interface Answer {
  displayValue: string;
  value: string;
  answeredQuestion: Question;
}

export interface GivenAnswer {
  value: string;
  answeredQuestion: { id: string };
}

export interface Requirements {
  policyId: string;
  policyDisplayName: string;
  policyDescription: string | null;
  isApprovalRequiredForAdd: boolean;
  isRequestorJustificationRequired: boolean;
  allowCustomAssignmentSchedule: boolean;
  schedule: Schedule;
  questions: Question[];
}

export interface AccessRequest {
  id: string;
  requestType: string;
  state: string;
  status: string;
  createdDateTime: string;
  completedDateTime: string | null;
  justification: string | null;
  schedule: Schedule;
  answers: Answer[];
  requestor: Subject;
  accessPackage: Package;
  assignment: { id: string | null; target: Subject };
}

export interface Assignment {
  id: string;
  state: string;
  status: string;
  expiredDateTime: string | null;
  schedule: Schedule;
  target: Subject;
  accessPackage: Package;
  assignmentPolicy: Policy | null;
}

export interface Stage {
  id: string;
  status: string;
  assignedToMe: boolean;
}

export interface Approval {
  id: string;
  stages: Stage[];
}

export interface Rehearsal {
  isAccepted: boolean;
  refusals: { code: string; message: string; target: string | null }[];
  state: string | null;
  stages: { number: number; window: string | null; countsAsApproved: boolean; approvers: { person: Person }[] | null }[];
  startsAt: string | null;
  endsAt: string | null;
  lasts: string | null;
}

export interface Party {
  id: string;
  displayName: string | null;
}

export interface ExplainedStage {
  id: string;
  number: number;
  state: string;
  deadlineAt: string | null;
  isApproverJustificationRequired: boolean;
  approvers: { person: Party; isWaitedFor: boolean }[];
  decidedBy: Party | null;
  decidedAt: string | null;
  verdict: string | null;
  justification: string | null;
}

export interface Moment {
  number: number;
  at: string;
  event: string;
  actor: Party | null;
  says: string;
  reason: string | null;
}

export interface Explanation {
  id: string;
  says: string;
  type: string;
  state: string;
  requestor: Party;
  target: Party;
  package: { id: string; displayName: string | null };
  justification: string | null;
  canAct: { person: Party; may: string }[];
  next: { what: string | null; at: string | null; says: string };
  stages: ExplainedStage[];
  assignment: { startsAt: string | null; endsAt: string | null; state: string } | null;
  grants: { id: string; role: string; resource: string; state: string; lastError: string | null }[];
  timeline: Moment[];
}

export interface Decided {
  requestId: string;
  requestType: string;
  requestState: string;
  assignmentState: string | null;
  stageId: string;
  accessPackage: { id: string; displayName: string | null };
  requestor: Party;
  target: Party;
  reviewResult: string;
  justification: string | null;
  reviewedDateTime: string;
}

export interface Delegation {
  id: string;
  delegator: Person;
  delegate: Person;
  startDateTime: string;
  endDateTime: string | null;
  isInForce: boolean;
}

export interface Overdue {
  id: string;
  person: Party;
  role: string;
  resource: string;
  overdueSince: string | null;
  lastError: string | null;
}

export interface AuditEvent {
  number: number;
  at: string;
  event: string;
  actor: Party | null;
  onBehalfOf: Party | null;
  object: { type: string; id: string; displayName: string | null };
  accessPackage: { id: string; displayName: string } | null;
  target: { id: string; displayName: string } | null;
  requestId: string | null;
  assignmentId: string | null;
  reason: string | null;
  details: Record<string, unknown>;
  hash: string;
}

/** A part of the trail's chain of hashes, followed as far as one call goes. */
export interface ChainPart {
  isWhole: boolean;
  fault: string | null;
  lastNumber: number;
  next: number | null;
}
