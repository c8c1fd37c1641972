"""Signals that came past the API, as an operator sends them by hand: judged like any other, and never a hang."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle

from grantline.model.briefing import CancelSignal, DecideSignal, RemoveSignal
from grantline.model.person import Person
from grantline.model.request import Verdict
from tests.cast import ADA, BOB, DAN, EVE, LEO, MIA
from tests.workflows.world import BOB_OR_BEA, OWED, World, until

APPROVE = Verdict.APPROVE


@pytest.mark.parametrize("person", [MIA, LEO, EVE, DAN, ADA], ids=lambda person: person.display_name)
async def test_nobody_but_an_approver_decides_by_signal(world: World, person: Person) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    workflow = world.request(request_id)
    await workflow.signal("decide", DecideSignal(approver_id=person.id, verdict=APPROVE))

    await until(lambda: world.trail("signal.refused"), [("signal.refused", person.id)])
    assert await world.stage_states(request_id) == ["open"]
    await world.decide(BOB, request_id)
    assert await workflow.result() in OWED
    if person is MIA:
        await world.keep("request-forged-signal-by-outbox", workflow)


async def test_an_approver_may_decide_by_signal(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.request(request_id).signal("decide", DecideSignal(approver_id=BOB.id, verdict=APPROVE))

    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")
    assert await world.trail("stage.decided", "signal.refused") == [("stage.decided", BOB.id)]


async def test_an_invented_decision_id_decides_nothing(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    workflow = world.request(request_id)
    await workflow.signal("decide", DecideSignal(approver_id=EVE.id, verdict=APPROVE, decision_id="invented"))
    await until_markers(workflow, 1)

    assert await world.stage_states(request_id) == ["open"]
    assert await world.members() == set()


async def test_only_those_who_may_cancel_cancel_by_signal(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    workflow = world.request(request_id)
    await workflow.signal("cancel", CancelSignal(actor_id=BOB.id))
    await until(lambda: world.trail("signal.refused"), [("signal.refused", BOB.id)])
    await workflow.signal("cancel", CancelSignal(actor_id=MIA.id, reason="changed my mind"))

    assert await workflow.result() == "canceled"


async def test_only_those_who_may_remove_remove_by_signal(world: World) -> None:
    request_id = await world.ask(await world.offer())
    await world.until_request(request_id, "delivered")
    workflow = world.assignment((await world.briefing_of(request_id)).assignment_id)
    await workflow.signal("remove", RemoveSignal(actor_id=EVE.id))
    await until(lambda: world.trail("signal.refused"), [("signal.refused", EVE.id)])
    assert await world.members() == {("readers", "leo")}
    await workflow.signal("remove", RemoveSignal(actor_id=MIA.id, reason="moved on"))

    assert await workflow.result() == "removedOnBehalf"
    assert await world.members() == set()
    await world.keep("assignment-forged-signal", workflow)


@pytest.mark.parametrize(
    ("story", "arguments"),
    [
        ("nothing", []),
        ("null", [None]),
        ("a word", ["approve"]),
        ("half a decision", [{"approver_id": BOB.id}]),
        ("an unknown verdict", [{"approver_id": BOB.id, "verdict": "maybe"}]),
        ("two of them", [DecideSignal(approver_id=BOB.id, verdict=APPROVE)] * 2),
        ("a number and a list", [7, [8]]),
    ],
)
async def test_a_malformed_signal_is_dropped(world: World, story: str, arguments: list[Any]) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    workflow = world.request(request_id)
    for name in ("decide", "cancel", "unheard-of"):
        await workflow.signal(name, args=arguments)
    await world.decide(BOB, request_id)

    assert await workflow.result() in OWED, story
    assert await world.trail("stage.decided", "signal.refused") == [("stage.decided", BOB.id)]
    if story == "two of them":
        await world.keep("request-malformed-signals-by-outbox", workflow)


@pytest.mark.parametrize(
    "poison", ["\x00", "x" * 100_000, "'; DROP TABLE requests; --", "\ud800"], ids=["nul", "long", "sql", "surrogate"]
)
async def test_a_poisoned_signal_is_refused_or_ignored(world: World, poison: str) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    workflow = world.request(request_id)
    try:
        await workflow.signal("decide", {"approver_id": poison, "verdict": "approve", "stage_id": poison})
        await workflow.signal("cancel", {"actor_id": poison, "reason": poison})
    except (UnicodeEncodeError, ValueError):
        pass
    await world.decide(BOB, request_id)

    assert await workflow.result() in OWED


async def test_cancelling_the_workflow_itself_is_no_door(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.request(request_id).cancel()
    await until_waiting(world.request(request_id))
    await world.decide(BOB, request_id)
    assert await world.request(request_id).result() in OWED
    await world.until_request(request_id, "delivered")

    assignment_id = (await world.briefing_of(request_id)).assignment_id
    await world.assignment(assignment_id).cancel()
    await until_waiting(world.assignment(assignment_id))
    assert await world.members() == {("readers", "leo")}
    await world.remove(MIA, assignment_id)
    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    await world.keep("request-workflow-cancelled-by-outbox", world.request(request_id))
    await world.keep("assignment-workflow-cancelled", world.assignment(assignment_id))


async def test_a_workflow_of_an_invented_request_fails_by_itself(world: World) -> None:
    handle = await world.client.start_workflow(
        "AccessRequestWorkflow",
        {
            "request_id": "invented",
            "requestor_id": "a",
            "target_id": "b",
            "package_id": "c",
            "summary": "",
            "details": "",
            "progress": {"state": "pendingApproval"},
        },
        id="request-invented",
        task_queue=world.task_queue,
    )
    await handle.signal("decide", DecideSignal(approver_id=BOB.id, verdict=APPROVE))
    with pytest.raises(WorkflowFailureError):
        await handle.result()


async def until_markers(workflow: WorkflowHandle[object, str], count: int) -> None:
    """Wait until the workflow asked the record so many times."""
    seen = 0
    async for event in workflow.fetch_history_events(wait_new_event=True):
        seen += event.HasField("marker_recorded_event_attributes")
        if seen == count:
            return


async def until_waiting(workflow: WorkflowHandle[object, str]) -> None:
    """Wait until no task of the workflow is under way."""
    while (await workflow.describe()).raw_description.HasField("pending_workflow_task"):
        await asyncio.sleep(0.02)
