"""Transactions commit whole or leave nothing, and a missing database says so in our words."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from grantline.errors import Unavailable
from grantline.model.briefing import CancelSignal
from grantline.model.event import AuditEvent, EventType
from grantline.persistence import audit, outbox
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, groups, people
from tests.cast import ADA, LEO, LONG_AGO, MIA, fixed_id
from tests.engines import heard

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def happened(what: EventType = EventType.DIRECTORY_CHANGED) -> AuditEvent:
    return AuditEvent(type=what, at=NOON, actor_id=ADA.id, object_type="person", object_id=LEO.id, details={"n": 1})


async def test_what_fails_is_told_without_what_people_wrote(database: Database) -> None:
    with pytest.raises(DBAPIError) as refusal:
        async with database.write() as tx:
            row = {"id": fixed_id("g"), "display_name": "G", "description": "She is ill", "created_at": LONG_AGO}
            await tx.execute(insert(groups), [row, row])
    assert "INSERT INTO groups" in str(refusal.value)
    assert "She is ill" not in str(refusal.value)


class Boom(Exception):
    """Something of the test's own."""


async def test_an_error_leaves_no_row_no_event_and_no_message(database: Database) -> None:
    with pytest.raises(Boom):
        async with database.write() as tx:
            await tx.execute(update(people).values(department="Gone"))
            tx.audit(happened())
            tx.post(fixed_id("r"), CancelSignal(actor_id=MIA.id))
            raise Boom
    async with database.read() as tx:
        assert await tx.scalar(select(func.count()).where(people.c.department == "Gone")) == 0
        assert await tx.scalar(select(func.count()).select_from(audit_events)) == 0
        assert await outbox.due(tx, datetime.max.replace(tzinfo=UTC), 10) == []


async def test_what_was_posted_is_due_after_its_grace_and_gone_when_delivered(database: Database) -> None:
    async with database.write() as tx:
        tx.post(fixed_id("r"), CancelSignal(actor_id=MIA.id, reason="changed my mind"))
    (message,) = tx.messages
    async with database.read() as tx:
        assert await outbox.due(tx, datetime.now(UTC), 10) == []
        assert await outbox.due(tx, datetime.max.replace(tzinfo=UTC), 10) == [message]
    async with database.write() as tx:
        await outbox.delivered(tx, [message.id])
    async with database.read() as tx:
        assert await outbox.due(tx, datetime.max.replace(tzinfo=UTC), 10) == []


async def test_the_trail_is_whole_until_somebody_rewrites_it(database: Database) -> None:
    for _ in range(3):
        async with database.write() as tx:
            tx.audit(happened())
            tx.audit(happened(EventType.CONFIGURATION_CHANGED))
    async with database.read() as tx:
        assert await audit.verify(tx) is None
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as tx:
            await tx.execute(update(audit_events).where(audit_events.c.number == 4).values(reason="nothing to see"))
    async with database.write() as tx:
        await without_the_guard(tx, "UPDATE audit_events SET reason = 'nothing to see' WHERE number = 4")
    async with database.read() as tx:
        assert await audit.verify(tx) == "event 4 was changed"


async def test_an_event_that_was_cut_out_is_missed(database: Database) -> None:
    async with database.write() as tx:
        for _ in range(3):
            tx.audit(happened())
    async with database.write() as tx:
        await without_the_guard(tx, "DELETE FROM audit_events WHERE number = 2")
    async with database.read() as tx:
        assert await audit.verify(tx) == "event 2 is missing"


async def test_an_end_that_was_cut_off_is_missed(database: Database) -> None:
    async with database.write() as tx:
        for _ in range(3):
            tx.audit(happened())
    async with database.write() as tx:
        await without_the_guard(tx, "DELETE FROM audit_events WHERE number = 3")
    async with database.read() as tx:
        assert await audit.verify(tx) == "the trail ends at event 2, but its head says otherwise"


async def without_the_guard(tx, statement: str) -> None:  # noqa: ANN001
    """Do what only the owner of the database can: drop the trigger first."""
    if tx.dialect == "sqlite":
        await tx.execute(text("DROP TRIGGER audit_events_no_update"))
        await tx.execute(text("DROP TRIGGER audit_events_no_delete"))
    else:
        await tx.execute(text("DROP TRIGGER audit_events_append_only ON audit_events"))
    await tx.execute(text(statement))


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    for url in (
        f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/grantline.db",
        f"postgresql+asyncpg://postgres@/grantline?host={tmp_path}",
        "postgresql+asyncpg://postgres@127.0.0.1:1/grantline",
    ):
        database = Database.connect(url)
        with pytest.raises(Unavailable):
            await database.ping()
        await database.close()


@pytest.mark.parametrize(
    "says",
    [
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    ],
)
async def test_a_postgresql_that_takes_nobody_now_is_unavailable(says: Exception) -> None:
    database = Database.connect("postgresql+asyncpg://postgres@127.0.0.1:1/grantline")

    async def refuse(*_: object, **__: object) -> None:
        raise says

    def lead(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["async_creator_fn"] = refuse

    with heard(database, "do_connect", lead), pytest.raises(Unavailable, match="takes nobody now"):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_whoever_gives_way_in_a_deadlock_may_try_again(database: Database) -> None:
    """No two of ours should lock in opposite orders; where two do, one is told to come again, not that we failed."""
    both_hold = asyncio.Barrier(2)

    async def take(*ids: str) -> None:
        async with database.write() as tx:
            await tx.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
            for turn, id_ in enumerate(ids):
                await tx.execute(select(people.c.id).where(people.c.id == id_).with_for_update())
                if turn == 0:
                    await both_hold.wait()

    results = await asyncio.gather(take(LEO.id, MIA.id), take(MIA.id, LEO.id), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["NoneType", "Unavailable"]


async def test_a_transaction_that_holds_still_sees_one_state_of_things(database: Database) -> None:
    count = select(func.count()).select_from(groups)
    async with database.read() as tx:
        await tx.hold_still()
        before = await tx.scalar(count)
        async with database.write() as other:
            await other.execute(insert(groups).values(id=fixed_id("new"), display_name="New", created_at=LONG_AGO))
        assert await tx.scalar(count) == before
    async with database.read() as tx:
        assert await tx.scalar(count) == before + 1
