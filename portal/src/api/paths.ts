/** Every path of the API that the portal uses, but for those of the administration (adminPaths.ts); a test holds them against what the API serves. */
export const GOVERNANCE = "/v1.0/identityGovernance/entitlementManagement";
export const WHO_AND_WHAT = "requestor,accessPackage,assignment($expand=target,accessPackage)";
export const HELD = "target,accessPackage,assignmentPolicy";
export const CONTENTS = "catalog,resourceRoleScopes($expand=role($expand=resource))";

export type RequestsOf = "targetOrRequestor" | "createdBy" | "targetManager" | "approver";
export type AssignmentsOf = "target" | "createdBy" | "targetManager";

export const paths = {
  permissions: () => "/api/me/permissions",
  reports: () => "/v1.0/me/directReports?$select=id,displayName,jobTitle,department,mail,userPrincipalName,employeeHireDate",
  line: (search: string) => `/api/reports?${query({ search, limit: "20" })}`,
  lineMember: (id: string) => `/api/reports?person=${id}`,
  packages: (search: string) =>
    `${GOVERNANCE}/accessPackages/filterByCurrentUser(on='allowedRequestor')?${query({ $expand: CONTENTS, $filter: named(search) })}`,
  package: (id: string) => `${GOVERNANCE}/accessPackages/${id}?${query({ $expand: CONTENTS })}`,
  packagesFor: (personId: string) => `/api/packages?for=${personId}&limit=999`,
  requirements: (packageId: string, personId: string) => `/api/packages/${packageId}/requirements?for=${personId}`,
  requests: (whose: RequestsOf, filter = "") =>
    `${GOVERNANCE}/assignmentRequests/filterByCurrentUser(on='${whose}')?${query({ $expand: WHO_AND_WHAT, $filter: filter, $top: "50" })}`,
  request: (id: string) => `${GOVERNANCE}/assignmentRequests/${id}?${query({ $expand: WHO_AND_WHAT })}`,
  submit: () => `${GOVERNANCE}/assignmentRequests`,
  cancel: (id: string) => `${GOVERNANCE}/assignmentRequests/${id}/cancel`,
  rehearse: () => "/api/requests/validate",
  explain: (id: string) => `/api/requests/${id}/explain`,
  answers: (id: string) => `/api/requests/${id}/answers`,
  resubmit: (id: string) => `/api/requests/${id}/resubmit`,
  takeBack: (id: string) => `/api/requests/${id}/takeBackApproval`,
  decided: () => "/api/approvals/history",
  delegations: () => "/api/approval-delegations",
  delegation: (id: string) => `/api/approval-delegations/${id}`,
  people: (search: string) =>
    `/v1.0/users?${query({ $select: "id,displayName,jobTitle,userPrincipalName", $filter: named(search), $top: "20" })}`,
  approvals: () =>
    `${GOVERNANCE}/accessPackageAssignmentApprovals/filterByCurrentUser(on='approver')?${query({ $expand: "stages", $top: "50" })}`,
  stage: (approvalId: string, stageId: string) =>
    `${GOVERNANCE}/accessPackageAssignmentApprovals/${approvalId}/stages/${stageId}`,
  assignments: (whose: AssignmentsOf, filter = "") =>
    `${GOVERNANCE}/assignments/filterByCurrentUser(on='${whose}')?${query({ $expand: HELD, $filter: filter, $top: "100" })}`,
  events: () => "/api/events",
  person: (id: string) => `/v1.0/users/${id}?$select=id,displayName`,
  audit: (narrowed: Record<string, string>) => `/api/audit?${query({ ...narrowed, limit: "50" })}`,
  chain: (after: number) => `/api/audit/chain?after=${after}`,
};

/** Leave out what is empty, and write the rest as an URL takes it. */
export function query(options: Record<string, string>): string {
  return Object.entries(options)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}

export function named(search: string): string {
  return search ? `contains(tolower(displayName),'${search.toLowerCase().replaceAll("'", "''")}')` : "";
}
