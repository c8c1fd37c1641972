"""The audit trail: append-only, and chained so that tampering shows.

Each event carries the hash of the one before it; `audit_head` holds the last
number and hash and is the lock that keeps the chain a chain.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert, select, update

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far the chain was followed: up to `number`, whose hash is `hash`; `fault` says where it breaks."""

    number: int
    hash: str
    is_end: bool
    fault: str | None = None


async def verify(tx: "Transaction") -> str | None:
    """Walk the whole chain, in a transaction that holds still; return None, or a sentence about the first break."""
    walked = Walk(number=0, hash=FIRST_HASH, is_end=False)
    while not walked.is_end:
        walked = await walk(tx, walked)
    return walked.fault


async def start(tx: "Transaction", number: int) -> Walk | None:
    """Return where a walk goes on that came as far as an event; None where there is no such event."""
    if number == 0:
        return Walk(number=0, hash=FIRST_HASH, is_end=False)
    found = await tx.scalar(select(audit_events.c.hash).where(audit_events.c.number == number))
    return None if found is None else Walk(number=number, hash=found, is_end=False)


async def walk(tx: "Transaction", begun: Walk) -> Walk:
    """Go on for some events, in a transaction that holds still: to the first break, or where the head says it ends."""
    number, previous = begun.number, begun.hash
    statement = select(audit_events).where(audit_events.c.number > number).order_by(audit_events.c.number)
    page = await tx.all(statement.limit(PAGE))
    for row in page:
        fault = _fault(row, number + 1, previous)
        if fault is not None:
            return Walk(number=number, hash=previous, is_end=True, fault=fault)
        number, previous = row.number, row.hash
    if len(page) == PAGE:
        return Walk(number=number, hash=previous, is_end=False)
    head = await tx.first(_HEAD)
    is_whole = head is not None and (head.number, head.hash) == (number, previous)
    fault = None if is_whole else f"the trail ends at event {number}, but its head says otherwise"
    return Walk(number=number, hash=previous, is_end=True, fault=fault)


def _fault(row: Row[Any], number: int, previous: str) -> str | None:
    if row.number != number:
        return f"event {number} is missing"
    if row.previous_hash != previous or row_hash(dict(row._mapping)) != row.hash:
        return f"event {number} was changed"
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value
