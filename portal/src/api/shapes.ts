/** What the API answers with, by the portal's names; what it looks like is made from the API's own description. */
import type {
  AccessSubjectOut,
  AnswerOut,
  ApprovalOut,
  AssignmentExplained,
  AssignmentOut,
  AuditEventOut,
  CatalogOut,
  ChainPartOut,
  DecidedOut,
  DelegationOut,
  ExpirationOut,
  LineMemberOut,
  Moment as MomentOut,
  Party as PartyExplained,
  PackageOut,
  PartyOut,
  PolicyOut,
  QuestionOut,
  RehearsalOut,
  RequestExplained,
  RequestOut,
  RequirementsOut,
  RoleScopeOut,
  UserOut,
} from "./generated";

/** With members that are there because they were asked for: expanded, or of a request that is in order. */
export type With<T, K extends keyof T> = T & { [P in K]-?: NonNullable<T[P]> };

export type Subject = AccessSubjectOut;
/** Somebody, by as much as every list of people says of them. */
export type Person = Pick<UserOut, "id" | "displayName" | "userPrincipalName"> &
  Partial<Pick<UserOut, "mail" | "jobTitle" | "department" | "employeeHireDate">>;
/** Somebody below whoever reads: `level` is 1 for those who report to them. */
export type LineMember = LineMemberOut;
export type Role = RoleScopeOut;
export type Policy = PolicyOut;
export type Package = PackageOut;
export type Catalog = CatalogOut;
export type Expiration = ExpirationOut;
export type Question = QuestionOut;
export type Answer = AnswerOut;
/** An answer as it is sent. */
export type GivenAnswer = Pick<AnswerOut, "value"> & { answeredQuestion: Pick<QuestionOut, "id"> };
export type Requirements = RequirementsOut;
export type AccessRequest = Omit<With<RequestOut, "requestor" | "accessPackage">, "assignment"> & {
  assignment: Pick<NonNullable<RequestOut["assignment"]>, "id"> & { target: Subject };
};
export type Assignment = With<AssignmentOut, "target" | "accessPackage"> & { assignmentPolicy: Policy | null };
export type Approval = With<ApprovalOut, "stages">;
export type Rehearsal = RehearsalOut;
export type Party = Pick<PartyExplained, "id" | "displayName"> & PartyOut;
export type Moment = MomentOut;
export type Explanation = RequestExplained;
export type ExplainedAssignment = AssignmentExplained;
export type Decided = DecidedOut;
export type Delegation = DelegationOut;
export type AuditEvent = AuditEventOut;
/** A part of the trail's chain of hashes, followed as far as one call goes. */
export type ChainPart = ChainPartOut;
