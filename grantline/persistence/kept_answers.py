"""Calls on record by the key they came with, and what was answered to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from grantline.persistence.answer_tables import kept_answers
from grantline.persistence.database import Transaction
from grantline.persistence.insertion import ignoring_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it goes over the wire."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that came before: with which body, since when, and its answer, if it has one."""

    body_hash: str
    began_at: datetime
    answer: Answer | None


async def begin(tx: Transaction, actor_id: str, key: str, body_hash: str, at: datetime) -> bool:
    """Note a call that is under way; False if the key is known already."""
    row = {"actor_id": actor_id, "key": key, "body_hash": body_hash, "began_at": at}
    return await tx.changed(ignoring_known(kept_answers, row), row) == 1


async def find(tx: Transaction, actor_id: str, key: str) -> Call | None:
    """Return the call that came with a key."""
    row = await tx.first(select(kept_answers).where(*_is(actor_id, key)))
    if row is None:
        return None
    answer = None
    if row.status is not None:
        answer = Answer(status=row.status, headers=json.loads(row.headers), body=row.body)
    return Call(body_hash=row.body_hash, began_at=row.began_at, answer=answer)


async def begin_again(tx: Transaction, actor_id: str, key: str, was: datetime, at: datetime) -> bool:
    """Take over a call that has been under way since `was` and got no answer; False if somebody else did."""
    stale = (*_is(actor_id, key), kept_answers.c.began_at == was, kept_answers.c.status.is_(None))
    return await tx.changed(update(kept_answers).where(*stale).values(began_at=at)) == 1


async def keep(tx: Transaction, actor_id: str, key: str, answer: Answer) -> None:
    """Keep what is answered to a call."""
    values = {"status": answer.status, "headers": json.dumps(dict(answer.headers)), "body": answer.body}
    await tx.changed(update(kept_answers).where(*_is(actor_id, key)).values(**values))


async def forget(tx: Transaction, actor_id: str, key: str) -> None:
    """Free a key: nothing came of its call."""
    await tx.changed(delete(kept_answers).where(*_is(actor_id, key)))


async def purge(tx: Transaction, before: datetime, limit: int) -> int:
    """Forget so many calls that began before an instant; return how many there were."""
    old = select(kept_answers.c.actor_id, kept_answers.c.key).where(kept_answers.c.began_at < before).limit(limit)
    rows = await tx.all(old)
    for row in rows:
        await forget(tx, row.actor_id, row.key)
    return len(rows)


def _is(actor_id: str, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return kept_answers.c.actor_id == actor_id, kept_answers.c.key == key
