"""Carrying a call out once, however often the caller repeats it with the same key.

What a call does and what was answered are two transactions: a process that dies
between them leaves the key taken until `STALE`, and then the call is carried out
again. What makes something goes by services/once.py, where both are one.
"""

from datetime import timedelta

from grantline.ambient import utc_now
from grantline.errors import IdempotencyConflict
from grantline.persistence import kept_answers as store
from grantline.persistence import requests
from grantline.persistence.database import Database
from grantline.persistence.kept_answers import Answer
from grantline.services.requests.submitted import Idempotency

STALE = timedelta(minutes=2)
"""After this, a call that got no answer will get none: no request is worked on for so long."""

KEPT = timedelta(days=7)
BATCH = 500


async def begin(db: Database, actor_id: str, idempotency: Idempotency) -> Answer | None:
    """Return what was answered to the same call before; None if it is to be carried out now.

    Raises:
        IdempotencyConflict: the key came with another body before, or its call is under way at this moment.
    """
    now = utc_now()
    async with db.write() as tx:
        is_free = await requests.remembered(tx, actor_id, idempotency.key) is None
        if is_free and await store.begin(tx, actor_id, idempotency.key, idempotency.body_hash, now):
            return None
        before = await store.find(tx, actor_id, idempotency.key)
        if before is None or before.body_hash != idempotency.body_hash:
            raise IdempotencyConflict(
                f"The idempotency key '{idempotency.key}' came before, with another body or for another address; "
                "use a fresh key for something new."
            )
        if before.answer is not None:
            return before.answer
        is_stale = before.began_at < now - STALE
        if is_stale and await store.begin_again(tx, actor_id, idempotency.key, before.began_at, now):
            return None
    raise IdempotencyConflict(
        f"The call with the idempotency key '{idempotency.key}' is under way; repeat it in a moment for its answer."
    )


async def keep(db: Database, actor_id: str, key: str, answer: Answer) -> None:
    """Keep what was answered, for whoever repeats the call."""
    async with db.write() as tx:
        await store.keep(tx, actor_id, key, answer)


async def forget(db: Database, actor_id: str, key: str) -> None:
    """Free the key of a call that was refused or failed."""
    async with db.write() as tx:
        await store.forget(tx, actor_id, key)


async def sweep(db: Database) -> None:
    """Forget what was answered long ago, batch by batch."""
    is_more = True
    while is_more:
        async with db.write() as tx:
            is_more = await store.purge(tx, utc_now() - KEPT, BATCH) == BATCH
