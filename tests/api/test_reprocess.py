"""Reprocessing over HTTP: who may, when, and what the answer says. That it happens, tests/workflows shows."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.model.briefing import AssignmentBriefing, ReprocessSignal
from grantline.persistence.database import Database
from grantline.persistence.tables import people, requests
from tests.api.conftest import BASE, GOVERNANCE, Clients, RecordingRelay
from tests.api.office import ASSIGNMENTS, NO_APPROVAL, PAYROLL_ID, REQUESTS, open_office, user_add
from tests.api.test_assignments import give, set_state
from tests.cast import ADA, BOB, EVE, LEO, MIA, fixed_id
from tests.packages import PAYROLL

SEVERAL = f"{BASE}/api/assignments/reprocess"
CHANGES = f"{BASE}/api/package-changes"
PACKAGES = "/identityGovernance/entitlementManagement/accessPackages"


async def fail(database: Database, client: Any, *, state: str, days_ago: int = 0) -> tuple[str, str]:
    """Leave a request of Leo's in a state that a worker would bring about; return its id and the assignment's."""
    assignment_id = await give(client)
    await set_state(database, assignment_id, "partiallyDelivered" if state.startswith("partially") else "expired")
    async with database.write() as tx:
        completed_at = utc_now() - timedelta(days=days_ago)
        await tx.changed(update(requests).values(state=state, status=state, completed_at=completed_at))
        request_id = await tx.scalar(requests.select().with_only_columns(requests.c.id))
    return request_id, assignment_id


def refusal(answer: Any) -> tuple[int, str]:
    """Return the status and the code."""
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("state", ["delivered", "partiallyDelivered"])
async def test_an_administrator_has_an_assignment_brought_about_once_more(
    database: Database, as_: Clients, relay: RecordingRelay, state: str
) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    await set_state(database, assignment_id, state)
    answer = await as_(ADA).post(f"{ASSIGNMENTS}/{assignment_id}/reprocess")

    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["location"] == f"{GOVERNANCE}/assignments/{assignment_id}"
    [*_, message] = relay.sent
    assert isinstance(message.body, ReprocessSignal)
    assert (message.subject_id, message.body.actor_id, message.body.looks) == (assignment_id, ADA.id, True)
    assert (await as_(ADA).get(f"{ASSIGNMENTS}/{assignment_id}")).json()["state"] == state


async def test_who_may_not_reprocess_is_told_so(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    await set_state(database, assignment_id, "delivered")
    path = f"{ASSIGNMENTS}/{assignment_id}/reprocess"
    assert [refusal(await as_(one).post(path)) for one in (LEO, MIA, BOB, EVE, None)] == [
        (403, "accessDenied"),
        (403, "accessDenied"),
        (404, "itemNotFound"),
        (404, "itemNotFound"),
        (401, "unauthenticated"),
    ]
    assert refusal(await as_(MIA).post(SEVERAL, json={"assignmentIds": [assignment_id]})) == (403, "accessDenied")


@pytest.mark.parametrize(
    ("state", "code", "says"),
    [
        ("delivering", "conflict", "delivery retries by itself"),
        ("deliveryFailed", "conflict", "reprocess its request"),
        ("ending", "assignmentEnded", "there is nothing to reprocess"),
        ("expired", "assignmentEnded", "there is nothing to reprocess"),
    ],
)
async def test_an_assignment_that_is_not_held_is_refused_with_what_to_do(
    database: Database, as_: Clients, state: str, code: str, says: str
) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    await set_state(database, assignment_id, state)
    answer = await as_(ADA).post(f"{ASSIGNMENTS}/{assignment_id}/reprocess")

    assert refusal(answer) == (409, code)
    assert says in answer.json()["error"]["message"]


@pytest.mark.parametrize("where", [ASSIGNMENTS, REQUESTS])
async def test_ids_that_are_absent_or_malformed(database: Database, as_: Clients, where: str) -> None:
    absent = await as_(ADA).post(f"{where}/{fixed_id('nobody')}/reprocess")
    malformed = await as_(ADA).post(f"{where}/nonsense/reprocess")
    assert [refusal(absent), refusal(malformed)] == [(404, "itemNotFound"), (400, "invalidRequest")]
    assert "GUID" in malformed.json()["error"]["message"]


async def test_several_at_once_each_with_its_own_outcome(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, NO_APPROVAL)
    leos, mias = await give(as_(LEO)), await give(as_(MIA))
    await set_state(database, leos, "delivered")
    relay.sent.clear()
    absent = fixed_id("nobody")
    answer = await as_(ADA).post(SEVERAL, json={"assignmentIds": [leos, mias, absent], "reason": "A restore"})

    assert answer.status_code == 202
    first, second, third = answer.json()["items"]
    assert first == {"assignmentId": leos, "location": f"{GOVERNANCE}/assignments/{leos}"}
    assert (second["assignmentId"], second["error"]["code"]) == (mias, "conflict")
    assert (third["assignmentId"], third["error"]["code"]) == (absent, "itemNotFound")
    [message] = relay.sent
    assert isinstance(message.body, ReprocessSignal)
    assert (message.subject_id, message.body.reason) == (leos, "A restore")


@pytest.mark.parametrize(
    "body", [{}, {"assignmentIds": []}, {"assignmentIds": ["nonsense"]}, {"assignmentIds": [fixed_id("x")] * 101}]
)
async def test_several_want_ids(database: Database, as_: Clients, body: dict[str, Any]) -> None:
    answer = await as_(ADA).post(SEVERAL, json=body)
    assert refusal(answer) == (400, "invalidRequest")
    assert "assignmentIds" in answer.text


async def test_a_request_delivered_in_part_is_delivered_again(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, NO_APPROVAL)
    request_id, assignment_id = await fail(database, as_(LEO), state="partiallyDelivered", days_ago=13)
    relay.sent.clear()
    answer = await as_(ADA).post(f"{REQUESTS}/{request_id}/reprocess")

    assert answer.status_code == 202
    assert answer.headers["location"] == f"{GOVERNANCE}/assignmentRequests/{request_id}"
    assert [(one.subject_id, type(one.body)) for one in relay.sent] == [(assignment_id, ReprocessSignal)]


async def test_a_request_of_which_nothing_was_delivered_begins_a_new_assignment(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, NO_APPROVAL)
    request_id, assignment_id = await fail(database, as_(LEO), state="deliveryFailed")
    relay.sent.clear()
    assert (await as_(ADA).post(f"{REQUESTS}/{request_id}/reprocess")).status_code == 202
    read = (await as_(ADA).get(f"{REQUESTS}/{request_id}", params={"$expand": "assignment"})).json()

    assert (read["state"], read["assignment"]["state"]) == ("delivering", "delivering")
    assert read["assignment"]["id"] != assignment_id
    assert [(one.subject_id, type(one.body)) for one in relay.sent] == [(read["assignment"]["id"], AssignmentBriefing)]
    again = await as_(ADA).post(f"{REQUESTS}/{request_id}/reprocess")
    assert refusal(again) == (409, "conflict")
    assert "retries by itself" in again.json()["error"]["message"]


async def test_a_request_that_failed_long_ago_is_to_be_asked_anew(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    request_id, _ = await fail(database, as_(LEO), state="deliveryFailed", days_ago=15)
    answer = await as_(ADA).post(f"{REQUESTS}/{request_id}/reprocess")

    assert refusal(answer) == (409, "conflict")
    assert "within 14 days" in answer.json()["error"]["message"]
    assert "/resubmit" in answer.json()["error"]["message"]


async def test_what_speaks_against_it_by_now_is_told(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    request_id, _ = await fail(database, as_(LEO), state="deliveryFailed")
    other = await as_(LEO).post(REQUESTS, json=user_add())
    assert other.status_code == 201, other.text
    held = await as_(ADA).post(f"{REQUESTS}/{request_id}/reprocess")
    assert refusal(held) == (409, "alreadyAssigned")
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id == LEO.id).values(account_enabled=False))
    disabled = await as_(ADA).post(f"{REQUESTS}/{request_id}/reprocess")
    assert refusal(disabled) == (409, "conflict")
    assert "the account of Leo Park is disabled" in disabled.json()["error"]["message"]


@pytest.mark.parametrize("state", ["delivered", "denied", "canceled", "expired", "pendingApproval"])
async def test_a_request_that_did_not_fail_is_refused(database: Database, as_: Clients, state: str) -> None:
    await open_office(database, NO_APPROVAL)
    request_id, _ = await fail(database, as_(LEO), state=state)
    answer = await as_(ADA).post(f"{REQUESTS}/{request_id}/reprocess")
    assert refusal(answer) == (409, "conflict")
    assert refusal(await as_(LEO).post(f"{REQUESTS}/{request_id}/reprocess")) == (403, "accessDenied")


async def test_how_far_a_change_has_come_is_listed_for_administrators(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    await give(as_(LEO))
    added = await as_(ADA).post(
        f"{PACKAGES}/{PAYROLL_ID}/resourceRoleScopes",
        json={"role": {"id": PAYROLL.write}, "scope": {"id": fixed_id(f"scope of {PAYROLL.write}")}},
    )
    assert added.status_code == 201, added.text
    body = (await as_(ADA).get(CHANGES)).json()

    [shown] = body["items"]
    assert {name: shown[name] for name in shown if name not in {"id", "createdDateTime"}} == {
        "kind": "roleAdded",
        "role": "Member of Payroll writers",
        "accessPackage": {"id": PAYROLL_ID, "displayName": "Payroll"},
        "createdBy": ADA.id,
        "completedDateTime": None,
        "supersededBy": None,
        "holders": 1,
        "seen": 0,
        "changed": 0,
    }
    assert body["next"] is None
    assert [(await as_(one).get(CHANGES)).status_code for one in (LEO, None)] == [403, 401]
