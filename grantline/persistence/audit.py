"""The audit trail: append-only, and chained so that tampering shows.

Each event carries the hash of the one before it; `audit_head` holds the last
number and hash and is the lock that keeps the chain a chain.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from grantline.model.event import AuditEvent
from grantline.persistence.tables import audit_events, audit_head

if TYPE_CHECKING:
    from grantline.persistence.database import Transaction

FIRST_HASH = "0" * 64
PAGE = 500

# Built once: every transaction that changes anything runs them.
_HEAD = select(audit_head.c.number, audit_head.c.hash).where(audit_head.c.id == 1)
_LOCK = _HEAD.with_for_update()
_APPEND = insert(audit_events)
_MOVE = update(audit_head).where(audit_head.c.id == 1)

_fixed_form = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


async def append(tx: "Transaction", events: list[AuditEvent]) -> None:
    """Chain events to the trail, in order. Call it last: it holds the head until commit."""
    head = await tx.first(_LOCK)
    if head is None:
        raise AssertionError("audit_head has no row; was the schema migrated? (this is a bug)")
    number, previous = head
    rows: list[dict[str, Any]] = []
    for event in events:
        number += 1
        row = {
            "number": number,
            "type": event.type.value,
            "at": event.at,
            "actor_id": event.actor_id,
            "on_behalf_of_id": event.on_behalf_of_id,
            "object_type": event.object_type,
            "object_id": event.object_id,
            "request_id": event.request_id,
            "assignment_id": event.assignment_id,
            "reason": event.reason,
            "details": dict(event.details),
            "previous_hash": previous,
        }
        previous = row["hash"] = row_hash(row)
        rows.append(row)
    await tx.execute(_APPEND, rows)
    await tx.changed(_MOVE, {"number": number, "hash": previous})


def row_hash(row: dict[str, Any]) -> str:
    """Return the SHA-256 over everything in a row but its own hash, in a fixed form."""
    content = {key: _plain(value) for key, value in row.items() if key != "hash"}
    return hashlib.sha256(_fixed_form(content).encode()).hexdigest()


async def verify(tx: "Transaction") -> str | None:
    """Walk the whole chain; return None if it is whole, else a sentence about the first break."""
    previous, number = FIRST_HASH, 0
    while True:
        page = await tx.all(
            select(audit_events).where(audit_events.c.number > number).order_by(audit_events.c.number).limit(PAGE)
        )
        for row in page:
            number += 1
            fields = dict(row._mapping)
            if row.number != number:
                return f"event {number} is missing"
            if row.previous_hash != previous or row_hash(fields) != row.hash:
                return f"event {number} was changed"
            previous = row.hash
        if len(page) < PAGE:
            break
    head = await tx.first(_HEAD)
    if head is None or (head.number, head.hash) != (number, previous):
        return f"the trail ends at event {number}, but its head says otherwise"
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
