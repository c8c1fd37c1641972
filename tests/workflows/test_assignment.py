"""An assignment through its workflow: given, held, taken back, and what target systems do to it."""

from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from grantline.model.person import Person
from grantline.model.policy import Expiration, ExpirationType
from tests.cast import ADA, LEO, MIA, READERS, WRITERS
from tests.packages import PAYROLL
from tests.services.scene import held_now
from tests.workflows.world import FOR_EVER, World, until

A_MOMENT = timedelta(minutes=1)
ACTIVITY_SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
BOTH = (PAYROLL.read, PAYROLL.write)


async def test_access_is_gone_after_thirty_days(world: World) -> None:
    assignment_id = await delivered(world)
    workflow = world.assignment(assignment_id)
    await world.skip(workflow, timedelta(days=30) - A_MOMENT)
    assert await world.members() == {("readers", "leo")}
    await world.skip(workflow, 2 * A_MOMENT)

    assert await workflow.result() == "expired"
    assert await world.members() == set()
    assert await world.assignment_state(assignment_id) == "expired"
    assert await world.trail("grant.granted", "assignment.ending", "grant.revoked", "assignment.ended") == [
        ("grant.granted", None),
        ("assignment.ending", None),
        ("grant.revoked", None),
        ("assignment.ended", None),
    ]
    await world.keep("assignment-expired-the-long-way", workflow)


@pytest.mark.parametrize(
    ("person", "cause"),
    [(MIA, "removedOnBehalf"), (LEO, "removedByTarget"), (ADA, "removedByAdministrator")],
    ids=["manager", "holder", "administrator"],
)
async def test_it_is_removed_before_its_time(world: World, person: Person, cause: str) -> None:
    assignment_id = await delivered(world)
    await world.remove(person, assignment_id)

    assert await world.assignment(assignment_id).result() == cause
    assert await world.members() == set()
    if person is MIA:
        await world.keep("assignment-removed", world.assignment(assignment_id))


async def test_access_without_an_end_waits_for_its_removal_only(world: World) -> None:
    request_id = await world.ask(await world.offer(expiration=FOR_EVER))
    await world.until_request(request_id, "delivered")
    workflow = world.assignment((await world.briefing_of(request_id)).assignment_id)
    history = await workflow.fetch_history()
    assert not [event for event in history.events if event.HasField("timer_started_event_attributes")]
    await world.remove(MIA, (await world.briefing_of(request_id)).assignment_id)

    assert await workflow.result() == "removedOnBehalf"
    await world.keep("assignment-without-end", workflow)


async def test_two_packages_sharing_a_role_do_not_cut_each_other_short(world: World) -> None:
    first = await delivered(world)
    second = await delivered(world)
    await world.remove(MIA, first)
    assert await world.assignment(first).result() == "removedOnBehalf"
    assert await world.members() == {("readers", "leo")}
    await world.remove(MIA, second)

    assert await world.assignment(second).result() == "removedOnBehalf"
    assert await world.members() == set()


async def test_a_refusal_is_final_and_the_package_can_be_asked_for_again(world: World) -> None:
    world.connector.refuses = {READERS.id}
    package_id = await world.offer()
    request_id = await world.ask(package_id)
    assignment_id = (await world.briefing_of(request_id)).assignment_id

    await world.until_request(request_id, "deliveryFailed")
    assert await world.assignment(assignment_id).result() == "deliveryFailed"
    assert await world.assignment_state(assignment_id) == "expired"
    assert world.connector.log.count(("grant", READERS.id)) == 1
    await world.keep("assignment-refused", world.assignment(assignment_id))
    world.connector.refuses = set()
    again = await world.ask(package_id)
    await world.until_request(again, "delivered")


async def test_what_could_be_given_is_held_and_taken_back(world: World) -> None:
    world.connector.refuses = {WRITERS.id}
    request_id = await world.ask(await world.offer(roles=BOTH))
    await world.until_request(request_id, "partiallyDelivered")
    assert await world.members() == {("readers", "leo")}
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    await world.remove(MIA, assignment_id)

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    await world.keep("assignment-partially-delivered", world.assignment(assignment_id))


async def test_removal_does_not_wait_for_a_target_system_that_is_away(world: World) -> None:
    world.connector.is_away = True
    request_id = await world.ask(await world.offer())
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    await until(lambda: was_asked(world, 1), wanted=True)
    await world.remove(MIA, assignment_id)

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert world.connector.is_away
    assert await world.members() == set()
    assert await world.assignment_state(assignment_id) == "expired"
    await world.keep("assignment-removed-while-delivering", world.assignment(assignment_id))


async def delivered(world: World) -> str:
    """Give Leo a package of his own; return the assignment's id."""
    request_id = await world.ask(await world.offer())
    await world.until_request(request_id, "delivered")
    return (await world.briefing_of(request_id)).assignment_id


async def first_wait(workflow: WorkflowHandle[object, str]) -> timedelta:
    """Return how long the workflow means to wait, once it waits."""
    async for event in workflow.fetch_history_events(wait_new_event=True):
        if event.HasField("timer_started_event_attributes"):
            return event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
    raise AssertionError("it has ended without waiting")


async def was_asked(world: World, times: int) -> bool:
    """Tell whether the target system was asked so often."""
    return len(world.connector.log) >= times


async def test_our_own_groups_are_given_in_one_stroke_and_taken_back(plain_world: World) -> None:
    world = plain_world
    assignment_id = await delivered(world)
    workflow = world.assignment(assignment_id)
    assert await world.members() == {("readers", "leo")}
    await world.remove(ADA, assignment_id)

    assert await workflow.result() == "removedByAdministrator"
    assert await world.members() == set()
    await world.keep("assignment-at-once", workflow)


async def test_the_time_that_delivering_takes_is_not_added_to_the_end(plain_world: World) -> None:
    world = plain_world
    short = Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(hours=6))
    request_id = await world.ask(await world.offer(expiration=short))
    await world.until_request(request_id, "delivered")
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    workflow = world.assignment(assignment_id)
    waits = await first_wait(workflow)
    held = await held_now(world.database, assignment_id)
    assert waits <= held.ends_at - held.delivered_at, "it counts from when the workflow's step began"

    await world.remove(ADA, assignment_id)
    assert await workflow.result() == "removedByAdministrator"
    await world.keep("assignment-at-once-on-time", workflow)


async def test_our_own_groups_are_taken_back_in_one_stroke_when_their_time_is_up(plain_world: World) -> None:
    world = plain_world
    assignment_id = await delivered(world)
    workflow = world.assignment(assignment_id)
    await world.skip(workflow, timedelta(days=30) - A_MOMENT)
    assert await world.members() == {("readers", "leo")}
    await world.skip(workflow, 2 * A_MOMENT)

    assert await workflow.result() == "expired"
    assert await world.members() == set()
    assert await world.assignment_state(assignment_id) == "expired"
    assert await world.trail("assignment.ending", "grant.revoked", "assignment.ended") == [
        ("assignment.ending", None),
        ("grant.revoked", None),
        ("assignment.ended", None),
    ]
    assert not [event for event in (await workflow.fetch_history()).events if event.event_type == ACTIVITY_SCHEDULED]
    await world.keep("assignment-ended-at-once", workflow)
