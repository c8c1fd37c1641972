"""The end is announced, moves, and comes when it is due: not before, and not at the old time."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from grantline.ambient import utc_now
from grantline.model.briefing import ExtendSignal
from grantline.model.request import Verdict
from grantline.persistence.tables import assignments, audit_events
from tests.cast import BOB, EVE, LEO, MIA
from tests.workflows.test_forgery import until_markers
from tests.workflows.world import BOB_OR_BEA, FOR_EVER, World, ending_at, until

A_MOMENT = timedelta(minutes=1)
DAYS_30, DAYS_60 = timedelta(days=30), timedelta(days=60)
FORTNIGHT, DAY = timedelta(days=14), timedelta(days=1)


async def test_the_end_is_announced_a_fortnight_and_a_day_before(world: World) -> None:
    assignment_id, ends_at = await held_until(world, DAYS_30)
    workflow = world.assignment(assignment_id)
    await skip_to(world, workflow, ends_at - FORTNIGHT - A_MOMENT)
    assert await notices(world) == []
    await world.skip(workflow, 2 * A_MOMENT)
    await until(lambda: notices(world), [14])
    assert await status(world, assignment_id) == "NearExpiry14DaysNotificationTriggered"
    await skip_to(world, workflow, ends_at - DAY - A_MOMENT)
    assert await notices(world) == [14]
    await world.skip(workflow, 2 * A_MOMENT)
    await until(lambda: notices(world), [14, 1])
    assert await status(world, assignment_id) == "NearExpiry1DayNotificationTriggered"
    assert await announced_at(world) == pytest.approx(
        [(ends_at - FORTNIGHT).timestamp(), (ends_at - DAY).timestamp()], abs=5
    )
    await skip_to(world, workflow, ends_at - A_MOMENT)
    assert await world.assignment_state(assignment_id) == "delivered"
    await world.skip(workflow, 2 * A_MOMENT)

    assert await workflow.result() == "expired"
    assert await notices(world) == [14, 1]
    await world.keep("assignment-announced", workflow)


async def test_extended_access_ends_at_the_new_end_and_is_announced_anew(world: World) -> None:
    assignment_id, ends_at = await held_until(world, DAYS_30)
    workflow = world.assignment(assignment_id)
    await skip_to(world, workflow, ends_at - FORTNIGHT + A_MOMENT)
    await until(lambda: notices(world), [14])
    later = ends_at + DAYS_30
    request_id = await world.extend(LEO, assignment_id, later)
    assert await world.request_state(request_id) == "delivered"
    await until_markers(workflow, 3)
    await skip_to(world, workflow, ends_at + A_MOMENT)
    assert await world.assignment_state(assignment_id) == "delivered"
    assert await world.members() == {("readers", "leo")}
    assert await notices(world) == [14]
    await skip_to(world, workflow, later - A_MOMENT)
    await until(lambda: notices(world), [14, 14, 1])
    assert await world.assignment_state(assignment_id) == "delivered"
    await world.skip(workflow, 2 * A_MOMENT)

    assert await workflow.result() == "expired"
    assert await world.members() == set()
    await world.keep("assignment-extended", workflow)


async def test_an_approved_extension_moves_the_end_and_a_denied_one_does_not(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA, expiration=FOR_EVER), ending_at(utc_now() + DAYS_30))
    await world.decide(BOB, request_id)
    await world.until_request(request_id, "delivered")
    briefing = await world.briefing_of(request_id)
    assert briefing.ends_at is not None
    workflow = world.assignment(briefing.assignment_id)
    later = briefing.ends_at + DAYS_30

    refused = await world.extend(MIA, briefing.assignment_id, later)
    await world.decide(BOB, refused, Verdict.DENY)
    assert await world.request(refused).result() == "denied"
    asked = await world.extend(MIA, briefing.assignment_id, later)
    assert await world.request_state(asked) == "pendingApproval"
    await world.decide(BOB, asked)

    assert await world.request(asked).result() == "delivered"
    await world.keep("request-extension-approved", world.request(asked))
    await skip_to(world, workflow, briefing.ends_at + A_MOMENT)
    assert await world.assignment_state(briefing.assignment_id) == "delivered"
    await skip_to(world, workflow, later + A_MOMENT)
    assert await workflow.result() == "expired"


async def test_an_extension_the_workflow_has_not_heard_of_counts_all_the_same(world: World) -> None:
    assignment_id, ends_at = await held_until(world, DAY)
    workflow = world.assignment(assignment_id)
    async with world.database.write() as tx:
        await tx.changed(assignments.update().values(ends_at=ends_at + DAYS_30))
    await skip_to(world, workflow, ends_at + A_MOMENT)
    assert await world.assignment_state(assignment_id) == "delivered"
    await skip_to(world, workflow, ends_at + DAYS_30 - DAY + A_MOMENT)
    await until(lambda: notices(world), [14, 1])
    await skip_to(world, workflow, ends_at + DAYS_30 + A_MOMENT)
    assert await workflow.result() == "expired"


async def test_only_those_who_may_extend_extend_by_signal(world: World) -> None:
    assignment_id, ends_at = await held_until(world, DAYS_30)
    workflow = world.assignment(assignment_id)
    later = ends_at + DAYS_30
    await workflow.signal("extend", ExtendSignal(actor_id=EVE.id, ends_at=later))
    await until(lambda: world.trail("signal.refused"), [("signal.refused", EVE.id)])
    for malformed in ([], [None], ["later"], [{"actor_id": EVE.id, "ends_at": "soon"}], [1, 2]):
        await workflow.signal("extend", args=malformed)
    await workflow.signal("extend", ExtendSignal(actor_id=LEO.id, ends_at=later, reason="by hand"))
    await until(lambda: world.trail("assignment.extended"), [("assignment.extended", LEO.id)])
    await until(lambda: status(world, assignment_id), "Access extended")
    await skip_to(world, workflow, ends_at + A_MOMENT)
    assert await world.assignment_state(assignment_id) == "delivered"
    await world.remove(MIA, assignment_id)

    assert await workflow.result() == "removedOnBehalf"
    await world.keep("assignment-extended-by-signal", workflow)


async def test_a_notice_waits_until_the_access_is_delivered(world: World) -> None:
    world.connector.is_away = True
    assignment_id, ends_at = await asked_until(world, DAY + timedelta(minutes=5))
    workflow = world.assignment(assignment_id)
    await until(lambda: was_asked(world), wanted=True)
    await skip_to(world, workflow, ends_at - DAY + timedelta(minutes=1))
    assert await notices(world) == []
    world.connector.is_away = False
    await world.skip(workflow, timedelta(minutes=10))
    await until(lambda: notices(world), [1])
    assert await world.assignment_state(assignment_id) == "delivered"
    await skip_to(world, workflow, ends_at + A_MOMENT)
    assert await workflow.result() == "expired"


async def held_until(world: World, time: timedelta) -> tuple[str, datetime]:
    """Give Leo a package for a time; return the assignment's id and its end."""
    assignment_id, ends_at = await asked_until(world, time)
    await until(lambda: world.assignment_state(assignment_id), "delivered")
    return assignment_id, ends_at


