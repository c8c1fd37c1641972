"""Approvals that are taken back, before and after they had a consequence (EF-071)."""

import asyncio
import base64
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from grantline.ambient import utc_now
from grantline.model.briefing import DecideSignal, RemoveSignal
from grantline.model.person import Person
from grantline.model.policy import ApprovalSettings, ApproverVisibility
from grantline.persistence.database import Database
from grantline.services.assignments import lifecycle
from tests.api.conftest import BASE, Clients, RecordingRelay
from tests.api.office import (
    ASSIGNMENTS,
    BOB_OR_BEA,
    OPEN_TO_ALL,
    POLICY,
    REQUESTS,
    open_office,
    stage,
    with_stages,
)
from tests.api.test_approvals import ask, decide, stages_of
from tests.api.test_extensions import extension, until
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA
from tests.services.letterbox import Letterbox

WHY = {"justification": "It was the wrong Leo."}
EXTENDABLE = replace(
    POLICY,
    requestor_settings=replace(OPEN_TO_ALL, self_update=True, allow_custom_schedule=True),
    approval_settings=ApprovalSettings(is_required_for_add=True, is_required_for_update=True, stages=(BOB_OR_BEA,)),
)


async def take_back(client: httpx2.AsyncClient, request_id: str, **body: Any) -> httpx2.Response:
    """Take back an approval by its request."""
    return await client.post(f"{BASE}/api/requests/{request_id}/takeBackApproval", json=body or WHY)


def revoking(assignment_id: str, **more: Any) -> dict[str, Any]:
    """Return Graph's body of it."""
    return {"requestType": "ApproverRemove", "assignment": {"id": assignment_id}, **WHY, **more}


async def delivered(database: Database, as_: Clients, by: Person = BOB) -> tuple[str, str]:
    """Let Leo have Payroll, asked by Mia and approved; return request and assignment."""
    request_id = await ask(as_(MIA), LEO)
    assert (await decide(as_(by), request_id)).status_code == 204
    read = await as_(MIA).get(f"{REQUESTS}/{request_id}", params={"$expand": "assignment"})
    assignment_id = str(read.json()["assignment"]["id"])
    await lifecycle.record_delivery(database, assignment_id, {})
    return request_id, assignment_id


async def ended(database: Database, relay: RecordingRelay, assignment_id: str) -> None:
    """Do what the workflow does when it hears of the removal."""
    (signal,) = [message.body for message in relay.sent if isinstance(message.body, RemoveSignal)]
    await lifecycle.end(database, assignment_id, utc_now(), signal)
    await lifecycle.record_ended(database, assignment_id)


async def test_while_a_later_stage_waits_the_request_is_denied_with_the_reason(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id)
    letters = Letterbox(database)
    await letters.new()
    relay.sent.clear()

    answer = await take_back(as_(BOB), request_id)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["status"]) == ("denied", "Denied: an approval was taken back")
    (message,) = relay.sent
    assert isinstance(message.body, DecideSignal)
    assert (message.subject_id, message.body.verdict, message.body.decision_id is not None) == (
        request_id,
        "deny",
        True,
    )
    first, second = await stages_of(as_(ADA), request_id)
    assert (first["reviewResult"], second["reviewResult"]) == ("Approve", "NotReviewed")
    assert await letters.new() == {"approval-denied": "Bob Cy", "request-denied": "Leo Mia"}
    late = await decide(as_(CY), request_id, number=1)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "requestClosed")
    told = (await as_(BOB).get(f"{BASE}/api/requests/{request_id}/explain")).json()["timeline"]
    assert [(one["event"], one["reason"]) for one in told][-2:] == [
        ("approval.takenBack", WHY["justification"]),
        ("request.denied", WHY["justification"]),
    ]
    assert told[-2]["says"] == "Bob Stone took back the approval of stage 1"


