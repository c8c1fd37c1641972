"""Standing in, giving an approval to others, and following the directory, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from grantline.ambient import utc_now
from grantline.model.briefing import ApproversChangedSignal
from grantline.model.person import Person
from grantline.persistence.database import Database
from tests.api.configured import UNKNOWN_ID, error_of, message_of
from tests.api.conftest import BASE, Clients, RecordingRelay
from tests.api.office import APPROVALS, REQUESTS, open_office, user_add
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, MIA

DELEGATIONS = f"{BASE}/api/approval-delegations"
MINE = f"{APPROVALS}/filterByCurrentUser(on='approver')"
HOUR = timedelta(hours=1)


async def asked(as_: Clients, database: Database) -> str:
    """Let Mia ask for Leo; Bob or Bea approve. Return the request's id."""
    await open_office(database)
    return (await as_(MIA).post(REQUESTS, json=user_add(LEO))).json()["id"]


async def the_stage(as_: Clients, person: Person, request_id: str) -> dict[str, Any]:
    """Return the one stage of an approval as somebody reads it."""
    answer = await as_(person).get(f"{APPROVALS}/{request_id}")
    assert answer.status_code == 200, answer.text
    (stage,) = answer.json()["stages"]
    return stage


async def test_bob_goes_away_and_cy_decides_in_his_place(as_: Clients, database: Database) -> None:
    request_id = await asked(as_, database)
    assert (await as_(CY).get(f"{APPROVALS}/{request_id}")).status_code == 404

    made = await as_(BOB).post(DELEGATIONS, json={"delegateId": CY.id})

    assert made.status_code == 201
    shown = made.json()
    assert made.headers["location"] == f"{DELEGATIONS}/{shown['id']}"
    assert (shown["delegator"]["id"], shown["delegate"]["displayName"], shown["endDateTime"], shown["isInForce"]) == (
        BOB.id,
        "Cy Frost",
        None,
        True,
    )
    for person in (BOB, CY):
        listed = (await as_(person).get(DELEGATIONS)).json()["items"]
        assert [one["id"] for one in listed] == [shown["id"]]
    assert [one["id"] for one in (await as_(CY).get(MINE)).json()["value"]] == [request_id]
    stage = await the_stage(as_, CY, request_id)
    assert (stage["assignedToMe"], stage["assignedInPlaceOf"]["id"]) == (True, BOB.id)
    assert (await the_stage(as_, BOB, request_id))["assignedInPlaceOf"] is None
    assert (await as_(CY).get(f"{REQUESTS}/{request_id}")).status_code == 200

    path = f"{APPROVALS}/{request_id}/stages/{stage['id']}"
    decided = await as_(CY).patch(path, json={"reviewResult": "Approve", "justification": "checked"})

    assert decided.status_code == 204
    stage = await the_stage(as_, BEA, request_id)
    assert (stage["reviewedBy"]["id"], stage["reviewedInPlaceOf"]["id"]) == (CY.id, BOB.id)
    assert error_of(await as_(BOB).patch(path, json={"reviewResult": "Deny"})) == (409, "alreadyDecided")


async def test_it_is_changed_and_ended(as_: Clients, database: Database) -> None:
    request_id = await asked(as_, database)
    here = (await as_(BOB).post(DELEGATIONS, json={"delegateId": CY.id})).headers["location"]
    until = utc_now() + HOUR
    changed = await as_(BOB).patch(here, json={"endDateTime": until.isoformat(), "delegateId": EVE.id})
    assert (changed.status_code, changed.json()["delegate"]["id"]) == (200, EVE.id)
    assert (await as_(EVE).get(here)).json()["endDateTime"] is not None
    assert (await as_(BOB).patch(here, json={"endDateTime": None})).json()["endDateTime"] is None
    assert (await as_(CY).get(f"{APPROVALS}/{request_id}")).status_code == 404
    assert (await as_(EVE).get(MINE)).json()["value"] == [{"id": request_id}]
    assert error_of(await as_(EVE).delete(here)) == (403, "accessDenied")
    assert error_of(await as_(LEO).delete(here)) == (404, "itemNotFound")

    assert (await as_(BOB).delete(here)).status_code == 204

    assert (await as_(EVE).get(MINE)).json()["value"] == []
    assert (await as_(EVE).get(f"{APPROVALS}/{request_id}")).status_code == 404
    assert (await as_(BOB).get(DELEGATIONS)).json()["items"] == []
    assert error_of(await as_(BOB).delete(here)) == (409, "conflict")


async def test_an_administrator_does_it_for_somebody(as_: Clients, database: Database) -> None:
    begins = utc_now() + HOUR
    body = {"delegatorId": BOB.id, "delegateId": CY.id, "startDateTime": begins.isoformat()}
    made = await as_(ADA).post(DELEGATIONS, json=body)
    assert (made.status_code, made.json()["isInForce"]) == (201, False)
    assert len((await as_(ADA).get(f"{DELEGATIONS}?delegatorId={BOB.id}")).json()["items"]) == 1
    assert (await as_(ADA).get(DELEGATIONS)).json()["items"] == []
    assert error_of(await as_(EVE).get(f"{DELEGATIONS}?delegatorId={BOB.id}")) == (403, "accessDenied")
    assert error_of(await as_(BEA).post(DELEGATIONS, json=body)) == (403, "accessDenied")
    assert error_of(await as_(ADA).get(f"{DELEGATIONS}?delegatorId={UNKNOWN_ID}")) == (400, "invalidRequest")
    overlapping = await as_(BOB).post(DELEGATIONS, json={"delegateId": EVE.id})
    assert error_of(overlapping) == (409, "conflict")
    assert "one person at a time" in message_of(overlapping)


