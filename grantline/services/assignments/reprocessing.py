"""Bringing an assignment about once more: what failed is tried again, what was taken away outside comes back.

Whoever assigns directly asks; the assignment's own workflow does it, beside holding the
access. What is held stays held meanwhile, so neither assignment nor request
changes its state before the outcome is known. Package changes come the same way
(services/assignments/package_changes.py).

A request of which nothing could be delivered has no assignment any more: it
begins a new one, under the approvals it has, if nothing speaks against that by now.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from grantline.ambient import new_id, utc_now
from grantline.errors import AlreadyAssigned, AssignmentEnded, Conflict, NotFound, Refused
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import Redelivery, ReprocessSignal
from grantline.model.event import EventType
from grantline.model.message import Message
from grantline.model.person import Actor
from grantline.model.request import ADDS, RequestState
from grantline.persistence import assignments, changes, package_grants, requests, stages
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.approvers import Opening
from grantline.rules.notices import HELD
from grantline.rules.permissions import Task, require
from grantline.rules.settlement import next_turn
from grantline.rules.times import iso
from grantline.services import sight, trail
from grantline.services.approvals.openings import turned
from grantline.services.assignments.handover import hand_over
from grantline.services.outsiders import actor_of, audit_refusal
from grantline.services.requests import duties
from grantline.services.requests.briefings import excerpt

FAILED = (RequestState.PARTIALLY_DELIVERED, RequestState.DELIVERY_FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprocessed:
    """Which assignment is brought about again, and what its workflow must hear."""

    assignment_id: str
    messages: tuple[Message, ...]


async def assignment(db: Database, actor: Actor, assignment_id: str, reason: str | None = None) -> Reprocessed:
    """Have every role of a held assignment looked at, and brought about where it is missing.

    Raises:
        NotAllowed: no role of the actor's reaches it.
        NotFound: there is no such assignment, or not for the actor.
        Conflict: it is being delivered, or has ended.
    """
    async with db.write() as tx:
        await once_more(tx, actor, assignment_id, reason)
    return Reprocessed(assignment_id=assignment_id, messages=tuple(tx.messages))


async def several(
    db: Database, actor: Actor, ids: Sequence[str], reason: str | None = None
) -> list[Reprocessed | Refused]:
    """Reprocess assignments one by one; the result has, in their order, what came of each."""
    found: list[Reprocessed | Refused] = []
    for assignment_id in ids:
        try:
            found.append(await assignment(db, actor, assignment_id, reason))
        except Refused as refusal:
            found.append(refusal)
    return found


async def request(db: Database, actor: Actor, request_id: str, *, window: timedelta) -> Reprocessed:
    """Deliver a request again that was delivered in part or not at all, within `window` of that.

    Raises:
        NotAllowed: no role of the actor's reaches it.
        NotFound: there is no such request, or not for the actor.
        Conflict: it did not fail, too long ago, or something else speaks against it by now.
    """
    try:
        async with db.write() as tx:
            story = await _story(tx, actor, request_id)
            _require_failed(story)
            _require_recent(story, window)
            assignment_id = await _again(tx, actor, story)
    except IntegrityError as error:
        raise AlreadyAssigned(
            f"Whom request {request_id} is for holds or awaits its access package by another request by now; "
            "there is nothing to reprocess."
        ) from error
    return Reprocessed(assignment_id=assignment_id, messages=tuple(tx.messages))


async def hear(
    db: Database, assignment_id: str, signal: ReprocessSignal, *, administrators: Collection[str] = ()
) -> Redelivery:
    """Say what an assignment's workflow has to bring about. A signal that came past the API is judged first."""
    if signal.reprocess_id is None:
        async with db.write() as tx:
            try:
                actor = await actor_of(tx, signal.actor_id, administrators)
                held = await _held(tx, actor, assignment_id)
                tx.audit(_asked(held, actor, signal.reason, utc_now()))
            except Refused as refusal:
                audit_refusal(tx, "assignment", assignment_id, signal.actor_id, refusal)
                signal = replace(signal, looks=False)
    async with db.read() as tx:
        held = await assignments.load(tx, assignment_id)
        if held is None:
            raise NotFound(f"There is no assignment {assignment_id}.")
        if not changes.is_held(held.assignment.state):
            return Redelivery(grants=())
        known = await package_grants.standings(tx, assignment_id)
    needed = [one for one in known if one.is_needed]
    return Redelivery(
        grants=tuple(one.reference for one in needed),
        gives=tuple(one.reference for one in needed if signal.looks or not one.is_applied),
        takes=tuple(one.reference for one in known if not (one.is_needed or one.is_wanted or one.is_applied)),
    )


