"""Changes of the directory: noted by whatever statement makes them, and found along indexes however much is open."""

import pytest
from sqlalchemy import delete, insert, update

from grantline.model.directory_change import ChangeKind, DirectoryChange
from grantline.persistence import directory_changes
from grantline.persistence.database import Database
from grantline.persistence.links import SPONSORS
from grantline.persistence.tables import group_members, people, policies
from tests.cast import BEA, BOB, CY, DAN, EVE, LEO, LONG_AGO, MAX, MIA, OWNERS, READERS
from tests.engines import statements
from tests.services.scene import furnish


async def noted(db: Database) -> list[tuple[str, str]]:
    """Return what waits to be looked at."""
    async with db.read() as tx:
        return [(one.kind.value, one.subject_id) for one in await directory_changes.waiting(tx, LONG_AGO)]


async def test_every_change_that_matters_is_noted_and_no_other(database: Database) -> None:
    await furnish(database)
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id == BOB.id).values(account_enabled=False, manager_id=MAX.id))
        await tx.changed(update(people).values(department="Elsewhere", account_enabled=people.c.account_enabled))
        await tx.changed(update(people).where(people.c.manager_id == MIA.id).values(manager_id=None))
        await tx.execute(insert(group_members).values(group_id=OWNERS.id, person_id=EVE.id, added_at=LONG_AGO))
        await tx.execute(insert(group_members).values(group_id=READERS.id, person_id=EVE.id, added_at=LONG_AGO))
        await SPONSORS.add(tx, LEO.id, CY.id, LONG_AGO)
        await tx.changed(delete(group_members).where(group_members.c.person_id == BEA.id))
    assert sorted(await noted(database)) == sorted(
        [
            ("switched", BOB.id),
            ("moved", LEO.id),
            ("moved", DAN.id),
            ("members", OWNERS.id),
            ("sponsors", LEO.id),
        ]
    )


async def test_whom_a_policy_once_named_stays_noted_when_it_is_edited_or_deleted(database: Database) -> None:
    await furnish(database)
    async with database.write() as tx:
        await tx.changed(delete(policies))
        await tx.changed(delete(group_members).where(group_members.c.group_id == OWNERS.id))
    assert await noted(database) == [("members", OWNERS.id)]


@pytest.mark.parametrize("kind", ChangeKind)
async def test_what_a_change_can_touch_is_found_along_indexes(sqlite_database: Database, kind: ChangeKind) -> None:
    with statements(sqlite_database) as sent:
        async with sqlite_database.read() as tx:
            await directory_changes.touched(tx, DirectoryChange(kind=kind, subject_id=LEO.id), "", 100)
    ((statement, parameters),) = sent
    async with sqlite_database.engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [row[3] for row in plan.all()]
    whole_tables = [step for step in steps if step.startswith(("SCAN requests", "SCAN stage", "SCAN people"))]
    by_state_alone = [step for step in steps if "ix_requests_state_created_at_id" in step]
    assert (whole_tables, by_state_alone) == ([], []), "\n".join(steps)
