"""The workflow hears that others may decide now: what operators see is right, and the request goes on or ends."""

import pytest

from grantline.model.briefing import ApproversChangedSignal
from grantline.services.approvals import reassignment, rerouting
from grantline.services.directory import people_and_groups as directory
from tests.cast import ADA, BEA, BOB, CY, acting
from tests.workflows.test_forgery import until_markers
from tests.workflows.test_operators import details, rows
from tests.workflows.world import BOB_OR_BEA, World, stage


async def shown(world: World, request_id: str) -> str:
    """Return who may decide, as an operator reads it."""
    return rows(await details(world.request(request_id)))["May decide"]


async def test_a_request_given_to_others_shows_them_and_goes_on(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    assert await shown(world, request_id) == "Bea Hart, Bob Stone"
    given = await reassignment.reassign(world.database, acting(ADA), request_id, [CY.id], "both are away")
    await world.send(given.messages)
    await until_markers(world.request(request_id), 1)

    assert await shown(world, request_id) == "Cy Frost"
    await world.decide(CY, request_id)
    assert await world.request(request_id).result() == "delivering"
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    await world.keep("request-reassigned", world.request(request_id))


async def test_a_request_that_nobody_may_decide_any_more_ends(world: World) -> None:
    request_id = await world.ask(await world.offer(stage(BOB)))
    await directory.change_person(world.database, acting(ADA), BOB.id, {"account_enabled": False})
    await world.send(await rerouting.follow(world.database))
    assert await world.request(request_id).result() == "denied"
    assert await world.stage_states(request_id) == ["closed"]
    assert await world.members() == set()
    await world.keep("request-rerouted-to-nobody", world.request(request_id))


@pytest.mark.parametrize("told", [None, ApproversChangedSignal(reason="Eve says so"), {"approvers": ["eve"]}])
async def test_said_by_hand_it_changes_nothing(world: World, told: object) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    arguments = [] if told is None else [told]
    await world.request(request_id).signal("approvers_changed", args=arguments)
    await until_markers(world.request(request_id), 1)
    assert await shown(world, request_id) == "Bea Hart, Bob Stone"
    assert await world.stage_states(request_id) == ["open"]
    await world.decide(BEA, request_id)
    assert await world.request(request_id).result() == "delivering"
