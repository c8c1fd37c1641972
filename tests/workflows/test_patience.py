"""Target systems that are away, or refuse, for hours: how long Grantline goes on, and when it gives up.

The server skips the waiting, but looks at retries once a second: so each wait is an hour.
"""

from datetime import timedelta

from grantline.model.policy import Expiration, ExpirationType
from tests.cast import MIA, READERS
from tests.workflows.world import World, until

HOUR = timedelta(hours=1)
TWO_HOURS = Expiration(type=ExpirationType.AFTER_DURATION, duration=2 * HOUR)


async def test_a_target_system_away_for_hours_delays_delivery(world: World) -> None:
    world.connector.away_for = 4
    request_id = await world.ask(await world.offer())
    workflow = world.assignment((await world.briefing_of(request_id)).assignment_id)
    await until(lambda: knocks(world), wanted=1)
    await world.skip(workflow, 3 * HOUR)
    assert await world.request_state(request_id) == "delivering"
    await world.skip(workflow, 2 * HOUR)

    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    await world.keep("assignment-target-away", workflow)


async def test_a_target_system_away_too_long_fails_the_delivery(world: World) -> None:
    world.connector.away_for = 100
    package_id = await world.offer()
    request_id = await world.ask(package_id)
    workflow = world.assignment((await world.briefing_of(request_id)).assignment_id)
    await until(lambda: knocks(world), wanted=1)
    await world.skip(workflow, 6 * HOUR)

    assert await workflow.result() == "deliveryFailed"
    assert await world.request_state(request_id) == "deliveryFailed"
    assert await world.members() == set()
    world.connector.away_for = 0
    again = await world.ask(package_id)
    await world.until_request(again, "delivered")


async def test_the_end_does_not_wait_for_delivery(world: World) -> None:
    world.connector.away_for = 100
    request_id = await world.ask(await world.offer(expiration=TWO_HOURS))
    workflow = world.assignment((await world.briefing_of(request_id)).assignment_id)
    await until(lambda: knocks(world), wanted=1)
    await world.skip(workflow, 3 * HOUR)

    assert await workflow.result() == "expired"
    assert await world.members() == set()
    assert await world.trail("request.delivered", "grant.granted") == []
    await world.keep("assignment-ended-while-delivering", workflow)


async def test_revoking_goes_on_when_giving_would_have_given_up(world: World) -> None:
    request_id = await world.ask(await world.offer())
    await world.until_request(request_id, "delivered")
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    world.connector.away_for = 8
    await world.remove(MIA, assignment_id)
    await world.until_assignment(assignment_id, "ending")
    await world.skip(world.assignment(assignment_id), 7 * HOUR)
    assert await world.assignment_state(assignment_id) == "ending"
    assert await world.members() == {("readers", "leo")}
    await world.skip(world.assignment(assignment_id), 2 * HOUR)

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    await world.keep("assignment-revoked-late", world.assignment(assignment_id))


async def test_no_refusal_keeps_access_that_should_be_gone(world: World) -> None:
    request_id = await world.ask(await world.offer())
    await world.until_request(request_id, "delivered")
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    world.connector.keeps = {READERS.id}
    await world.remove(MIA, assignment_id)
    await until(lambda: refused_to_let_go(world), wanted=2)
    world.connector.keeps = set()

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()


async def knocks(world: World) -> int:
    """Return how often the target system was asked for anything."""
    return len(world.connector.log)


async def refused_to_let_go(world: World) -> int:
    """Return how often the target system was asked to take somebody out."""
    return world.connector.log.count(("revoke", READERS.id))
