"""What is given and taken by hand: the workflow waits for people, as long as it takes, and goes on at their word."""

from datetime import timedelta

from sqlalchemy import select

from grantline.model.briefing import LookSignal
from grantline.model.fulfilment import TaskState
from grantline.persistence.tables import grants
from grantline.services.assignments import fulfilment
from tests.cast import ADA, LEO, acting
from tests.services.by_hand import KEY_ROLE, enter_safe, tasks_now, the_open_task
from tests.workflows.test_package_change import change, held
from tests.workflows.world import FOR_EVER, World, until


async def owed_key(world: World) -> tuple[str, str]:
    """Ask for the key of the safe; return request and assignment, once somebody was asked."""
    await enter_safe(world.database)
    request_id = await world.ask(await world.offer(roles=[KEY_ROLE], expiration=FOR_EVER))
    await until(lambda: open_tasks(world), 1)
    return request_id, (await world.briefing_of(request_id)).assignment_id


async def open_tasks(world: World) -> int:
    return len([task for task in await tasks_now(world.database) if task.state == "open"])


async def pending_grants(world: World) -> int:
    """Count what is not known to be as it is wanted; whoever did it by hand need not wait for that to be seen."""
    async with world.database.read() as tx:
        is_pending = grants.c.applied_version.is_distinct_from(grants.c.version)
        return len(await tx.all(select(grants.c.id).where(is_pending)))


async def settle(world: World, state: TaskState, comment: str | None = None) -> None:
    task = await the_open_task(world.database)
    await world.send(await fulfilment.settle(world.database, acting(ADA), task.id, state, comment))


async def test_it_waits_for_weeks_and_goes_on_at_once_when_it_is_done(world: World) -> None:
    request_id, assignment_id = await owed_key(world)
    assignment = world.assignment(assignment_id)
    await world.skip(assignment, timedelta(days=10))
    assert await world.request_state(request_id) == "delivering", "six hours is the patience with a target, not people"
    assert len(await tasks_now(world.database)) == 1

    await settle(world, TaskState.DONE)
    await world.until_request(request_id, "delivered")
    await world.remove(LEO, assignment_id)
    await until(lambda: open_tasks(world), 1)
    assert await world.assignment_state(assignment_id) == "ending"
    await settle(world, TaskState.DONE)
    await world.until_assignment(assignment_id, "expired")
    assert [(task.act, task.state) for task in await tasks_now(world.database)] == [
        ("grant", "done"),
        ("revoke", "done"),
    ]
    await assignment.result()
    await world.keep("assignment-by-hand", assignment)


async def test_it_is_refused_with_a_reason(world: World) -> None:
    request_id, assignment_id = await owed_key(world)
    await settle(world, TaskState.REFUSED, "The safe is full")
    await world.until_request(request_id, "deliveryFailed")
    assert await world.assignment(assignment_id).result() == "deliveryFailed"
    await world.keep("assignment-by-hand-refused", world.assignment(assignment_id))


async def test_it_is_removed_before_anybody_did_it(world: World) -> None:
    _, assignment_id = await owed_key(world)
    await world.remove(ADA, assignment_id)
    await world.until_assignment(assignment_id, "expired")
    assert [task.state for task in await tasks_now(world.database)] == ["withdrawn"]
    await world.assignment(assignment_id).result()
    await world.keep("assignment-by-hand-withdrawn", world.assignment(assignment_id))


async def test_word_sent_by_hand_changes_nothing(world: World) -> None:
    request_id, assignment_id = await owed_key(world)
    (grant,) = (await world.briefing_of(request_id)).grants
    await world.assignment(assignment_id).signal("look", LookSignal(grant_id=grant.grant_id))
    await world.assignment(assignment_id).signal("look")
    assert await world.request_state(request_id) == "delivering"
    await settle(world, TaskState.DONE)
    await world.until_request(request_id, "delivered")


async def test_a_role_by_hand_that_comes_into_a_package_is_waited_for_beside_the_holding(swept_world: World) -> None:
    world = swept_world
    await enter_safe(world.database)
    package_id, assignment_id = await held(world)
    assignment = world.assignment(assignment_id)
    await change(world, package_id, add=KEY_ROLE)
    await until(lambda: open_tasks(world), 1)
    await world.skip(assignment, timedelta(days=10))
    assert await world.assignment_state(assignment_id) == "delivered"
    assert len(await tasks_now(world.database)) == 1, "six hours is the patience with a target, not people"

    await settle(world, TaskState.DONE)
    await until(lambda: pending_grants(world), 0)
    await change(world, package_id, remove=KEY_ROLE)
    await until(lambda: open_tasks(world), 1)
    await settle(world, TaskState.DONE)
    await until(lambda: pending_grants(world), 0)
    await world.remove(LEO, assignment_id)
    await assignment.result()
    assert await what_was_done(world) == [("grant", "done"), ("revoke", "done")]
    await world.keep("assignment-role-by-hand-added-and-removed", assignment)


async def test_a_role_by_hand_that_leaves_the_package_first_is_waited_for_no_more(swept_world: World) -> None:
    world = swept_world
    await enter_safe(world.database)
    package_id, assignment_id = await held(world)
    await change(world, package_id, add=KEY_ROLE)
    await until(lambda: open_tasks(world), 1)
    await change(world, package_id, remove=KEY_ROLE)
    await until(lambda: what_was_done(world), [("grant", "withdrawn")])

    await world.remove(LEO, assignment_id)
    await world.assignment(assignment_id).result()
    assert await what_was_done(world) == [("grant", "withdrawn")]


async def what_was_done(world: World) -> list[tuple[str, str]]:
    """Return what was asked of people, and what became of it."""
    return [(task.act, task.state) for task in await tasks_now(world.database)]
