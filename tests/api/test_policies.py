"""Policies are written whole, read back the same, and never half understood."""

from copy import deepcopy
from typing import Any

from sqlalchemy import select

from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events
from tests.api.configured import PACKAGES, POLICIES, UNKNOWN_ID, a_catalog, a_package, a_policy, error_of, message_of
from tests.api.conftest import Clients
from tests.cast import ADA, BOB, LEO, MIA, OWNERS

USER = {"@odata.type": "#microsoft.graph.singleUser", "userId": BOB.id, "description": "Bob"}
GROUP = {"@odata.type": "#microsoft.graph.groupMembers", "groupId": OWNERS.id, "description": None}
MANAGER = {"@odata.type": "#microsoft.graph.requestorManager", "managerLevel": 2}
STAGE = {
    "durationBeforeAutomaticDenial": "P2D",
    "isApproverJustificationRequired": True,
    "isEscalationEnabled": False,
    "durationBeforeEscalation": "PT0S",
    "primaryApprovers": [MANAGER, USER],
    "fallbackPrimaryApprovers": [GROUP],
    "escalationApprovers": [USER],
    "fallbackEscalationApprovers": [],
    "approverInformationVisibility": "default",
    "reminders": None,
}
SPONSORS = {"@odata.type": "#microsoft.graph.targetUserSponsors"}
STRANGER = USER | {"userId": UNKNOWN_ID}
NO_ALTERNATES: dict[str, Any] = {"escalationApprovers": [], "fallbackEscalationApprovers": []}
ESCALATING: dict[str, Any] = STAGE | {
    "isEscalationEnabled": True,
    "durationBeforeEscalation": "PT5M",
    "primaryApprovers": [SPONSORS],
    "escalationApprovers": [MANAGER, USER],
    "fallbackEscalationApprovers": [GROUP],
    "approverInformationVisibility": "notVisible",
    "reminders": ["P1D", "PT4H"],
}
WHOLE: dict[str, Any] = {
    "displayName": "Managers ask",
    "description": "for their people",
    "allowedTargetScope": "specificDirectoryUsers",
    "specificAllowedTargets": [GROUP, USER | {"userId": LEO.id}],
    "expiration": {"endDateTime": None, "duration": "P365D", "type": "afterDuration"},
    "requestorSettings": {
        "allowCustomAssignmentSchedule": True,
        "enableTargetsToSelfAddAccess": True,
        "enableTargetsToSelfUpdateAccess": False,
        "enableTargetsToSelfRemoveAccess": True,
        "enableOnBehalfRequestorsToAddAccess": True,
        "enableOnBehalfRequestorsToUpdateAccess": False,
        "enableOnBehalfRequestorsToRemoveAccess": True,
        "onBehalfRequestors": [{"@odata.type": "#microsoft.graph.targetManager", "managerLevel": 4}, USER],
    },
    "requestApprovalSettings": {
        "isApprovalRequiredForAdd": True,
        "isApprovalRequiredForUpdate": False,
        "isRequestorJustificationRequired": True,
        "approverIsRequestor": "fallback",
        "stages": [STAGE, STAGE | {"durationBeforeAutomaticDenial": "PT4H30M"}],
    },
    "reviewSettings": {"isEnabled": False},
    "automaticRequestSettings": {"requestAccessForAllowedTargets": False, "gracePeriodBeforeAccessRemoval": "P7D"},
    "notificationSettings": {"isAssignmentNotificationDisabled": True},
}


async def a_payroll(client: Any) -> str:
    return await a_package(client, await a_catalog(client))


