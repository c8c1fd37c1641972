"""No answer comes: what silence means is what the extension says, and afterwards it is too late."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.errors import DeadlinePassed
from grantline.model.callout import CalloutPoint, HoldState, OnTimeout
from grantline.model.request import Request, RequestState
from grantline.persistence import requests
from grantline.persistence.callout_tables import callouts
from grantline.persistence.database import Database
from grantline.services.sending import callbacks
from grantline.services.sending.callbacks import Answer
from tests.cast import ADA, BEA, BOB
from tests.services.calling import calls_now, hold_now
from tests.services.scene import events, request_now
from tests.services.test_callbacks import ADMINISTRATORS, APPROVED, CREATED, DETERMINING, approvers_now, held


@pytest.mark.parametrize("point", [CREATED, APPROVED, DETERMINING])
async def test_silence_denies_where_the_extension_says_so(database: Database, point: CalloutPoint) -> None:
    request = await held(database, point)
    awaited = await hold_now(database, request.id)
    assert awaited.times_out_at is not None
    early = await callbacks.time_out(database, request.id, awaited.id, awaited.times_out_at - timedelta(seconds=1))
    assert early.callout_id == awaited.id
    for _ in range(2):
        late = await callbacks.time_out(database, request.id, awaited.id, awaited.times_out_at)
        assert late.state is RequestState.DENIED
    after = await request_now(database, request.id)
    assert after.status == "Denied: Risk desk did not answer in time"
    (event,) = await events(database, "callout.timedOut")
    assert event.details["means"] == "deny"
    (call,) = await calls_now(database, request.id)
    assert (call.hold, call.delivery.value) == (HoldState.TIMED_OUT, "failed"), "it is not called any more"
    with pytest.raises(DeadlinePassed, match="was denied"):
        await callbacks.answer(database, request.id, Answer(callout_id=awaited.id))


@pytest.mark.parametrize(
    ("point", "state", "open_for"),
    [
        (CREATED, "pendingApproval", {BOB.id, BEA.id}),
        (APPROVED, "delivering", None),
        (DETERMINING, "pendingApproval", {ADA.id}),
    ],
)
async def test_silence_lets_it_go_on_where_the_extension_says_so(
    database: Database, point: CalloutPoint, state: str, open_for: set[str] | None
) -> None:
    request = await held(database, point, OnTimeout.CONTINUE)
    if point is DETERMINING:
        await _forget_primaries(database, request)
    awaited = await hold_now(database, request.id)
    at = awaited.times_out_at or utc_now()
    progress = await callbacks.time_out(database, request.id, awaited.id, at, administrators=ADMINISTRATORS)
    assert progress.state.value == state
    ((_, _, approvers),) = await approvers_now(database, request.id)
    assert open_for is None or approvers == open_for
    with pytest.raises(DeadlinePassed, match="went on without it"):
        await callbacks.answer(database, request.id, Answer(callout_id=awaited.id))


async def _forget_primaries(database: Database, request: Request) -> None:
    """Let the stage have nobody but whom the extension would have named."""
    (planned,) = request.plan.stages
    plan = replace(request.plan, stages=(replace(planned, primary_approvers=()),))
    async with database.write() as tx:
        await requests.write_plan(tx, replace(request, plan=plan))


async def test_an_answer_after_its_time_is_too_late_even_if_no_worker_noticed(database: Database) -> None:
    request = await held(database)
    await _age(database)
    awaited = await hold_now(database, request.id)
    with pytest.raises(DeadlinePassed, match="could be answered until"):
        await callbacks.answer(database, request.id, Answer(callout_id=awaited.id))
    assert await request_now(database, request.id) == request


async def _age(database: Database) -> None:
    async with database.write() as tx:
        await tx.changed(update(callouts).values(times_out_at=utc_now() - timedelta(seconds=1)))
