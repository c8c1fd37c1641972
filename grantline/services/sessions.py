"""Who is signed in to the portal: sessions begin, are looked up at each request, and end.

The browser holds a secret, the record only its hash: whoever reads the record
can be nobody. A session is no access of its own: what its person may do is
asked anew each time, and a blocked account's session opens nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from grantline.ambient import utc_now
from grantline.model.person import Person
from grantline.persistence import sessions
from grantline.persistence.database import Database

SECRET_BYTES = 32
BATCH = 500
# A session is prolonged when so much of its idle time has gone by, not at each request.
PROLONGED_AFTER = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long a session outlasts its last use, and how long it lasts at most."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session that holds."""

    person: Person
    ends_at: datetime


async def start(db: Database, person: Person, lifetimes: Lifetimes, *, replacing: str | None = None) -> str:
    """Begin a session with a secret of its own and return the secret; the one it replaces ends."""
    secret, now = secrets.token_urlsafe(SECRET_BYTES), utc_now()
    ends_at = now + lifetimes.whole
    idle_until = min(now + lifetimes.idle, ends_at)
    async with db.write() as tx:
        if replacing is not None:
            await sessions.remove(tx, _hash(replacing))
        await sessions.add(tx, _hash(secret), person.id, now=now, idle_until=idle_until, ends_at=ends_at)
    return secret


async def find(db: Database, secret: str, lifetimes: Lifetimes) -> Session | None:
    """Return the session that the secret opens, if it holds, and let it hold on."""
    now = utc_now()
    async with db.read() as tx:
        row = await sessions.holding(tx, _hash(secret), now)
    if row is None:
        return None
    idle_until = min(now + lifetimes.idle, row.ends_at)
    if idle_until - row.idle_until > lifetimes.idle * PROLONGED_AFTER:
        async with db.write() as tx:
            await sessions.prolong(tx, _hash(secret), idle_until)
    return Session(person=row.person, ends_at=row.ends_at)


async def end(db: Database, secret: str) -> bool:
    """End a session; tell whether there was one."""
    async with db.write() as tx:
        return await sessions.remove(tx, _hash(secret))


async def sweep(db: Database) -> int:
    """Delete the sessions that are over, some at a time, and return how many they were."""
    now, swept = utc_now(), 0
    while True:
        async with db.write() as tx:
            found = await sessions.remove_over(tx, now, most=BATCH)
        swept += found
        if found < BATCH:
            return swept


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
