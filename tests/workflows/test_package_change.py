"""A package changes under its holders: their own workflows give and take what the change owes them."""

import asyncio

from sqlalchemy import select
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from grantline.model import visibility
from grantline.model.change import PackageChange
from grantline.model.request import RequestState
from grantline.persistence import changes, packages
from grantline.persistence.listing import ListQuery
from grantline.persistence.tables import assignments
from grantline.rules.permissions import EVERYTHING
from grantline.services.assignments import reprocessing
from grantline.services.configuration import packages as packages_configuration
from grantline.services.configuration.packages import RoleReference
from grantline.services.requests import submission
from tests.cast import ADA, MIA, READERS, WRITERS, acting
from tests.packages import PAYROLL
from tests.services.changing import walk_to_the_end
from tests.workflows.test_operators import attributes, details, length, rows, state
from tests.workflows.test_relay import owed
from tests.workflows.world import FOR_EVER, World, asking, until
from workflows.messages import change_workflow_id

BOTH = (PAYROLL.read, PAYROLL.write)
USUAL_EVENTS = 13


async def test_a_new_role_reaches_the_holder_and_goes_with_the_package(swept_world: World) -> None:
    world = swept_world
    package_id, assignment_id = await held(world)
    await change(world, package_id, add=PAYROLL.write)
    await until(world.members, {("readers", "leo"), ("writers", "leo")})
    walk = await walking(world)
    assert await walk.result() == "1 of 1 holders"
    assert rows(await details(world.assignment(assignment_id)))["Grants"].split(", ") == [
        "Leo Park: Member of Payroll writers",
        "Leo Park: Member of Payroll readers",
    ]
    assert rows(await details(walk)) == {
        "Change": f"{await name(world)} gives Member of Payroll writers",
        "Holders": "1 of 1",
        "Changed": "1",
    }
    assert (await attributes(walk))[visibility.PACKAGE] == package_id
    assert (await (await walk.describe()).static_summary() or "").endswith(" gives Member of Payroll writers")
    await world.keep("package-change-role-added", walk)
    await world.remove(MIA, assignment_id)

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    await world.keep("assignment-role-added", world.assignment(assignment_id))


async def test_a_role_that_left_the_package_is_taken_from_the_holder_only_if_nothing_else_gives_it(
    swept_world: World,
) -> None:
    world = swept_world
    package_id, assignment_id = await held(world, *BOTH)
    _, other = await held(world, PAYROLL.read)
    await change(world, package_id, remove=PAYROLL.write)
    await until(world.members, {("readers", "leo")})
    await change(world, package_id, remove=PAYROLL.read)
    await settled(world)
    assert await world.members() == {("readers", "leo")}
    await world.keep("assignment-role-removed", world.assignment(assignment_id))
    await world.remove(MIA, other)

    assert await world.assignment(other).result() == "removedOnBehalf"
    assert await world.members() == set()


async def test_a_role_that_is_refused_makes_the_assignment_partial_until_it_is_reprocessed(swept_world: World) -> None:
    world = swept_world
    world.connector.refuses = {WRITERS.id}
    package_id, assignment_id = await held(world)
    await change(world, package_id, add=PAYROLL.write)
    await world.until_assignment(assignment_id, "partiallyDelivered")
    assert (
        await status_of(world, assignment_id)
        == "PartiallyDelivered: Leo Park: Member of Payroll writers: The group takes nobody in."
    )
    await until(lambda: state(world.assignment(assignment_id)), "partiallyDelivered")
    world.connector.refuses = set()
    await world.send((await reprocessing.assignment(world.database, acting(ADA), assignment_id)).messages)

    await world.until_assignment(assignment_id, "delivered")
    await until(lambda: state(world.assignment(assignment_id)), "delivered")
    assert await world.members() == {("readers", "leo"), ("writers", "leo")}
    assert await world.trail("assignment.redelivered", "assignment.reprocessed") == [
        ("assignment.redelivered", None),
        ("assignment.reprocessed", ADA.id),
        ("assignment.redelivered", None),
    ]
    await world.keep("assignment-reprocessed", world.assignment(assignment_id))


async def test_a_change_that_meets_a_delivery_waits_for_neither_target_nor_delivery(swept_world: World) -> None:
    world = swept_world
    world.connector.is_away = True
    package_id = await world.offer(expiration=FOR_EVER)
    request_id = await world.ask(package_id)
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    await until(lambda: asked(world, READERS.id), wanted=True)
    await change(world, package_id, add=PAYROLL.write)
    await until(lambda: asked(world, WRITERS.id), wanted=True)
    assert await world.request_state(request_id) == RequestState.DELIVERING.value
    world.connector.is_away = False

    await world.until_request(request_id, "delivered")
    await until(world.members, {("readers", "leo"), ("writers", "leo")})
    await world.remove(MIA, assignment_id)
    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    await world.keep("assignment-changed-while-delivering", world.assignment(assignment_id))


