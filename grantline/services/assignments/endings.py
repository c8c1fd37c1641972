"""How assignments end on record: settled, then over, one or many in the caller's transaction, which holds them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from grantline.ambient import utc_now
from grantline.model.assignment import AssignmentState, EndCause
from grantline.model.briefing import RemoveSignal
from grantline.model.event import EventType
from grantline.persistence import assignments, grants, requests
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Transaction
from grantline.services import trail
from grantline.services.requests import undelivered
from grantline.services.sending import callouts, mailing


async def settle(
    tx: Transaction,
    ending: Iterable[AssignmentOnRecord],
    cause: EndCause,
    at: datetime,
    signal: RemoveSignal | None = None,
) -> list[AssignmentOnRecord]:
    """Record that assignments end, and return them as they are then; their grants lose their reason."""
    before = list(ending)
    settled = [_with_state(held, AssignmentState.ENDING, "Ending", end_cause=cause) for held in before]
    await assignments.save(tx, *(held.assignment for held in settled), ending_at=at)
    await grants.release(tx, _ids(settled), at)
    actor_id, reason = (signal.actor_id, signal.reason) if signal else (None, None)
    for held in before:
        if held.assignment.state is AssignmentState.DELIVERING:
            await undelivered.give_up(tx, held, cause, at, actor_id=actor_id, reason=reason)
        details = {"cause": cause.value}
        tx.audit(
            trail.about_assignment(
                held, EventType.ASSIGNMENT_ENDING, at, actor_id=actor_id, reason=reason, details=details
            )
        )
    return settled


async def close(tx: Transaction, ending: Sequence[AssignmentOnRecord]) -> list[AssignmentOnRecord]:
    """Record that nothing of ending assignments is left in the target systems, and return them as they are then."""
    now = utc_now()
    over = [_with_state(held, AssignmentState.EXPIRED, "Expired", ended_at=now) for held in ending]
    await assignments.save(tx, *(held.assignment for held in over))
    removals = await requests.complete_removals(tx, _ids(over), now)
    for held in over:
        cause = held.assignment.end_cause
        details = {"cause": cause.value if cause else None}
        tx.audit(trail.about_assignment(held, EventType.ASSIGNMENT_ENDED, now, details=details))
        mailing.ended(tx, held, cause, removals.get(held.assignment.id))
        if held.assignment.delivered_at is not None:
            await callouts.of_end(tx, held)
    return over


def _with_state(held: AssignmentOnRecord, state: AssignmentState, status: str, **more: object) -> AssignmentOnRecord:
    return replace(held, assignment=replace(held.assignment, state=state, status=status, **more))


def _ids(helds: Iterable[AssignmentOnRecord]) -> list[str]:
    return [held.assignment.id for held in helds]
