"""More time for an assignment over HTTP: bodies, answers, and every way in which it is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from grantline.ambient import utc_now
from grantline.model.catalog import CatalogState
from grantline.model.person import Person
from grantline.model.policy import ApprovalSettings, TargetScope
from grantline.model.subjects import SingleUser
from grantline.persistence import policies
from grantline.persistence.database import Database
from grantline.persistence.tables import catalogs
from tests.api.conftest import Clients, RecordingRelay
from tests.api.office import (
    APPROVALS,
    ASSIGNMENTS,
    BOB_OR_BEA,
    NO_APPROVAL,
    OPEN_TO_ALL,
    PAYROLL_ID,
    REQUESTS,
    open_office,
)
from tests.api.test_assignments import give, removal, set_state
from tests.cast import ADA, BEA, BOB, EVE, LEO, LONG_AGO, MAX, MIA

EXTENDABLE = replace(
    NO_APPROVAL,
    requestor_settings=replace(OPEN_TO_ALL, self_update=True, on_behalf_update=True, allow_custom_schedule=True),
)
WITH_APPROVAL = replace(
    EXTENDABLE, approval_settings=ApprovalSettings(is_required_for_update=True, stages=(BOB_OR_BEA,))
)


def until(days: float) -> dict[str, Any]:
    """Return a schedule that ends so many days from now."""
    end = (utc_now() + timedelta(days=days)).isoformat()
    return {"expiration": {"type": "afterDateTime", "endDateTime": end}}


def extension(assignment_id: str, kind: str = "userUpdate", **more: Any) -> dict[str, Any]:
    """Return the body of an update."""
    return {"requestType": kind, "assignment": {"id": assignment_id}, "justification": "Another quarter", **more}


async def held_by_leo(database: Database, client: httpx2.AsyncClient) -> str:
    """Let Leo hold Payroll, delivered, for thirty days; return the assignment's id."""
    assignment_id = await give(client, LEO)
    ends_at = utc_now() + timedelta(days=30)
    await set_state(database, assignment_id, "delivered", delivered_at=LONG_AGO, ends_at=ends_at)
    return assignment_id


async def end_of(client: httpx2.AsyncClient, assignment_id: str) -> str:
    """Return when the assignment ends, as the API says it."""
    read = await client.get(f"{ASSIGNMENTS}/{assignment_id}")
    return str(read.json()["schedule"]["expiration"]["endDateTime"])


@pytest.mark.parametrize(
    ("who", "kind", "on_record"),
    [
        (LEO, "userUpdate", "userUpdate"),
        (MIA, "UserUpdate", "userUpdate"),
        (ADA, "adminUpdate", "adminUpdate"),
        (ADA, "userUpdate", "adminUpdate"),
    ],
    ids=["the holder", "the manager", "an administrator", "an administrator like a user"],
)
async def test_the_end_moves(
    database: Database, as_: Clients, relay: RecordingRelay, who: Person, kind: str, on_record: str
) -> None:
    await open_office(database, EXTENDABLE)
    assignment_id = await held_by_leo(database, as_(MIA))
    relay.sent.clear()
    body = extension(assignment_id, kind, schedule=until(60))

    answer = await as_(who).post(REQUESTS, json=body)

    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert (shown["requestType"], shown["state"], shown["status"]) == (on_record, "submitted", "Accepted")
    read = (await as_(who).get(f"{REQUESTS}/{shown['id']}", params={"$expand": "assignment"})).json()
    assert (read["state"], read["status"]) == ("delivered", "Access extended")
    assert read["assignment"]["id"] == assignment_id
    assert (await end_of(as_(LEO), assignment_id))[:19] == body["schedule"]["expiration"]["endDateTime"][:19]
    held = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()
    assert (held["state"], held["status"]) == ("delivered", "Access extended")
    assert [message.subject_id for message in relay.sent] == [assignment_id]