async def test_what_was_written_is_read_back_the_same(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await a_payroll(ada)
    answer = await ada.post(POLICIES, json=WHOLE | {"accessPackage": {"id": package_id}})
    assert answer.status_code == 201, answer.text
    policy_id = answer.json()["id"]
    for read in (answer.json(), (await ada.get(f"{POLICIES}/{policy_id}?$expand=accessPackage,catalog")).json()):
        assert {name: read[name] for name in WHOLE} == WHOLE
    assert read["accessPackage"]["id"] == package_id
    assert read["catalog"]["displayName"] == "Finance"


async def test_alternates_reminders_and_visibility_are_read_back_the_same(as_: Clients) -> None:
    ada = as_(ADA)
    settings = {"isApprovalRequiredForAdd": True, "stages": [STAGE, ESCALATING, STAGE | {"reminders": []}]}
    body = changed(requestApprovalSettings=settings) | {"accessPackage": {"id": await a_payroll(ada)}}
    answer = await ada.post(POLICIES, json=body)
    assert answer.status_code == 201, answer.text
    read = (await ada.get(f"{POLICIES}/{answer.json()['id']}")).json()
    assert read["requestApprovalSettings"]["stages"] == settings["stages"]
    again = await ada.put(f"{POLICIES}/{answer.json()['id']}", json=read)
    assert again.json()["requestApprovalSettings"] == read["requestApprovalSettings"]


async def test_a_policy_that_was_read_is_written_back_unchanged_by_a_python_client(as_: Clients) -> None:
    ada = as_(ADA)
    policy_id = (await ada.post(POLICIES, json=WHOLE | {"accessPackage": {"id": await a_payroll(ada)}})).json()["id"]
    read = (await ada.get(f"{POLICIES}/{policy_id}")).json()
    body = deepcopy(read)
    body["expiration"]["duration"] = "365 days, 0:00:00"
    body["requestApprovalSettings"]["stages"][1]["durationBeforeAutomaticDenial"] = "4:30:00"
    body["requestApprovalSettings"]["stages"][0]["durationBeforeEscalation"] = "0:00:00"
    written = await ada.put(f"{POLICIES}/{policy_id}", json=body)
    assert (written.status_code, written.json()) == (200, read)


async def test_what_a_put_leaves_out_is_off_and_empty(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    package_id = await a_payroll(ada)
    policy_id = (await ada.post(POLICIES, json=WHOLE | {"accessPackage": {"id": package_id}})).json()["id"]
    bare = {"displayName": "Nobody", "expiration": {"type": "noExpiration"}, "id": policy_id}
    written = (await ada.put(f"{POLICIES}/{policy_id}", json=bare)).json()
    assert written["allowedTargetScope"] == "notSpecified"
    assert written["specificAllowedTargets"] == []
    assert written["requestApprovalSettings"]["stages"] == []
    assert not any(
        value for name, value in written["requestorSettings"].items() if name.startswith(("enable", "allow", "on"))
    )
    assert written["expiration"] == {"endDateTime": None, "duration": None, "type": "noExpiration"}
    assert written["notificationSettings"] is None
    async with database.read() as tx:
        rows = await tx.all(select(audit_events).order_by(audit_events.c.number.desc()).limit(1))
    assert (rows[0].type, rows[0].object_id, rows[0].actor_id) == ("configuration.changed", policy_id, ADA.id)
    assert rows[0].details["changes"]["display_name"] == {"from": "Managers ask", "to": "Nobody"}
    assert "created_at" not in rows[0].details["changes"]


async def test_a_policy_stays_with_its_package(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    here, there = await a_package(ada, catalog_id, "Here"), await a_package(ada, catalog_id, "There")
    policy_id = await a_policy(ada, here)
    same = {"displayName": "Same", "accessPackage": {"id": here}}
    assert (await ada.put(f"{POLICIES}/{policy_id}", json=same)).status_code == 200
    refused = await ada.put(f"{POLICIES}/{policy_id}", json={"displayName": "Moved", "accessPackage": {"id": there}})
    assert (error_of(refused), here in message_of(refused)) == ((400, "invalidRequest"), True)


async def test_policies_are_listed_and_found(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    here, there = await a_package(ada, catalog_id, "Here"), await a_package(ada, catalog_id, "There")
    first = await a_policy(ada, here, displayName="B")
    second = await a_policy(ada, there, displayName="A")

    async def ids(query: str) -> list[str]:
        answer = await ada.get(f"{POLICIES}?{query}")
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["value"]]

    assert await ids("") == [second, first]
    assert await ids("$filter=displayName eq 'B'") == [first]
    assert await ids(f"$filter=accessPackage/id eq '{there}'") == [second]
    assert await ids(f"$filter=catalog/id eq '{catalog_id}'&$top=1") == [second]
    package = (await ada.get(f"{PACKAGES}/{here}?$expand=assignmentPolicies")).json()
    assert [one["id"] for one in package["assignmentPolicies"]] == [first]
    expanded = (await ada.get(f"{POLICIES}/{first}?$expand=questions,customExtensionStageSettings")).json()
    assert (expanded["questions"], expanded["customExtensionStageSettings"]) == ([], [])
    assert (await ada.delete(f"{POLICIES}/{first}")).status_code == 204
    assert error_of(await ada.get(f"{POLICIES}/{first}")) == (404, "itemNotFound")
    assert await ids("") == [second]


async def test_words_are_taken_in_any_case_and_truths_as_text(as_: Clients) -> None:
    ada = as_(ADA)
    body = {
        "DisplayName": "Any case",
        "allowedTargetScope": "AllMemberUsers",
        "requestorSettings": {"enableTargetsToSelfAddAccess": "true"},
        "requestApprovalSettings": {
            "isApprovalRequiredForAdd": "True",
            "stages": [{"primaryApprovers": [{"@odata.type": "microsoft.graph.SingleUser", "USERID": BOB.id.upper()}]}],
        },
        "expiration": {"type": "AfterDuration", "duration": "14 days, 0:00:00"},
        "accessPackageId": await a_payroll(ada),
    }
    answer = await ada.post(POLICIES, json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["allowedTargetScope"] == "allMemberUsers"
    assert made["requestorSettings"]["enableTargetsToSelfAddAccess"] is True
    assert made["expiration"] == {"endDateTime": None, "duration": "P14D", "type": "afterDuration"}
    (stage,) = made["requestApprovalSettings"]["stages"]
    assert stage["durationBeforeAutomaticDenial"] == "P14D"
    assert stage["primaryApprovers"] == [USER | {"description": None}]


async def test_an_end_in_the_past_is_refused(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await a_payroll(ada)
    past = {"type": "afterDateTime", "endDateTime": "2020-01-01T00:00:00Z"}
    body = {"displayName": "Till then", "expiration": past, "accessPackage": {"id": package_id}}
    refused = await ada.post(POLICIES, json=body)
    assert (error_of(refused), "has passed" in message_of(refused)) == ((400, "invalidRequest"), True)
    future = {"type": "afterDateTime", "endDateTime": "2099-01-31T08:00:00+01:00"}
    made = (await ada.post(POLICIES, json=body | {"expiration": future})).json()
    assert made["expiration"]["endDateTime"] == "2099-01-31T07:00:00Z"
    assert error_of(await ada.put(f"{POLICIES}/{made['id']}", json=body))[0] == 400


def changed(**members: Any) -> dict[str, Any]:
    return {"displayName": "x", "allowedTargetScope": "allMemberUsers", **members}


def staged(**members: Any) -> dict[str, Any]:
    stage = {"primaryApprovers": [USER], **members}
    return changed(requestApprovalSettings={"isApprovalRequiredForAdd": True, "stages": [stage]})


def on_behalf(*subjects: Any) -> dict[str, Any]:
    return changed(requestorSettings={"onBehalfRequestors": list(subjects)})


def targets(*subjects: Any, scope: str = "specificDirectoryUsers") -> dict[str, Any]:
    return changed(allowedTargetScope=scope, specificAllowedTargets=list(subjects))


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("no name", {"displayName": None}, "displayName"),
    ("an empty name", changed(displayName=" "), "displayName"),
    ("too long a name", changed(displayName="x" * 257), "256"),
    ("an unknown scope", changed(allowedTargetScope="everyone"), "allDirectoryUsers"),
    ("the sentinel", changed(allowedTargetScope="unknownFutureValue"), "allDirectoryUsers"),
    ("nobody specific", targets(), "at least one user or group"),
    ("targets that would not count", targets(USER, scope="allMemberUsers"), "only when allowedTargetScope is"),
    ("a target that is no set", targets("bob"), "specificAllowedTargets"),
    ("a target without a type", targets({"userId": BOB.id}), "@odata.type"),
    ("a type that is none", targets({"@odata.type": "#microsoft.graph.user", "userId": BOB.id}), "singleUser"),
    ("a type that is a number", targets({"@odata.type": 5}), "@odata.type"),
    ("a manager as target", targets(MANAGER), "takes singleUser, groupMembers"),
    ("a user without an id", targets({"@odata.type": "#microsoft.graph.singleUser"}), "userId is missing"),
    ("a user in beta's words", targets({"@odata.type": "#microsoft.graph.singleUser", "id2": "x"}), "userId"),
    ("a user who is no id", targets(USER | {"userId": "bob"}), "GUID"),
    ("nobody we know", targets(USER | {"userId": UNKNOWN_ID}), f"no user {UNKNOWN_ID}"),
    ("no group we know", targets(GROUP | {"groupId": UNKNOWN_ID}), f"no group {UNKNOWN_ID}"),
    ("too many targets", targets(*[USER] * 501), "500 at most"),
    ("a requestor's manager who asks", on_behalf(MANAGER), "targetManager"),
    ("a manager too high", on_behalf({"@odata.type": "#microsoft.graph.targetManager", "managerLevel": 5}), "highest"),
    ("a manager of level 0", on_behalf({"@odata.type": "#microsoft.graph.targetManager", "managerLevel": 0}), "direct"),
    (
        "a level that is a word",
        on_behalf({"@odata.type": "#microsoft.graph.targetManager", "managerLevel": "top"}),
        "managerLevel",
    ),
    ("an unknown approver", staged(primaryApprovers=[USER | {"userId": UNKNOWN_ID}]), UNKNOWN_ID),
    (
        "a target's manager who approves",
        staged(primaryApprovers=[{"@odata.type": "#microsoft.graph.targetManager"}]),
        "requestorManager",
    ),
    ("no stage", changed(requestApprovalSettings={"isApprovalRequiredForAdd": True}), "no stage"),
    ("no approver", staged(primaryApprovers=[]), "no approver"),
    ("no time", staged(durationBeforeAutomaticDenial="PT0S"), "durationBeforeAutomaticDenial"),
    ("time before it began", staged(durationBeforeAutomaticDenial="-P1D"), "durationBeforeAutomaticDenial"),
    ("too much time", staged(durationBeforeAutomaticDenial="P366D"), "365 days"),
    ("a duration that is none", staged(durationBeforeAutomaticDenial="two weeks"), "P14D"),
    ("a duration in bare seconds", staged(durationBeforeAutomaticDenial=86400), "P14D"),
    ("escalation before it began", staged(durationBeforeEscalation="-PT1H"), "durationBeforeEscalation"),
    ("escalation at once", staged(isEscalationEnabled=True), "some of the stage's time"),
    ("escalation at the end", staged(**ESCALATING | {"durationBeforeEscalation": "P2D"}), "before its 2 days"),
    ("escalation to nobody", staged(**ESCALATING | NO_ALTERNATES), "escalationApprovers"),
    (
        "an unknown alternate",
        staged(**ESCALATING | {"escalationApprovers": [USER | {"userId": UNKNOWN_ID}]}),
        UNKNOWN_ID,
    ),
    ("sponsors of a level", staged(primaryApprovers=[SPONSORS | {"managerLevel": 1}]), "managerLevel"),
    ("sponsors who ask", on_behalf(SPONSORS), "targetUserSponsors means nothing"),
    ("sponsors as fallback", staged(fallbackPrimaryApprovers=[SPONSORS]), "targetUserSponsors means nothing"),
    ("a reminder after the end", staged(reminders=["PT0S"]), "does not lie within"),
    ("a reminder before the beginning", staged(reminders=["PT1H", "P14D"]), "does not lie within"),
    ("a reminder that is none", staged(reminders=["soon"]), "P14D"),
    ("too many reminders", staged(reminders=[f"PT{hour}H" for hour in range(1, 12)]), "10 at most"),
    ("names that are half shown", staged(approverInformationVisibility="dimly"), "notVisible"),
    (
        "four stages",
        changed(requestApprovalSettings={"stages": [{"primaryApprovers": [USER]}] * 4}),
        "3 at most",
    ),
    ("an unknown answer to oneself", changed(requestApprovalSettings={"approverIsRequestor": "shrug"}), "nextManager"),
    ("an unknown expiration", changed(expiration={"type": "someday"}), "afterDuration"),
    ("a duration without type", changed(expiration={"duration": "P1D"}), "expiration.type is missing"),
    ("a type without duration", changed(expiration={"type": "afterDuration"}), "needs duration"),
    ("a type without date", changed(expiration={"type": "afterDateTime"}), "needs endDateTime"),
    ("no access at all", changed(expiration={"type": "afterDuration", "duration": "PT0S"}), "Access lasts"),
    ("access for ages", changed(expiration={"type": "afterDuration", "duration": "P3661D"}), "3660 days"),
    ("never, in a day", changed(expiration={"type": "noExpiration", "duration": "P1D"}), "needs type afterDuration"),
    (
        "a date and a duration",
        changed(expiration={"type": "afterDuration", "duration": "P1D", "endDateTime": "2099-01-01T00:00:00Z"}),
        "needs type afterDateTime",
    ),
    ("a date that is none", changed(expiration={"type": "afterDateTime", "endDateTime": "tomorrow"}), "endDateTime"),
    ("a switch that is a word", changed(requestorSettings={"enableTargetsToSelfAddAccess": "maybe"}), "true or false"),
    ("a misspelt switch", changed(requestorSettings={"enableTargetToSelfAddAccess": True}), "enableTargetToSelf"),
    ("a misspelt stage", staged(primaryApprover=[USER]), "primaryApprover"),
    ("beta's words", changed(durationInDays=30), "durationInDays"),
    ("settings as a list", changed(requestorSettings=[]), "requestorSettings"),
    ("a review that is maybe on", changed(reviewSettings={"isEnabled": "maybe"}), "reviewSettings.isEnabled"),
    ("far too much kept", changed(reviewSettings={"x": "y" * 10_001}), "larger than"),
    ("a misspelt wish", changed(notificationSettings={"isNotificationDisabled": True}), "isNotificationDisabled"),
    ("a package that is no id", changed(accessPackage={"id": "payroll"}), "GUID"),
    ("no such package", changed(accessPackage={"id": UNKNOWN_ID}), UNKNOWN_ID),
    ("no package", changed(accessPackage=None), "accessPackage.id"),
]


async def test_what_no_policy_can_say_is_refused(as_: Clients) -> None:
    ada = as_(ADA)
    package = {"accessPackage": {"id": await a_payroll(ada)}}
    for story, body, says in WRONG:
        answer = await ada.post(POLICIES, json=package | body)
        assert (answer.status_code, says in message_of(answer)) == (400, True), f"{story}: {answer.text}"
    assert (await ada.get(POLICIES)).json()["value"] == []


NOT_OFFERED: list[tuple[str, dict[str, Any]]] = [
    ("automatic assignment", changed(automaticRequestSettings={"requestAccessForAllowedTargets": True})),
    ("automatic removal", changed(automaticRequestSettings={"removeAccessWhenTargetLeavesAllowedTargets": "true"})),
    ("reviews", changed(reviewSettings={"isEnabled": True})),
    ("guests", changed(allowedTargetScope="allExternalUsers")),
    ("attributes", targets({"@odata.type": "#microsoft.graph.attributeRuleMembers", "membershipRule": "x"})),
    ("sponsors", staged(primaryApprovers=[{"@odata.type": "#microsoft.graph.internalSponsors"}])),
]


async def test_what_is_not_offered_is_refused_and_never_ignored(as_: Clients) -> None:
    ada = as_(ADA)
    package = {"accessPackage": {"id": await a_payroll(ada)}}
    for story, body in NOT_OFFERED:
        answer = await ada.post(POLICIES, json=package | body)
        assert error_of(answer) == (501, "notSupported"), f"{story}: {answer.text}"
        assert answer.json()["error"]["target"], story


async def test_only_administrators_see_policies(as_: Clients) -> None:
    ada, mia = as_(ADA), as_(MIA)
    policy_id = await a_policy(ada, await a_payroll(ada))
    body = {"displayName": "Mine"}
    for answer in (
        await mia.get(POLICIES),
        await mia.post(POLICIES, json=body),
    ):
        assert error_of(answer) == (403, "accessDenied")
    for answer in (
        await mia.get(f"{POLICIES}/{policy_id}"),
        await mia.put(f"{POLICIES}/{policy_id}", json=body),
        await mia.delete(f"{POLICIES}/{policy_id}"),
    ):
        assert error_of(answer) == (404, "itemNotFound")
    for answer in (
        await ada.get(f"{POLICIES}/{UNKNOWN_ID}"),
        await ada.put(f"{POLICIES}/{UNKNOWN_ID}", json=body),
        await ada.delete(f"{POLICIES}/{UNKNOWN_ID}"),
    ):
        assert error_of(answer) == (404, "itemNotFound")