BAD = [
    ("nobody", {}, "delegateId is missing"),
    ("nobody we know", {"delegateId": UNKNOWN_ID}, "no user"),
    ("no id", {"delegateId": "cy"}, "GUID"),
    ("oneself", {"delegateId": BOB.id}, "cannot stand in for themselves"),
    ("a disabled account", {"delegateId": DAN.id}, "disabled"),
    ("an end that is past", {"delegateId": CY.id, "endDateTime": "2020-01-01T00:00:00Z"}, "must be after"),
    ("a misspelt end", {"delegateId": CY.id, "endDate": "2999-01-01T00:00:00Z"}, "it can have delegateId"),
    ("an end without a zone", {"delegateId": CY.id, "endDateTime": "2999-01-01T00:00:00"}, "endDateTime"),
    (
        "an end before the start",
        {"delegateId": CY.id, "startDateTime": "2999-02-01T00:00:00Z", "endDateTime": "2999-01-01T00:00:00Z"},
        "must be after",
    ),
]


@pytest.mark.parametrize(("story", "body", "words"), BAD, ids=[row[0] for row in BAD])
async def test_what_is_no_delegation_is_told_so(
    as_: Clients, database: Database, story: str, body: dict[str, Any], words: str
) -> None:
    answer = await as_(BOB).post(DELEGATIONS, json=body)
    assert (error_of(answer), words in message_of(answer)) == ((400, "invalidRequest"), True), message_of(answer)
    assert (await as_(BOB).get(DELEGATIONS)).json()["items"] == []


async def test_an_administrator_gives_an_approval_to_others(
    as_: Clients, database: Database, relay: RecordingRelay
) -> None:
    request_id = await asked(as_, database)
    path = f"{BASE}/api/requests/{request_id}/reassign"
    body = {"approvers": [CY.id], "reason": "Bob and Bea are away"}
    assert error_of(await as_(BOB).post(path, json=body)) == (403, "accessDenied")
    assert error_of(await as_(ADA).post(path, json=body | {"reason": None})) == (400, "justificationRequired")
    assert error_of(await as_(ADA).post(path, json=body | {"approvers": [LEO.id]})) == (400, "invalidRequest")
    assert error_of(await as_(ADA).post(path.replace(request_id, UNKNOWN_ID), json=body)) == (404, "itemNotFound")

    done = await as_(ADA).post(path, json=body)

    assert (done.status_code, done.json()["stage"]) == (200, 1)
    assert [one["id"] for one in done.json()["approvers"]] == [CY.id]
    assert done.json()["deadlineAt"] is not None
    assert isinstance(relay.sent[-1].body, ApproversChangedSignal)
    assert (await as_(BOB).get(MINE)).json()["value"] == []
    assert (await as_(CY).get(MINE)).json()["value"] == [{"id": request_id}]
    told = (await as_(ADA).get(f"{BASE}/api/requests/{request_id}/explain")).json()
    assert [(one["person"]["id"], one["route"]) for one in told["canAct"] if one["may"] == "decide"] == [
        (CY.id, "reassigned")
    ]
    assert told["timeline"][-1]["says"] == "Ada King gave stage 1 to Cy Frost in place of Bea Hart or Bob Stone"
    assert told["timeline"][-1]["reason"] == "Bob and Bea are away"


async def test_a_leaver_is_followed_before_the_answer(as_: Clients, database: Database, relay: RecordingRelay) -> None:
    request_id = await asked(as_, database)
    left = await as_(ADA).patch(f"/users/{BOB.id}", json={"accountEnabled": False})
    assert left.status_code == 204
    assert (relay.sent[-1].subject_id, type(relay.sent[-1].body)) == (request_id, ApproversChangedSignal)
    told = (await as_(ADA).get(f"{BASE}/api/requests/{request_id}/explain")).json()
    assert [one["person"]["id"] for one in told["canAct"] if one["may"] == "decide"] == [BEA.id]
    assert (told["timeline"][-1]["event"], told["timeline"][-1]["says"], told["timeline"][-1]["reason"]) == (
        "stage.rerouted",
        "stage 1 no longer waits for Bob Stone",
        "the account of Bob Stone was disabled",
    )


async def test_an_explanation_says_who_stands_in_and_hides_it_where_names_are_hidden(
    as_: Clients, database: Database
) -> None:
    request_id = await asked(as_, database)
    await as_(BOB).post(DELEGATIONS, json={"delegateId": CY.id})
    told = (await as_(CY).get(f"{BASE}/api/requests/{request_id}/explain")).json()
    assert [
        (one["person"]["id"], one["route"], (one["inPlaceOf"] or {}).get("id"))
        for one in told["canAct"]
        if one["may"] == "decide"
    ] == [(BEA.id, "primary", None), (BOB.id, "primary", None), (CY.id, "primary", BOB.id)]
    assert "Bea Hart, Bob Stone or Cy Frost" in told["says"]
