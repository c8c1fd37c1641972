"""Databases whose statements other tests compiled before, and what is sent to them.

SQLAlchemy compiles a statement once per engine, and a new engine for each test
would spend a quarter of the suite on that. So an engine stays, its connections
do not, and each test names the file or the server it is to open next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from grantline.persistence.database import Database

_kept: dict[str, "_Kept"] = {}


class _Kept:
    """One engine of a kind of database, and where it connects to from now on."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = Database.connect(url).engine
        self._arguments: list[Any] = []
        self._options: dict[str, Any] = {}
        event.listen(self.engine.sync_engine, "do_connect", self._lead)

    def lead_to(self, url: str) -> None:
        arguments, options = self.engine.dialect.create_connect_args(make_url(url))
        self._arguments, self._options = list(arguments), dict(options)
        # What a test left open belongs to a loop that has ended.
        self.engine.sync_engine.dispose(close=False)

    def _lead(self, dialect: Any, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        del dialect, record
        arguments[:] = self._arguments
        options.clear()
        options.update(self._options)


def connect(url: str) -> Database:
    """Return a database for an URL; whoever had one of its kind before in this process must be done with it."""
    kind = make_url(url).get_backend_name()
    if kind not in _kept:
        _kept[kind] = _Kept(url)
    _kept[kind].lead_to(url)
    return Database(_kept[kind].engine)


@contextmanager
def heard(database: Database, name: str, hear: Any) -> Iterator[None]:
    """Have an event of the database's engine heard while the block runs."""
    event.listen(database.engine.sync_engine, name, hear)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, name, hear)


@contextmanager
def statements(database: Database, *, beginning: str = "") -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are sent while the block runs, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        del connection, cursor
        if statement.lstrip().startswith(beginning):
            sent.append((statement, parameters))

    with heard(database, "before_cursor_execute", note):
        yield sent
