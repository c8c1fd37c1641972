"""Somebody sends signals without end: the workflows go on in fresh histories, and forget nothing."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from grantline.model.briefing import DecideSignal, RemoveSignal
from grantline.model.request import Verdict
from grantline.persistence.database import Database
from tests.cast import EVE
from tests.workflows import histories
from tests.workflows.server import DevServer
from tests.workflows.world import BOB_OR_BEA, World, open_world, until

FEW_EVENTS = 60


@pytest.fixture(scope="module")
def short_histories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """Run a server that finds histories long after a few events."""
    config = (f"limit.historyCount.suggestContinueAsNew={FEW_EVENTS}",)
    server = DevServer(tmp_path_factory.mktemp("temporal"), config=config)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def short_world(
    short_histories: DevServer, sqlite_database: Database, keep: histories.Keep
) -> AsyncIterator[World]:
    """Return a small company on that server."""
    client = await Client.connect(
        short_histories.address, data_converter=pydantic_data_converter, identity=histories.IDENTITY
    )
    async with open_world(sqlite_database, client, keep) as world:
        yield world


async def test_a_request_goes_on_in_a_fresh_history(short_world: World) -> None:
    world = short_world
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    workflow = world.request(request_id)
    first = await run_of(workflow)
    while await run_of(workflow) == first:
        await refuse(world, workflow, "decide", DecideSignal(approver_id=EVE.id, verdict=Verdict.APPROVE))
    await world.skip(workflow, timedelta(days=14, minutes=1))

    assert await workflow.result() == "expired"
    assert await world.stage_states(request_id) == ["expired"]
    handle: WorkflowHandle[object, str] = world.client.get_workflow_handle(workflow.id, run_id=first)
    await world.keep("request-continued", handle)


async def test_an_assignment_goes_on_in_a_fresh_history_without_delivering_again(short_world: World) -> None:
    world = short_world
    request_id = await world.ask(await world.offer())
    await world.until_request(request_id, "delivered")
    workflow = world.assignment((await world.briefing_of(request_id)).assignment_id)
    first = await run_of(workflow)
    while await run_of(workflow) == first:
        await refuse(world, workflow, "remove", RemoveSignal(actor_id=EVE.id))
    asked = len(world.connector.log)
    await world.skip(workflow, timedelta(days=29))
    assert len(world.connector.log) == asked
    assert await world.members() == {("readers", "leo")}
    await world.skip(workflow, timedelta(days=1, minutes=1))

    assert await workflow.result() == "expired"
    assert await world.members() == set()
    await world.keep("assignment-continued", workflow)


async def refuse(
    world: World, workflow: WorkflowHandle[Any, Any], name: str, signal: DecideSignal | RemoveSignal
) -> None:
    """Send what Eve may not, and wait until the trail says that it was refused.

    It may say so twice: a signal that comes while a history is being ended has
    the server throw that step away, and with it what the step had heard.
    """
    before = len(await world.trail("signal.refused"))
    await workflow.signal(name, signal)

    async def is_refused() -> bool:
        said = await world.trail("signal.refused")
        return len(said) > before and set(said) == {("signal.refused", EVE.id)}

    await until(is_refused, True)


async def run_of(workflow: WorkflowHandle[object, str]) -> str | None:
    """Return the id of the present run."""
    return (await workflow.describe()).run_id
