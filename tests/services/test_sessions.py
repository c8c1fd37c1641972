"""Sessions of the portal: how they begin, hold and end."""

from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import delete, func, insert, select, update

from grantline.ambient import utc_now
from grantline.persistence.database import Database
from grantline.persistence.session_tables import sessions as table
from grantline.persistence.tables import people
from grantline.services import sessions
from grantline.services.sessions import Lifetimes
from tests.cast import EVE, LEO, LONG_AGO, MIA

LIFETIMES = Lifetimes(idle=timedelta(hours=2), whole=timedelta(hours=12))


async def moved(db: Database, **instants: datetime) -> None:
    """Let time pass: move what the one session has on record."""
    async with db.write() as tx:
        assert await tx.changed(update(table).values(**instants)) == 1


async def idle_until(db: Database) -> datetime:
    async with db.read() as tx:
        return await tx.scalar(select(table.c.idle_until))


async def count(db: Database) -> int:
    async with db.read() as tx:
        return await tx.scalar(select(func.count()).select_from(table))


async def test_a_session_is_its_persons_and_the_record_holds_no_secret(database: Database) -> None:
    before = utc_now()
    secret = await sessions.start(database, MIA, LIFETIMES)
    found = await sessions.find(database, secret, LIFETIMES)
    assert found is not None
    assert found.person == MIA
    assert before + LIFETIMES.whole <= found.ends_at <= utc_now() + LIFETIMES.whole
    async with database.read() as tx:
        (row,) = await tx.all(select(table))
    assert row.id_hash == sha256(secret.encode()).hexdigest()
    assert secret not in str(row)
    assert await sessions.find(database, row.id_hash, LIFETIMES) is None


async def test_who_signs_in_again_has_another_session_and_the_old_one_is_over(database: Database) -> None:
    first = await sessions.start(database, MIA, LIFETIMES)
    elsewhere = await sessions.start(database, MIA, LIFETIMES)
    second = await sessions.start(database, LEO, LIFETIMES, replacing=first)
    assert len({first, elsewhere, second}) == 3
    assert await sessions.find(database, first, LIFETIMES) is None
    assert await sessions.find(database, elsewhere, LIFETIMES) is not None
    now = await sessions.find(database, second, LIFETIMES)
    assert now is not None
    assert now.person == LEO


async def test_who_signs_out_is_out(database: Database) -> None:
    secret = await sessions.start(database, MIA, LIFETIMES)
    assert await sessions.end(database, secret)
    assert await sessions.find(database, secret, LIFETIMES) is None
    assert not await sessions.end(database, secret)


async def test_a_session_that_is_used_holds_on_but_not_beyond_its_end(database: Database) -> None:
    secret = await sessions.start(database, MIA, LIFETIMES)
    now = utc_now()
    await moved(database, idle_until=now + timedelta(minutes=1))
    assert await sessions.find(database, secret, LIFETIMES) is not None
    assert await idle_until(database) >= now + LIFETIMES.idle
    ends_at = now + timedelta(minutes=30)
    await moved(database, idle_until=now + timedelta(minutes=1), ends_at=ends_at)
    assert await sessions.find(database, secret, LIFETIMES) is not None
    assert await idle_until(database) == ends_at


async def test_looking_a_session_up_writes_only_now_and_then(database: Database) -> None:
    secret = await sessions.start(database, MIA, LIFETIMES)
    written = utc_now() + LIFETIMES.idle - timedelta(minutes=5)
    await moved(database, idle_until=written)
    assert await sessions.find(database, secret, LIFETIMES) is not None
    assert await idle_until(database) == written


async def test_a_session_that_nobody_used_is_over(database: Database) -> None:
    secret = await sessions.start(database, MIA, LIFETIMES)
    await moved(database, idle_until=utc_now())
    assert await sessions.find(database, secret, LIFETIMES) is None


async def test_whoever_is_deleted_is_signed_in_no_more(database: Database) -> None:
    secret = await sessions.start(database, EVE, LIFETIMES)
    async with database.write() as tx:
        await tx.changed(delete(people).where(people.c.id == EVE.id))
    assert await sessions.find(database, secret, LIFETIMES) is None


async def test_a_blocked_account_is_told_so_where_it_knocks(database: Database) -> None:
    """The session itself stays: whoever looks it up sees the account as it is now."""
    secret = await sessions.start(database, EVE, LIFETIMES)
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id == EVE.id).values(account_enabled=False))
    found = await sessions.find(database, secret, LIFETIMES)
    assert found is not None
    assert not found.person.account_enabled


async def test_what_is_over_is_swept_a_batch_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "BATCH", 2)
    secret = await sessions.start(database, MIA, LIFETIMES)
    over = {"person_id": LEO.id, "created_at": LONG_AGO, "idle_until": LONG_AGO, "ends_at": utc_now()}
    async with database.write() as tx:
        await tx.execute(insert(table), [{**over, "id_hash": f"{number}"} for number in range(5)])
    assert await sessions.sweep(database) == 5
    assert await count(database) == 1
    assert await sessions.find(database, secret, LIFETIMES) is not None
    assert await sessions.sweep(database) == 0
