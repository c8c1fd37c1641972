"""What every route reaches for: the one list. A route that is missing is refused to everybody; a test finds it first.

Which permissions suffice for a reach is in `grantline/rules/scopes.py`. Paths
are the routes' own, without `/v1.0`.
"""

from collections.abc import Mapping

from fastapi import Request

from api.auth.claims import Subject
from grantline.errors import PermissionMissing
from grantline.rules import scopes
from grantline.rules.scopes import Reach

_EM = "/identityGovernance/entitlementManagement"
_REQUESTS = f"{_EM}/assignmentRequests"
_ASSIGNMENTS = f"{_EM}/assignments"
_APPROVALS = f"{_EM}/accessPackageAssignmentApprovals"
_CATALOGS = f"{_EM}/catalogs"
_EXTENSIONS = f"{_CATALOGS}/{{catalog_id}}/customWorkflowExtensions"
_PACKAGES = f"{_EM}/accessPackages"
_PACKAGE = f"{_PACKAGES}/{{package_id}}"
_AVAILABLE = f"{_EM}/availableAccessPackages"
_CATALOG = f"{_CATALOGS}/{{catalog_id}}"
_SETTINGS = f"{_EM}/settings"
_CONTROLS = f"{_EM}/controlConfigurations"
_SUBJECTS = f"{_EM}/subjects"
_SUBJECT = f"{_SUBJECTS}(objectId='{{subject_id}}')"
_POLICIES = f"{_EM}/assignmentPolicies"
_RESOURCE_REQUESTS = f"{_EM}/resourceRequests"
_ROLES = "/roleManagement/entitlementManagement"
_USER = "/users/{user_id}"
_GROUP = "/groups/{group_id}"
_ONE, _OTHER = "accessPackageId='{package_id}'", "incompatibleAccessPackageId='{other_id}'"
_BY_ME = "filterByCurrentUser(on='{on}')"
_OF_A_PERSON = (
    "/manager",
    "/manager/$ref",
    "/directReports",
    "/directReports/$count",
    "/directReports/graph.user",
    "/directReports/{report_id}",
    "/memberOf",
    "/memberOf/$count",
    "/memberOf/graph.group",
    "/transitiveMemberOf",
    "/transitiveMemberOf/graph.group",
    "/ownedObjects",
    "/ownedObjects/$count",
    "/ownedObjects/graph.group",
    "/sponsors",
)

