/** The paths that only the administration uses; they load with it. */
import type { Drifted, RoleAssignment, WholePackage, WrittenPolicy } from "./adminShapes";
import type { NamingPolicy } from "./extensionShapes";
import type { Items, Value } from "./generated";
import { at, giving } from "./path";
import { CONTENTS, GOVERNANCE, HELD, named, WHO_AND_WHAT } from "./paths";
import type { AccessRequest, Assignment } from "./shapes";

const SOME = { $select: "id,displayName,jobTitle,userPrincipalName" };
const WHOLE_POLICY = "questions,customExtensionStageSettings,accessPackage,catalog";
const ROLES = "/v1.0/roleManagement/entitlementManagement";

export const adminPaths = {
  requests: (filter: string) =>
    giving<Value<AccessRequest>>()(`${GOVERNANCE}/assignmentRequests`, [], { $expand: WHO_AND_WHAT, $filter: filter, $top: "50" }),
  assignments: (filter: string) =>
    giving<Value<Assignment>>()(`${GOVERNANCE}/assignments`, [], { $expand: HELD, $filter: filter, $top: "50" }),
  assignmentsFile: (filter: string) => at("/api/assignments.csv", [], { $filter: filter }),
  requestsFile: (filter: string) => at("/api/requests.csv", [], { $filter: filter }),
  assign: () => at(`${GOVERNANCE}/assignmentRequests`),
  assignMany: () => at("/api/assignments/bulk"),
  reprocessRequest: (id: string) => at(`${GOVERNANCE}/assignmentRequests/{request_id}/reprocess`, [id]),
  reprocess: (id: string) => at(`${GOVERNANCE}/assignments/{assignment_id}/reprocess`, [id]),
  reprocessSeveral: () => at("/api/assignments/reprocess"),
  explainAssignment: (id: string) => at("/api/assignments/{assignment_id}/explain", [id]),

  catalogs: (search = "") => at(`${GOVERNANCE}/catalogs`, [], { $filter: named(search), $top: "50" }),
  catalog: (id: string) => at(`${GOVERNANCE}/catalogs/{catalog_id}`, [id]),
  catalogPackages: (id: string) => at(`${GOVERNANCE}/catalogs/{catalog_id}/accessPackages`, [id], { $expand: "assignmentPolicies" }),
  catalogResources: (id: string) => at(`${GOVERNANCE}/catalogs/{catalog_id}/resources`, [id], { $expand: "roles" }),
  catalogRoles: (id: string) => at(`${GOVERNANCE}/catalogs/{catalog_id}/resourceRoles`, [id], { $expand: "resource", $top: "200" }),
  catalogExtensions: (id: string) => at(`${GOVERNANCE}/catalogs/{catalog_id}/customWorkflowExtensions`, [id]),
  catalogExtension: (id: string, extensionId: string) =>
    at(`${GOVERNANCE}/catalogs/{catalog_id}/customWorkflowExtensions/{extension_id}`, [id, extensionId]),
  catalogPolicies: (id: string) =>
    giving<Value<NamingPolicy>>()(`${GOVERNANCE}/assignmentPolicies`, [], {
      $filter: `catalog/id eq '${id}'`,
      $expand: "accessPackage,customExtensionStageSettings",
      $top: "200",
    }),
  newCatalog: () => at(`${GOVERNANCE}/catalogs`),
  resourceRequests: () => at(`${GOVERNANCE}/resourceRequests`),

  packages: (search: string) =>
    at(`${GOVERNANCE}/accessPackages`, [], { $expand: `${CONTENTS},assignmentPolicies`, $filter: named(search), $top: "50" }),
  packagesNamed: (search: string) => at(`${GOVERNANCE}/accessPackages`, [], { $filter: named(search), $expand: "catalog", $top: "20" }),
  package: (id: string) =>
    giving<WholePackage>()(`${GOVERNANCE}/accessPackages/{package_id}`, [id], { $expand: `${CONTENTS},assignmentPolicies` }),
  plainPackage: (id: string) => at(`${GOVERNANCE}/accessPackages/{package_id}`, [id]),
  retire: (id: string) => at("/api/packages/{package_id}/retire", [id]),
  newPackage: () => at(`${GOVERNANCE}/accessPackages`),
  roleScopes: (packageId: string) => at(`${GOVERNANCE}/accessPackages/{package_id}/resourceRoleScopes`, [packageId]),
  roleScope: (packageId: string, id: string) =>
    at(`${GOVERNANCE}/accessPackages/{package_id}/resourceRoleScopes/{role_scope_id}`, [packageId, id]),
  incompatiblePackages: (packageId: string) => at(`${GOVERNANCE}/accessPackages/{package_id}/incompatibleAccessPackages`, [packageId]),
  incompatibleWith: (packageId: string) => at(`${GOVERNANCE}/accessPackages/{package_id}/accessPackagesIncompatibleWith`, [packageId]),
  incompatibleGroups: (packageId: string) => at(`${GOVERNANCE}/accessPackages/{package_id}/incompatibleGroups`, [packageId]),
  addIncompatiblePackage: (packageId: string) =>
    at(`${GOVERNANCE}/accessPackages/{package_id}/incompatibleAccessPackages/$ref`, [packageId]),
  addIncompatibleGroup: (packageId: string) => at(`${GOVERNANCE}/accessPackages/{package_id}/incompatibleGroups/$ref`, [packageId]),
  incompatiblePackage: (packageId: string, id: string) =>
    at(`${GOVERNANCE}/accessPackages/{package_id}/incompatibleAccessPackages/{other_id}/$ref`, [packageId, id]),
  incompatibleGroup: (packageId: string, id: string) =>
    at(`${GOVERNANCE}/accessPackages/{package_id}/incompatibleGroups/{group_id}/$ref`, [packageId, id]),

  newPolicy: () => at(`${GOVERNANCE}/assignmentPolicies`),
  policy: (id: string) => giving<WrittenPolicy>()(`${GOVERNANCE}/assignmentPolicies/{policy_id}`, [id], { $expand: WHOLE_POLICY }),
  plainPolicy: (id: string) => at(`${GOVERNANCE}/assignmentPolicies/{policy_id}`, [id]),

  person: (id: string) => at("/v1.0/users/{user_id}", [id], SOME),
  group: (id: string) => at("/v1.0/groups/{group_id}", [id]),
  groupsNamed: (search: string) => at("/v1.0/groups", [], { $filter: named(search), $top: "20" }),
  ownedGroups: (search = "", top = "20") =>
    at("/v1.0/me/ownedObjects/graph.group", [], { $filter: named(search), $top: top }),
  byIds: () => at("/v1.0/directoryObjects/getByIds"),

  roleDefinitions: () => at(`${ROLES}/roleDefinitions`),
  roleAssignments: () => at(`${ROLES}/roleAssignments`),
  rolesIn: (scope: string) =>
    giving<Value<RoleAssignment>>()(`${ROLES}/roleAssignments`, [], {
      $filter: `appScopeId eq '${scope}'`,
      $expand: "principal,roleDefinition",
    }),
  roleAssignment: (id: string) => at(`${ROLES}/roleAssignments/{role_assignment_id}`, [id]),

  duties: () => at("/api/separation-of-duties"),
  drift: () => giving<Items<Drifted>>()("/api/drift"),
  correct: (grantId: string) => at("/api/drift/{grant_id}/correct", [grantId]),
  changes: () => at("/api/package-changes"),
  controls: () => at("/api/control-configurations"),
  overdue: () => at("/api/revocations/overdue"),

  mails: () => at("/api/mail-templates"),
  mail: (id: string, language: string, sample: string) => at("/api/mail-templates/{message}", [id], { language, sample }),
};
