"""What schedules do: what Temporal lost begins again where the record is, and drift is found, shown and mended."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from grantline.ambient import new_id
from grantline.errors import Conflict
from grantline.model.request import Ask, RequestType, Verdict
from grantline.model.upkeep import DriftBriefing, HousekeepingBriefing
from grantline.persistence import grant_lists
from grantline.persistence.listing import ListQuery
from grantline.persistence.tables import assignments, group_members, outbox
from grantline.rules.permissions import EVERYTHING
from grantline.services.assignments import drift_correction, package_changes, reprocessing
from grantline.services.requests import removal
from grantline.services.sending import reconciliation
from tests.cast import ADA, BOB, LEO, LONG_AGO, MIA, READERS, WRITERS, acting
from tests.packages import PAYROLL
from tests.workflows.test_operators import length, state
from tests.workflows.test_package_change import change, held, walking
from tests.workflows.world import BOB_OR_BEA, World, until
from workflows.messages import correction_workflow_id
from workflows.schedules import Rhythm, establish
from workflows.upkeep import DriftWorkflow, HousekeepingWorkflow

RHYTHM = Rhythm(drift=timedelta(hours=24), housekeeping=timedelta(hours=1), mail_kept_days=90)


@pytest.fixture(autouse=True)
def _everything_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "YOUNG", timedelta(0))


async def keep_house(world: World) -> tuple[WorkflowHandle[object, str], str]:
    """Let the schedule's workflow run once; return it, and what it said."""
    workflow_id = f"housekeeping-{new_id()}"
    briefing = HousekeepingBriefing(mail_kept_days=90)
    said = await world.client.execute_workflow(
        HousekeepingWorkflow.run, briefing, id=workflow_id, task_queue=world.task_queue
    )
    return world.client.get_workflow_handle(workflow_id, result_type=str), said


async def look_for_drift(world: World) -> tuple[WorkflowHandle[object, str], str]:
    """Let the schedule's workflow run once; return it, and what it said."""
    workflow_id = f"drift-{new_id()}"
    said = await world.client.execute_workflow(
        DriftWorkflow.run, DriftBriefing(), id=workflow_id, task_queue=world.task_queue
    )
    return world.client.get_workflow_handle(workflow_id, result_type=str), said