@pytest.mark.parametrize("way", ["by the assignment, as Graph says it", "by the request"])
async def test_after_delivery_the_access_ends_and_everybody_hears_why(
    database: Database, as_: Clients, relay: RecordingRelay, way: str
) -> None:
    await open_office(database)
    request_id, assignment_id = await delivered(database, as_)
    letters = Letterbox(database)
    await letters.new()
    relay.sent.clear()

    if way == "by the request":
        answer = await take_back(as_(BOB), request_id)
    else:
        answer = await as_(BOB).post(
            REQUESTS, json=revoking(assignment_id), headers={"Prefer": "respond-async, Include-Unknown-Enum-Members"}
        )
        assert answer.headers["preference-applied"] == "include-unknown-enum-members"

    assert answer.status_code == 201, answer.text
    assert answer.json()["requestType"] == "approverRemove"
    # Graph has this member behind its sentinel: whoever does not say that they know it gets the sentinel.
    plain = await as_(BOB).get(f"{REQUESTS}/{answer.json()['id']}")
    assert (plain.json()["requestType"], "preference-applied" in plain.headers) == ("unknownFutureValue", False)
    await ended(database, relay, assignment_id)
    held = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()
    assert held["state"] == "expired"
    fresh = await letters.fresh()
    assert {row.kind for row in fresh} == {"access-ended"}
    told = [(row.name, row.details["cause"], row.details["reason"], row.details.get("actor")) for row in fresh]
    assert sorted(told, key=str) == [
        ("Leo Park", "revokedByApprover", WHY["justification"], None),
        ("Mia Lind", "revokedByApprover", WHY["justification"], None),
    ]
    again = await as_(BOB).post(REQUESTS, json=revoking(assignment_id))
    assert (again.status_code, again.json()["error"]["code"]) == (409, "assignmentEnded")
    assert "it is expired" in again.json()["error"]["message"]


async def test_nobody_but_who_approved_takes_an_approval_back(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id, assignment_id = await delivered(database, as_)
    refused = {}
    for person in (MIA, LEO, BEA, ADA, MAX, EVE):
        by_request = await take_back(as_(person), request_id)
        by_assignment = await as_(person).post(REQUESTS, json=revoking(assignment_id))
        refused[person.display_name.split()[0]] = (
            by_request.status_code,
            by_request.json()["error"]["code"],
            by_assignment.status_code,
            by_assignment.json()["error"]["code"],
        )
    assert refused == {
        "Mia": (403, "ownRequest", 403, "notAnApprover"),
        "Leo": (403, "ownRequest", 403, "notAnApprover"),
        "Bea": (403, "notAnApprover", 404, "itemNotFound"),
        "Ada": (403, "notAnApprover", 403, "notAnApprover"),
        "Max": (404, "itemNotFound", 404, "itemNotFound"),
        "Eve": (404, "itemNotFound", 404, "itemNotFound"),
    }
    held = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()
    assert (held["state"], held["status"]) == ("delivered", "Delivered")


async def test_taking_back_says_why(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id)
    for reason in ("", "  "):
        answer = await take_back(as_(BOB), request_id, justification=reason)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "justificationRequired")
    await decide(as_(CY), request_id, number=1)
    read = await as_(MIA).get(f"{REQUESTS}/{request_id}", params={"$expand": "assignment"})
    body = revoking(read.json()["assignment"]["id"], justification="")
    answer = await as_(BOB).post(REQUESTS, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "justificationRequired")


async def test_what_is_closed_has_no_approval_left(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id)
    await decide(as_(CY), request_id, "Deny", number=1)
    answer = await take_back(as_(BOB), request_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "requestClosed")
    assert "is denied since" in answer.json()["error"]["message"]