async def test_what_fails_whole_since_the_package_gave_less_by_then_ends(world: World) -> None:
    """Temporal was away: the assignment begins with two roles, and is owed one, which is refused."""
    world.connector.refuses = {READERS.id}
    package_id = await world.offer(expiration=FOR_EVER, roles=BOTH)
    submitted = await submission.submit(world.database, acting(MIA), asking(package_id))
    await change(world, package_id, remove=PAYROLL.write)
    await walk_to_the_end(world.database)
    await world.send(submitted.messages)

    await world.until_request(submitted.request.id, "deliveryFailed")
    assignment_id = submitted.request.assignment_id or ""
    assert await world.assignment(assignment_id).result() == "deliveryFailed"
    assert await world.assignment_state(assignment_id) == "expired", "it can be asked for again"
    await world.keep("assignment-failed-with-less", world.assignment(assignment_id))


async def test_an_end_that_meets_a_change_takes_everything_back(swept_world: World) -> None:
    world = swept_world
    package_id, assignment_id = await held(world)
    world.connector.is_away = True
    await change(world, package_id, add=PAYROLL.write)
    await until(lambda: asked(world, WRITERS.id), wanted=True)
    await world.remove(MIA, assignment_id)
    await world.until_assignment(assignment_id, "ending")
    world.connector.is_away = False

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    await world.keep("assignment-ended-while-changing", world.assignment(assignment_id))


async def test_stopping_the_walk_by_hand_stops_nothing(swept_world: World) -> None:
    world = swept_world
    package_id, _ = await held(world)
    world.line.is_cut = True
    await change(world, package_id, add=PAYROLL.write)
    walk = await walking(world)
    await until(lambda: cut_often(world), wanted=True)
    await walk.cancel()
    world.line.is_cut = False

    assert await walk.result() == "1 of 1 holders"
    await until(world.members, {("readers", "leo"), ("writers", "leo")})


async def test_a_change_costs_a_holder_few_events(swept_world: World) -> None:
    world = swept_world
    package_id, assignment_id = await held(world)
    before = await at_rest(world, assignment_id)
    await change(world, package_id, add=PAYROLL.write)
    await settled(world)
    await until(world.members, {("readers", "leo"), ("writers", "leo")})

    # A busy machine splits a task in two; a loop would not stop at a few.
    assert await at_rest(world, assignment_id) - before <= USUAL_EVENTS + 6


async def held(world: World, *roles: str) -> tuple[str, str]:
    """Give Leo a package of his own; return its id, and the assignment's."""
    package_id = await world.offer(expiration=FOR_EVER, roles=roles or (PAYROLL.read,))
    request_id = await world.ask(package_id)
    await world.until_request(request_id, "delivered")
    return package_id, (await world.briefing_of(request_id)).assignment_id


async def change(world: World, package_id: str, *, add: str | None = None, remove: str | None = None) -> None:
    """Let Ada change the package, and tell Temporal at once."""
    if add is not None:
        await packages_configuration.add_role(world.database, ADA.id, package_id, RoleReference(role_id=add))
    if remove is not None:
        async with world.database.read() as tx:
            roles = (await packages.roles_in(tx, [package_id]))[package_id]
        [scope] = [one.id for one in roles if one.role.id == remove]
        await packages_configuration.remove_role(world.database, ADA.id, package_id, scope)


async def walks(world: World) -> list[PackageChange]:
    """Return the changes on record, the latest first."""
    async with world.database.read() as tx:
        return list((await changes.page(tx, EVERYTHING, ListQuery(top=10))).rows)


async def walking(world: World) -> WorkflowHandle[object, str]:
    """Return the workflow of the latest change, once Temporal has it."""
    [latest, *_] = await walks(world)
    workflow = world.client.get_workflow_handle(change_workflow_id(latest.id), result_type=str)
    await until(lambda: is_there(workflow), wanted=True)
    return workflow


async def is_there(workflow: WorkflowHandle[object, str]) -> bool:
    """Tell whether Temporal has the workflow."""
    try:
        await workflow.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def name(world: World) -> str:
    """Return the name of the package that changed last."""
    return (await walks(world))[0].package_name


async def settled(world: World) -> None:
    """Wait until every change has come to its end and everything it owed is with Temporal."""
    await until(lambda: all_walked(world), wanted=True)
    await until(lambda: owed(world), 0)


async def all_walked(world: World) -> bool:
    """Tell whether every change has come to its end."""
    return all(one.completed_at is not None for one in await walks(world))


async def status_of(world: World, assignment_id: str) -> str:
    """Return the assignment's status on record."""
    async with world.database.read() as tx:
        return str(await tx.scalar(select(assignments.c.status).where(assignments.c.id == assignment_id)))


async def asked(world: World, group_id: str) -> bool:
    """Tell whether the target system was asked about a group."""
    return any(group == group_id for _, group in world.connector.log)


async def cut_often(world: World) -> bool:
    """Tell whether the worker tried the cut line."""
    return world.line.attempts_while_cut >= 1


async def at_rest(world: World, assignment_id: str) -> int:
    """Return how many events a history has once it has stopped growing."""
    seen = -1
    while seen != (count := await length(world.assignment(assignment_id))):
        seen = count
        await asyncio.sleep(0.7)
    return count
