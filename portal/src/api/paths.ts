/**
 * Every path of the API that the portal uses, but for those of the administration (adminPaths.ts). What each takes and answers
 * is in the API's description; a test holds them against what the API serves.
 */
import type { Items, Value } from "./generated";
import { at, giving } from "./path";
import type { AccessRequest, Approval, Assignment, Package, Person } from "./shapes";

export const GOVERNANCE = "/v1.0/identityGovernance/entitlementManagement";
export const WHO_AND_WHAT = "requestor,accessPackage,assignment($expand=target,accessPackage)";
export const HELD = "target,accessPackage,assignmentPolicy";
export const CONTENTS = "catalog,resourceRoleScopes($expand=role($expand=resource))";

export type RequestsOf = "targetOrRequestor" | "createdBy" | "targetManager" | "approver";
export type AssignmentsOf = "target" | "createdBy" | "targetManager";

const REPORT = "id,displayName,jobTitle,department,mail,userPrincipalName,employeeHireDate";

export const paths = {
  permissions: () => at("/api/me/permissions"),
  reports: () => giving<Value<Person>>()("/v1.0/me/directReports", [], { $select: REPORT }),
  standings: () => at("/api/reports/standings", [], { limit: "999" }),
  line: (search: string) => at("/api/reports", [], { search, limit: "20" }),
  lineMember: (person: string) => at("/api/reports", [], { person }),
  packages: (search: string) =>
    at(`${GOVERNANCE}/accessPackages/filterByCurrentUser(on='{on}')`, ["allowedRequestor"], { $expand: CONTENTS, $filter: named(search) }),
  package: (id: string) => at(`${GOVERNANCE}/accessPackages/{package_id}`, [id], { $expand: CONTENTS }),
  packagesFor: (personId: string) => giving<Items<Package>>()("/api/packages", [], { for: personId, limit: "999" }),
  requirements: (packageId: string, personId: string) => at("/api/packages/{package_id}/requirements", [packageId], { for: personId }),
  requests: (whose: RequestsOf, filter = "") =>
    giving<Value<AccessRequest>>()(`${GOVERNANCE}/assignmentRequests/filterByCurrentUser(on='{on}')`, [whose], {
      $expand: WHO_AND_WHAT,
      $filter: filter,
      $top: "50",
    }),
  request: (id: string) => giving<AccessRequest>()(`${GOVERNANCE}/assignmentRequests/{request_id}`, [id], { $expand: WHO_AND_WHAT }),
  submit: () => at(`${GOVERNANCE}/assignmentRequests`),
  cancel: (id: string) => at(`${GOVERNANCE}/assignmentRequests/{request_id}/cancel`, [id]),
  rehearse: () => at("/api/requests/validate"),
  explain: (id: string) => at("/api/requests/{request_id}/explain", [id]),
  answers: (id: string) => at("/api/requests/{request_id}/answers", [id]),
  resubmit: (id: string) => at("/api/requests/{request_id}/resubmit", [id]),
  takeBack: (id: string) => at("/api/requests/{request_id}/takeBackApproval", [id]),
  decided: (search: string) => at("/api/approvals/history", [], { search }),
  delegations: () => at("/api/approval-delegations"),
  delegation: (id: string) => at("/api/approval-delegations/{delegation_id}", [id]),
  people: (search: string) =>
    giving<Value<Person>>()("/v1.0/users", [], {
      $select: "id,displayName,jobTitle,userPrincipalName",
      $filter: named(search),
      $top: "20",
    }),
  approvals: () =>
    giving<Value<Approval>>()(`${GOVERNANCE}/accessPackageAssignmentApprovals/filterByCurrentUser(on='{on}')`, ["approver"], {
      $expand: "stages",
      $top: "50",
    }),
  stage: (approvalId: string, stageId: string) =>
    at(`${GOVERNANCE}/accessPackageAssignmentApprovals/{approval_id}/stages/{stage_id}`, [approvalId, stageId]),
  assignments: (whose: AssignmentsOf, filter = "", more: Record<string, string> = {}) =>
    giving<Value<Assignment>>()(`${GOVERNANCE}/assignments/filterByCurrentUser(on='{on}')`, [whose], {
      $expand: HELD,
      $filter: filter,
      $top: "100",
      ...more,
    }),
  /** Those whose end comes before an instant, the next first. */
  endingBefore: (instant: string, whose: AssignmentsOf, top: number) =>
    paths.assignments(whose, `state in ('delivered','partiallyDelivered') and schedule/expiration/endDateTime lt ${instant}`, {
      $orderby: "schedule/expiration/endDateTime",
      $top: String(top),
    }),
  events: () => at("/api/events"),
  person: (id: string) => at("/v1.0/users/{user_id}", [id], { $select: "id,displayName" }),
  audit: (narrowed: Record<string, string>) => at("/api/audit", [], { ...narrowed, limit: "50" }),
  chain: (after: number) => at("/api/audit/chain", [], { after: String(after) }),
};

export const named = (search: string): string => (search ? contains("displayName", search) : "");

/** Requests with a part of a name in them, among those that a filter leaves. */
export function mentioning(search: string, filter = ""): string {
  if (!search) return filter;
  const names = ["accessPackage", "requestor", "assignment/target"].map((one) => contains(`${one}/displayName`, search));
  return `${filter && `${filter} and `}(${names.join(" or ")})`;
}

export const contains = (property: string, search: string): string => `contains(${property},'${search.replaceAll("'", "''")}')`;
