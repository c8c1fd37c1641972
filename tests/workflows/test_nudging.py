"""Time passes over an open stage: reminders, then the alternates' turn, each at its instant and not before."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grantline.errors import AlreadyDecided, RequestClosed
from grantline.model.request import Verdict
from grantline.model.subjects import SingleUser
from grantline.persistence.tables import audit_events
from tests.cast import BOB, CY, EVE, LEO
from tests.workflows.test_operators import details, rows, summaries
from tests.workflows.test_request import until_timers_started
from tests.workflows.world import OWED, World, stage, until

A_MOMENT = timedelta(seconds=30)
HALF_AN_HOUR = timedelta(minutes=30)
ESCALATING = replace(
    stage(BOB, days=2),
    is_escalation_enabled=True,
    escalates_after=HALF_AN_HOUR,
    escalation_approvers=(SingleUser(user_id=CY.id),),
)


async def events(world: World, *kinds: str) -> list[tuple[str, datetime, Any]]:
    """Return the audit events of these types with their instants and details, in order."""
    async with world.database.read() as tx:
        statement = select(audit_events).where(audit_events.c.type.in_(kinds)).order_by(audit_events.c.number)
        return [(row.type, row.at.astimezone(UTC), row.details) for row in await tx.all(statement)]


async def opened_at(world: World) -> datetime:
    """Return when the first stage opened."""
    return (await events(world, "stage.opened"))[0][1]


async def test_alternates_are_asked_at_the_exact_minute_and_not_early(world: World) -> None:
    request_id = await world.ask(await world.offer(ESCALATING))
    workflow = world.request(request_id)
    await world.skip(workflow, HALF_AN_HOUR - A_MOMENT)
    assert await events(world, "stage.escalated") == []
    await world.skip(workflow, 2 * A_MOMENT)
    await until_timers_started(world, request_id, 2)

    ((_, at, who),) = await events(world, "stage.escalated")
    assert timedelta(0) <= at - await opened_at(world) - HALF_AN_HOUR < timedelta(seconds=2)
    assert who["approvers"] == [{"id": CY.id, "source": "alternate"}]
    shown = rows(await details(workflow))
    assert shown["May decide"] == "Bob Stone, Cy Frost (alternate)"
    assert shown["Next"].startswith("reminder, ")
    await world.decide(CY, request_id)
    assert await workflow.result() in OWED
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    await world.keep("request-escalated-by-outbox", workflow)


async def test_before_their_turn_the_details_say_when_it_comes(world: World) -> None:
    request_id = await world.ask(await world.offer(ESCALATING))
    shown = rows(await details(world.request(request_id)))
    assert shown["May decide"] == "Bob Stone"
    turn = await opened_at(world) + HALF_AN_HOUR
    assert shown["Next"] == f"escalation, {turn:%Y-%m-%d %H:%M} UTC"
    assert [text.partition(",")[0] for text in await summaries(world.request(request_id))] == ["escalation of stage 1"]


async def test_the_first_approver_still_decides_after_the_alternates_turn(world: World) -> None:
    request_id = await world.ask(await world.offer(ESCALATING))
    await world.skip(world.request(request_id), HALF_AN_HOUR + A_MOMENT)
    await until_timers_started(world, request_id, 2)
    await world.decide(BOB, request_id, Verdict.DENY)
    with pytest.raises(AlreadyDecided):
        await world.decide(CY, request_id)
    assert await world.request(request_id).result() == "denied"


async def test_nobody_acts_is_reminded_twice_and_it_expires(world: World) -> None:
    request_id = await world.ask(await world.offer(stage(BOB, days=14)))
    workflow = world.request(request_id)
    await world.skip(workflow, timedelta(days=7) - A_MOMENT)
    assert await events(world, "stage.reminded") == []
    await world.skip(workflow, timedelta(days=7) + 2 * A_MOMENT)

    assert await workflow.result() == "expired"
    begun = await opened_at(world)
    happened = await events(world, "stage.reminded", "request.expired")
    assert [(kind, round((at - begun) / timedelta(minutes=1))) for kind, at, _ in happened] == [
        ("stage.reminded", 7 * 24 * 60),
        ("stage.reminded", 13 * 24 * 60),
        ("request.expired", 14 * 24 * 60),
    ]
    assert all(at >= begun + timedelta(days=days) for (_, at, _), days in zip(happened, (7, 13, 14), strict=True))
    await world.keep("request-reminded", workflow)


async def test_a_stage_with_everything_of_its_own(world: World) -> None:
    nobody = replace(ESCALATING, escalation_approvers=(SingleUser(user_id=LEO.id),), reminders=(timedelta(hours=1),))
    request_id = await world.ask(await world.offer(stage(EVE), nobody))
    await world.decide(EVE, request_id)
    await until_timers_started(world, request_id, 2)
    await world.skip(world.request(request_id), timedelta(days=2) + A_MOMENT)

    assert await world.request(request_id).result() == "expired"
    happened = await events(world, "stage.escalated", "stage.reminded", "request.expired")
    assert [(kind, told["stage"], told.get("approvers")) for kind, _, told in happened] == [
        ("stage.escalated", 2, []),
        ("stage.reminded", 2, [BOB.id]),
        ("request.expired", 2, None),
    ]
    await world.keep("request-escalated-to-nobody", world.request(request_id))


@pytest.mark.parametrize("attempt", range(3))
async def test_a_decision_and_the_alternates_turn_at_the_same_instant_have_one_outcome(
    world: World, attempt: int
) -> None:
    request_id = await world.ask(await world.offer(ESCALATING))
    await until_timers_started(world, request_id, 1)

    async def decide() -> None:
        await asyncio.sleep(0.01 * attempt)
        await world.decide(BOB, request_id)

    await asyncio.gather(world.skip(world.request(request_id), HALF_AN_HOUR + A_MOMENT), decide())
    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    assert len(await world.trail("stage.decided")) == 1
    with pytest.raises((AlreadyDecided, RequestClosed)):
        await world.decide(BOB, request_id, Verdict.DENY)


async def test_a_turn_that_came_while_the_record_was_away_is_taken_once(world: World) -> None:
    request_id = await world.ask(await world.offer(replace(ESCALATING, reminders=())))
    await until_timers_started(world, request_id, 1)
    world.line.is_cut = True
    await world.skip(world.request(request_id), HALF_AN_HOUR + A_MOMENT)
    await until(lambda: _was_tried(world), wanted=True)
    world.line.is_cut = False
    await until_timers_started(world, request_id, 2)
    assert [kind for kind, _, _ in await events(world, "stage.escalated", "stage.reminded")] == ["stage.escalated"]
    await world.decide(CY, request_id)
    assert await world.request(request_id).result() in OWED


async def _was_tried(world: World) -> bool:
    return world.line.attempts_while_cut > 0
