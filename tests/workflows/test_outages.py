"""The worker's line to the database is cut while a workflow has something to record."""

from dataclasses import replace
from datetime import timedelta

from tests.cast import BOB, MIA
from tests.workflows.world import BOB_OR_BEA, OWED, World, until

AT_ONCE_AND_LATER = 5
"""Three attempts as a local activity, and some more as one that is retried for ever."""


async def test_a_decision_is_heard_when_the_record_is_back(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    world.line.is_cut = True
    await world.decide(BOB, request_id)
    await until(lambda: has_tried(world), wanted=True)
    assert await world.request_state(request_id) == "delivering"
    world.line.is_cut = False

    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    await world.keep("request-record-away-by-outbox", world.request(request_id))


async def test_a_deadline_is_recorded_when_the_record_is_back(world: World) -> None:
    request_id = await world.ask(await world.offer(replace(BOB_OR_BEA, reminders=())))
    await world.skip(world.request(request_id), timedelta(days=13))
    world.line.is_cut = True
    await world.skip(world.request(request_id), timedelta(days=1, minutes=1))
    await until(lambda: has_tried(world), wanted=True)
    world.line.is_cut = False

    assert await world.request(request_id).result() == "expired"
    assert await world.request_state(request_id) == "expired"


async def test_an_assignment_gets_through_every_outage_of_the_record(world: World) -> None:
    request_id = await world.ask(await world.offer())
    await world.until_request(request_id, "delivered")
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    world.line.is_cut = True
    await world.remove(MIA, assignment_id)
    await until(lambda: has_tried(world), wanted=True)
    assert await world.members() == {("readers", "leo")}
    world.line.is_cut = False

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    assert await world.assignment_state(assignment_id) == "expired"
    await world.keep("assignment-record-away", world.assignment(assignment_id))


async def has_tried(world: World) -> bool:
    """Tell whether the worker tried more often than a local activity does."""
    return world.line.attempts_while_cut >= AT_ONCE_AND_LATER