ROUTES: Mapping[Reach, tuple[str, ...]] = {
    # Each request of a batch is asked for its own reach.
    Reach.SIGNED_IN: ("GET /api/session", "GET /api/me/permissions", "POST /$batch"),
    Reach.OWN_PROFILE: (
        "GET /me",
        "POST /me/checkMemberGroups",
        "POST /me/getMemberGroups",
        *(f"GET /me{part}" for part in _OF_A_PERSON),
    ),
    Reach.DIRECTORY: ("POST /directoryObjects/getByIds", "GET /directoryObjects/{object_id}"),
    Reach.PEOPLE: (
        "GET /users",
        "GET /users/$count",
        f"GET {_USER}",
        f"POST {_USER}/checkMemberGroups",
        f"POST {_USER}/getMemberGroups",
        *(f"GET {_USER}{part}" for part in _OF_A_PERSON),
    ),
    Reach.PEOPLE_CHANGE: (
        "POST /users",
        f"DELETE {_USER}",
        *(
            f"{method} {whose}{part}"
            for whose in ("/me", _USER)
            for method, part in (
                ("PATCH", ""),
                ("PUT", "/manager/$ref"),
                ("DELETE", "/manager/$ref"),
                ("POST", "/sponsors/$ref"),
                ("DELETE", "/sponsors/{sponsor_id}/$ref"),
            )
        ),
    ),
    Reach.GROUPS: (
        "GET /groups",
        "GET /groups/$count",
        f"GET {_GROUP}",
        f"GET {_GROUP}/members",
        f"GET {_GROUP}/members/$count",
        f"GET {_GROUP}/members/$ref",
        f"GET {_GROUP}/members/graph.user",
        f"GET {_GROUP}/owners",
        f"GET {_GROUP}/owners/$count",
        f"GET {_GROUP}/owners/$ref",
        f"GET {_GROUP}/owners/graph.user",
        f"GET {_GROUP}/transitiveMembers",
        f"GET {_GROUP}/transitiveMembers/$count",
        f"GET {_GROUP}/transitiveMembers/graph.user",
    ),
    Reach.GROUPS_CHANGE: (
        "POST /groups",
        f"PATCH {_GROUP}",
        f"DELETE {_GROUP}",
        f"POST {_GROUP}/owners/$ref",
        f"DELETE {_GROUP}/owners/{{person_id}}/$ref",
        f"DELETE {_GROUP}/owners/$ref",
    ),
    Reach.MEMBERS_CHANGE: (
        f"POST {_GROUP}/members/$ref",
        f"DELETE {_GROUP}/members/{{person_id}}/$ref",
        f"DELETE {_GROUP}/members/$ref",
    ),
    Reach.OWN_ACCESS: (
        f"GET {_REQUESTS}/{_BY_ME}",
        f"GET {_ASSIGNMENTS}/{_BY_ME}",
        f"GET {_PACKAGES}/{_BY_ME}",
        f"POST {_PACKAGE}/getApplicablePolicyRequirements",
        f"GET {_AVAILABLE}",
        f"GET {_AVAILABLE}/$count",
        f"GET {_AVAILABLE}/{{package_id}}",
        f"GET {_AVAILABLE}/{{package_id}}/resourceRoleScopes",
        "GET /api/packages",
        "GET /api/packages/{package_id}/requirements",
        "GET /api/reports",
        "GET /api/reports/standings",
    ),
    Reach.REQUEST_CHANGE: (f"POST {_REQUESTS}",),
    Reach.OWN_ACCESS_CHANGE: (
        f"POST {_REQUESTS}/{{request_id}}/cancel",
        "POST /api/requests/{request_id}/resubmit",
    ),
    Reach.EXPLANATION: (
        "POST /api/requests/validate",
        "GET /api/requests/{request_id}/answers",
        "GET /api/requests/{request_id}/explain",
        "GET /api/assignments/{assignment_id}/explain",
        "GET /api/events",
    ),
    Reach.APPROVALS: (
        f"GET {_APPROVALS}/{_BY_ME}",
        f"GET {_APPROVALS}/{{approval_id}}",
        f"GET {_APPROVALS}/{{approval_id}}/stages",
        f"GET {_APPROVALS}/{{approval_id}}/stages/{{stage_id}}",
        "GET /api/approvals/history",
        "GET /api/approval-delegations",
        "GET /api/approval-delegations/{delegation_id}",
        "GET /api/fulfilment-tasks",
    ),
    Reach.DECISION: (
        f"PATCH {_APPROVALS}/{{approval_id}}/stages/{{stage_id}}",
        "PATCH /api/requests/{request_id}/answers",
        "POST /api/requests/{request_id}/takeBackApproval",
        "POST /api/approval-delegations",
        "PATCH /api/approval-delegations/{delegation_id}",
        "DELETE /api/approval-delegations/{delegation_id}",
        "POST /api/fulfilment-tasks/{task_id}/complete",
        "POST /api/fulfilment-tasks/{task_id}/refuse",
    ),
    Reach.GOVERNANCE: (
        f"GET {_REQUESTS}",
        f"GET {_REQUESTS}/{{request_id}}",
        f"GET {_ASSIGNMENTS}",
        f"GET {_ASSIGNMENTS}/{{assignment_id}}",
        f"GET {_ASSIGNMENTS}/additionalAccess()",
        f"GET {_ASSIGNMENTS}/additionalAccess({_ONE},{_OTHER})",
        f"GET {_ASSIGNMENTS}/additionalAccess({_OTHER},{_ONE})",
        f"GET {_CATALOGS}",
        f"GET {_CATALOGS}/{{catalog_id}}",
        f"GET {_CATALOGS}/{{catalog_id}}/accessPackages",
        f"GET {_EXTENSIONS}",
        f"GET {_EXTENSIONS}/{{extension_id}}",
        f"GET {_CATALOGS}/{{catalog_id}}/resourceRoles",
        f"GET {_CATALOGS}/{{catalog_id}}/resources",
        f"GET {_CATALOGS}/{{catalog_id}}/resources/{{resource_id}}",
        f"GET {_PACKAGES}",
        f"GET {_PACKAGE}",
        f"GET {_PACKAGE}/accessPackagesIncompatibleWith",
        f"GET {_PACKAGE}/accessPackagesIncompatibleWith/$count",
        f"GET {_PACKAGE}/incompatibleAccessPackages",
        f"GET {_PACKAGE}/incompatibleAccessPackages/$count",
        f"GET {_PACKAGE}/incompatibleAccessPackages/$ref",
        f"GET {_PACKAGE}/incompatibleGroups",
        f"GET {_PACKAGE}/incompatibleGroups/$count",
        f"GET {_PACKAGE}/incompatibleGroups/$ref",
        f"GET {_PACKAGE}/resourceRoleScopes",
        f"GET {_POLICIES}",
        f"GET {_POLICIES}/{{policy_id}}",
        f"GET {_RESOURCE_REQUESTS}",
        f"GET {_RESOURCE_REQUESTS}/{{resource_request_id}}",
        *(f"GET {listed}/$count" for listed in (_REQUESTS, _ASSIGNMENTS, _CATALOGS, _PACKAGES, _POLICIES)),
        f"GET {_RESOURCE_REQUESTS}/$count",
        *(f"GET {_CATALOG}/{inside}/$count" for inside in ("accessPackages", "resources", "resourceRoles")),
        f"GET {_CATALOG}/resourceScopes",
        *(f"GET {_CATALOG}/resources/{{resource_id}}/{part}" for part in ("roles", "scopes")),
        *(f"GET {_REQUESTS}/{{request_id}}/{part}" for part in ("accessPackage", "assignment", "requestor")),
        *(f"GET {_ASSIGNMENTS}/{{assignment_id}}/{part}" for part in ("accessPackage", "assignmentPolicy", "target")),
        *(f"GET {_PACKAGE}/{part}" for part in ("catalog", "assignmentPolicies", "resourceRoleScopes/{role_scope_id}")),
        *(f"GET {_POLICIES}/{{policy_id}}/{part}" for part in ("accessPackage", "catalog", "questions")),
        f"GET {_SUBJECTS}",
        f"GET {_SUBJECTS}/$count",
        f"GET {_SUBJECTS}/{{subject_id}}",
        f"GET {_SUBJECT}",
        f"GET {_SETTINGS}",
        *(f"GET {_CONTROLS}{part}" for part in ("", "/$count", "/{name}")),
        f"GET {_ROLES}/roleDefinitions",
        f"GET {_ROLES}/roleDefinitions/{{definition_id}}",
        f"GET {_ROLES}/roleAssignments",
        f"GET {_ROLES}/roleAssignments/$count",
        f"GET {_ROLES}/roleAssignments/{{role_assignment_id}}",
        "GET /api/assignments.csv",
        "GET /api/control-configurations",
        "GET /api/audit",
        "GET /api/audit/chain",
        "GET /api/drift",
        "GET /api/mail-templates",
        "GET /api/mail-templates/{message}",
        "GET /api/package-changes",
        "GET /api/requests.csv",
        "GET /api/resources/{resource_id}/fulfillers",
        "GET /api/revocations/overdue",
        "GET /api/separation-of-duties",
    ),
    Reach.GOVERNANCE_CHANGE: (
        f"DELETE {_REQUESTS}/{{request_id}}",
        f"POST {_REQUESTS}/{{request_id}}/reprocess",
        # With the token of a callout one is not asked for this (api/dependencies.py).
        f"POST /v1.0{_REQUESTS}/{{request_id}}/resume",
        f"DELETE {_ASSIGNMENTS}/{{assignment_id}}",
        f"POST {_ASSIGNMENTS}/{{assignment_id}}/reprocess",
        f"PATCH {_SUBJECT}",
        f"PATCH {_SUBJECTS}/{{subject_id}}",
        f"PATCH {_SETTINGS}",
        f"PATCH {_CONTROLS}/{{name}}",
        f"PUT {_CONTROLS}/{{name}}",
        "PATCH /api/control-configurations",
        f"POST {_ROLES}/roleAssignments",
        f"DELETE {_ROLES}/roleAssignments/{{role_assignment_id}}",
        f"POST {_CATALOGS}",
        f"PATCH {_CATALOGS}/{{catalog_id}}",
        f"DELETE {_CATALOGS}/{{catalog_id}}",
        f"POST {_EXTENSIONS}",
        f"PATCH {_EXTENSIONS}/{{extension_id}}",
        f"PUT {_EXTENSIONS}/{{extension_id}}",
        f"DELETE {_EXTENSIONS}/{{extension_id}}",
        f"POST {_PACKAGES}",
        f"PATCH {_PACKAGE}",
        f"DELETE {_PACKAGE}",
        f"POST {_PACKAGE}/incompatibleAccessPackages/$ref",
        f"DELETE {_PACKAGE}/incompatibleAccessPackages/$ref",
        f"DELETE {_PACKAGE}/incompatibleAccessPackages/{{other_id}}/$ref",
        f"POST {_PACKAGE}/incompatibleGroups/$ref",
        f"DELETE {_PACKAGE}/incompatibleGroups/$ref",
        f"DELETE {_PACKAGE}/incompatibleGroups/{{group_id}}/$ref",
        f"POST {_PACKAGE}/resourceRoleScopes",
        f"DELETE {_PACKAGE}/resourceRoleScopes/{{role_scope_id}}",
        f"POST {_POLICIES}",
        f"PUT {_POLICIES}/{{policy_id}}",
        f"DELETE {_POLICIES}/{{policy_id}}",
        f"POST {_RESOURCE_REQUESTS}",
        "POST /api/assignments/bulk",
        "POST /api/assignments/reprocess",
        "POST /api/drift/{grant_id}/correct",
        "POST /api/packages/{package_id}/retire",
        "POST /api/requests/{request_id}/reassign",
        "PUT /api/resources/{resource_id}/fulfillers",
    ),
}

