"""The relay: what the outbox owes reaches Temporal, in order, once or more often, whatever goes down meanwhile."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from temporalio.client import Client, WorkflowExecutionStatus

from grantline.ambient import new_id, utc_now
from grantline.errors import Unavailable
from grantline.model.briefing import DecideSignal, RemoveSignal
from grantline.model.message import Message
from grantline.model.request import Verdict
from grantline.payloads import DATA_CONVERTER
from grantline.persistence.database import Database
from grantline.persistence.tables import outbox
from grantline.services.approvals import decisions
from grantline.services.requests import submission
from grantline.services.sending.outbox_store import DatabaseOutbox
from tests.cast import BOB, MIA, acting
from tests.workflows import histories
from tests.workflows.server import DevServer, free_port
from tests.workflows.world import BOB_OR_BEA, OWED, World, asking, open_world, until
from workflows.relay import Relay


class Counting(DatabaseOutbox):
    """The real outbox, counting transactions and failing on demand."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.strikes: list[int] = []
        self.is_away = False
        self.looks = 0

    async def due(self, limit: int) -> list[Message]:
        self.looks += 1
        if self.is_away:
            raise Unavailable("The outbox is away.")
        return await super().due(limit)

    async def delivered(self, ids: Sequence[str]) -> None:
        if self.is_away:
            raise Unavailable("The outbox is away.")
        self.strikes.append(len(ids))
        await super().delivered(ids)


async def owed(world: World) -> int:
    """Return how many messages the outbox still has."""
    async with world.database.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(outbox)))


async def make_due(world: World) -> None:
    """Let the time of every message come."""
    async with world.database.write() as tx:
        await tx.changed(update(outbox).values(next_attempt_at=utc_now()))


async def put_off(world: World) -> int:
    """Count the messages that were tried in vain."""
    async with world.database.read() as tx:
        return len(await tx.all(select(outbox.c.id).where(outbox.c.attempts > 0)))


async def quiet_ask(world: World) -> str:
    """Put a request on record that no relay knows of."""
    return (await submission.submit(world.database, acting(MIA), asking(await world.offer(BOB_OR_BEA)))).request.id


@asynccontextmanager
async def sweeping(relay: Relay) -> AsyncGenerator[None]:
    """Run a relay for as long as the block lasts."""
    task = asyncio.create_task(relay.run())
    yield
    task.cancel()
    await asyncio.wait([task])
    await relay.drain()


async def test_what_was_delivered_is_owed_no_more(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))

    assert await owed(world) == 0
    assert (await world.request(request_id).describe()).status is WorkflowExecutionStatus.RUNNING


async def test_many_messages_are_struck_off_together(world: World) -> None:
    store = Counting(world.database)
    world.relay = Relay(store, world.client, task_queue=world.task_queue)
    package_ids = [await world.offer(BOB_OR_BEA) for _ in range(40)]
    submissions = [
        await submission.submit(world.database, acting(MIA), asking(package_id)) for package_id in package_ids
    ]
    await world.send([message for submitted in submissions for message in submitted.messages])

    assert sum(store.strikes) == 40
    assert len(store.strikes) < 20
    assert await owed(world) == 0


async def test_a_decision_that_overtakes_the_start_brings_it_along(world: World) -> None:
    request_id = await quiet_ask(world)
    await world.decide(BOB, request_id)
    # The access may be there before the request's workflow has begun.
    assert await world.request(request_id).result() in OWED
    await make_due(world)
    async with sweeping(world.relay):
        await until(lambda: owed(world), 0)

    await world.until_request(request_id, "delivered")
    assert await world.trail("grant.granted") == [("grant.granted", None)]


