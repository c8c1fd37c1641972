"""POST assignmentRequests: what a body may say, what comes back, and every way to be refused."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from grantline.ambient import utc_now
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
from tests.cast import ADA, BOB, EVE, LEO, MAX, MIA, fixed_id

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
        "shortenedTo": None,
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
    read = await as_(LEO).get(f"{REQUESTS}/{asked.json()['id']}", params={"$expand": "requestor,assignment/target"})
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


async def test_of_two_asks_for_the_same_at_one_instant_one_is_taken(database: Database, as_: Clients) -> None:
    await open_office(database)
    answers = await asyncio.gather(
        as_(MIA).post(REQUESTS, json=user_add(LEO)), as_(LEO).post(REQUESTS, json=user_add())
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert lost.json()["error"]["code"] == "duplicateRequest"
    assert won.json()["id"] in lost.json()["error"]["message"]


async def test_one_idempotency_key_at_one_instant_makes_one_request(database: Database, as_: Clients) -> None:
    await open_office(database)
    key = {"Idempotency-Key": "monday"}
    answers = await asyncio.gather(*(as_(MIA).post(REQUESTS, json=user_add(LEO), headers=key) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
