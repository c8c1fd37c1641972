"""A package's roles change, and everybody who holds it is brought to what it gives now."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from grantline.ambient import utc_now
from grantline.model.briefing import ReprocessSignal
from grantline.model.change import ChangeBriefing, ChangeKind
from grantline.persistence import outbox
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, grants
from grantline.persistence.tables import outbox as outbox_table
from grantline.services.assignments import lifecycle, package_changes
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA
from tests.packages import PAYROLL, hold
from tests.services.changing import (
    add,
    assign,
    change_ids,
    changes_now,
    furnish_open,
    needs,
    remove,
    walk_to_the_end,
    wanted,
)
from tests.services.scene import PACKAGE, events, trail


async def owed(db: Database, kind: type[ReprocessSignal] | type[ChangeBriefing]) -> list[str]:
    """Return the ids of whom the outbox has messages of a kind for."""
    async with db.read() as tx:
        rows = await tx.all(
            select(outbox_table.c.subject_id)
            .where(outbox_table.c.kind == outbox.NAMES[kind])
            .order_by(outbox_table.c.created_at)
        )
    return [row.subject_id for row in rows]


async def test_a_new_role_is_owed_to_everybody_who_holds_the_package(database: Database) -> None:
    await furnish_open(database, PAYROLL.read)
    held = await assign(database, LEO, MIA)
    await add(database, PAYROLL.write)
    assert await owed(database, ChangeBriefing) == await change_ids(database)
    assert await needs(database) == {("leo", "reader"), ("mia", "reader")}
    await walk_to_the_end(database)

    assert await needs(database) == {(who, what) for who in ("leo", "mia") for what in ("reader", "writer")}
    assert sorted(await owed(database, ReprocessSignal)) == sorted(held)
    [change] = await changes_now(database)
    assert (change.kind, change.role) == (ChangeKind.ROLE_ADDED, "Member of Payroll writers")
    assert (change.actor_id, change.holders, change.seen, change.changed) == (ADA.id, 2, 2, 2)
    [told] = await events(database, "package.changed")
    assert (told.actor_id, told.object_id) == (ADA.id, PACKAGE.id)
    assert told.details == {
        "change": change.id,
        "kind": "roleAdded",
        "role": "Member of Payroll writers",
        "seen": 2,
        "changed": 2,
        "supersededBy": None,
    }


async def test_a_role_that_is_gone_is_taken_unless_another_assignment_needs_it(database: Database) -> None:
    await furnish_open(database, PAYROLL.read, PAYROLL.write)
    await assign(database, LEO, MIA)
    async with database.write() as tx:
        await hold(tx, "another package", LEO, PAYROLL.read, at=utc_now())
    await remove(database, PAYROLL.read)
    await walk_to_the_end(database)

    assert await wanted(database) == {("leo", "writer"), ("leo", "reader"), ("mia", "writer")}


async def test_a_role_that_comes_back_is_given_again(database: Database) -> None:
    await furnish_open(database, PAYROLL.read, PAYROLL.write)
    await assign(database, LEO)
    await remove(database, PAYROLL.write)
    await walk_to_the_end(database)
    assert await wanted(database) == {("leo", "reader")}
    await add(database, PAYROLL.write)
    await walk_to_the_end(database)

    assert await wanted(database) == {("leo", "reader"), ("leo", "writer")}
    async with database.read() as tx:
        versions = await tx.all(select(grants.c.version).where(grants.c.role_id == PAYROLL.write))
    assert [row.version for row in versions] == [3]


async def test_nobody_holds_it_and_nothing_is_walked(database: Database) -> None:
    await furnish_open(database, PAYROLL.read)
    await add(database, PAYROLL.write)

    assert await changes_now(database) == []
    assert await owed(database, ChangeBriefing) == []


async def test_who_has_everything_already_hears_nothing(database: Database) -> None:
    await furnish_open(database, PAYROLL.read)
    await assign(database, LEO)
    await add(database, PAYROLL.write)
    await assign(database, MIA)
    await walk_to_the_end(database)
    [change] = await changes_now(database)

    assert (change.seen, change.changed) == (2, 1)
    assert len(await owed(database, ReprocessSignal)) == 1


async def test_what_ends_is_left_alone(database: Database) -> None:
    await furnish_open(database, PAYROLL.read)
    leos, mias = await assign(database, LEO, MIA)
    await add(database, PAYROLL.write)
    async with database.write() as tx:
        await tx.changed(update(assignments).where(assignments.c.id == leos).values(ends_at=utc_now()))
    assert (await lifecycle.end(database, leos, utc_now(), None)).is_ended
    await walk_to_the_end(database)

    assert await needs(database) == {("mia", "reader"), ("mia", "writer")}
    assert await owed(database, ReprocessSignal) == [mias]


async def test_holders_are_walked_in_pages_and_every_page_is_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package_changes, "PAGE", 2)
    await furnish_open(database, PAYROLL.read)
    everybody = (LEO, MIA, MAX, BOB, BEA)
    await assign(database, *everybody)
    await add(database, PAYROLL.write)
    [change_id] = await change_ids(database)

    steps = [await package_changes.advance(database, change_id) for _ in range(4)]
    assert [(step.seen, step.changed, step.is_done) for step in steps] == [
        (2, 2, False),
        (4, 4, False),
        (5, 5, True),
        (5, 5, True),
    ]
    assert len(await owed(database, ReprocessSignal)) == len(everybody)
    assert (await trail(database)).count("package.changed") == 1


async def test_a_later_change_does_the_work_of_an_earlier_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package_changes, "PAGE", 1)
    await furnish_open(database, PAYROLL.read)
    await assign(database, LEO, MIA)
    await add(database, PAYROLL.write)
    first = (await change_ids(database))[0]
    await package_changes.advance(database, first)
    await remove(database, PAYROLL.write)
    step = await package_changes.advance(database, first)
    [second] = [one for one in await change_ids(database) if one != first]

    assert (step.is_done, step.superseded_by) == (True, second)
    await walk_to_the_end(database)
    assert await needs(database) == {("leo", "reader"), ("mia", "reader")}


async def test_a_change_made_by_a_slower_clock_still_comes_after_the_one_before(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await furnish_open(sqlite_database, PAYROLL.read)
    await assign(sqlite_database, LEO)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(package_changes, "utc_now", lambda: utc_now() + timedelta(seconds=1))
        await add(sqlite_database, PAYROLL.write)
    await walk_to_the_end(sqlite_database)
    await remove(sqlite_database, PAYROLL.read)
    await walk_to_the_end(sqlite_database)

    assert await needs(sqlite_database) == {("leo", "writer")}
    assert [one.superseded_by for one in await changes_now(sqlite_database)] == [None, None]


async def test_the_walk_waits_while_the_outbox_is_full(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_changes, "MOST_OWED", 1)
    await furnish_open(database, PAYROLL.read)
    await assign(database, LEO, MIA)
    assert not await package_changes.is_crowded(database)
    await add(database, PAYROLL.write)
    await walk_to_the_end(database)

    assert await package_changes.is_crowded(database)


async def test_whoever_is_given_the_package_at_that_very_moment_has_the_new_role(database: Database) -> None:
    await furnish_open(database, PAYROLL.read)
    await assign(database, LEO)
    await asyncio.gather(
        add(database, PAYROLL.write), *(assign(database, one) for one in (MIA, MAX, BOB, BEA, CY, EVE))
    )
    await walk_to_the_end(database)

    assert await needs(database) == {
        (who, what) for who in ("leo", "mia", "max", "bob", "bea", "cy", "eve") for what in ("reader", "writer")
    }