async def test_an_extension_that_was_approved_takes_the_place_of_what_was_approved_before(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, EXTENDABLE)
    request_id, assignment_id = await delivered(database, as_, BOB)
    asked = await as_(LEO).post(REQUESTS, json=extension(assignment_id, schedule=until(89.9)))
    assert asked.status_code == 400, "an earlier end is no extension"
    asked = await as_(LEO).post(REQUESTS, json=extension(assignment_id))
    assert asked.status_code == 201, asked.text
    update_id = asked.json()["id"]
    assert (await decide(as_(BEA), update_id)).status_code == 204
    relay.sent.clear()

    late = await take_back(as_(BOB), request_id)
    assert (late.status_code, late.json()["error"]["code"]) == (409, "conflict")
    assert f"stands on request {update_id}, which Bea Hart approved" in late.json()["error"]["message"]
    answer = await take_back(as_(BEA), update_id)
    assert answer.status_code == 201, answer.text
    await ended(database, relay, assignment_id)
    assert (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()["state"] == "expired"


async def test_who_took_it_back_is_told_to_nobody_who_may_not_know_the_approvers(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    hidden = replace(stage(BOB), approver_visibility=ApproverVisibility.NOT_VISIBLE)
    await open_office(database, with_stages(hidden))
    request_id, assignment_id = await delivered(database, as_)
    relay.sent.clear()
    removal_id = (await take_back(as_(BOB), request_id)).json()["id"]
    await ended(database, relay, assignment_id)
    for person in (LEO, MIA):
        listed = (await as_(person).get(f"{ASSIGNMENTS}/{assignment_id}")).text
        explained = (await as_(person).get(f"{BASE}/api/assignments/{assignment_id}/explain")).text
        assert "Bob" not in listed + explained
        assert BOB.id not in listed + explained
        assert "an approver took the approval back" in explained
    read = await as_(LEO).get(f"{REQUESTS}/{removal_id}", params={"$expand": "requestor"})
    # Nor does a list give it away: by what is found, by the order, or by the link to the next page.
    for person, of in ((LEO, "target"), (LEO, "targetOrRequestor"), (MIA, "targetManager")):
        mine = f"{REQUESTS}/filterByCurrentUser(on='{of}')"
        searched = await as_(person).get(
            mine, params={"$filter": f"requestor/objectId eq '{BOB.id}'", "$count": "true"}
        )
        assert (searched.json()["@odata.count"], searched.json()["value"]) == (0, [])
        ordered = await as_(person).get(mine, params={"$orderby": "requestor/id", "$top": "1"})
        token = ordered.json()["@odata.nextLink"].rpartition("$skiptoken=")[2]
        assert [one["id"] for one in ordered.json()["value"]] == [removal_id], "nobody stands before everybody"
        assert BOB.id.encode() not in base64.urlsafe_b64decode(token + "==")
    assert (read.status_code, read.json()["requestor"]) == (200, None)
    assert (await as_(LEO).get(f"{BASE}/api/requests/{removal_id}/explain")).status_code == 403
    seen = await as_(BOB).get(f"{REQUESTS}/{removal_id}", params={"$expand": "requestor"})
    assert seen.json()["requestor"]["objectId"] == BOB.id


async def test_at_one_instant_with_the_last_approval_the_access_ends_either_way(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id)
    last, taken = await asyncio.gather(decide(as_(CY), request_id, number=1), take_back(as_(BOB), request_id))
    read = (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()
    if last.status_code == 204:
        assert (taken.status_code, taken.json()["requestType"], read["state"]) == (201, "approverRemove", "delivering")
        assert [message for message in relay.sent if isinstance(message.body, RemoveSignal)]
    else:
        assert (last.status_code, taken.status_code, read["state"]) == (409, 200, "denied")


async def test_the_same_key_takes_back_once(database: Database, as_: Clients) -> None:
    await open_office(database)
    _, assignment_id = await delivered(database, as_)
    headers = {"Idempotency-Key": "once"}
    first = await as_(BOB).post(REQUESTS, json=revoking(assignment_id), headers=headers)
    again = await as_(BOB).post(REQUESTS, json=revoking(assignment_id), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
