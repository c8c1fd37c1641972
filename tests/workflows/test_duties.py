"""Access that separation of duties stops right before it begins: the workflow ends, and nothing is given."""

from datetime import timedelta

from grantline.ambient import utc_now
from grantline.model.request import Schedule
from grantline.persistence import incompatibilities
from tests.cast import BOB, LONG_AGO
from tests.packages import PAYROLL
from tests.workflows.world import BOB_OR_BEA, World


async def exclude(world: World, package_id: str, other_id: str) -> None:
    """Let a package exclude another."""
    async with world.database.write() as tx:
        await incompatibilities.add_package(tx, package_id, other_id, LONG_AGO)


async def test_it_is_stopped_at_the_last_approval(world: World) -> None:
    package_id, other_id = await world.offer(BOB_OR_BEA), await world.offer(roles=(PAYROLL.write,))
    await exclude(world, package_id, other_id)
    request_id = await world.ask(package_id)
    await world.ask(other_id)

    await world.decide(BOB, request_id)

    assert await world.request(request_id).result() == "deliveryFailed"
    assert await world.request_state(request_id) == "deliveryFailed"
    assert await world.trail("request.approved", "request.deliveryFailed") == [
        ("request.approved", None),
        ("request.approved", None),
        ("request.deliveryFailed", None),
    ]
    assert ("readers", "leo") not in await world.members()
    await world.keep("request-stopped-at-the-last-approval", world.request(request_id))


async def test_it_is_stopped_at_its_start(world: World) -> None:
    package_id, other_id = await world.offer(), await world.offer(roles=(PAYROLL.write,))
    await exclude(world, package_id, other_id)
    starts_at = utc_now() + timedelta(days=2)
    request_id = await world.ask(package_id, Schedule(starts_at=starts_at))
    assert await world.request_state(request_id) == "scheduled"
    await world.ask(other_id)

    await world.skip(world.request(request_id), timedelta(days=3))

    assert await world.request(request_id).result() == "deliveryFailed"
    assert await world.request_state(request_id) == "deliveryFailed"
    assert ("readers", "leo") not in await world.members()
    await world.keep("request-stopped-at-its-start", world.request(request_id))