async def test_without_a_schedule_the_policys_duration_runs_again(database: Database, as_: Clients) -> None:
    await open_office(database, EXTENDABLE)
    assignment_id = await held_by_leo(database, as_(MIA))
    answer = await as_(LEO).post(REQUESTS, json=extension(assignment_id))
    assert answer.status_code == 201, answer.text
    expected = utc_now() + timedelta(days=90)
    assert (await end_of(as_(LEO), assignment_id))[:13] in {
        moment.isoformat()[:13] for moment in (expected, expected - timedelta(minutes=1))
    }


async def test_an_extension_waits_for_approval_and_shows_it(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, WITH_APPROVAL)
    assignment_id = await held_by_leo(database, as_(MIA))
    before = await end_of(as_(LEO), assignment_id)
    body = extension(assignment_id, schedule=until(60))
    request_id = (await as_(LEO).post(REQUESTS, json=body)).json()["id"]
    pending = (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()
    assert (pending["state"], pending["status"]) == ("pendingApproval", "PendingApproval")
    waiting = await as_(BOB).get(f"{REQUESTS}/filterByCurrentUser(on='approver')", params={"$expand": "assignment"})
    assert [(one["id"], one["requestType"], one["assignment"]["id"]) for one in waiting.json()["value"]] == [
        (request_id, "userUpdate", assignment_id)
    ]
    assert await end_of(as_(LEO), assignment_id) == before
    stages = (await as_(BEA).get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
    relay.sent.clear()

    decided = await as_(BEA).patch(
        f"{APPROVALS}/{request_id}/stages/{stages[0]['id']}", json={"reviewResult": "Approve", "justification": "ok"}
    )

    assert decided.status_code == 204, decided.text
    done = (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()
    assert (done["state"], done["status"]) == ("delivered", "Access extended")
    assert (await end_of(as_(LEO), assignment_id))[:19] == body["schedule"]["expiration"]["endDateTime"][:19]
    assert {message.subject_id for message in relay.sent} == {assignment_id, request_id}
    mine = await as_(LEO).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")
    assert [one["id"] for one in mine.json()["value"]] == [assignment_id]


async def test_an_open_extension_is_cancelled_like_any_request(database: Database, as_: Clients) -> None:
    await open_office(database, WITH_APPROVAL)
    assignment_id = await held_by_leo(database, as_(MIA))
    request_id = (await as_(MIA).post(REQUESTS, json=extension(assignment_id))).json()["id"]
    assert (await as_(LEO).post(f"{REQUESTS}/{request_id}/cancel")).status_code == 204
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "canceled"
    listed = await as_(ADA).get(REQUESTS, params={"$filter": "requestType eq 'userUpdate'"})
    assert [one["id"] for one in listed.json()["value"]] == [request_id]


Setting = Callable[[Database, Clients, str], Awaitable[None]]


async def unchanged(database: Database, as_: Clients, assignment_id: str) -> None:
    """Leave everything as it is."""


async def policy_is(database: Database, **changes: Any) -> None:
    """Change the policy."""
    async with database.write() as tx:
        await policies.update_policy(tx, replace(EXTENDABLE, **changes))


async def nobody_may(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let the policy offer no extensions."""
    await policy_is(database, requestor_settings=OPEN_TO_ALL)


async def times_are_fixed(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let the policy take no schedules."""
    await policy_is(database, requestor_settings=replace(EXTENDABLE.requestor_settings, allow_custom_schedule=False))


async def reasons_wanted(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let the policy want a justification."""
    await policy_is(database, approval_settings=ApprovalSettings(is_requestor_justification_required=True))


async def only_for_eve(database: Database, as_: Clients, assignment_id: str) -> None:
    """Take Leo out of the policy's scope."""
    only_eve = (SingleUser(user_id=EVE.id),)
    await policy_is(database, target_scope=TargetScope.SPECIFIC, specific_allowed_targets=only_eve)


async def unpublished(database: Database, as_: Clients, assignment_id: str) -> None:
    """Withdraw the catalog."""
    async with database.write() as tx:
        await tx.changed(catalogs.update().values(state=CatalogState.UNPUBLISHED.value))


async def over(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let the time be up."""
    await set_state(database, assignment_id, "delivered", ends_at=LONG_AGO)


async def ended(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let the access be gone."""
    await set_state(database, assignment_id, "expired", ends_at=LONG_AGO)


async def delivering(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let the access be on its way."""
    await set_state(database, assignment_id, "delivering")


async def being_removed(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let Mia take the access away."""
    assert (await as_(MIA).post(REQUESTS, json=removal(assignment_id))).status_code == 201


async def asked_before(database: Database, as_: Clients, assignment_id: str) -> None:
    """Let Mia have asked already, where approval is needed."""
    await policy_is(database, approval_settings=WITH_APPROVAL.approval_settings)
    assert (await as_(MIA).post(REQUESTS, json=extension(assignment_id))).status_code == 201


@pytest.mark.parametrize(
    ("who", "given", "change", "status", "code", "says"),
    [
        (
            LEO,
            nobody_may,
            {},
            403,
            "extensionNotAllowed",
            "does not let Leo Park (leo@grantline.test) extend 'Payroll'",
        ),
        (MIA, nobody_may, {}, 403, "extensionNotAllowed", "does not let Mia Lind (mia@grantline.test) extend"),
        (LEO, unchanged, {"requestType": "adminUpdate"}, 403, "accessDenied", "Use requestType userUpdate"),
        (MAX, unchanged, {}, 404, "itemNotFound", "There is no assignment"),
        (EVE, unchanged, {}, 404, "itemNotFound", "There is no assignment"),
        (LEO, unchanged, {"assignment": None}, 400, "invalidRequest", "whose end is to move: assignment.id"),
        (LEO, unchanged, {"assignment": {"id": PAYROLL_ID}}, 404, "itemNotFound", "There is no assignment"),
        (LEO, unchanged, {"answers": [{"value": "x"}]}, 501, "notSupported", "without answers"),
        (LEO, unchanged, {"schedule": until(-1)}, 400, "invalidSchedule", "has passed; give a later one"),
        (LEO, unchanged, {"schedule": until(20)}, 400, "invalidSchedule", "would end earlier"),
        (LEO, unchanged, {"schedule": until(91)}, 400, "invalidSchedule", "lets access last until"),
        (
            LEO,
            unchanged,
            {"schedule": {"startDateTime": "2999-01-01T00:00:00Z"}},
            400,
            "invalidSchedule",
            "Leave startDateTime out",
        ),
        (
            LEO,
            unchanged,
            {"schedule": {"expiration": {"type": "noExpiration"}}},
            400,
            "invalidSchedule",
            "give an earlier end",
        ),
        (LEO, times_are_fixed, {"schedule": until(60)}, 400, "scheduleNotAllowed", "leave the schedule out"),
        (LEO, reasons_wanted, {"justification": ""}, 400, "justificationRequired", "wants a justification"),
        (LEO, only_for_eve, {}, 403, "targetOutOfScope", "does not cover Leo Park (leo@grantline.test) any more"),
        (LEO, unpublished, {}, 403, "notRequestable", "which is not published"),
        (LEO, over, {}, 409, "assignmentEnded", "cannot be extended any more"),
        (ADA, over, {"requestType": "adminUpdate"}, 409, "assignmentEnded", "Ask for the access package anew"),
        (LEO, ended, {}, 409, "assignmentEnded", "is expired; there is nothing to extend"),
        (LEO, delivering, {}, 409, "conflict", "extend it once it is"),
        (LEO, being_removed, {}, 409, "assignmentEnded", "is removing assignment"),
        (LEO, asked_before, {}, 409, "duplicateRequest", "is open already"),
    ],
)
async def test_every_way_an_extension_is_refused(
    database: Database,
    as_: Clients,
    who: Person,
    given: Setting,
    change: dict[str, Any],
    status: int,
    code: str,
    says: str,
) -> None:
    await open_office(database, EXTENDABLE)
    assignment_id = await held_by_leo(database, as_(MIA))
    await given(database, as_, assignment_id)
    before = await end_of(as_(LEO), assignment_id)
    answer = await as_(who).post(REQUESTS, json=extension(assignment_id) | change)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    assert says in answer.json()["error"]["message"]
    assert await end_of(as_(LEO), assignment_id) == before
