"""A request through its workflow: decided, denied, expired, cancelled, scheduled."""

from datetime import timedelta

from tests.cast import BOB
from tests.workflows.world import BOB_OR_BEA, World


async def test_bob_approves_and_leo_has_it(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.decide(BOB, request_id)
    assert await world.request(request_id).result() == "delivering"
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    assignment = world.assignment((await world.briefing_of(request_id)).assignment_id)
    await world.skip(assignment, timedelta(days=30, minutes=1))
    assert await assignment.result() == "expired"
