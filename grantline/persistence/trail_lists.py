"""The audit trail as pages read it: what happened about one object, and who was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from grantline.model.event import EventType
from grantline.persistence.database import Transaction
from grantline.persistence.tables import audit_events

REFUSED = (EventType.DECISION_REFUSED.value, EventType.SIGNAL_REFUSED.value)
MOST_EVENTS = 500
MOST_REFUSALS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One event of the trail. Its type is text: a newer Grantline may have written it."""

    number: int
    type: str
    at: datetime
    actor_id: str | None
    reason: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalLine:
    """One person refused in the same words, once or more often."""

    actor_id: str
    type: str
    code: str | None
    reason: str | None
    first_at: datetime
    last_at: datetime
    times: int


def about_request(request_id: str) -> ColumnElement[bool]:
    """Hold for the events about a request."""
    return audit_events.c.request_id == request_id


def about_removal(request_id: str, assignment_id: str, since: datetime) -> ColumnElement[bool]:
    """Hold for the events about a removal: what was asked, and what the assignment has gone through since."""
    is_later = (audit_events.c.assignment_id == assignment_id) & (audit_events.c.at >= since)
    return (audit_events.c.request_id == request_id) | is_later


def about_assignment(assignment_id: str) -> ColumnElement[bool]:
    """Hold for the events about an assignment."""
    return audit_events.c.assignment_id == assignment_id


async def timeline(tx: Transaction, about: ColumnElement[bool]) -> tuple[list[EventLine], bool]:
    """Return what happened, oldest first, and whether that is all; refusals have a list of their own."""
    statement = (
        select(audit_events)
        .where(about, audit_events.c.type.not_in(REFUSED))
        .order_by(audit_events.c.number.desc())
        .limit(MOST_EVENTS + 1)
    )
    rows = await tx.all(statement)
    return [_event(row) for row in reversed(rows[:MOST_EVENTS])], len(rows) <= MOST_EVENTS


async def refusals(tx: Transaction, about: ColumnElement[bool]) -> list[RefusalLine]:
    """Return who was refused, in which words, how often; whoever tried last comes first."""
    grouped = (
        select(
            func.max(audit_events.c.number).label("number"),
            func.min(audit_events.c.at).label("first_at"),
            func.count().label("times"),
        )
        .where(about, audit_events.c.type.in_(REFUSED), audit_events.c.actor_id.is_not(None))
        .group_by(audit_events.c.actor_id, audit_events.c.type, audit_events.c.reason)
        .subquery()
    )
    statement = (
        select(audit_events, grouped.c.first_at, grouped.c.times)
        .join(grouped, grouped.c.number == audit_events.c.number)
        .order_by(audit_events.c.number.desc())
        .limit(MOST_REFUSALS)
    )
    return [_refusal(row) for row in await tx.all(statement)]


def people_in(events: Sequence[EventLine]) -> set[str]:
    """Return the ids of everybody whom these events name."""
    asked = {
        one["id"]
        for event in events
        for part in ("approvers", "came", "gone")
        for one in event.details.get(part, ())
        if isinstance(one, dict)
    } | {id_ for event in events for id_ in event.details.get("asked", ())}
    acting = {id_ for event in events for id_ in (event.actor_id, event.details.get("inPlaceOf")) if id_}
    return asked | acting


def _event(row: Row[Any]) -> EventLine:
    return EventLine(
        number=row.number, type=row.type, at=row.at, actor_id=row.actor_id, reason=row.reason, details=row.details
    )


def _refusal(row: Row[Any]) -> RefusalLine:
    return RefusalLine(
        actor_id=row.actor_id,
        type=row.type,
        code=row.details.get("code"),
        reason=row.reason,
        first_at=row.first_at,
        last_at=row.at,
        times=row.times,
    )