async def runs(world: World, workflow: WorkflowHandle[object, str]) -> bool:
    """Tell whether the latest run is at work."""
    fresh = world.client.get_workflow_handle(workflow.id)
    return (await fresh.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_lost_workflows_begin_again_and_nothing_happens_twice(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    waiting = await world.ask(await world.offer(BOB_OR_BEA))
    asked = len(world.connector.log)
    for workflow in (world.assignment(assignment_id), world.request(waiting)):
        await workflow.terminate("lost")
    house, said = await keep_house(world)

    assert said == "2 of 2 were lost and begin again"
    for workflow in (world.assignment(assignment_id), world.request(waiting)):
        await until(lambda workflow=workflow: runs(world, workflow), wanted=True)
    await world.keep("housekeeping-lost", house)
    assert len(world.connector.log) == asked
    await world.decide(BOB, waiting, Verdict.DENY)
    assert await world.request(waiting).result() == "denied"
    await world.remove(MIA, assignment_id)
    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    assert await world.trail("grant.granted", "request.delivered") == [
        ("grant.granted", None),
        ("request.delivered", None),
    ]
    await world.keep("assignment-lost-and-begun-again", world.assignment(assignment_id))


async def test_what_runs_is_left_alone(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    workflow = world.assignment(assignment_id)
    await until(lambda: state(workflow), "delivered")
    before = (await workflow.describe()).run_id, await length(workflow)
    _, said = await keep_house(world)

    assert said == "0 of 1 were lost and begin again"
    assert ((await workflow.describe()).run_id, await length(workflow)) == before


async def test_what_was_ending_when_it_was_lost_ends(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    world.connector.is_away = True
    await world.remove(MIA, assignment_id)
    await world.until_assignment(assignment_id, "ending")
    await world.assignment(assignment_id).terminate("lost")
    await keep_house(world)
    world.connector.is_away = False

    await world.until_assignment(assignment_id, "expired")
    assert await world.members() == set()
    await world.keep("assignment-lost-while-ending", world.assignment(assignment_id))


async def test_a_removal_that_was_lost_with_its_workflow_is_carried_out(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    await world.assignment(assignment_id).terminate("lost")
    ask = Ask(type=RequestType.USER_REMOVE, assignment_id=assignment_id)
    async with world.database.write() as tx:
        await removal.record(tx, acting(MIA), ask.type, assignment_id, None)
    await keep_house(world)

    await world.until_assignment(assignment_id, "expired")
    assert await world.members() == set()


async def test_what_had_failed_when_it_was_lost_is_given_up(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    await world.assignment(assignment_id).terminate("lost")
    async with world.database.write() as tx:
        await tx.changed(update(assignments).values(state="deliveryFailed"))
    await keep_house(world)

    await world.until_assignment(assignment_id, "expired")
    assert await world.members() == set()


async def test_a_change_that_stands_still_is_walked_on(swept_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = swept_world
    package_id, _ = await held(world)
    monkeypatch.setattr(package_changes, "MOST_OWED", -1)
    await change(world, package_id, add=PAYROLL.write)
    walk = await walking(world)
    await walk.terminate("lost")
    monkeypatch.setattr(package_changes, "MOST_OWED", 300)
    await keep_house(world)

    await until(world.members, {("readers", "leo"), ("writers", "leo")})


async def test_drift_is_found_shown_and_mended_on_demand(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    async with world.database.write() as tx:
        await tx.execute(delete(group_members).where(group_members.c.group_id == READERS.id))
    drift, said = await look_for_drift(world)

    assert said == "1 of 1 have drifted"
    assert await drifted(world) == [("Leo Park", "Payroll readers", True, [assignment_id])]
    assert await world.members() == set()
    await world.keep("drift-found", drift)
    await look_for_drift(world)
    assert await world.trail("grant.drifted") == [("grant.drifted", None)]
    await world.send((await reprocessing.assignment(world.database, acting(ADA), assignment_id)).messages)
    await until(world.members, {("readers", "leo")})
    await until(lambda: drifted(world), [])
    assert await world.assignment_state(assignment_id) == "delivered"


async def test_access_that_was_taken_back_and_is_there_again_is_drift_too(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    await world.remove(MIA, assignment_id)
    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    async with world.database.write() as tx:
        await tx.execute(group_members.insert().values(group_id=READERS.id, person_id=LEO.id, added_at=LONG_AGO))
    await look_for_drift(world)
    assert await drifted(world) == [("Leo Park", "Payroll readers", False, [])]
    grant_id = await the_drifted_grant(world)
    await world.send((await drift_correction.correct(world.database, acting(ADA), grant_id, "Not his")).messages)
    workflow = world.client.get_workflow_handle(correction_workflow_id(grant_id), result_type=str)
    assert await workflow.result() == "corrected: Leo Park: Member of Payroll readers"
    assert (await world.members(), await drifted(world)) == (set(), [])
    await world.keep("correction", workflow)
    with pytest.raises(Conflict):
        await drift_correction.correct(world.database, acting(ADA), grant_id)

    async with world.database.write() as tx:
        await tx.execute(group_members.insert().values(group_id=READERS.id, person_id=LEO.id, added_at=LONG_AGO))
    await look_for_drift(world)
    async with world.database.write() as tx:
        await tx.execute(delete(group_members).where(group_members.c.group_id == READERS.id))
    await look_for_drift(world)
    assert await drifted(world) == []


async def the_drifted_grant(world: World) -> str:
    async with world.database.read() as tx:
        (line,) = (await grant_lists.drifted(tx, EVERYTHING, ListQuery())).rows
    return line.id


async def test_a_correction_that_temporal_lost_begins_again(
    swept_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    await world.remove(MIA, assignment_id)
    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    async with world.database.write() as tx:
        await tx.execute(group_members.insert().values(group_id=READERS.id, person_id=LEO.id, added_at=LONG_AGO))
    await look_for_drift(world)
    # Nobody sends what it owes, as if Temporal had forgotten it; what is swept later would be as good.
    with monkeypatch.context() as unsent:
        unsent.setattr("grantline.persistence.outbox.GRACE", timedelta(hours=1))
        await drift_correction.correct(world.database, acting(ADA), await the_drifted_grant(world))
    async with world.database.write() as tx:
        await tx.changed(delete(outbox))
    _, said = await keep_house(world)
    assert said == "1 of 1 were lost and begin again"
    await until(world.members, set())


async def test_a_target_system_that_is_away_is_left_to_the_next_time(swept_world: World) -> None:
    world = swept_world
    await held(world)
    world.connector.away_for = 1
    workflow, said = await look_for_drift(world)

    assert said == "0 of 0 have drifted; AadGroup was not reached: The target system is away."
    await world.keep("drift-not-reached", workflow)


async def test_a_signal_by_hand_is_judged(swept_world: World) -> None:
    world = swept_world
    _, assignment_id = await held(world)
    workflow = world.assignment(assignment_id)
    asked = len(world.connector.log)
    await workflow.signal("reprocess", {"actor_id": MIA.id})
    await until(lambda: world.trail("signal.refused"), [("signal.refused", MIA.id)])
    assert len(world.connector.log) == asked
    await workflow.signal("reprocess", {"actor_id": ADA.id, "reason": "By hand"})
    await until(lambda: world.trail("assignment.reprocessed"), [("assignment.reprocessed", ADA.id)])
    await until(lambda: was_asked(world, asked + 1), wanted=True)
    await workflow.signal("reprocess")
    await workflow.signal("reprocess", {"actor_id": 7})
    await world.remove(MIA, assignment_id)

    assert await workflow.result() == "removedOnBehalf"
    await world.keep("assignment-reprocessed-by-hand", workflow)


async def test_a_request_of_which_nothing_was_delivered_is_delivered_by_a_new_assignment(swept_world: World) -> None:
    world = swept_world
    world.connector.refuses = {READERS.id, WRITERS.id}
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.decide(BOB, request_id)
    await world.until_request(request_id, "deliveryFailed")
    first = (await world.briefing_of(request_id)).assignment_id
    await world.assignment(first).result()
    world.connector.refuses = set()
    done = await reprocessing.request(world.database, acting(ADA), request_id, window=timedelta(days=14))
    await world.send(done.messages)

    await world.until_request(request_id, "delivered")
    assert done.assignment_id != first
    assert await world.members() == {("readers", "leo")}
    assert await runs(world, world.assignment(done.assignment_id))


async def test_schedules_are_made_once_and_follow_the_settings(temporal: Client) -> None:
    queue = f"test-{new_id()}"
    await establish(temporal, RHYTHM, task_queue=queue)
    house = temporal.get_schedule_handle(f"{queue}-housekeeping")
    await house.pause(note="a restore is under way")
    await establish(temporal, Rhythm(drift=None, housekeeping=timedelta(hours=2), mail_kept_days=7), task_queue=queue)

    known = (await house.describe()).schedule
    assert [one.every for one in known.spec.intervals] == [timedelta(hours=2)]
    assert (known.state.paused, known.state.note) == (True, "a restore is under way")
    assert known.policy.catchup_window == timedelta(hours=1)
    with pytest.raises(RPCError):
        await temporal.get_schedule_handle(f"{queue}-drift").describe()
    await establish(temporal, RHYTHM, task_queue=queue)
    assert (await temporal.get_schedule_handle(f"{queue}-drift").describe()).id == f"{queue}-drift"


async def test_a_schedule_runs_its_workflow(swept_world: World) -> None:
    world = swept_world
    await establish(world.client, RHYTHM, task_queue=world.task_queue)
    house = world.client.get_schedule_handle(f"{world.task_queue}-housekeeping")
    await house.trigger()
    await until(lambda: results(world, house.id), ["0 of 0 were lost and begin again"])
    await house.delete()
    await world.client.get_schedule_handle(f"{world.task_queue}-drift").delete()


async def results(world: World, schedule_id: str) -> list[str]:
    """Return what the schedule's completed runs said."""
    described = await world.client.get_schedule_handle(schedule_id).describe()
    actions = [one.action for one in described.info.recent_actions]
    ids = [one.workflow_id for one in actions if isinstance(one, ScheduleActionExecutionStartWorkflow)]
    return [await world.client.get_workflow_handle(id_, result_type=str).result() for id_ in ids]


async def drifted(world: World) -> list[tuple[str, str, bool, list[str | None]]]:
    """Return what has drifted: of whom, where, whether it is wanted, and for which assignments."""
    async with world.database.read() as tx:
        found = await grant_lists.drifted(tx, EVERYTHING, ListQuery(top=10))
    return [
        (
            one.person.display_name,
            one.resource,
            one.is_wanted,
            [reason.assignment_id for reason in one.reasons if reason.ended_at is None],
        )
        for one in found.rows
    ]


async def was_asked(world: World, times: int) -> bool:
    """Tell whether the target system was asked so often."""
    return len(world.connector.log) >= times
