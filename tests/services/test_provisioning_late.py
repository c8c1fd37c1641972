"""A worker that stalls longer than its lease acts at a time that is not its own; what it upset is healed."""

import asyncio

import pytest

from grantline.persistence.database import Database
from grantline.services.assignments.provisioning import LEASE
from tests.packages import Held, enter_packages
from tests.services.provisioning_stage import LEO_READS, Stage
from tests.services.target import Clock, FakeTarget


@pytest.fixture
async def stage(database: Database) -> Stage:
    """Return a stage on either database."""
    async with database.write() as tx:
        await enter_packages(tx)
    return Stage(database, FakeTarget(), Clock())


async def stall(stage: Stage, held: Held, moment: str) -> tuple[asyncio.Event, asyncio.Task[None]]:
    """Start applying and stop at this moment; return what lets it go on."""
    stopped, go_on = asyncio.Event(), asyncio.Event()

    def gate(now: str) -> asyncio.Event | None:
        if now != moment or stopped.is_set():
            return None
        stopped.set()
        return go_on

    stage.target.gate = gate
    task = asyncio.create_task(stage.apply(held))
    await stopped.wait()
    stage.clock.forward(LEASE)
    return go_on, task


async def test_a_revoke_that_lands_after_the_access_was_given_again_is_healed(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.apply(held)
    await stage.release(held)
    go_on, late = await stall(stage, held, "before revoke")
    await stage.apply(held)
    again = await stage.hold("b")
    await stage.apply(again)
    assert stage.target.held == {LEO_READS}
    go_on.set()
    await late
    assert stage.target.held == {LEO_READS}
    assert stage.target.log == ["granted", "revoked", "granted", "revoked", "granted"]
    await stage.release(again)
    await stage.apply(again)
    assert stage.target.held == set()


async def test_a_grant_that_lands_after_the_end_is_healed(stage: Stage) -> None:
    held = await stage.hold("a")
    go_on, late = await stall(stage, held, "before grant")
    await stage.release(held)
    await stage.apply(held)
    go_on.set()
    await late
    assert (stage.target.held, stage.target.log[-1]) == (set(), "revoked")


async def test_a_grant_that_lands_late_is_not_taken_for_one_that_was_there_before_us(stage: Stage) -> None:
    held = await stage.hold("a")
    go_on, late = await stall(stage, held, "after grant")
    await stage.release(held)
    await stage.apply(held)
    stage.target.held.add(LEO_READS)
    again = await stage.hold("b")
    await stage.apply(again)
    go_on.set()
    await late
    await stage.release(again)
    await stage.apply(again)
    assert stage.target.held == set()


async def test_wanted_and_unwanted_again_while_a_worker_acts_ends_as_it_is_wanted(stage: Stage) -> None:
    held = await stage.hold("a")
    stopped, go_on = asyncio.Event(), asyncio.Event()

    def gate(moment: str) -> asyncio.Event | None:
        if moment != "before grant":
            return None
        stopped.set()
        return go_on

    stage.target.gate = gate
    worker = asyncio.create_task(stage.apply(held))
    await stopped.wait()
    await stage.release(held)
    go_on.set()
    await worker
    assert (stage.target.held, stage.target.log) == (set(), ["granted", "revoked"])
    assert await stage.trail() == ["grant.granted", "grant.revoked"]