async def asked_until(world: World, time: timedelta) -> tuple[str, datetime]:
    """Let Leo be owed a package for a time; return the assignment's id and its end."""
    ends_at = utc_now() + time
    request_id = await world.ask(await world.offer(expiration=FOR_EVER), ending_at(ends_at))
    return (await world.briefing_of(request_id)).assignment_id, ends_at


async def skip_to(world: World, workflow: WorkflowHandle[object, str], at: datetime) -> None:
    """Let time pass for the workflow until this instant of its own clock."""
    await world.skip(workflow, at - await TimeSkipper(world.client).get_current_time(workflow))


async def notices(world: World) -> list[int]:
    """Return how many days before the end it was announced, each time."""
    async with world.database.read() as tx:
        statement = select(audit_events.c.details).where(audit_events.c.type == "assignment.nearEnd")
        return [row.details["daysBefore"] for row in await tx.all(statement.order_by(audit_events.c.number))]


async def announced_at(world: World) -> list[float]:
    """Return when the end was announced, by the workflow's clock."""
    async with world.database.read() as tx:
        statement = select(audit_events.c.at).where(audit_events.c.type == "assignment.nearEnd")
        return [row.at.timestamp() for row in await tx.all(statement.order_by(audit_events.c.number))]


async def status(world: World, assignment_id: str) -> str:
    """Return the assignment's status on record."""
    async with world.database.read() as tx:
        return str(await tx.scalar(select(assignments.c.status).where(assignments.c.id == assignment_id)))


async def was_asked(world: World) -> bool:
    """Tell whether the target system was asked."""
    return bool(world.connector.log)
