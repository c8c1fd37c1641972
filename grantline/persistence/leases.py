"""Taking due rows of an outbox for a while, so that of several senders one has each.

The table has `next_attempt_at`, `created_at` and `lease_id`. A taken row is
due again when the hold ends: whoever died over it loses it to the next.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, Table, TextClause, select, update

from grantline.ambient import new_id

if TYPE_CHECKING:
    from grantline.persistence.database import Transaction

Condition = ColumnElement[bool] | TextClause


async def is_any_due(tx: "Transaction", table: Table, due: Sequence[Condition]) -> bool:
    """Tell whether a row is due."""
    return await tx.first(select(table.c.id).where(*due).limit(1)) is not None


async def take(
    tx: "Transaction", table: Table, due: Sequence[Condition], *, now: datetime, limit: int, hold: timedelta
) -> list[Row[Any]]:
    """Take what is due, oldest first; nobody else gets it while the hold lasts."""
    oldest = (
        select(table.c.id)
        .where(*due)
        .order_by(table.c.next_attempt_at, table.c.created_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = [row.id for row in await tx.all(oldest)]
    if not taken:
        return []
    mine = table.c.id.in_(taken)
    await tx.changed(update(table).where(mine).values(lease_id=new_id(), next_attempt_at=now + hold))
    return await tx.all(select(table).where(mine).order_by(table.c.created_at, table.c.id))


async def change(tx: "Transaction", table: Table, row_id: str, lease_id: str | None, values: dict[str, Any]) -> bool:
    """Change a row and give it back; False if it was not this sender's any more."""
    mine = (table.c.id == row_id, table.c.lease_id == lease_id)
    return await tx.changed(update(table).where(*mine).values(**values, lease_id=None)) == 1
