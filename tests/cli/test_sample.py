"""The fictional company: whole, put in once, and never into somebody else's directory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from grantline.persistence import audit, policies, schema
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, catalogs, groups, packages, people
from grantline.sample.organisation import ADMINISTRATOR, APPROVER, DOMAIN, MANAGER, PACKAGES, person_id, sample_id
from grantline.sample.seed import seed


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database.connect(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    await schema.migrate(database)
    yield database
    await database.close()


async def test_the_company_has_some_forty_people_under_one_top(empty: Database) -> None:
    assert await seed(empty) is True

    async with empty.read() as tx:
        rows = {row.id: row for row in await tx.all(select(people))}
        trail = await tx.scalar(select(func.count()).select_from(audit_events))
        broken = await audit.verify(tx)
    assert len(rows) == 41
    assert [row.user_key for row in rows.values() if row.manager_id is None] == [f"nora.falk@{DOMAIN}"]
    assert {person_id(name) for name in (ADMINISTRATOR, MANAGER, APPROVER)} <= set(rows)
    assert len({row.department for row in rows.values()}) == 7
    assert sum(row.manager_id == person_id(MANAGER) for row in rows.values()) == 3
    assert (trail > len(PACKAGES), broken) == (True, None)


async def test_a_second_time_finds_it_there_even_when_it_was_changed(empty: Database) -> None:
    await seed(empty)
    async with empty.write() as tx:
        await tx.execute(text("UPDATE catalogs SET deleted_at = '2026-01-01 00:00:00.000000'"))

    assert await seed(empty) is False


async def test_what_was_cut_short_is_completed(empty: Database) -> None:
    await seed(empty)
    async with empty.write() as tx:
        for table in ("policy_subjects", "policies", "package_roles", "packages", "resource_roles", "resources"):
            await tx.execute(text(f"DELETE FROM {table}"))
        for table in ("catalogs", "group_members", "groups"):
            await tx.execute(text(f"DELETE FROM {table}"))

    assert await seed(empty) is True
    async with empty.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(catalogs)) == 3
        assert await tx.scalar(select(func.count()).select_from(groups)) == 15


async def test_somebody_elses_directory_is_left_alone(sqlite_database: Database) -> None:
    assert await seed(sqlite_database) is False

    async with sqlite_database.read() as tx:
        assert await tx.all(select(packages)) == []


async def test_every_policy_comes_back_as_it_was_written(empty: Database) -> None:
    await seed(empty)

    async with empty.read() as tx:
        on_record = await policies.policies_of(tx, [sample_id("package", package.name) for package in PACKAGES])
    for package in PACKAGES:
        found = on_record[sample_id("package", package.name)]
        assert [
            (p.display_name, p.target_scope, p.specific_allowed_targets, p.requestor_settings, p.approval_settings)
            for p in found
        ] == [(p.name, p.scope, p.targets, p.requestors, p.approval) for p in package.policies], package.name
