"""What an administrator cancels beside what everybody may: what is not delivered yet, and what failed (EF-052)."""

from datetime import timedelta

import pytest

from grantline.ambient import utc_now
from grantline.model.briefing import CancelSignal, RemoveSignal
from grantline.model.person import Person
from grantline.persistence import assignments
from grantline.persistence.database import Database
from grantline.services.assignments import abandonment, lifecycle
from tests.api.configured import error_of, message_of
from tests.api.conftest import Clients, RecordingRelay
from tests.api.office import ASSIGNMENTS, NO_APPROVAL, REQUESTS, open_office
from tests.api.test_approvals import ask, decide
from tests.cast import ADA, BOB, LEO, MIA
from tests.services.scene import events


async def given(as_: Clients, database: Database) -> tuple[str, str]:
    """Let Leo be given Payroll, not delivered yet; return request and assignment."""
    await open_office(database, NO_APPROVAL)
    request_id = await ask(as_(MIA), LEO)
    read = await as_(MIA).get(f"{REQUESTS}/{request_id}", params={"$expand": "assignment"})
    return request_id, str(read.json()["assignment"]["id"])


async def failed(as_: Clients, database: Database) -> tuple[str, str]:
    """Let the delivery fail, whole."""
    request_id, assignment_id = await given(as_, database)
    async with database.read() as tx:
        needed = await assignments.needed_grants(tx, assignment_id)
    await lifecycle.record_delivery(database, assignment_id, dict.fromkeys(needed, "no such group"))
    await abandonment.abandon(database, assignment_id, utc_now())
    await lifecycle.record_ended(database, assignment_id)
    return request_id, assignment_id


async def test_an_administrator_cancels_what_is_being_delivered(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    request_id, assignment_id = await given(as_, database)
    relay.sent.clear()

    answer = await as_(ADA).post(f"{REQUESTS}/{request_id}/cancel")

    assert answer.status_code == 204, answer.text
    (signal,) = [message.body for message in relay.sent]
    assert isinstance(signal, RemoveSignal)
    again = await as_(ADA).post(f"{REQUESTS}/{request_id}/cancel")
    assert error_of(again) == (409, "assignmentEnded")
    await lifecycle.end(database, assignment_id, utc_now(), signal)
    await lifecycle.record_ended(database, assignment_id)
    read = (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()
    assert (read["state"], read["status"]) == ("canceled", "Canceled: it was removed before it was delivered")
    assert (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()["state"] == "expired"
    (event,) = await events(database, "request.canceled")
    assert (event.actor_id, event.request_id) == (ADA.id, request_id)
    assert await ask(as_(MIA), LEO) != request_id


async def test_delivery_that_was_faster_stands_on_record_and_is_taken_back(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    request_id, assignment_id = await given(as_, database)
    relay.sent.clear()
    await as_(ADA).post(f"{REQUESTS}/{request_id}/cancel")
    await lifecycle.record_delivery(database, assignment_id, {})
    (signal,) = [message.body for message in relay.sent if isinstance(message.body, RemoveSignal)]
    ending = await lifecycle.end(database, assignment_id, utc_now(), signal)
    assert (ending.is_ended, ending.cause) == (True, "removedByAdministrator")
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "delivered"


async def test_an_administrator_cancels_what_failed(database: Database, as_: Clients, relay: RecordingRelay) -> None:
    request_id, _ = await failed(as_, database)
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "deliveryFailed"
    relay.sent.clear()
    assert (await as_(ADA).post(f"{REQUESTS}/{request_id}/cancel")).status_code == 204
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "canceled"
    assert not [message for message in relay.sent if isinstance(message.body, CancelSignal)]


@pytest.mark.parametrize("who", [MIA, LEO], ids=["requestor", "target"])
async def test_others_cancel_neither(database: Database, as_: Clients, who: Person) -> None:
    request_id, assignment_id = await given(as_, database)
    refused = await as_(who).post(f"{REQUESTS}/{request_id}/cancel")
    assert error_of(refused) == (409, "notCancellable")
    assert "is delivering; only while it waits" in message_of(refused)
    await lifecycle.record_delivery(database, assignment_id, {})
    for person in (who, ADA):
        late = await as_(person).post(f"{REQUESTS}/{request_id}/cancel")
        assert error_of(late) == (409, "notCancellable")


async def test_access_whose_time_is_up_before_it_was_delivered_leaves_no_open_request(
    database: Database, as_: Clients
) -> None:
    request_id, assignment_id = await given(as_, database)
    await lifecycle.end(database, assignment_id, utc_now() + timedelta(days=91), None)
    read = (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()
    assert (read["state"], read["status"]) == ("canceled", "Canceled: its time was up before it was delivered")


async def test_what_was_denied_is_not_cancelled_even_by_an_administrator(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id, "Deny")
    assert error_of(await as_(ADA).post(f"{REQUESTS}/{request_id}/cancel")) == (409, "notCancellable")
