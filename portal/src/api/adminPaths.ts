/** The paths that only the administration uses; they load with it. */
import { CONTENTS, GOVERNANCE, HELD, named, query, WHO_AND_WHAT } from "./paths";

const SOME = { $select: "id,displayName,jobTitle,userPrincipalName" };
const WHOLE_POLICY = "questions,customExtensionStageSettings,accessPackage,catalog";

export const adminPaths = {
  requests: (filter: string) => `${GOVERNANCE}/assignmentRequests?${query({ $expand: WHO_AND_WHAT, $filter: filter, $top: "50" })}`,
  assignments: (filter: string) => `${GOVERNANCE}/assignments?${query({ $expand: HELD, $filter: filter, $top: "50" })}`,
  assignmentsFile: (filter: string) => `/api/assignments.csv?${query({ $filter: filter })}`,
  requestsFile: (filter: string) => `/api/requests.csv?${query({ $filter: filter })}`,
  assign: () => `${GOVERNANCE}/assignmentRequests`,
  assignMany: () => "/api/assignments/bulk",
  reprocessRequest: (id: string) => `${GOVERNANCE}/assignmentRequests/${id}/reprocess`,
  reprocess: (id: string) => `${GOVERNANCE}/assignments/${id}/reprocess`,
  reprocessSeveral: () => "/api/assignments/reprocess",
  explainAssignment: (id: string) => `/api/assignments/${id}/explain`,

  catalogs: (search = "") => `${GOVERNANCE}/catalogs?${query({ $filter: named(search), $top: "50" })}`,
  catalog: (id: string) => `${GOVERNANCE}/catalogs/${id}`,
  catalogPackages: (id: string) => `${GOVERNANCE}/catalogs/${id}/accessPackages?${query({ $expand: "assignmentPolicies" })}`,
  catalogResources: (id: string) => `${GOVERNANCE}/catalogs/${id}/resources?${query({ $expand: "roles" })}`,
  catalogRoles: (id: string) => `${GOVERNANCE}/catalogs/${id}/resourceRoles?${query({ $expand: "resource", $top: "200" })}`,
  catalogExtensions: (id: string) => `${GOVERNANCE}/catalogs/${id}/customWorkflowExtensions`,
  catalogExtension: (id: string, extensionId: string) => `${GOVERNANCE}/catalogs/${id}/customWorkflowExtensions/${extensionId}`,
  catalogPolicies: (id: string) =>
    `${GOVERNANCE}/assignmentPolicies?${query({ $filter: `catalog/id eq '${id}'`, $expand: "accessPackage,customExtensionStageSettings", $top: "200" })}`,
  newCatalog: () => `${GOVERNANCE}/catalogs`,
  resourceRequests: () => `${GOVERNANCE}/resourceRequests`,

  packages: (search: string) =>
    `${GOVERNANCE}/accessPackages?${query({ $expand: `${CONTENTS},assignmentPolicies`, $filter: named(search), $top: "50" })}`,
  packagesNamed: (search: string) => `${GOVERNANCE}/accessPackages?${query({ $filter: named(search), $expand: "catalog", $top: "20" })}`,
  package: (id: string) => `${GOVERNANCE}/accessPackages/${id}?${query({ $expand: `${CONTENTS},assignmentPolicies` })}`,
  plainPackage: (id: string) => `${GOVERNANCE}/accessPackages/${id}`,
  retire: (id: string) => `/api/packages/${id}/retire`,
  newPackage: () => `${GOVERNANCE}/accessPackages`,
  roleScopes: (packageId: string) => `${GOVERNANCE}/accessPackages/${packageId}/resourceRoleScopes`,
  roleScope: (packageId: string, id: string) => `${GOVERNANCE}/accessPackages/${packageId}/resourceRoleScopes/${id}`,
  incompatiblePackages: (packageId: string) => `${GOVERNANCE}/accessPackages/${packageId}/incompatibleAccessPackages`,
  incompatibleWith: (packageId: string) => `${GOVERNANCE}/accessPackages/${packageId}/accessPackagesIncompatibleWith`,
  incompatibleGroups: (packageId: string) => `${GOVERNANCE}/accessPackages/${packageId}/incompatibleGroups`,
  addIncompatiblePackage: (packageId: string) => `${GOVERNANCE}/accessPackages/${packageId}/incompatibleAccessPackages/$ref`,
  addIncompatibleGroup: (packageId: string) => `${GOVERNANCE}/accessPackages/${packageId}/incompatibleGroups/$ref`,
  incompatiblePackage: (packageId: string, id: string) =>
    `${GOVERNANCE}/accessPackages/${packageId}/incompatibleAccessPackages/${id}/$ref`,
  incompatibleGroup: (packageId: string, id: string) => `${GOVERNANCE}/accessPackages/${packageId}/incompatibleGroups/${id}/$ref`,

  newPolicy: () => `${GOVERNANCE}/assignmentPolicies`,
  policy: (id: string) => `${GOVERNANCE}/assignmentPolicies/${id}?${query({ $expand: WHOLE_POLICY })}`,
  plainPolicy: (id: string) => `${GOVERNANCE}/assignmentPolicies/${id}`,

  person: (id: string) => `/v1.0/users/${id}?${query(SOME)}`,
  groupsNamed: (search: string) => `/v1.0/groups?${query({ $filter: named(search), $top: "20" })}`,
  ownedGroups: (search = "", top = "20") => `/v1.0/me/ownedObjects/graph.group?${query({ $filter: named(search), $top: top })}`,
  byIds: () => "/v1.0/directoryObjects/getByIds",

  roleDefinitions: () => "/v1.0/roleManagement/entitlementManagement/roleDefinitions",
  roleAssignments: () => "/v1.0/roleManagement/entitlementManagement/roleAssignments",
  rolesIn: (scope: string) =>
    `/v1.0/roleManagement/entitlementManagement/roleAssignments?${query({ $filter: `appScopeId eq '${scope}'`, $expand: "principal,roleDefinition" })}`,
  roleAssignment: (id: string) => `/v1.0/roleManagement/entitlementManagement/roleAssignments/${id}`,

  duties: () => "/api/separation-of-duties",
  drift: () => "/api/drift",
  correct: (grantId: string) => `/api/drift/${grantId}/correct`,
  changes: () => "/api/package-changes",
  controls: () => "/api/control-configurations",
  overdue: () => "/api/revocations/overdue",

  mails: () => "/api/mail-templates",
  mail: (id: string, language: string, sample: string) => `/api/mail-templates/${id}?${query({ language, sample })}`,
};
