"""Fixtures every room shares: a migrated database of either kind, filled with the cast.

Migrating is slow and the same each time, so it happens once per process: SQLite
tests get a copy of the file, PostgreSQL tests a database brought back to a template.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import coerce_node_id

from grantline.persistence import schema
from grantline.persistence.database import Database
from tests.cast import enter
from tests.engines import connect
from tests.ports import free_port
from tests.postgres import SPEED_UP, TEMPLATE, Postgres, Reused, administer, url_of
from tests.workflows.server import DevServer, dev_server

ROOT = Path(__file__).parent.parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep tests that are marked as one group in one process, for what is dear to start: a browser, a whole Grantline.

    pytest-xdist tells groups by the ends of names, which it cannot change any more since pytest 9.2.
    """
    if not config.getoption("loadgroup", default=False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and not item.nodeid.endswith(f"@{group.args[0]}"):
            item._id = coerce_node_id(f"{item.nodeid}@{group.args[0]}")


@pytest.fixture(scope="session", autouse=True)
def _calm_exit() -> Iterator[None]:
    """Pause before the interpreter ends: the Temporal SDK's threads abort it otherwise (sdk-python #300)."""
    yield
    if "temporalio" in sys.modules:
        time.sleep(0.3)


@pytest.fixture
def unused_tcp_port() -> int:
    """Return a port as ours are, in place of pytest-asyncio's."""
    return free_port()


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
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Return what runs PostgreSQL. Not in pytest's folder: that is closed to others whenever any pytest starts."""
    with tempfile.TemporaryDirectory(prefix="grantline-pg-") as root:
        Path(root).chmod(0o755)
        yield Postgres(Path(root), tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def postgres_folder(postgres: Postgres) -> Iterator[Path]:
    """Run a real PostgreSQL; yield its data folder. Its template is migrated and holds the cast."""
    folder = postgres.folder()
    with postgres.run(folder):

        async def fill() -> None:
            settings = [f"ALTER SYSTEM SET {setting} = off" for setting in SPEED_UP]
            await administer(folder, *settings, "SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
            database = Database.connect(url_of(folder, TEMPLATE))
            await schema.migrate(database)
            async with database.write() as tx:
                await enter(tx)
            await database.close()

        asyncio.run(fill())
        yield folder


@pytest.fixture(scope="session")
def reused_postgres(postgres_folder: Path) -> Reused:
    """Return the database that the tests of this process use, one after the other."""
    return Reused(postgres_folder)


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    """Run a Temporal server that knows our search attributes; whoever works on it has a task queue of their own."""
    with dev_server(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a fresh database with the cast, once per kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "grantline.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    reused: Reused = request.getfixturevalue("reused_postgres")
    yield reused.fresh()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return a fresh database with the cast; each test runs on SQLite and on PostgreSQL."""
    database = connect(database_url)
    yield database
    await database.close()


@pytest.fixture
async def sqlite_database(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """Return a fresh SQLite database with the cast, for tests that are not about the database."""
    path = tmp_path / "grantline.db"
    shutil.copy(sqlite_template, path)
    database = connect(f"sqlite+aiosqlite:///{path}")
    yield database
    await database.close()
