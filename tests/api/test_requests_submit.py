"""POST assignmentRequests: what a body may say, what comes back, and every way to be refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from grantline.ambient import utc_now
from grantline.model.policy import ApprovalSettings, Policy, TargetScope
from grantline.model.subjects import SingleUser
from grantline.persistence.database import Database
from tests.api.conftest import Clients, RecordingRelay
from tests.api.office import (
    ASSIGNMENTS,
    NO_APPROVAL,
    OPEN_TO_ALL,
    PAYROLL_ID,
    POLICY,
    POLICY_ID,
    REQUESTS,
    open_office,
    user_add,
)
from tests.cast import ADA, BOB, DAN, EVE, LEO, MAX, MIA, fixed_id

NOT_SPECIFIED = {
    "startDateTime": None,
    "recurrence": None,
    "expiration": {"endDateTime": None, "duration": None, "type": "notSpecified"},
}


async def test_mia_asks_for_leo_and_gets_the_whole_request_back(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database)
    answer = await as_(MIA).post(REQUESTS, json=user_add(LEO, justification="month end"))
    assert answer.status_code == 201
    body = answer.json()
    assert body == {
        "@odata.context": (
            "http://grantline.test/v1.0/$metadata#identityGovernance/entitlementManagement/assignmentRequests/$entity"
        ),
        "id": body["id"],
        "requestType": "userAdd",
        "state": "submitted",
        "status": "Accepted",
        "createdDateTime": body["createdDateTime"],
        "completedDateTime": None,
        "justification": "month end",
        "schedule": NOT_SPECIFIED,
        "answers": [],
        "customExtensionCalloutInstances": [],
    }
    assert answer.headers["location"] == f"http://grantline.test/v1.0{REQUESTS}/{body['id']}"
    assert [message.subject_id for message in relay.sent] == [body["id"]]


@pytest.mark.parametrize(
    ("way", "assignment"),
    [
        ("flat ids", {"accessPackageId": PAYROLL_ID, "assignmentPolicyId": POLICY_ID, "targetId": LEO.id}),
        (
            "objects",
            {
                "accessPackage": {"id": PAYROLL_ID},
                "assignmentPolicy": {"id": POLICY_ID},
                "target": {"objectId": LEO.id},
            },
        ),
        ("mail", {"accessPackage": {"id": PAYROLL_ID}, "target": {"email": str(LEO.mail).upper()}}),
        (
            "as Graph's documentation writes it on behalf",
            {
                "accessPackageId": PAYROLL_ID,
                "assignmentPolicyId": POLICY_ID,
                "target": {"objectId": LEO.id, "displayName": "Leo", "email": LEO.mail, "subjectType": "user"},
                "schedule": {"startDateTime": None, "stopDateTime": None},
            },
        ),
        ("nulls", {"id": None, "accessPackageId": PAYROLL_ID, "target": {"objectId": LEO.id, "email": None}}),
        ("names in any case", {"ACCESSPACKAGEID": PAYROLL_ID.upper(), "targetid": LEO.id.upper()}),
    ],
)
async def test_the_same_thing_can_be_said_in_every_way_that_clients_say_it(
    database: Database, as_: Clients, way: str, assignment: dict[str, Any]
) -> None:
    await open_office(database)
    asked = await as_(MIA).post(REQUESTS, json={"requestType": "UserAdd", "assignment": assignment})
    assert asked.status_code == 201, way
    read = await as_(MIA).get(
        f"{REQUESTS}/{asked.json()['id']}",
        params={"$expand": "requestor,accessPackage,assignment($expand=target,assignmentPolicy)"},
    )
    body = read.json()
    assert body["requestor"]["objectId"] == MIA.id
    assert body["accessPackage"]["id"] == PAYROLL_ID
    assert body["assignment"]["target"] == {
        "id": LEO.id,
        "objectId": LEO.id,
        "displayName": LEO.display_name,
        "email": LEO.mail,
        "principalName": LEO.user_principal_name,
        "onPremisesSecurityIdentifier": None,
        "subjectType": "user",
        "subjectLifecycle": "notDefined",
    }
    assert body["assignment"]["assignmentPolicy"]["id"] == POLICY_ID
    assert (body["state"], body["assignment"]["id"]) == ("pendingApproval", None)


async def test_without_a_target_one_asks_for_oneself(database: Database, as_: Clients) -> None:
    await open_office(database)
    asked = await as_(LEO).post(REQUESTS, json=user_add())
    read = await as_(LEO).get(
        f"{REQUESTS}/{asked.json()['id']}", params={"$expand": "requestor,assignment($expand=target)"}
    )
    assert read.json()["requestor"]["objectId"] == read.json()["assignment"]["target"]["objectId"] == LEO.id


async def test_an_administrator_assigns_to_whoever_the_policy_covers(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    body = {"requestType": "adminAdd", "assignment": {"targetId": EVE.id, "accessPackageId": PAYROLL_ID}}
    asked = await as_(ADA).post(REQUESTS, json=body)
    assert (asked.status_code, asked.json()["requestType"], asked.json()["state"]) == (201, "adminAdd", "submitted")
    held = (await as_(EVE).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    assert [one["state"] for one in held] == ["delivering"]


async def test_the_times_asked_for_come_back_as_they_were_given(database: Database, as_: Clients) -> None:
    await open_office(database, replace(POLICY, requestor_settings=replace(OPEN_TO_ALL, allow_custom_schedule=True)))
    starts = (utc_now() + timedelta(days=3)).replace(microsecond=0)
    schedule = {
        "startDateTime": starts.isoformat(),
        "recurrence": None,
        "expiration": {"type": "AfterDuration", "duration": "14 days, 0:00:00", "endDateTime": None},
    }
    asked = await as_(MIA).post(REQUESTS, json=user_add(LEO, schedule=schedule))
    assert asked.status_code == 201, asked.text
    assert asked.json()["schedule"] == {
        "startDateTime": starts.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "recurrence": None,
        "expiration": {"endDateTime": None, "duration": "P14D", "type": "afterDuration"},
    }


SOMEBODY = "8ab659d0-3839-427d-8c54-5ae92f0b3e2e"
PACKAGE = {"accessPackageId": PAYROLL_ID}


@pytest.mark.parametrize(
    ("story", "body", "status", "code", "target", "says"),
    [
        ("nothing", {}, 400, "invalidRequest", "requestType", "one of userAdd"),
        ("an unknown type", {"requestType": "borrow"}, 400, "invalidRequest", "requestType", "'borrow' is unknown"),
        ("no word", {"requestType": 7}, 400, "invalidRequest", "requestType", "string"),
        ("on behalf by type", {"requestType": "onBehalfAdd"}, 400, "invalidRequest", "requestType", "send userAdd"),
        ("an update", {"requestType": "UserUpdate"}, 501, "notSupported", "requestType", "is not offered"),
        ("an approver's removal", {"requestType": "approverRemove"}, 501, "notSupported", "requestType", "userRemove"),
        (
            "no package",
            {"requestType": "userAdd", "assignment": {"access_package_id": PAYROLL_ID}},
            400,
            "invalidRequest",
            "assignment/accessPackageId",
            "assignment.accessPackageId",
        ),
        (
            "no assignment",
            {"requestType": "userAdd", "assignment": None},
            400,
            "invalidRequest",
            None,
            "accessPackageId",
        ),
        ("an assignment that is none", {"requestType": "userAdd", "assignment": "x"}, 400, "invalidRequest", None, ""),
        (
            "an id that is none",
            {"requestType": "userAdd", "assignment": {"accessPackageId": "payroll"}},
            400,
            "invalidRequest",
            None,
            "'payroll'",
        ),
        (
            "two packages",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "accessPackage": {"id": SOMEBODY}}},
            400,
            "invalidRequest",
            "assignment/accessPackageId",
            "send one of the two",
        ),
        (
            "two targets",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "targetId": LEO.id, "target": {"objectId": EVE.id}}},
            400,
            "invalidRequest",
            "assignment/targetId",
            "send one of the two",
        ),
        (
            "a package nobody knows",
            {"requestType": "userAdd", "assignment": {"accessPackageId": SOMEBODY}},
            404,
            "itemNotFound",
            "assignment/accessPackageId",
            SOMEBODY,
        ),
        (
            "a person nobody knows",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "targetId": SOMEBODY}},
            404,
            "itemNotFound",
            "assignment/target",
            SOMEBODY,
        ),
        (
            "a mail nobody has",
            {"requestType": "userAdd", "assignment": {**PACKAGE, "target": {"email": "no@grantline.test"}}},
            404,
            "itemNotFound",
            "assignment/target",
            "no@grantline.test",
        ),
        (
            "answers",
            {"requestType": "userAdd", "assignment": PACKAGE, "answers": [{"value": "x"}]},
            501,
            "notSupported",
            "answers",
            "without answers",
        ),
        (
            "a bypass",
            {"requestType": "userAdd", "assignment": PACKAGE, "parameters": {"bypassApproval": True}},
            501,
            "notSupported",
            "parameters/bypassApproval",
            "bypass",
        ),
        (
            "an instant without a zone",
            user_add(LEO, schedule={"startDateTime": "2027-01-01T00:00:00"}),
            400,
            "invalidRequest",
            None,
            "timezone",
        ),
        (
            "a number for an instant",
            user_add(LEO, schedule={"startDateTime": 7}),
            400,
            "invalidRequest",
            None,
            "2026-01-31T08:00:00Z",
        ),
        (
            "an expiration of no type",
            user_add(LEO, schedule={"expiration": {"type": "someday"}}),
            400,
            "invalidRequest",
            "schedule/expiration/type",
            "afterDuration",
        ),
        (
            "a recurrence",
            user_add(LEO, schedule={"recurrence": {"pattern": {}}}),
            501,
            "notSupported",
            "schedule/recurrence",
            "recur",
        ),
        (
            "times of one's own",
            user_add(LEO, schedule={"expiration": {"type": "afterDuration", "duration": "P1D"}}),
            400,
            "scheduleNotAllowed",
            "schedule",
            "leave the schedule out",
        ),
        ("removing nothing", {"requestType": "userRemove"}, 400, "invalidRequest", "assignment/id", "assignment.id"),
        (
            "removing what is not there",
            {"requestType": "userRemove", "assignment": {"id": SOMEBODY}},
            404,
            "itemNotFound",
            "assignment/id",
            SOMEBODY,
        ),
        (
            "not an administrator",
            {"requestType": "adminAdd", "assignment": {**PACKAGE, "targetId": LEO.id}},
            403,
            "accessDenied",
            None,
            "userAdd",
        ),
        ("not my report", user_add(EVE), 403, "notYourReport", None, "Eve Wolf"),
        ("a report who left", user_add(DAN), 403, "targetDisabled", None, "Dan Gone"),
    ],
)
async def test_what_mia_cannot_ask(
    *,
    database: Database,
    as_: Clients,
    relay: RecordingRelay,
    story: str,
    body: dict[str, Any],
    status: int,
    code: str,
    target: str | None,
    says: str,
) -> None:
    await open_office(database)
    answer = await as_(MIA).post(REQUESTS, json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), (story, error)
    if target is not None:
        assert error["target"] == target, story
    assert says in error["message"], (story, error["message"])
    assert set(error["innerError"]) == {"date", "request-id", "client-request-id"}
    assert relay.sent == []


async def test_a_target_must_be_named_by_an_administrator_who_assigns(database: Database, as_: Clients) -> None:
    await open_office(database)
    answer = await as_(ADA).post(REQUESTS, json={"requestType": "adminAdd", "assignment": PACKAGE})
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, "assignment/targetId")
    assert "assignment.targetId" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("story", "policy", "code", "says"),
    [
        (
            "a reason is wanted",
            replace(
                POLICY, approval_settings=replace(POLICY.approval_settings, is_requestor_justification_required=True)
            ),
            "justificationRequired",
            "wants a justification",
        ),
        (
            "not on behalf",
            replace(POLICY, requestor_settings=replace(OPEN_TO_ALL, on_behalf_add=False)),
            "onBehalfNotAllowed",
            "on behalf",
        ),
        (
            "out of scope",
            replace(POLICY, target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(SingleUser(user_id=EVE.id),)),
            "targetOutOfScope",
            "Leo Park",
        ),
        ("closed", replace(POLICY, target_scope=TargetScope.NOT_SPECIFIED), "notRequestable", "administrator"),
    ],
)
async def test_what_a_policy_does_not_let_mia_ask_for_leo(
    *, database: Database, as_: Clients, story: str, policy: Policy, code: str, says: str
) -> None:
    await open_office(database, policy)
    answer = await as_(MIA).post(REQUESTS, json=user_add(LEO))
    assert (answer.status_code, answer.json()["error"]["code"]) == (
        400 if code == "justificationRequired" else 403,
        code,
    ), story
    assert says in answer.json()["error"]["message"], story


async def test_self_requests_can_be_closed(database: Database, as_: Clients) -> None:
    await open_office(database, replace(POLICY, requestor_settings=replace(OPEN_TO_ALL, self_add=False)))
    answer = await as_(LEO).post(REQUESTS, json=user_add())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "selfRequestNotAllowed")


async def test_a_second_request_is_refused_by_the_id_of_the_first(database: Database, as_: Clients) -> None:
    await open_office(database)
    first = await as_(MIA).post(REQUESTS, json=user_add(LEO))
    second = await as_(LEO).post(REQUESTS, json=user_add())
    assert (second.status_code, second.json()["error"]["code"]) == (409, "duplicateRequest")
    assert first.json()["id"] in second.json()["error"]["message"]


async def test_what_is_held_is_not_given_twice(database: Database, as_: Clients) -> None:
    await open_office(database, replace(POLICY, approval_settings=ApprovalSettings()))
    await as_(LEO).post(REQUESTS, json=user_add())
    (held,) = (await as_(LEO).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    again = await as_(MIA).post(REQUESTS, json=user_add(LEO))
    assert again.status_code == 409
    assert again.json()["error"]["code"] in {"alreadyAssigned", "duplicateRequest"}
    assert held["state"] == "delivering"


@pytest.mark.parametrize("body", [b"{", b'{"requestType": userAdd}', b"[]", b'"x"', b"", b"\xff"])
async def test_what_is_no_json_object_is_refused_as_such(database: Database, as_: Clients, body: bytes) -> None:
    answer = await as_(MIA).post(REQUESTS, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert "JSON" in answer.json()["error"]["message"] or "UTF-8" in answer.json()["error"]["message"]


async def test_the_same_idempotency_key_answers_with_the_same_request(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database)
    answers = [
        await as_(MIA).post(REQUESTS, json=user_add(LEO), headers={"Idempotency-Key": "monday"}) for _ in range(3)
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(relay.sent) == 1


async def test_the_same_idempotency_key_with_another_body_is_refused(database: Database, as_: Clients) -> None:
    await open_office(database)
    key = {"Idempotency-Key": "monday"}
    await as_(MIA).post(REQUESTS, json=user_add(LEO), headers=key)
    other = await as_(MIA).post(REQUESTS, json=user_add(LEO, justification="other"), headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotencyConflict")
    elses = await as_(MAX).post(REQUESTS, json=user_add(BOB), headers=key)
    assert elses.status_code == 201


async def test_a_client_request_id_repeats_a_request_but_never_stands_in_its_way(
    database: Database, as_: Clients
) -> None:
    await open_office(database, more_packages=["travel"])
    same = {"client-request-id": fixed_id("always the same")}
    first = await as_(MIA).post(REQUESTS, json=user_add(LEO), headers=same)
    again = await as_(MIA).post(REQUESTS, json=user_add(LEO), headers=same)
    travel = {"requestType": "userAdd", "assignment": {"accessPackageId": fixed_id("travel"), "targetId": LEO.id}}
    other = await as_(MIA).post(REQUESTS, json=travel, headers=same)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["id"] != first.json()["id"]) == (201, True)


@pytest.mark.parametrize("key", [" ", "k" * 101])
async def test_an_idempotency_key_has_a_length(database: Database, as_: Clients, key: str) -> None:
    answer = await as_(MIA).post(REQUESTS, json=user_add(LEO), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, "Idempotency-Key")


async def test_nobody_asks_without_a_token(database: Database, as_: Clients) -> None:
    answer = await as_(None).post(REQUESTS, json=user_add(LEO))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
