"""Correcting drift over HTTP: who may, what is refused, who hears. That it happens, tests/workflows shows."""

from typing import Any

from sqlalchemy import update

from grantline.model.briefing import ReprocessSignal
from grantline.model.upkeep import CorrectionBriefing
from grantline.persistence.database import Database
from grantline.persistence.tables import grants
from tests.api.configured import UNKNOWN_ID, error_of, message_of
from tests.api.conftest import BASE, Clients, RecordingRelay
from tests.api.office import NO_APPROVAL, open_office
from tests.api.test_assignments import give, set_state
from tests.cast import ADA, LEO, LONG_AGO
from tests.services.scene import events

DRIFT = f"{BASE}/api/drift"


async def drifts(database: Database, *, is_wanted: bool) -> None:
    """Let the one grant there is show otherwise in its target system: missing, or there though it was taken back."""
    values: dict[str, Any] = {"version": 5, "applied_version": 5, "existed_before": False}
    async with database.write() as tx:
        await tx.changed(update(grants).values(is_wanted=is_wanted, drifted_at=LONG_AGO, **values))


async def test_an_administrator_has_either_kind_of_drift_corrected(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    await drifts(database, is_wanted=True)
    (listed,) = (await as_(ADA).get(DRIFT)).json()["items"]
    path = f"{DRIFT}/{listed['grantId']}/correct"

    # It is being delivered: whoever does that finds it missing.
    busy = await as_(ADA).post(path)
    assert error_of(busy) == (409, "conflict")
    assert "its workflow is at it" in message_of(busy)
    await set_state(database, assignment_id, "delivered")
    relay.sent.clear()
    missing = await as_(ADA).post(path, json={"reason": "He needs it"})
    assert (missing.status_code, missing.json()) == (
        202,
        {"grantId": listed["grantId"], "drift": "missing", "assignmentId": assignment_id},
    )
    assert [(one.subject_id, type(one.body)) for one in relay.sent] == [(assignment_id, ReprocessSignal)]

    await drifts(database, is_wanted=False)
    relay.sent.clear()
    surplus = [(await as_(ADA).post(path, json={"reason": "Not his"})).json() for _ in range(2)]
    assert surplus == [{"grantId": listed["grantId"], "drift": "surplus", "assignmentId": None}] * 2
    assert [(one.subject_id, type(one.body)) for one in relay.sent] == [(listed["grantId"], CorrectionBriefing)] * 2
    # It is to be taken back from now on, so nobody is late with it yet.
    assert (await as_(ADA).get(f"{BASE}/api/revocations/overdue")).json()["items"] == []
    (event,) = await events(database, "grant.reprocessed")
    assert (event.actor_id, event.reason, event.object_id) == (ADA.id, "Not his", listed["grantId"])


async def test_what_has_not_drifted_is_left_alone_and_nobody_else_corrects(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    await give(as_(LEO))
    await drifts(database, is_wanted=False)
    (listed,) = (await as_(ADA).get(DRIFT)).json()["items"]
    async with database.write() as tx:
        await tx.changed(update(grants).values(drifted_at=None))
    path = f"{DRIFT}/{listed['grantId']}/correct"
    assert error_of(await as_(ADA).post(path)) == (409, "conflict")
    assert error_of(await as_(ADA).post(f"{DRIFT}/{UNKNOWN_ID}/correct")) == (404, "itemNotFound")
    assert error_of(await as_(ADA).post(f"{DRIFT}/nonsense/correct")) == (400, "invalidRequest")
    assert error_of(await as_(LEO).post(path)) == (404, "itemNotFound")
