"""Filling tables of PostgreSQL without what keeps them in order, which comes back when they are full.

An index that is built once costs a fraction of one that is kept through a
million rows, and so does a foreign key that is looked at once. Nobody else is at
the database, and what a crash would lose is made again.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.schema import CreateIndex

from grantline.persistence.database import Database
from grantline.persistence.schema import metadata

CAREFUL = ("fsync", "synchronous_commit", "full_page_writes")
ROOMY = {"max_wal_size": "4GB", "maintenance_work_mem": "512MB", "max_parallel_maintenance_workers": "0"}
"""As many indexes at a time as there are processors; so each is built by one."""

# Foreign keys from other tables go as well: they need the primary keys of these.
CONSTRAINTS = """
    SELECT contype::text AS kind, conrelid::regclass::text AS of, quote_ident(conname) AS name,
           pg_get_constraintdef(oid) AS says
    FROM pg_constraint
    WHERE contype IN ('p', 'u', 'f') AND (conrelid::regclass::text = ANY($1) OR confrelid::regclass::text = ANY($1))
    ORDER BY conrelid::regclass::text, conname
"""
TABLES = "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'"


@dataclass(frozen=True)
class _Taken:
    """What was dropped, in the statements that bring it back."""

    keys: tuple[str, ...]
    indexes: tuple[str, ...]
    references: tuple[str, ...]


@asynccontextmanager
async def bare(database: Database, *tables: str) -> AsyncGenerator[None]:
    """Let tables be filled with nothing but their columns; they have the rest again afterwards."""
    off = [f"ALTER SYSTEM SET {name} = off" for name in CAREFUL]
    roomy = [f"ALTER SYSTEM SET {name} = '{value}'" for name, value in ROOMY.items()]
    await _run(database, *off, *roomy, "SELECT pg_reload_conf()")
    taken = await _take(database, tables)
    yield
    for some in (taken.keys, taken.indexes):
        await _run_at_once(database, some)
    # Two of these at a time could wait for each other's tables.
    await _run(database, *taken.references)
    await _run_at_once(database, [f"VACUUM ANALYZE {one['name']}" for one in await _rows(database, TABLES)])
    reset = [f"ALTER SYSTEM RESET {name}" for name in (*CAREFUL, *ROOMY)]
    await _run(database, "CHECKPOINT", *reset, "SELECT pg_reload_conf()")


async def _take(database: Database, tables: Sequence[str]) -> _Taken:
    constraints = await _rows(database, CONSTRAINTS, list(tables))
    # In the schema's own words: PostgreSQL tells the condition of a partial index in others.
    indexes = [index for table in tables for index in metadata.tables[table].indexes]
    references = [one for one in constraints if one["kind"] == "f"]
    keys = [one for one in constraints if one["kind"] != "f"]
    await _run(
        database,
        *(f"ALTER TABLE {one['of']} DROP CONSTRAINT {one['name']}" for one in (*references, *keys)),
        *(f"DROP INDEX {one.name}" for one in indexes),
    )
    return _Taken(
        keys=tuple(map(_added, keys)),
        indexes=tuple(str(CreateIndex(one).compile(dialect=database.engine.dialect)) for one in indexes),
        references=tuple(map(_added, references)),
    )


def _added(constraint: Any) -> str:
    return f"ALTER TABLE {constraint['of']} ADD CONSTRAINT {constraint['name']} {constraint['says']}"


async def _rows(database: Database, query: str, *parameters: object) -> list[Any]:
    async with database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        return await raw.fetch(query, *parameters)


async def _run_at_once(database: Database, statements: Sequence[str]) -> None:
    free = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(statement: str) -> None:
        async with free:
            await _run(database, statement)

    async with asyncio.TaskGroup() as group:
        for statement in statements:
            group.create_task(one(statement))


async def _run(database: Database, *statements: str) -> None:
    """Run statements, each by itself."""
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in statements:
            await alone.exec_driver_sql(statement)
