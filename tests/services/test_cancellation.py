"""Withdrawing: who may, until when, and what is left on record."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.briefing import CancelSignal
from grantline.model.person import Person
from grantline.model.request import RequestState, Schedule, StageState, Verdict
from grantline.persistence.database import Database
from grantline.persistence.tables import stage_approvers
from grantline.services.assignments import lifecycle
from grantline.services.requests.cancellation import cancel
from tests.cast import ADA, BOB, EVE, LEO, MAX, MIA, acting, fixed_id
from tests.services.scene import (
    NO_APPROVAL,
    ON_BEHALF,
    ask_for,
    events,
    furnish,
    given,
    policy,
    request_now,
    says,
    stages_now,
    trail,
)


@pytest.mark.parametrize("who", [MIA, LEO, ADA], ids=["requestor", "target", "administrator"])
async def test_requestor_target_and_administrators_withdraw(database: Database, who: Person) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id

    (message,) = await cancel(database, acting(who), request_id, "No longer needed")

    assert isinstance(message.body, CancelSignal)
    assert (message.subject_id, message.body.actor_id, message.body.reason) == (request_id, who.id, "No longer needed")
    assert message.body.cancellation_id is not None
    request = await request_now(database, request_id)
    assert (request.state, request.status) == (RequestState.CANCELED, "Canceled")
    assert request.completed_at is not None
    (closed,) = await stages_now(database, request_id)
    assert (closed.stage.state, closed.stage.verdict) == (StageState.CLOSED, None)
    async with database.read() as tx:
        assert not [row for row in await tx.all(select(stage_approvers.c.is_open)) if row.is_open]
    (told,) = await events(database, "request.canceled")
    assert (told.actor_id, told.on_behalf_of_id, told.reason) == (who.id, LEO.id, "No longer needed")
    progress = await lifecycle.hear_cancellation(database, request_id, message.body)
    assert progress.state is RequestState.CANCELED
    assert await trail(database) == ["request.submitted", "stage.opened", "request.canceled"]
    assert (await ask_for(database, MIA, LEO)).request.state is RequestState.PENDING_APPROVAL


async def test_a_request_that_waits_for_its_start_can_be_withdrawn(database: Database) -> None:
    settings = replace(ON_BEHALF, allow_custom_schedule=True)
    await furnish(database, policy(requestor_settings=settings, approval_settings=NO_APPROVAL))
    starts_at = utc_now() + timedelta(days=1)
    request_id = (await ask_for(database, MIA, LEO, schedule=Schedule(starts_at=starts_at))).request.id
    await cancel(database, acting(LEO), request_id)
    assert (await lifecycle.begin(database, request_id, starts_at)).state is RequestState.CANCELED


async def test_approvers_and_managers_see_it_but_do_not_withdraw_it_and_others_do_not_see_it(
    database: Database,
) -> None:
    await furnish(database)
    request_id = (await ask_for(database, LEO, LEO)).request.id
    for who in (BOB, MIA):
        with pytest.raises(errors.NotAllowed, match="An approver denies instead") as refused:
            await cancel(database, acting(who), request_id)
        assert type(refused.value) is errors.NotAllowed
    for stranger, asked in ((EVE, request_id), (MAX, request_id), (ADA, fixed_id("x"))):
        with pytest.raises(errors.NotFound) as absent:
            await cancel(database, acting(stranger), asked)
        assert str(absent.value) == f"There is no request {asked}."
    assert (await request_now(database, request_id)).state is RequestState.PENDING_APPROVAL


async def test_what_has_gone_further_is_not_withdrawn(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    with pytest.raises(errors.NotCancellable, match=f"Request {held.request_id} is delivering"):
        await cancel(database, acting(MIA), held.request_id)
    denied = (await ask_for(database, EVE, EVE)).request.id
    await says(database, BOB, denied, Verdict.DENY)
    with pytest.raises(errors.NotCancellable, match="is denied"):
        await cancel(database, acting(EVE), denied)
