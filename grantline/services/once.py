"""Making something once, however often the caller repeats it with the same key."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from grantline.errors import IdempotencyConflict, NotFound
from grantline.persistence.claims import AlreadyClaimed, Claim
from grantline.persistence.database import Database, Transaction
from grantline.services.requests.submitted import Idempotency

T = TypeVar("T")


async def once(
    db: Database,
    actor_id: str,
    idempotency: Idempotency | None,
    make: Callable[[Database], Awaitable[T]],
    read: Callable[[Transaction, str], Awaitable[T | None]],
) -> T:
    """Make it, or return what the same key made before, as it is now.

    `make` changes the database in one transaction and puts what it makes into
    the trail first; the key is claimed in the same transaction, so both are on
    record or neither. Whatever is refused leaves the key free.

    Raises:
        IdempotencyConflict: the key came with another body before.
        NotFound: what the key made was deleted since.
    """
    if idempotency is None:
        return await make(db)
    claim = Claim(actor_id=actor_id, key=idempotency.key, body_hash=idempotency.body_hash)
    try:
        return await make(db.claiming(claim))
    except AlreadyClaimed as before:
        if before.body_hash != idempotency.body_hash:
            raise IdempotencyConflict(
                f"The idempotency key '{idempotency.key}' was used for {before.made_id} with another body; "
                "use a fresh key for something new."
            ) from None
        async with db.read() as tx:
            found = await read(tx, before.made_id)
        if found is None:
            raise NotFound(
                f"The idempotency key '{idempotency.key}' made {before.made_id}, which was deleted since; "
                "use a fresh key to make another."
            ) from None
        return found
