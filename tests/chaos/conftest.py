"""An organisation with processes of its own, not yet started."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.organisation import ADMINISTRATOR, Organisation, found
from grantline.persistence import schema
from grantline.persistence.database import Database
from tests.stack import Stack


@dataclass(frozen=True)
class Company:
    """A stack of processes, the people on it, and their record."""

    stack: Stack
    people: Organisation
    database: Database


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    """Return a company of two hundred reports on SQLite; no process runs yet."""
    file = tmp_path / "home" / "grantline.db"
    stack = Stack(tmp_path / "home", f"sqlite:///{file}", administrators=[ADMINISTRATOR])
    database = Database.connect(f"sqlite+aiosqlite:///{file}")
    await schema.migrate(database)
    people = await found(database, stack.home, reports=200)
    yield Company(stack=stack, people=people, database=database)
    stack.stop()
    await database.close()