async def test_a_workflow_that_temporal_lost_begins_again_where_the_record_is(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    await world.request(request_id).terminate("lost")
    await world.decide(BOB, request_id)

    await world.until_request(request_id, "delivered")
    assignment_id = (await world.briefing_of(request_id)).assignment_id
    await world.assignment(assignment_id).terminate("lost as well")
    await world.remove(MIA, assignment_id)

    assert await world.assignment(assignment_id).result() == "removedOnBehalf"
    assert await world.members() == set()
    assert await world.trail("grant.granted", "grant.revoked") == [("grant.granted", None), ("grant.revoked", None)]


async def test_a_workflow_that_completed_is_left_alone(world: World) -> None:
    request_id = await world.ask(await world.offer(BOB_OR_BEA))
    again = await decisions.decide(world.database, BOB.id, request_id, None, Verdict.DENY, "no")
    await world.send(again)
    assert await world.request(request_id).result() == "denied"
    run_id = (await world.request(request_id).describe()).run_id
    await world.send([Message(id=new_id(), subject_id=request_id, body=again[0].body)])

    assert (await world.request(request_id).describe()).run_id == run_id
    assert await owed(world) == 0


async def test_a_message_about_nothing_is_forgotten(world: World) -> None:
    async with world.database.write() as tx:
        tx.post(new_id(), DecideSignal(approver_id=BOB.id, verdict=Verdict.APPROVE, decision_id=new_id()))
        tx.post(new_id(), RemoveSignal(actor_id=MIA.id, removal_id=new_id()))
    await world.send(tx.messages)

    assert await owed(world) == 0


async def test_what_cannot_be_read_or_delivered_does_not_hold_up_the_others(world: World) -> None:
    unread, newer, first = await quiet_ask(world), await quiet_ask(world), await quiet_ask(world)
    async with world.database.write() as tx:
        (row,) = await tx.all(select(outbox).where(outbox.c.subject_id == first))
        for subject_id, values in (
            (unread, {"body": {"request_id": 7}}),
            (newer, {"kind": "ofANewerRelease"}),
            (first, {"body": {**row.body, "request_id": "x" * 2000}}),
        ):
            await tx.changed(update(outbox).where(outbox.c.subject_id == subject_id).values(**values))
    second = await quiet_ask(world)
    await make_due(world)
    async with sweeping(world.relay):
        await until(lambda: owed(world), 3)
        await until(lambda: put_off(world), 2)

    assert (await world.request(second).describe()).status is WorkflowExecutionStatus.RUNNING
    async with world.database.read() as tx:
        rows = {row.subject_id: (row.attempts, row.last_error) for row in await tx.all(select(outbox))}
    assert rows.pop(newer) == (0, None), "who knows it delivers it"
    assert {subject_id: attempts for subject_id, (attempts, _) in rows.items()} == {unread: 1, first: 1}
    assert "RPCError" in rows[first][1]
    assert "cannot be read (this is a bug): start: " in rows[unread][1]


async def test_the_relay_outlives_an_outbox_that_is_away(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "workflows.relay")
    store = Counting(world.database)
    relay = Relay(store, world.client, task_queue=world.task_queue)
    store.is_away = True
    request_id = await quiet_ask(world)
    await make_due(world)
    async with sweeping(relay):
        await until(lambda: looked(store, 2), wanted=True)
        store.is_away = False
        await until(lambda: owed(world), 0)

    assert (await world.request(request_id).describe()).status is WorkflowExecutionStatus.RUNNING
    said = [record.message for record in caplog.records if "database" in record.message]
    assert said == [
        "The database does not answer; messages wait in the outbox (The outbox is away.)",
        "The database is back; what waited in the outbox goes on",
    ]


async def test_temporal_may_be_away_for_a_while(
    sqlite_database: Database, temporal: Client, tmp_path: Path, keep: histories.Keep, caplog: pytest.LogCaptureFixture
) -> None:
    """Submit and decide while Temporal is down; both are done when it is back, and it is said once each way."""
    caplog.set_level(logging.INFO, "workflows.relay")
    server = DevServer(tmp_path, free_port())
    client = await Client.connect(server.address, data_converter=DATA_CONVERTER, lazy=True)
    async with open_world(sqlite_database, temporal, keep) as world:
        world.relay = relay = Relay(DatabaseOutbox(sqlite_database), client, task_queue=world.task_queue)
        begun = time.monotonic()
        request_ids = [await world.ask(await world.offer(BOB_OR_BEA)) for _ in range(3)]
        for request_id in request_ids:
            await world.decide(BOB, request_id)
        assert time.monotonic() - begun < 8
        assert [await world.request_state(one) for one in request_ids] == ["delivering"] * 3
        # Of each request: its start, the decision, and the start of its assignment.
        assert await owed(world) == 9
        server.start()
        try:
            await make_due(world)
            async with sweeping(relay):
                await until(lambda: owed(world), 0)
            found = [client.get_workflow_handle(f"request-{one}") for one in request_ids]
            assert {(await one.describe()).status for one in found} == {WorkflowExecutionStatus.RUNNING}
        finally:
            server.stop()

    said = [record.message.partition(" (")[0] for record in caplog.records if record.name == "workflows.relay"]
    assert said == [
        "Temporal does not answer; messages wait in the outbox",
        "Temporal is back; what waited in the outbox goes on",
    ]


async def looked(store: Counting, times: int) -> bool:
    """Tell whether the relay looked into the outbox so often."""
    return store.looks >= times
