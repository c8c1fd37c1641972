"""Signals that came past the API: who is behind one, and the trace that a refused one leaves."""

from collections.abc import Collection

from grantline.ambient import utc_now
from grantline.errors import NotFound, Refused
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import Actor
from grantline.persistence import facts
from grantline.persistence.database import Transaction
from grantline.services import authority


async def actor_of(tx: Transaction, person_id: str, administrators: Collection[str]) -> Actor:
    """Make an actor of whoever a signal names; a blocked account may do nothing."""
    person = await facts.person(tx, person_id)
    if person is None or not person.account_enabled:
        raise NotFound(f"No enabled account has the id {person_id}.")
    return await authority.acting(tx, person, administrators)


def audit_refusal(tx: Transaction, kind: str, object_id: str, actor_id: str, refusal: Refused) -> None:
    """Put into the trail that somebody tried, past the API, what the rules refuse."""
    tx.audit(
        AuditEvent(
            type=EventType.SIGNAL_REFUSED,
            at=utc_now(),
            actor_id=actor_id[:128],
            object_type=kind,
            object_id=object_id,
            request_id=object_id if kind == "request" else None,
            assignment_id=object_id if kind == "assignment" else None,
            reason=refusal.message,
            details={"code": refusal.code},
        )
    )
