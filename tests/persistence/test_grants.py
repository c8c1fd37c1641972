"""Grants in the books: who is owed what, for which reasons. Every test runs on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from grantline.model.briefing import GrantReference
from grantline.persistence.database import Database
from grantline.persistence.grants import owe, references, release
from grantline.persistence.tables import grant_reasons, grants
from tests.cast import LEO, MIA, READERS, WRITERS
from tests.packages import PAYROLL, enter_packages, hold

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
async def db(database: Database) -> Database:
    """Return a database in which two packages share a role."""
    async with database.write() as tx:
        await enter_packages(tx)
    return database


async def _books(db: Database) -> list[tuple[bool, int, datetime]]:
    async with db.read() as tx:
        rows = await tx.all(select(grants).order_by(grants.c.role_id))
        return [(row.is_wanted, row.version, row.changed_at) for row in rows]


async def test_owed_twice_is_owed_once(db: Database) -> None:
    async with db.write() as tx:
        first = await hold(tx, "a", LEO, PAYROLL.read, PAYROLL.write, at=NOON)
    async with db.write() as tx:
        second = await owe(tx, first.id, LEO.id, [PAYROLL.read, PAYROLL.write], LATER)
    async with db.read() as tx:
        reasons = await tx.all(select(grant_reasons.c.added_at, grant_reasons.c.ended_at))
    assert (second, len(set(second))) == (first.grants, 2)
    assert await _books(db) == [(True, 1, NOON), (True, 1, NOON)]
    assert reasons == [(NOON, None), (NOON, None)]


async def test_no_roles_are_no_grants(db: Database) -> None:
    async with db.write() as tx:
        assert (await hold(tx, "a", LEO, at=NOON)).grants == []
        assert await release(tx, ["a"], LATER) == []


async def test_a_shared_role_stays_wanted_until_the_last_reason_ends(db: Database) -> None:
    async with db.write() as tx:
        first = await hold(tx, "a", LEO, PAYROLL.read, at=NOON)
        second = await hold(tx, "b", LEO, PAYROLL.read, at=NOON)
    async with db.write() as tx:
        assert await release(tx, [first.id], LATER) == first.grants == second.grants
    assert await _books(db) == [(True, 1, NOON)]
    async with db.write() as tx:
        assert await release(tx, [second.id], LATER) == second.grants
    assert await _books(db) == [(False, 2, LATER)]


async def test_a_release_repeated_names_the_same_grants_and_changes_nothing(db: Database) -> None:
    async with db.write() as tx:
        held = await hold(tx, "a", LEO, PAYROLL.read, PAYROLL.write, at=NOON)
        first = await release(tx, [held.id], LATER)
    async with db.write() as tx:
        again = await release(tx, [held.id], LATER + timedelta(days=1))
    assert sorted(again) == sorted(first) == sorted(held.grants)
    assert await _books(db) == [(False, 2, LATER), (False, 2, LATER)]


async def test_owing_again_after_the_end_brings_nothing_back(db: Database) -> None:
    async with db.write() as tx:
        held = await hold(tx, "a", LEO, PAYROLL.read, at=NOON)
        await release(tx, [held.id], LATER)
    async with db.write() as tx:
        assert await owe(tx, held.id, LEO.id, [PAYROLL.read], LATER) == held.grants
    assert await _books(db) == [(False, 2, LATER)]


@pytest.mark.parametrize(
    ("story", "applied", "expected"),
    [
        ("fully taken back: look anew, somebody may have given it by hand", 2, None),
        ("not yet taken back: what was there before us is still known", 1, False),
    ],
)
async def test_wanted_again(db: Database, story: str, applied: int, expected: bool | None) -> None:
    async with db.write() as tx:
        held = await hold(tx, "a", LEO, PAYROLL.read, at=NOON)
        await release(tx, [held.id], LATER)
        await tx.changed(update(grants).values(existed_before=False, applied_version=applied))
    async with db.write() as tx:
        await hold(tx, "b", LEO, PAYROLL.read, at=LATER)
    async with db.read() as tx:
        row = await tx.first(select(grants))
    assert row is not None
    assert (row.is_wanted, row.version, row.existed_before) == (True, 3, expected), story


async def test_one_group_in_two_catalogs_is_one_grant(db: Database) -> None:
    async with db.write() as tx:
        first = await hold(tx, "a", LEO, PAYROLL.read, at=NOON)
        second = await hold(tx, "b", LEO, PAYROLL.read_elsewhere, at=NOON)
        both = await hold(tx, "c", MIA, PAYROLL.read_elsewhere, PAYROLL.read, at=NOON)
    assert (first.grants == second.grants, len(both.grants)) == (True, 1)


async def test_operators_read_who_has_what(db: Database) -> None:
    async with db.write() as tx:
        held = await hold(tx, "a", LEO, PAYROLL.read, PAYROLL.write, at=NOON)
        await release(tx, [held.id], LATER)
        found = await references(tx, held.id)
    by_role = dict(zip((READERS.display_name, WRITERS.display_name), held.grants, strict=True))
    assert sorted(found, key=lambda each: each.summary) == [
        GrantReference(grant_id=id_, origin_system="AadGroup", summary=f"Leo Park: Member of {name}", is_kept_here=True)
        for name, id_ in by_role.items()
    ]


async def test_packages_that_come_and_go_at_once_neither_deadlock_nor_miscount(db: Database) -> None:
    roles = [PAYROLL.read, PAYROLL.write]
    async with db.write() as tx:
        ids = [(await hold(tx, f"old-{n}", LEO, *roles, at=NOON)).id for n in range(4)]

    async def come(number: int) -> None:
        async with db.write() as tx:
            await hold(tx, f"new-{number}", LEO, *reversed(roles), at=LATER)

    async def go(assignment_id: str) -> None:
        async with db.write() as tx:
            await release(tx, [assignment_id], LATER)

    await asyncio.gather(*(come(n) for n in range(4)), *(go(each) for each in ids))
    assert [wanted for wanted, *_ in await _books(db)] == [True, True]
