"""Sessions of the portal, by the hash of what the browser holds."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from grantline.model.person import Person
from grantline.persistence.database import Transaction
from grantline.persistence.identities import COLUMNS
from grantline.persistence.session_tables import sessions
from grantline.persistence.tables import people


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session that holds, and whose it is, as the directory has them now."""

    person: Person
    idle_until: datetime
    ends_at: datetime


_HOLDING = (
    select(*COLUMNS, sessions.c.idle_until, sessions.c.ends_at)
    .join(people, people.c.id == sessions.c.person_id)
    .where(sessions.c.id_hash == bindparam("id_hash"), sessions.c.idle_until > bindparam("now"))
)


async def holding(tx: Transaction, id_hash: str, now: datetime) -> SessionRow | None:
    """Return the session, unless it is over or its person is gone."""
    row = await tx.first(_HOLDING, {"id_hash": id_hash, "now": now})
    if row is None:
        return None
    found = dict(row._mapping)
    idle_until, ends_at = found.pop("idle_until"), found.pop("ends_at")
    return SessionRow(person=Person(**found), idle_until=idle_until, ends_at=ends_at)


async def add(
    tx: Transaction, id_hash: str, person_id: str, *, now: datetime, idle_until: datetime, ends_at: datetime
) -> None:
    """Begin a session."""
    values = {
        "id_hash": id_hash,
        "person_id": person_id,
        "created_at": now,
        "idle_until": idle_until,
        "ends_at": ends_at,
    }
    await tx.execute(insert(sessions).values(**values))


async def prolong(tx: Transaction, id_hash: str, idle_until: datetime) -> None:
    """Let a session outlast its present use; one that was ended meanwhile stays ended."""
    statement = update(sessions).where(sessions.c.id_hash == id_hash, sessions.c.idle_until < idle_until)
    await tx.changed(statement.values(idle_until=idle_until))


async def remove(tx: Transaction, id_hash: str) -> bool:
    """End a session; tell whether there was one."""
    return await tx.changed(delete(sessions).where(sessions.c.id_hash == id_hash)) > 0


async def remove_over(tx: Transaction, now: datetime, *, most: int) -> int:
    """Delete some of the sessions that are over; return how many."""
    over = select(sessions.c.id_hash).where(sessions.c.idle_until <= now).order_by(sessions.c.idle_until).limit(most)
    return await tx.changed(delete(sessions).where(sessions.c.id_hash.in_(over)))
