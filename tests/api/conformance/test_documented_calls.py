"""Every documented call of what we serve, in one story; and every answer held against Graph's types."""

from typing import Any, NamedTuple

import pytest

from grantline.model.person import Person
from grantline.persistence.database import Database
from tests.api.configured import CATALOGS, PACKAGES, POLICIES, RESOURCE_REQUESTS
from tests.api.conformance.checks import FACTS, faults, lacking
from tests.api.conftest import Clients
from tests.api.office import APPROVALS, ASSIGNMENTS, REQUESTS
from tests.cast import ADA, BOB, LEO, MIA, READERS, WRITERS

EM = "/identityGovernance/entitlementManagement"
GROUP = {"originId": READERS.id, "originSystem": "AadGroup"}
APPROVER = {"@odata.type": "#microsoft.graph.singleUser", "userId": BOB.id}
MANAGER = {"@odata.type": "#microsoft.graph.targetManager", "managerLevel": 1}
STAGE = {
    "durationBeforeAutomaticDenial": "P7D",
    "isApproverJustificationRequired": False,
    "isEscalationEnabled": False,
    "durationBeforeEscalation": "PT0S",
    "primaryApprovers": [APPROVER],
    "fallbackPrimaryApprovers": [],
    "escalationApprovers": [],
    "fallbackEscalationApprovers": [],
}
POLICY = {
    "displayName": "Managers ask",
    "description": "for their people",
    "allowedTargetScope": "allMemberUsers",
    "specificAllowedTargets": [],
    "expiration": {"endDateTime": None, "duration": "P90D", "type": "afterDuration"},
    "requestorSettings": {
        "enableTargetsToSelfAddAccess": True,
        "enableTargetsToSelfUpdateAccess": True,
        "enableTargetsToSelfRemoveAccess": True,
        "allowCustomAssignmentSchedule": True,
        "enableOnBehalfRequestorsToAddAccess": True,
        "enableOnBehalfRequestorsToUpdateAccess": True,
        "enableOnBehalfRequestorsToRemoveAccess": True,
        "onBehalfRequestors": [MANAGER],
    },
    "requestApprovalSettings": {
        "isApprovalRequiredForAdd": True,
        "isApprovalRequiredForUpdate": False,
        "stages": [STAGE],
    },
}

# Calls that we answer by saying no, and why; members that we do not keep are in NOT_KEPT.
REFUSED = {
    "accesspackageassignmentrequest-delete#delete_accesspackageassignmentrequest": "requests are evidence",
    "entitlementmanagement-post-resourcerequests#add_application": "no connector to Entra's applications",
    "entitlementmanagement-post-resourcerequests#add_sharepoint": "no connector to SharePoint",
    "entitlementmanagement-post-resourcerequests#update_application_attributes": "resources have no attributes",
    "accesspackage-post-resourcerolescopes#application_role": "no connector to Entra's applications",
    "entitlementmanagement-post-assignmentpolicies#auto_assignment": "membership rules are for Entra's own engine",
    "group-get#get_group_non_default": "mailboxes of groups",
    "group-list#get_enabled_dynamic_groups": "dynamic groups",
    "group-list#get_groups_with_licenses": "licences",
    "group-post-groups#create_role_enabled_group": "directory roles",
    "group-post-members#add_multiple_members_to_group": "members come one by one, by $ref",
    "user-get#get_user_select": "postal addresses and other identities",
    "user-list#get_signinname_users": "other identities",
    "user-list#get_user_assignedLicenses": "licences",
}
# Of users and groups we keep what access is decided by; the documentation shows whole directories.
NOT_KEPT = {
    "classification",
    "creationOptions",
    "deletedDateTime",
    "expirationDateTime",
    "isAssignableToRole",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesDomainName",
    "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName",
    "onPremisesProvisioningErrors",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "preferredDataLocation",
    "securityIdentifier",
    "preferredLanguage",
    "proxyAddresses",
    "renewedDateTime",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "theme",
}
# Told in test_extensions.py and test_questions.py: they need access that a worker has delivered, or questions.
LATER = {
    "entitlementmanagement-post-assignmentrequests#admin_update_expiration",
    "entitlementmanagement-post-assignmentpolicies#questions",
    "entitlementmanagement-post-assignmentrequests#user_update_answers_expiration",
}
# What we show beside Graph's properties.
OURS = {
    "approverIsRequestor",
    "approvers",
    "assignedInPlaceOf",
    "deadlineDateTime",
    "reminders",
    "reviewedInPlaceOf",
    "shortenedTo",
}


