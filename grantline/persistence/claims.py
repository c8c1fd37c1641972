"""A key of the caller's choice, claimed in the transaction of the change that it stands for."""

from dataclasses import dataclass

from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.persistence import requests
from grantline.persistence.database import Transaction
from grantline.persistence.insertion import ignoring_known
from grantline.persistence.tables import idempotency_keys


class AlreadyClaimed(Exception):
    """The key stands for a change that was made before; `made_id` is what it made."""

    def __init__(self, made_id: str, body_hash: str) -> None:
        super().__init__(made_id)
        self.made_id = made_id
        self.body_hash = body_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One key of one caller, and a hash of all that came with it."""

    actor_id: str
    key: str
    body_hash: str

    async def take(self, tx: Transaction) -> None:
        """Claim the key; whoever comes at the same instant with the same key waits for this transaction's end.

        Raises:
            AlreadyClaimed: somebody was here before.
        """
        row = {
            "actor_id": self.actor_id,
            "key": self.key,
            "body_hash": self.body_hash,
            "request_id": "",
            "created_at": utc_now(),
        }
        if await tx.changed(ignoring_known(idempotency_keys, row), row):
            return
        known = await requests.remembered(tx, self.actor_id, self.key)
        raise AlreadyClaimed(*known or ("", ""))

    async def keep(self, tx: Transaction) -> None:
        """Note what was made: the first object that the transaction put into the trail."""
        await tx.changed(
            update(idempotency_keys)
            .where(idempotency_keys.c.actor_id == self.actor_id, idempotency_keys.c.key == self.key)
            .values(request_id=tx.first_audited_id)
        )
