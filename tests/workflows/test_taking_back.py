"""An approval that is taken back, as the workflows hear of it."""

from grantline.model.request import Ask, RequestType
from grantline.services.approvals import taking_back
from grantline.services.requests import submission
from tests.cast import BOB, CY, acting
from tests.workflows.test_request import until_timers_started
from tests.workflows.world import BOB_OR_BEA, World, stage

WHY = "It was the wrong Leo."


async def test_the_request_ends_while_the_next_stage_waits(world: World) -> None:
    request_id = await world.ask(await world.offer(stage(BOB), stage(CY)))
    await world.decide(BOB, request_id)
    await until_timers_started(world, request_id, 2)

    taken = await taking_back.take_back(world.database, acting(BOB), request_id, WHY)
    await world.send(taken.messages)

    assert await world.request(request_id).result() == "denied"
    assert await world.members() == set()
    assert await world.stage_states(request_id) == ["approved", "closed"]
    await world.keep("request-approval-taken-back", world.request(request_id))


async def test_delivered_access_is_taken_away(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.decide(BOB, request_id)
    await world.until_request(request_id, "delivered")
    assert await world.members() == {("readers", "leo")}
    assignment_id = (await world.briefing_of(request_id)).assignment_id

    ask = Ask(type=RequestType.APPROVER_REMOVE, assignment_id=assignment_id, justification=WHY)
    submitted = await submission.submit(world.database, acting(BOB), ask)
    await world.send(submitted.messages)

    assert await world.assignment(assignment_id).result() == "revokedByApprover"
    assert await world.members() == set()
    await world.keep("assignment-revoked-by-approver", world.assignment(assignment_id))