class Said(NamedTuple):
    """One call as it was made, and what came back."""

    name: str
    status: int
    body: Any


class Story:
    """Makes calls one after another, and keeps what came back."""

    def __init__(self, as_: Clients) -> None:
        self._as = as_
        self.said: list[Said] = []

    async def __call__(self, name: str, who: Person, method: str, path: str, body: Any = None) -> Any:
        """Make a call by the name it has in the facts, or under none, and return the answer's JSON."""
        answer = await self._as(who).request(method, path, json=body)
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        shown = answer.json() if is_json else None
        self.said.append(Said(name, answer.status_code, shown))
        assert name or answer.status_code < 300, answer.text
        return shown


async def configured(story: Story) -> dict[str, str]:
    """Make a catalog, a resource, packages and policies; return the ids."""
    post = "entitlementmanagement-post"
    body = {"displayName": "Finance", "description": "all of it", "state": "published", "isExternallyVisible": False}
    catalog = (await story(f"{post}-catalogs#create_accesspackagecatalog", ADA, "POST", CATALOGS, body))["id"]
    body = {"requestType": "adminAdd", "resource": GROUP | {"displayName": "Readers"}, "catalog": {"id": catalog}}
    await story(f"{post}-resourcerequests#add_group", ADA, "POST", RESOURCE_REQUESTS, body)
    listed = f"{CATALOGS}/{catalog}/resources?$expand=roles,scopes&$filter=originId eq '{READERS.id}'"
    found = await story("accesspackagecatalog-list-resources#by_origin_id", ADA, "GET", listed)
    resource = found["value"][0]
    listed = f"{CATALOGS}/{catalog}/resources?$expand=roles,scopes&$filter=id eq '{resource['id']}'"
    await story("accesspackagecatalog-list-resources#one_resource_roles_scopes", ADA, "GET", listed)
    body = {"displayName": "Payroll", "catalog": {"id": catalog}}
    package = (await story("", ADA, "POST", PACKAGES, body))["id"]
    other = (await story("", ADA, "POST", PACKAGES, body | {"displayName": "Audit"}))["id"]
    role = resource["roles"][0] | {"resource": {"id": resource["id"]} | GROUP}
    body = {"role": role, "scope": resource["scopes"][0]}
    path = f"{PACKAGES}/{package}/resourceRoleScopes"
    role_scope = (await story("accesspackage-post-resourcerolescopes#group_membership", ADA, "POST", path, body))["id"]
    for name in ("create_accesspackageassignmentpolicy_from_", "create_accesspackageassignmentpolicy_2"):
        made = POLICY | {"accessPackage": {"id": package if name.endswith("_") else other}, "displayName": name[-8:]}
        policy = (await story(f"{post}-assignmentpolicies#{name}", ADA, "POST", POLICIES, made))["id"]
    return {
        "catalog": catalog,
        "resource": resource["id"],
        "package": package,
        "other": other,
        "role_scope": role_scope,
        "spare_policy": policy,
    }