async def settle(db: Database, assignment_id: str, failures: dict[str, str]) -> AssignmentState:
    """Record how bringing it about once more went; return where that leaves the assignment. Safe to repeat.

    `failures` are the workflow's; what else is known to fail stays known.
    """
    now = utc_now()
    async with db.write() as tx:
        held = await assignments.load(tx, assignment_id, lock=True)
        if held is None:
            raise NotFound(f"There is no assignment {assignment_id}.")
        if held.assignment.state not in HELD:
            return held.assignment.state
        needed = [one for one in await package_grants.standings(tx, assignment_id) if one.is_needed]
        reasons = {
            one.reference.grant_id: f"{one.reference.summary}: {why}"
            for one in needed
            if (why := failures.get(one.reference.grant_id) or (None if one.is_applied else one.last_error))
        }
        brought = [one.reference.grant_id for one in needed if one.is_drifted]
        await package_grants.forget_drift(tx, [id_ for id_ in brought if id_ not in reasons])
        return await _settle(tx, held, reasons, now)


async def _settle(tx: Transaction, held: AssignmentOnRecord, reasons: dict[str, str], now: datetime) -> AssignmentState:
    was = held.assignment
    state = AssignmentState.PARTIALLY_DELIVERED if reasons else AssignmentState.DELIVERED
    status = _status(was.status, state, reasons)
    if (state, status) == (was.state, was.status):
        return state
    await assignments.save(tx, replace(was, state=state, status=status))
    details = {"state": state.value, "failures": reasons}
    tx.audit(
        trail.about_assignment(
            held, EventType.ASSIGNMENT_REDELIVERED, now, reason="; ".join(reasons.values()) or None, details=details
        )
    )
    story = await requests.load(tx, held.request_id, lock=True)
    if story is not None and state is AssignmentState.DELIVERED:
        done = replace(story.request, state=RequestState.DELIVERED, status="Delivered")
        if await requests.move(tx, done, was=(RequestState.PARTIALLY_DELIVERED,)):
            tx.audit(trail.about_request(story, EventType.REQUEST_DELIVERED, now, details={"state": state.value}))
    return state


def _status(was: str, state: AssignmentState, reasons: dict[str, str]) -> str:
    """Return the new status. That the end was announced stays readable: notices.py goes by it."""
    word = was.partition(":")[0]
    plain = {AssignmentState.DELIVERED: "Delivered", AssignmentState.PARTIALLY_DELIVERED: "PartiallyDelivered"}
    if word in plain.values():
        word = plain[state]
    # As long as it is kept, so that what comes again is known again.
    return f"{word}: {'; '.join(dict.fromkeys(reasons.values()))}"[: assignments.LONGEST_STATUS] if reasons else word


async def _story(tx: Transaction, actor: Actor, request_id: str) -> RequestOnRecord:
    """Return the request, and keep it and its assignment as they are until commit."""
    known = await requests.find(tx, request_id)
    if known is not None and known.assignment_id is not None:
        # First, as by whoever records a delivery; else the two would wait for each other.
        await assignments.load(tx, known.assignment_id, lock=True)
    story = await requests.load(tx, request_id, lock=True)
    everything = await stages.of_request(tx, request_id) if story else []
    if story is None or not sight.sees(actor, story, everything):
        raise NotFound(f"There is no assignment request {request_id}.")
    require(actor, Task.REPROCESS, story.catalog_id)
    return story


