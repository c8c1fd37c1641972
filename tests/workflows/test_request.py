"""A request through its workflow: decided, denied, expired, cancelled, scheduled."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from grantline.ambient import utc_now
from grantline.errors import DeadlinePassed, GrantlineError, RequestClosed
from grantline.model.person import Person
from grantline.model.request import Schedule, Verdict
from grantline.persistence.tables import audit_events
from grantline.services.approvals import decisions
from tests.cast import ADA, BEA, BOB, CY, LEO, MIA
from tests.workflows.world import BOB_OR_BEA, OWED, World, stage

A_MOMENT = timedelta(minutes=1)


async def test_bob_approves_and_leo_has_it(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.decide(BOB, request_id)

    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    assert await world.trail("stage.decided", "grant.granted", "request.delivered") == [
        ("stage.decided", BOB.id),
        ("grant.granted", None),
        ("request.delivered", None),
    ]
    await world.keep("request-approved-by-outbox", world.request(request_id))


async def test_no_stage_means_no_waiting(world: World) -> None:
    request_id = await world.ask(await world.offer())

    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    await world.keep("request-without-stages-by-outbox", world.request(request_id))


async def test_one_denial_ends_it(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.decide(BEA, request_id, Verdict.DENY)

    assert await world.request(request_id).result() == "denied"
    assert await world.members() == set()
    await world.keep("request-denied", world.request(request_id))


async def test_both_stages_must_approve_each_in_its_turn(world: World) -> None:
    request_id = await world.ask(await world.offer(stage(BOB), stage(CY)))
    await world.decide(BOB, request_id)
    await until_timers_started(world, request_id, 2)
    assert await world.stage_states(request_id) == ["approved", "open"]
    await world.decide(CY, request_id)

    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    await world.keep("request-two-stages-by-outbox", world.request(request_id))


async def test_nobody_answers_for_a_fortnight(world: World) -> None:
    asked_at = utc_now()
    request_id = await world.ask(await world.offer(stage(BOB, days=14)))
    workflow = world.request(request_id)

    await world.skip(workflow, timedelta(days=14) - A_MOMENT)
    assert await world.request_state(request_id) == "pendingApproval"
    await world.skip(workflow, 2 * A_MOMENT)

    assert await workflow.result() == "expired"
    assert await world.request_state(request_id) == "expired"
    assert await world.stage_states(request_id) == ["expired"]
    expired_at = await time_of(world, "request.expired")
    assert timedelta(0) <= expired_at - (asked_at + timedelta(days=14)) < A_MOMENT
    with pytest.raises(RequestClosed):
        await world.decide(BOB, request_id)
    await world.keep("request-expired", workflow)


async def test_the_second_stage_has_a_deadline_of_its_own(world: World) -> None:
    request_id = await world.ask(await world.offer(stage(BOB, days=14), stage(CY, days=3)))
    await world.decide(BOB, request_id)
    await until_timers_started(world, request_id, 2)
    await world.skip(world.request(request_id), timedelta(days=3) + A_MOMENT)

    assert await world.request(request_id).result() == "expired"
    assert await world.stage_states(request_id) == ["approved", "expired"]


@pytest.mark.parametrize("person", [MIA, LEO, ADA], ids=["requestor", "target", "administrator"])
async def test_it_is_cancelled_while_it_waits(world: World, person: Person) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.cancel(person, request_id)

    assert await world.request(request_id).result() == "canceled"
    assert await world.stage_states(request_id) == ["closed"]
    if person is MIA:
        await world.keep("request-cancelled", world.request(request_id))


async def test_the_access_begins_when_it_was_asked_for(world: World) -> None:
    starts_at = utc_now() + timedelta(days=10)
    request_id = await world.ask(await world.offer(BOB_OR_BEA), Schedule(starts_at=starts_at))
    await world.decide(BOB, request_id)
    await until_timers_started(world, request_id, 2)
    assert await world.request_state(request_id) == "scheduled"
    assert await world.members() == set()
    await world.skip(world.request(request_id), timedelta(days=10) + A_MOMENT)

    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    begun_at = await time_of(world, "assignment.started")
    assert timedelta(0) <= begun_at - starts_at < A_MOMENT
    await world.keep("request-scheduled-by-outbox", world.request(request_id))


async def test_it_is_cancelled_while_it_waits_for_its_start(world: World) -> None:
    schedule = Schedule(starts_at=utc_now() + timedelta(days=10))
    request_id = await world.ask(await world.offer(BOB_OR_BEA), schedule)
    await world.decide(BOB, request_id)
    await world.cancel(MIA, request_id)

    assert await world.request(request_id).result() == "canceled"
    assert await world.members() == set()


async def test_a_decision_that_is_heard_after_the_deadline_still_counts_if_it_was_made_before(world: World) -> None:
    request_id = await world.ask(await world.offer(stage(BOB)))
    late = await decisions.decide(world.database, BOB.id, request_id, None, Verdict.APPROVE, None)
    await world.skip(world.request(request_id), timedelta(days=14) + A_MOMENT)
    await world.send(late)

    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    assert await world.stage_states(request_id) == ["approved"]
    await world.keep("request-decided-at-the-deadline-by-outbox", world.request(request_id))


@pytest.mark.parametrize("attempt", range(3))
async def test_a_decision_and_the_deadline_at_the_same_instant_have_one_outcome(world: World, attempt: int) -> None:
    request_id = await world.ask(await world.offer(stage(BOB)))
    workflow = world.request(request_id)
    await until_timers_started(world, request_id, 1)
    refusals: list[GrantlineError] = []

    async def decide() -> None:
        await asyncio.sleep(0.01 * attempt)
        try:
            await world.decide(BOB, request_id)
        except (RequestClosed, DeadlinePassed) as refusal:
            refusals.append(refusal)

    await asyncio.gather(world.skip(workflow, timedelta(days=14) + A_MOMENT), decide())
    outcome = await workflow.result()
    assert (outcome, bool(refusals)) in {("delivering", False), ("expired", True)}
    if outcome == "delivering":
        await world.until_request(request_id, "delivered")
    assert await world.members() == ({("readers", "leo")} if outcome == "delivering" else set())


async def test_hearing_everything_twice_changes_nothing(world: World) -> None:
    ask = await world.offer(stage(BOB), stage(CY))
    request_id = await world.ask(ask)
    once = await decisions.decide(world.database, BOB.id, request_id, None, Verdict.APPROVE, None)
    await world.send(once)
    await world.send(once)
    await until_timers_started(world, request_id, 2)
    assert await world.stage_states(request_id) == ["approved", "open"]
    last = await decisions.decide(world.database, CY.id, request_id, None, Verdict.APPROVE, None)
    await world.send(last)
    assert await world.request(request_id).result() in OWED
    await world.send(last)
    await world.send(once)

    await world.until_request(request_id, "delivered")
    assert await world.trail("stage.decided", "grant.granted") == [
        ("stage.decided", BOB.id),
        ("stage.decided", CY.id),
        ("grant.granted", None),
    ]


async def until_timers_started(world: World, request_id: str, count: int) -> None:
    """Wait until the workflow waits for its `count`-th instant: it has taken in all that came before."""
    seen = 0
    async for event in world.request(request_id).fetch_history_events(wait_new_event=True):
        seen += event.HasField("timer_started_event_attributes")
        if seen == count:
            return


async def time_of(world: World, kind: str) -> datetime:
    """Return when the one event of this type happened, as the trail has it."""
    async with world.database.read() as tx:
        at: datetime = await tx.scalar(select(audit_events.c.at).where(audit_events.c.type == kind))
        return at.astimezone(UTC)