async def asked_and_decided(story: Story, ids: dict[str, str]) -> None:
    """Ask, look at what waits, decide, and look at what is held."""
    post = "entitlementmanagement-post-assignmentrequests"
    policies = await story("", ADA, "GET", f"{POLICIES}?$filter=accessPackage/id eq '{ids['package']}'")
    ids["policy"] = policies["value"][0]["id"]
    path = f"{PACKAGES}/{ids['package']}/getApplicablePolicyRequirements"
    name = "accesspackage-getapplicablepolicyrequirements#accesspackage_getapplicablepolicyrequirements"
    await story(name, MIA, "POST", path)
    about = {"accessPackageId": ids["package"], "assignmentPolicyId": ids["policy"]}
    body = {"requestType": "userAdd", "assignment": about | {"targetId": LEO.id}, "answers": []}
    asked = await story(f"{post}#user_add_with_answers", MIA, "POST", REQUESTS, body)
    ids["request"] = asked["id"]
    approval = f"{APPROVALS}/{asked['id']}"
    mine = f"{APPROVALS}/filterByCurrentUser(on='approver')"
    await story("approval-filterbycurrentuser#approvalthis-filterbycurrentuser", BOB, "GET", mine)
    await story("approval-get#get_approval", BOB, "GET", approval)
    stages = await story("approval-list-stages#list_approvalstage", BOB, "GET", f"{approval}/stages")
    stage = f"{approval}/stages/{stages['value'][0]['id']}"
    await story("approvalstage-get#get_approvalstage", BOB, "GET", stage)
    body = {"reviewResult": "Approve", "justification": "OK"}
    await story("approvalstage-update#patch_approvalstage", BOB, "PATCH", stage, body)
    await story("approvalstage-get#get_approvalstage", BOB, "GET", stage)
    about = {"targetId": MIA.id, "assignmentPolicyId": ids["policy"], "accessPackageId": ids["package"]}
    body = {"requestType": "adminAdd", "assignment": about}
    await story(f"{post}#admin_add_existing_user", ADA, "POST", REQUESTS, body)
    ids["held"] = (await story("", LEO, "GET", f"{ASSIGNMENTS}/filterByCurrentUser(on='target')"))["value"][0]["id"]
    about = {"target": {"email": BOB.mail}, "assignmentPolicy": {"id": ids["policy"]}}
    about |= {"accessPackage": {"id": ids["package"]}}
    asked = await story(
        f"{post}#admin_add_by_email", ADA, "POST", REQUESTS, {"requestType": "AdminAdd"} | {"assignment": about}
    )
    ids["waiting"] = (
        await story(
            "", LEO, "POST", REQUESTS, {"requestType": "userAdd"} | {"assignment": {"accessPackageId": ids["other"]}}
        )
    )["id"]


async def read(story: Story, ids: dict[str, str]) -> None:
    """Read everything that is documented to be read."""
    listing, package = "entitlementmanagement-list", f"{PACKAGES}/{ids['package']}"
    mine = f"{PACKAGES}/filterByCurrentUser(on='allowedRequestor')"
    await story("accesspackage-filterbycurrentuser#accesspackage_filterbycurrentuser", MIA, "GET", mine)
    await story("accesspackage-get#get_accesspackage", ADA, "GET", package)
    await story("", ADA, "GET", f"{package}?$expand=resourceRoleScopes($expand=role,scope),assignmentPolicies,catalog")
    policy = f"{POLICIES}/{ids['policy']}"
    shown = await story("accesspackageassignmentpolicy-get#get_accesspackageassignmentpolicy", ADA, "GET", policy)
    name = "accesspackageassignmentpolicy-update#update_accesspackageassignmentpolicy"
    await story(name, ADA, "PUT", policy, shown)
    name = "accesspackageassignmentrequest-filterbycurrentuser#accesspackageassignmentrequest_filterbycurrentuser"
    await story(name, LEO, "GET", f"{REQUESTS}/filterByCurrentUser(on='target')")
    one = f"{REQUESTS}/{ids['request']}"
    await story("accesspackageassignmentrequest-get#get_accesspackageassignmentrequest", MIA, "GET", one)
    await story("", MIA, "GET", f"{one}?$expand=requestor,accessPackage,assignment($expand=target)")
    await story("accesspackagecatalog-get#get_accesspackagecatalog", ADA, "GET", f"{CATALOGS}/{ids['catalog']}")
    await story(f"{listing}-accesspackages#list_accesspackage", ADA, "GET", PACKAGES)
    await story(f"{listing}-assignmentpolicies#list_accesspackageassignmentpolicy", ADA, "GET", POLICIES)
    await story(f"{listing}-assignments#list_accesspackageassignment", ADA, "GET", ASSIGNMENTS)
    await story(f"{listing}-catalogs#list_accesspackagecatalog", ADA, "GET", CATALOGS)
    await story(f"{listing}-resourcerequests#list", ADA, "GET", RESOURCE_REQUESTS)
    await story("accesspackageassignment-get#get", ADA, "GET", f"{ASSIGNMENTS}/{ids['held']}")
    await story("entitlementmanagementsettings-get#get_entitlementmanagementsettings", ADA, "GET", f"{EM}/settings")
    await story("accesspackagesubject-get#get", ADA, "GET", f"{EM}/subjects(objectId='{LEO.id}')")
    available = f"{EM}/availableAccessPackages/{ids['package']}/resourceRoleScopes"
    await story("availableaccesspackage-list-resourcerolescopes#list", MIA, "GET", available)