async def once_more(tx: Transaction, actor: Actor, assignment_id: str, reason: str | None) -> None:
    """Have an assignment brought about once more, in the caller's transaction; or raise why not."""
    held = await _held(tx, actor, assignment_id)
    tx.audit(_asked(held, actor, reason, utc_now()))
    tx.post(assignment_id, ReprocessSignal(actor_id=actor.id, reprocess_id=new_id(), reason=excerpt(reason)))


async def _held(tx: Transaction, actor: Actor, assignment_id: str) -> AssignmentOnRecord:
    """Return the assignment if the actor can have it brought about once more, and keep it so until commit."""
    held = await assignments.load(tx, assignment_id, lock=True)
    if held is None or not sight.sees_assignment(actor, held):
        raise NotFound(f"There is no assignment {assignment_id}.")
    require(actor, Task.REPROCESS, held.catalog_id)
    state = held.assignment.state
    if state in (AssignmentState.DELIVERING, AssignmentState.DELIVERY_FAILED):
        raise Conflict(
            f"Assignment {assignment_id} is {state.value}: delivery retries by itself, for hours. Reprocess it when "
            "it is delivered or partiallyDelivered; reprocess its request "
            f"{held.request_id} when that is deliveryFailed."
        )
    if state not in HELD:
        raise AssignmentEnded(
            f"Assignment {assignment_id} is {state.value}; there is nothing to reprocess. "
            "Access that should be gone is taken back without being asked to: GET /api/revocations/overdue."
        )
    return held


def _asked(held: AssignmentOnRecord, actor: Actor, reason: str | None, at: datetime) -> trail.AuditEvent:
    return trail.about_assignment(held, EventType.ASSIGNMENT_REPROCESSED, at, actor_id=actor.id, reason=reason)


async def _again(tx: Transaction, actor: Actor, story: RequestOnRecord) -> str:
    """Bring the request's assignment about, the one it has or a new one; return its id."""
    now = utc_now()
    known = story.request
    tx.audit(trail.about_request(story, EventType.REQUEST_REPROCESSED, now, actor_id=actor.id))
    if known.state is RequestState.PARTIALLY_DELIVERED and known.assignment_id is not None:
        await once_more(tx, actor, known.assignment_id, None)
        return known.assignment_id
    turn = next_turn(known.terms, Opening(), now, target=story.target, package_exists=story.package_exists)
    turn = await duties.once_more(tx, story, turn)
    if turn.state is not RequestState.DELIVERING:
        raise Conflict(f"Request {known.id} cannot be delivered: {turn.reason}.")
    begun = replace(story, request=turned(replace(known, assignment_id=None), turn))
    await requests.move(tx, begun.request, was=(RequestState.DELIVERY_FAILED,))
    return (await hand_over(tx, begun, now)).assignment_id


def _require_failed(story: RequestOnRecord) -> None:
    known = story.request
    if known.type not in ADDS:
        raise Conflict(
            f"Request {known.id} is a {known.type.value}; only requests that give access (userAdd, adminAdd) "
            "are reprocessed. Removal retries by itself, for ever."
        )
    if known.state is RequestState.DELIVERED:
        raise Conflict(
            f"Request {known.id} is delivered; to repair what was changed outside, reprocess its assignment "
            f"{known.assignment_id}."
        )
    if known.state not in FAILED:
        raise Conflict(
            f"Request {known.id} is {known.state.value}; only one that is partiallyDelivered or deliveryFailed is "
            "reprocessed. Delivery retries by itself before it fails."
        )


def _require_recent(story: RequestOnRecord, window: timedelta) -> None:
    ended_at = story.request.completed_at
    if window and ended_at is not None and ended_at + window < utc_now():
        raise Conflict(
            f"Request {story.request.id} failed at {iso(ended_at)}; requests are reprocessed within {window.days} "
            "days of that. Ask anew: POST /api/requests/{id}/resubmit, or a new assignment request."
        )