# For people who are not signed in yet, and for machines that look after this one.
FOR_EVERYBODY = (
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /auth/login",
    "GET /auth/callback",
    "POST /auth/logout",
    "GET /auth/development/authorize",
    "POST /auth/development/token",
)

_REACHES: Mapping[tuple[str, str], Reach] = {
    (route.partition(" ")[0], route.partition(" ")[2]): reach for reach, routes in ROUTES.items() for route in routes
}


def reach_of(request: Request) -> Reach:
    """Return what the matched route reaches for.

    Raises:
        PermissionMissing: nobody has said; so nobody may.
    """
    path: str = request.scope["route"].path
    reach = _REACHES.get((request.method, path))
    if reach is None:
        raise PermissionMissing(f"{request.method} {path} is open to nobody, because no permission was named for it.")
    return reach


def permission_missing(subject: Subject, reach: Reach) -> PermissionMissing:
    """Say what a token lacks, and which permissions would each have been enough."""
    is_application = subject.app_id is not None
    enough = tuple(sorted(scopes.sufficient(reach, is_application=is_application)))
    if not enough:
        return PermissionMissing("No application may do this; it needs a person who is signed in.")
    held = ", ".join(sorted(subject.permissions or ())) or "no permission that is known here"
    where = "roles" if is_application else "scp"
    return PermissionMissing(
        f"The token has {held}; this needs one of {', '.join(enough)} in its {where}.", sufficient=enough
    )
