"""The moment an end moves, and what becomes of a request to move it when the end comes first.

The assignment's row is where the two meet: whoever takes it first wins, and
the other finds in it what was settled.
"""

from dataclasses import replace
from datetime import datetime

from grantline.ambient import new_id
from grantline.model.briefing import CancelSignal, ExtendSignal
from grantline.model.event import EventType
from grantline.model.request import CANCELLABLE_STATES, Request, RequestState
from grantline.persistence import assignments, requests, stages
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.extension import ended
from grantline.rules.notices import reworded
from grantline.rules.planning import end_of_access
from grantline.rules.settlement import STATUS
from grantline.rules.times import iso
from grantline.services import trail
from grantline.services.requests.briefings import excerpt
from grantline.services.sending import callouts

EXTENDED = "Access extended"
DELIVERING = (RequestState.DELIVERING,)


async def prolong(tx: Transaction, story: RequestOnRecord, at: datetime) -> Request:
    """Move the end as the approved update asks, or record that the access ended before that.

    The request is on record as delivering; return it as it is afterwards.
    """
    request = story.request
    held = await assignments.load(tx, request.assignment_id, lock=True) if request.assignment_id else None
    if held is None:
        raise AssertionError(f"update {request.id} is carried out without its assignment (this is a bug)")
    if ended(held.assignment, at):
        return await _too_late(tx, story, held, at)
    was, ends_at = held.assignment.ends_at, end_of_access(request.terms, at)
    status = reworded(held.assignment.status, EXTENDED)
    await assignments.save(tx, replace(held.assignment, ends_at=ends_at, status=status))
    done = replace(request, state=RequestState.DELIVERED, status=EXTENDED, completed_at=at)
    await requests.move(tx, done, was=DELIVERING)
    details = {"endedAt": _written(was), "endsAt": _written(ends_at), "request": request.id}
    actor_id, reason = request.requestor_id, request.justification
    tx.audit(
        trail.about_assignment(
            held, EventType.ASSIGNMENT_EXTENDED, at, actor_id=actor_id, reason=reason, details=details
        )
    )
    tx.audit(trail.about_request(story, EventType.REQUEST_DELIVERED, at, details={"state": done.state.value}))
    tx.post(
        held.assignment.id,
        ExtendSignal(actor_id=actor_id, extension_id=request.id, ends_at=ends_at, reason=excerpt(reason)),
    )
    return done


async def give_up(db: Database, assignment_ids: list[str], at: datetime) -> None:
    """Close the requests that asked for more time, of access that has ended before anybody decided them.

    Transactions of their own: who decides takes the request first and then the
    assignment, so whoever holds the assignment must not wait for the request.
    """
    async with db.read() as tx:
        open_ = await requests.open_updates(tx, assignment_ids)
    for request_id in open_.values():
        await _give_up(db, request_id, at)


async def _give_up(db: Database, request_id: str, at: datetime) -> None:
    async with db.write() as tx:
        story = await requests.load(tx, request_id, lock=True)
        if story is None or story.request.state not in CANCELLABLE_STATES:
            return
        reason = "the access ended before this was decided"
        status = f"{STATUS[RequestState.CANCELED]}: {reason}"
        canceled = replace(story.request, state=RequestState.CANCELED, status=status, completed_at=at)
        await stages.close_all(tx, request_id)
        await callouts.withdraw(tx, request_id, at)
        await requests.move(tx, canceled, was=CANCELLABLE_STATES)
        tx.audit(trail.about_request(story, EventType.REQUEST_CANCELED, at, reason=reason))
        tx.post(request_id, CancelSignal(actor_id=story.request.requestor_id, cancellation_id=new_id(), reason=reason))


async def _too_late(tx: Transaction, story: RequestOnRecord, held: AssignmentOnRecord, at: datetime) -> Request:
    ends_at = held.assignment.ends_at
    when = f" at {iso(ends_at)}" if ends_at is not None and ends_at <= at else ""
    reason = f"the access ended{when} before it was extended"
    status = f"{STATUS[RequestState.DELIVERY_FAILED]}: {reason}"
    failed = replace(story.request, state=RequestState.DELIVERY_FAILED, status=status, completed_at=at)
    await requests.move(tx, failed, was=DELIVERING)
    tx.audit(trail.about_request(story, EventType.REQUEST_DELIVERY_FAILED, at, reason=reason))
    return failed


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