async def excluded(story: Story, ids: dict[str, str]) -> None:
    """Have packages and groups exclude each other, and not any more."""
    package, other = f"{PACKAGES}/{ids['package']}", f"{PACKAGES}/{ids['other']}"
    body = {"@odata.id": f"https://graph.example.com/v1.0{other}"}
    await story(
        "accesspackage-post-incompatibleaccesspackage#add",
        ADA,
        "POST",
        f"{package}/incompatibleAccessPackages/$ref",
        body,
    )
    reverse = f"{other}/accessPackagesIncompatibleWith"
    await story("accesspackage-list-accesspackagesincompatiblewith#list", ADA, "GET", reverse)
    gone = f"{package}/incompatibleAccessPackages/{ids['other']}/$ref"
    await story("accesspackage-delete-incompatibleaccesspackage#remove", ADA, "DELETE", gone)
    body = {"@odata.id": f"https://graph.example.com/v1.0/groups/{WRITERS.id}"}
    await story("", ADA, "POST", f"{package}/incompatibleGroups/$ref", body)
    await story("accesspackage-list-incompatiblegroups#list", ADA, "GET", f"{package}/incompatibleGroups")
    gone = f"{package}/incompatibleGroups/{WRITERS.id}/$ref"
    await story("accesspackage-delete-incompatiblegroup#remove", ADA, "DELETE", gone)


async def changed_and_deleted(story: Story, ids: dict[str, str]) -> None:
    """Change what may be changed, and take all away again, in the order in which it goes."""
    package, other = f"{PACKAGES}/{ids['package']}", f"{PACKAGES}/{ids['other']}"
    await story("accesspackage-update#update_accesspackage", ADA, "PATCH", package, {"displayName": "Payroll 2"})
    catalog = f"{CATALOGS}/{ids['catalog']}"
    await story(
        "accesspackagecatalog-update#update_accesspackagecatalog", ADA, "PATCH", catalog, {"displayName": "Money"}
    )
    settings = {"externalUserLifecycleAction": "None"}
    name = "entitlementmanagementsettings-update#update_entitlementManagementSettings"
    await story(name, ADA, "PATCH", f"{EM}/settings", settings)
    cancelled = f"{REQUESTS}/{ids['waiting']}/cancel"
    name = "accesspackageassignmentrequest-cancel#accesspackageassignmentrequest_cancel"
    await story(name, LEO, "POST", cancelled)
    await story(
        "accesspackage-delete-resourcerolescopes#delete",
        ADA,
        "DELETE",
        f"{package}/resourceRoleScopes/{ids['role_scope']}",
    )
    body = {"requestType": "adminRemove", "resource": {"id": ids["resource"]}, "catalog": {"id": ids["catalog"]}}
    await story("entitlementmanagement-post-resourcerequests#remove_resource", ADA, "POST", RESOURCE_REQUESTS, body)
    spare = f"{POLICIES}/{ids['spare_policy']}"
    await story("accesspackageassignmentpolicy-delete#delete_accesspackageassignmentpolicy", ADA, "DELETE", spare)
    await story("accesspackage-delete#delete_accesspackage", ADA, "DELETE", other)
    empty = (await story("", ADA, "POST", CATALOGS, {"displayName": "Empty"}))["id"]
    await story("accesspackagecatalog-delete#delete_accesspackagecatalog", ADA, "DELETE", f"{CATALOGS}/{empty}")


