"""SQLite for async engines, on the event loop's own thread.

aiosqlite keeps a thread per connection and crosses over to it and back for
every cursor, statement, fetch and close. Our statements take microseconds, so
the crossings cost several times what SQLite does; here it is called in place.
What can take long is waiting for another process's write lock, and that is
awaited: see `begin_writing`.
"""

import asyncio
import sqlite3
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool, Connection, Pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.url import URL
from sqlalchemy.util import await_only
from sqlalchemy.util.concurrency import in_greenlet

DRIVER = "sqlite+inline"

LONGEST_WAIT_SECONDS = 15.0
FIRST_PAUSE_SECONDS = 0.0005
LONGEST_PAUSE_SECONDS = 0.01


class _Cursor(sqlite3.Cursor):
    """A cursor that the async engine may close."""

    async def _async_soft_close(self) -> None:
        """Wait for nothing: rows are read in place."""


class _Connection(sqlite3.Connection):
    """A connection of such cursors."""

    def cursor(self, factory: Any = _Cursor) -> Any:
        """Return a cursor."""
        return super().cursor(factory)


class InlineSQLite(SQLiteDialect_pysqlite):
    """pysqlite, declared fit for `create_async_engine`: none of its calls waits for anybody."""

    driver = "inline"
    supports_statement_cache = True
    is_async = True

    def create_connect_args(self, url: URL) -> Any:
        """Open connections whose cursors the async engine may close, for any thread."""
        arguments, options = super().create_connect_args(url)
        return arguments, {**options, "factory": _Connection, "check_same_thread": False}

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        """Pool connections as the async engine expects."""
        del url
        return AsyncAdaptedQueuePool

    def do_execute(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        """Execute, after the one switch by which SQLAlchemy tells an async driver from a wrong one."""
        if in_greenlet():
            await_only(_nothing())
        super().do_execute(cursor, statement, parameters, context)

    def do_executemany(self, cursor: Any, statement: Any, parameters: Any, context: Any = None) -> None:
        """Execute for many rows, likewise."""
        if in_greenlet():
            await_only(_nothing())
        super().do_executemany(cursor, statement, parameters, context)

    def get_driver_connection(self, connection: Any) -> Any:
        """Return the sqlite3 connection itself."""
        return connection


registry.register("sqlite.inline", __name__, "InlineSQLite")


async def _nothing() -> None:
    """Be awaited."""


def begin_reading(connection: Connection) -> None:
    """Begin; the file is not touched before the first statement."""
    connection.connection.execute("BEGIN")


def begin_writing(connection: Connection) -> None:
    """Take the one write lock, and let the loop run while another process has it.

    Raises:
        OperationalError: it was not given for `LONGEST_WAIT_SECONDS`, or the file is broken.
    """
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + LONGEST_WAIT_SECONDS, FIRST_PAUSE_SECONDS
    while loop.time() < deadline:
        try:
            connection.connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.Error as error:
            # What is not SQLite's own refusal has no code: a connection that is closed, say.
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                break
        await_only(asyncio.sleep(pause))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    # Busy for too long, or broken: SQLAlchemy's own way has the errors for it.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
