"""What an operator sees of a request under way, and what one request costs."""

from datetime import timedelta
from typing import Any

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle

from grantline.ambient import utc_now
from grantline.model import visibility
from grantline.model.request import Schedule
from tests.cast import BOB, CY, LEO, MIA
from tests.workflows.test_request import until_timers_started
from tests.workflows.world import BOB_OR_BEA, World, stage, until

MOST_EVENTS = 45


async def test_a_request_under_way_shows_stage_approvers_and_deadline(world: World) -> None:
    package_id = await world.offer(stage(BOB), stage(CY))
    request_id = await world.ask(package_id)
    workflow = world.request(request_id)

    shown = await attributes(workflow)
    due_at = shown.pop(visibility.DUE_AT)
    assert abs(due_at - (utc_now() + timedelta(days=14))) < timedelta(minutes=1)
    assert shown == {
        visibility.STATE: "pendingApproval",
        visibility.PACKAGE: package_id,
        visibility.REQUESTOR: MIA.id,
        visibility.TARGET: LEO.id,
    }
    assert rows(await details(workflow)) == {
        "State": "pendingApproval",
        "Stage": "1 of 2",
        "May decide": "Bob Stone",
        "Deadline": f"{due_at:%Y-%m-%d %H:%M} UTC",
        "Next": f"reminder, {due_at - timedelta(days=7):%Y-%m-%d %H:%M} UTC",
    }
    described = await workflow.describe()
    assert (await described.static_summary() or "").endswith("for Leo Park, asked by Mia Lind")
    assert "Requestor: Mia Lind (mia@grantline.test)" in (await described.static_details() or "")

    await world.decide(BOB, request_id)
    await until_timers_started(world, request_id, 2)
    second = rows(await details(workflow))
    assert (second["Stage"], second["May decide"]) == ("2 of 2", "Cy Frost")
    assert (await attributes(workflow))[visibility.DUE_AT] > due_at


async def test_a_scheduled_request_shows_its_start(world: World) -> None:
    starts_at = utc_now() + timedelta(days=10)
    request_id = await world.ask(await world.offer(), Schedule(starts_at=starts_at))
    workflow = world.request(request_id)

    assert (await attributes(workflow))[visibility.STATE] == "scheduled"
    assert rows(await details(workflow)) == {"State": "scheduled", "Starts": f"{starts_at:%Y-%m-%d %H:%M} UTC"}


async def test_an_assignment_shows_what_is_held_until_when(world: World) -> None:
    package_id = await world.offer()
    request_id = await world.ask(package_id)
    await world.until_request(request_id, "delivered")
    briefing = await world.briefing_of(request_id)
    workflow = world.assignment(briefing.assignment_id)

    assert briefing.ends_at is not None
    await until(lambda: state(workflow), "delivered")
    assert await attributes(workflow) == {
        visibility.STATE: "delivered",
        visibility.PACKAGE: package_id,
        visibility.TARGET: LEO.id,
        visibility.DUE_AT: briefing.ends_at,
    }
    assert rows(await details(workflow)) == {
        "State": "delivered",
        "Grants": "Leo Park: Member of Payroll readers",
        "Ends": f"{briefing.ends_at:%Y-%m-%d %H:%M} UTC",
    }
    await world.remove(MIA, briefing.assignment_id)
    await workflow.result()
    assert (await attributes(workflow))[visibility.STATE] == "expired"


async def test_timers_and_activities_say_what_they_are_for(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.decide(BOB, request_id)
    await world.until_request(request_id, "delivered")
    assignment = world.assignment((await world.briefing_of(request_id)).assignment_id)

    assert [text.partition(",")[0] for text in await summaries(world.request(request_id))] == ["reminder of stage 1"]
    assert [text.partition(",")[0] for text in await summaries(assignment)] == [
        "grant Leo Park: Member of Payroll readers",
        "notice of the end of the access",
    ]


async def test_one_request_costs_few_events(plain_world: World) -> None:
    world = plain_world
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await until_timers_started(world, request_id, 1)
    await world.decide(BOB, request_id)
    await world.until_request(request_id, "delivered")
    await world.request(request_id).result()
    assignment = world.assignment((await world.briefing_of(request_id)).assignment_id)
    await until(lambda: state(assignment), "delivered")

    events = [await length(world.request(request_id)), await length(assignment)]
    assert events == [12, 7], "say so in the README, if this is on purpose"
    assert sum(events) <= MOST_EVENTS


async def attributes(workflow: WorkflowHandle[object, str]) -> dict[str, Any]:
    """Return our search attributes of the workflow."""
    described = await workflow.describe()
    found = {pair.key.name: pair.value for pair in described.typed_search_attributes.search_attributes}
    return {name: found[name] for name in visibility.SEARCH_ATTRIBUTES if name in found}


async def state(workflow: WorkflowHandle[object, str]) -> object:
    """Return the state that the search attributes show."""
    return (await attributes(workflow)).get(visibility.STATE)


async def details(workflow: WorkflowHandle[object, str]) -> str:
    """Return the current details, as the UI asks for them."""
    metadata = await workflow.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return metadata.current_details


def rows(table: str) -> dict[str, str]:
    """Read the table of the details."""
    cells = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    return {name.strip(): value.strip() for name, value in cells}


async def summaries(workflow: WorkflowHandle[object, str]) -> list[str]:
    """Return what timers and activities say of themselves, in alphabetical order."""
    events = (await workflow.fetch_history()).events
    return sorted(
        event.user_metadata.summary.data.decode().strip('"')
        for event in events
        if event.HasField("timer_started_event_attributes")
        or event.HasField("activity_task_scheduled_event_attributes")
    )


async def length(workflow: WorkflowHandle[object, str]) -> int:
    """Return how many events the history has."""
    return len((await workflow.fetch_history()).events)