async def directory(story: Story) -> None:
    """Read people and groups as the documentation does."""
    await story(
        "directoryobject-checkmembergroups#directoryobject_checkmembergroups_me",
        LEO,
        "POST",
        "/me/checkMemberGroups",
        {"groupIds": [READERS.id]},
    )
    body = {"ids": [LEO.id, MIA.id], "types": ["user"]}
    await story("directoryobject-getbyids#directoryobject_getById", MIA, "POST", "/directoryObjects/getByIds", body)
    body = {"description": "x", "displayName": "Video", "groupTypes": ["Unified"], "mailEnabled": True}
    body |= {"mailNickname": "video", "securityEnabled": False}
    group = (await story("group-post-groups#create_group", ADA, "POST", "/groups", body))["id"]
    await story("group-get#get_group", MIA, "GET", f"/groups/{group}")
    await story("", ADA, "POST", f"/groups/{group}/members/$ref", {"@odata.id": f"https://x.example/users/{LEO.id}"})
    await story("group-list-members#get_count_only", MIA, "GET", f"/groups/{group}/members/$count")
    listed = f"/groups/{group}/members?$count=true&$filter=startswith(displayName, 'L')"
    await story("group-list-members#list_groups_members_startswith", MIA, "GET", listed)
    await story(
        "group-list-transitivemembers#get_group_transitivemembers", MIA, "GET", f"/groups/{group}/transitiveMembers"
    )
    await story("group-list#get_groups", MIA, "GET", "/groups")
    await story("group-list#get_count_only", MIA, "GET", "/groups/$count")
    listed = "/groups?$filter=startswith(displayName, 'p')&$count=true&$top=1&$orderby=displayName"
    await story("group-list#get_groups_startswith", MIA, "GET", listed)
    await story("group-list#get_video_count", MIA, "GET", '/groups?$search="displayName:Video"&$count=true')
    listed = '/groups?$search="displayName:Video" OR "description:prod"&$orderby=displayName&$count=true'
    await story("group-list#get_video_count-2", MIA, "GET", listed)
    await story("user-list-manager#get_manager_2", LEO, "GET", f"/users/{LEO.user_principal_name}/manager")
    listed = "/me?$expand=manager($levels=max;$select=id,displayName)&$select=id,displayName"
    await story("user-list-manager#get_transitive_managers", LEO, "GET", listed)
    await story("user-list-memberof#user_get_memberof", MIA, "GET", f"/users/{LEO.id}/memberOf")
    await story("user-list#get_users_2", MIA, "GET", "/users")
    await story("user-list#get_count_only", MIA, "GET", "/users/$count")
    listed = "/users?$filter=endswith(mail,'grantline.test')&$orderby=userPrincipalName&$count=true"
    await story("user-list#get_a_count_endsWith", MIA, "GET", listed)
    await story(
        "user-list#get_wa_count", MIA, "GET", '/users?$search="displayName:le"&$orderby=displayName&$count=true'
    )


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


async def test_every_documented_call_of_what_we_serve(as_: Clients) -> None:
    story = Story(as_)
    ids = await configured(story)
    await asked_and_decided(story, ids)
    await read(story, ids)
    await directory(story)
    await excluded(story, ids)
    await changed_and_deleted(story, ids)
    documented = {call["id"]: call for call in FACTS["calls"]}
    told = {said.name for said in story.said if said.name}
    assert told | set(REFUSED) >= set(documented) - LATER, (
        "a documented call of what we serve has no place in the story"
    )
    assert told <= set(documented)
    wrong = [
        f"{said.name}: {fault}" for said in story.said if said.name for fault in differing(said, documented[said.name])
    ]
    assert not wrong, "\n".join(wrong)


def differing(said: Said, documented: dict[str, Any]) -> list[str]:
    """Return in what an answer differs from the documentation and from Graph's types."""
    if said.status != documented["status"]:
        return [f"{said.status} instead of {documented['status']}: {said.body}"]
    kind = FACTS["operations"].get(documented["call"])
    found = [
        f"{place} is lacking" for place in lacking(documented["answers"], said.body) if last(place) not in NOT_KEPT
    ]
    if said.body is not None and kind is not None and kind != "object":
        of = said.body["value"] if kind.startswith("[") and isinstance(said.body, dict) else said.body
        found += [fault for fault in faults(of, kind) if last(fault.partition(" ")[0]) not in OURS]
    return found


def last(place: str) -> str:
    """Return the name at the end of a place such as `.value[0].mail`."""
    return place.rpartition(".")[2].partition("[")[0]
