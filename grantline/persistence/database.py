"""Transactions: the one way into the database.

`Database.write()` yields a `Transaction` that either commits whole, with its
audit events chained, its messages and its mail owed, or leaves nothing. A
database that is away shows as `Unavailable`, never as a driver's error.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from copy import copy
from typing import Any, Protocol

from sqlalchemy import CursorResult, Executable, Row, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from grantline.errors import Unavailable
from grantline.model.event import AuditEvent
from grantline.model.mail import Mail
from grantline.model.message import Message, MessageBody
from grantline.persistence import audit, mail_outbox, outbox
from grantline.persistence.inline_sqlite import DRIVER, InlineSQLite, begin_reading, begin_writing

POOL_SIZE = 10

PASSING = ("08", "25006", "40", "53", "55P03", "57P")
"""How the SQLSTATEs begin by which PostgreSQL says: not now. No connection, a standby that is not yet primary, somebody
else's turn in a deadlock, no connection or memory left, a lock that was not given, starting up or shutting down."""

# SQLite's transactions are like this from the start.
_ONE_STATE = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


class Transaction:
    """One open transaction. What it audits and posts is written when it commits."""

    def __init__(self, connection: AsyncConnection, *, in_place: bool = False) -> None:
        self._connection = connection
        # Nothing is awaited in place, so the greenlet that lets an async driver wait is not needed.
        self._in_place = connection.sync_connection if in_place else None
        self._events: list[AuditEvent] = []
        self._mail: list[Mail] = []
        self.messages: list[Message] = []

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement; a list of parameters runs it for each."""
        if self._in_place is not None:
            return self._in_place.execute(statement, parameters)
        return await self._connection.execute(statement, parameters)

    async def first(self, statement: Executable, parameters: Any = None) -> Row[Any] | None:
        """Return the first row, or None."""
        return (await self.execute(statement, parameters)).first()

    async def all(self, statement: Executable, parameters: Any = None) -> list[Row[Any]]:
        """Return all rows; the statement bounds how many."""
        return list((await self.execute(statement, parameters)).all())

    async def scalar(self, statement: Executable, parameters: Any = None) -> Any:
        """Return the first column of the first row, or None."""
        return (await self.execute(statement, parameters)).scalar()

    async def changed(self, statement: Executable, parameters: Any = None) -> int:
        """Run an UPDATE or DELETE and return how many rows it touched."""
        return (await self.execute(statement, parameters)).rowcount

    async def hold_still(self) -> None:
        """See one and the same state of things in all statements; call it before the first."""
        if self.dialect == "postgresql":
            await self.execute(_ONE_STATE)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Let a statement fail without losing the transaction."""
        async with self._connection.begin_nested():
            yield

    @property
    def dialect(self) -> str:
        """Return `sqlite` or `postgresql`."""
        return self._connection.dialect.name

    def audit(self, event_: AuditEvent) -> None:
        """Put an event into the trail, in the order of the calls, at commit."""
        self._events.append(event_)

    @property
    def first_audited_id(self) -> str:
        """Return the id of the first object that this transaction put into the trail."""
        return self._events[0].object_id if self._events else ""

    def post(self, subject_id: str, body: MessageBody) -> None:
        """Owe a workflow a message; the row is written at commit."""
        self.messages.append(outbox.new_message(subject_id, body))

    def mail(self, mail: Mail) -> None:
        """Owe people a message; a row for each is written at commit, and sent by a worker."""
        if mail.to:
            self._mail.append(mail)

    async def settle(self) -> None:
        """Write what was owed: outbox rows, mail, then the audit chain, whose head is a lock."""
        if self.messages:
            await self.execute(*outbox.insertion(self.messages))
        if self._mail:
            await self.execute(*mail_outbox.insertion(self._mail))
        if self._events:
            await audit.append(self, self._events)


class Claimed(Protocol):
    """What a change is made under: taken before it, kept with it."""

    async def take(self, tx: Transaction) -> None:
        """Claim it, or raise that it was claimed before."""
        ...

    async def keep(self, tx: Transaction) -> None:
        """Note what came of it."""
        ...


class Database:
    """The engine, and the transactions on it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        # SQLite has one writer; queueing here is kinder than polling its lock.
        self._writing = asyncio.Lock() if engine.dialect.name == "sqlite" else None
        self._in_place = engine.dialect.driver == InlineSQLite.driver
        self._writer = engine.execution_options(grantline_write=True)
        self._claim: Claimed | None = None
        self.on_owed: Callable[[Sequence[Message]], None] | None = None
        """Told of messages once they are committed. What it does not deliver, a sweep of the outbox does."""

    @classmethod
    def connect(cls, url: str) -> "Database":
        """Make a database for an URL; nothing is opened before the first transaction.

        Errors say which statement failed, not with what: they reach logs and Temporal, and people's reasons do not.
        """
        if url.startswith("sqlite"):
            engine = create_async_engine(f"{DRIVER}{url[url.index(':') :]}", hide_parameters=True)
            _tune_sqlite(engine)
        else:
            engine = create_async_engine(
                url, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_pre_ping=True, hide_parameters=True
            )
        return cls(engine)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """Open a transaction that sees one state of things and changes nothing."""
        with _as_unavailable():
            async with self.engine.connect() as connection:
                yield Transaction(connection, in_place=self._in_place)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Open a transaction that commits at the end, or not at all when an error leaves it."""
        with _as_unavailable():
            async with self._writing or nullcontext(), self._writer.begin() as connection:
                transaction = Transaction(connection, in_place=self._in_place)
                if self._claim is not None:
                    await self._claim.take(transaction)
                yield transaction
                if self._claim is not None:
                    await self._claim.keep(transaction)
                await transaction.settle()
        if transaction.messages and self.on_owed is not None:
            self.on_owed(transaction.messages)

    def claiming(self, claim: Claimed) -> "Database":
        """Return the same database, each of whose changes is made under a claim."""
        same = copy(self)
        same._claim = claim  # noqa: SLF001  (a copy of our own)
        return same

    async def ping(self) -> None:
        """Raise `Unavailable` unless the database answers."""
        async with self.read() as transaction:
            await transaction.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise Unavailable("The database is not available; nothing was changed. Try again shortly.") from error
    except DBAPIError as error:
        if error.connection_invalidated or _says_not_now(error.orig):
            raise Unavailable("The database went away; nothing was changed. Try again shortly.") from error
        raise
    except OSError as error:
        raise Unavailable("The database cannot be reached; nothing was changed. Try again shortly.") from error
    except Exception as error:
        # What the driver meets while it connects comes in its own words: SQLAlchemy translates only what comes later.
        if _says_not_now(error):
            raise Unavailable("The database takes nobody now; nothing was changed. Try again shortly.") from error
        raise


def _says_not_now(error: BaseException | None) -> bool:
    return str(getattr(error, "sqlstate", None) or "").startswith(PASSING)


def _tune_sqlite(engine: AsyncEngine) -> None:
    """Write-ahead log, real foreign keys, and a write lock taken at BEGIN, not half-way."""

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            # Waiting for a lock is awaited (inline_sqlite.begin_writing), never slept through.
            "busy_timeout=0",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("grantline_write", False)
        if writes:
            begin_writing(connection)
        else:
            begin_reading(connection)
