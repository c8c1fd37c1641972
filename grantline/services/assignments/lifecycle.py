"""What workflows ask and tell. Every function is safe to repeat, and yields to what is settled already.

`at` is the workflow's instant: a timer fired, whatever the database's host
thinks the time is.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from grantline.ambient import utc_now
from grantline.errors import NotFound, Refused
from grantline.model.assignment import Assignment, AssignmentState, EndCause
from grantline.model.briefing import (
    AssignmentBriefing,
    CancelSignal,
    DecideSignal,
    Ending,
    Progress,
    RemoveSignal,
    RequestBriefing,
)
from grantline.model.event import EventType
from grantline.model.person import Person
from grantline.model.request import OPEN_STATES, RequestState, RequestType, StageState
from grantline.persistence import assignments, grants, requests, stages
from grantline.persistence import callouts as callout_store
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.approvers import Opening
from grantline.rules.settlement import STATUS, next_turn
from grantline.services import trail
from grantline.services.approvals import decisions
from grantline.services.approvals.decisions import Word
from grantline.services.approvals.openings import turned
from grantline.services.assignments import endings, notices
from grantline.services.assignments.handover import hand_over
from grantline.services.outsiders import actor_of, audit_refusal
from grantline.services.requests import briefings, cancellation, duties, prolongation, removal
from grantline.services.sending import callouts, mailing

ENDED = (AssignmentState.ENDING, AssignmentState.EXPIRED)


async def progress(db: Database, request_id: str) -> Progress:
    """Say where a request stands."""
    async with db.read() as tx:
        return await _progress(tx, await _story(tx, request_id))


async def briefing(db: Database, request_id: str) -> RequestBriefing:
    """Brief a workflow anew, from the record alone."""
    async with db.read() as tx:
        story = await _story(tx, request_id)
        return briefings.of_request(story, await _progress(tx, story))


async def assignment_briefing(db: Database, assignment_id: str) -> AssignmentBriefing | None:
    """Brief a workflow that holds access anew, from the record alone; None if there is no such assignment."""
    async with db.read() as tx:
        held = await assignments.load(tx, assignment_id)
        if held is None:
            return None
        references = await grants.references(tx, assignment_id)
        return briefings.of_assignment(await _story(tx, held.request_id), held.assignment, references)


async def hear_decision(
    db: Database, request_id: str, signal: DecideSignal, *, administrators: Collection[str] = ()
) -> Progress:
    """Hear a decision. One with an id is on record; any other came past the API and is judged now."""
    if signal.decision_id is not None:
        return await progress(db, request_id)
    word = Word(
        approver_id=signal.approver_id,
        request_id=request_id,
        stage_id=signal.stage_id,
        verdict=signal.verdict,
        justification=signal.justification,
        limit=signal.limit,
    )
    async with db.write() as tx:
        story = await _story(tx, request_id, lock=True)
        if await _was_heard(tx, word):
            return await _progress(tx, story)
        try:
            await decisions.hear(tx, word, administrators)
        except Refused as refusal:
            audit_refusal(tx, "request", request_id, signal.approver_id, refusal)
        return await _progress(tx, await _story(tx, request_id))


async def hear_cancellation(
    db: Database, request_id: str, signal: CancelSignal, *, administrators: Collection[str] = ()
) -> Progress:
    """Hear a cancellation. One with an id is on record; any other came past the API and is judged now."""
    if signal.cancellation_id is not None:
        return await progress(db, request_id)
    async with db.write() as tx:
        story = await _story(tx, request_id, lock=True)
        if story.request.state is RequestState.CANCELED:
            return await _progress(tx, story)
        try:
            actor = await actor_of(tx, signal.actor_id, administrators)
            await cancellation.withdraw(tx, actor, request_id, signal.reason)
        except Refused as refusal:
            audit_refusal(tx, "request", request_id, signal.actor_id, refusal)
        return await _progress(tx, await _story(tx, request_id))


async def expire_stage(db: Database, request_id: str, stage_id: str, at: datetime) -> Progress:
    """End a request whose stage nobody decided in time; a decision or a later deadline goes before."""
    async with db.write() as tx:
        story = await _story(tx, request_id, lock=True)
        found = next((one for one in await stages.of_request(tx, request_id) if one.stage.id == stage_id), None)
        if found is None:
            raise NotFound(f"Request {request_id} has no stage {stage_id}.")
        is_due = found.stage.deadline_at is not None and found.stage.deadline_at <= at
        if found.stage.state is StageState.OPEN and is_due:
            await stages.settle(tx, replace(found.stage, state=StageState.EXPIRED))
            await stages.close_all(tx, request_id)
            expired = replace(
                story.request,
                state=RequestState.EXPIRED,
                status=STATUS[RequestState.EXPIRED],
                completed_at=at,
            )
            story = replace(story, request=expired)
            await requests.move(tx, expired, was=decisions.PENDING)
            details = {"stage": found.stage.number}
            tx.audit(trail.about_request(story, EventType.REQUEST_EXPIRED, at, details=details))
            mailing.expired(tx, story, found)
        return await _progress(tx, story)


async def begin(db: Database, request_id: str, at: datetime) -> Progress:
    """Write that a scheduled request's access is owed, once its start has come."""
    async with db.write() as tx:
        story = await _story(tx, request_id, lock=True)
        starts_at = story.request.plan.starts_at
        if story.request.state is not RequestState.SCHEDULED or (starts_at is not None and starts_at > at):
            return await _progress(tx, story)
        turn = next_turn(story.request.terms, Opening(), at, target=story.target, package_exists=story.package_exists)
        turn = await duties.once_more(tx, story, turn)
        story = replace(story, request=turned(story.request, turn))
        await requests.move(tx, story.request, was=(RequestState.SCHEDULED,))
        if turn.state is not RequestState.DELIVERING:
            tx.audit(trail.about_request(story, EventType.REQUEST_DELIVERY_FAILED, at, reason=turn.reason))
            mailing.not_given(tx, story, turn)
            return await _progress(tx, story)
        await hand_over(tx, story, at)
        return briefings.progress_of(story.request)


async def record_delivery(db: Database, assignment_id: str, failures: Mapping[str, str]) -> AssignmentState:
    """Record how delivery went, and tell where that leaves it: `failures` has a reason for each grant that failed."""
    async with db.write() as tx:
        held = await on_hold(tx, assignment_id)
        if held.assignment.state is AssignmentState.DELIVERING:
            return await settle_delivery(tx, held, failures)
        return held.assignment.state


async def delivering(tx: Transaction, assignment_id: str) -> AssignmentOnRecord | None:
    """Read an assignment and keep it from changing until commit; None if its delivery is on record already."""
    held = await on_hold(tx, assignment_id)
    return held if held.assignment.state is AssignmentState.DELIVERING else None


async def settle_delivery(tx: Transaction, held: AssignmentOnRecord, failures: Mapping[str, str]) -> AssignmentState:
    """Record how delivery went, in the caller's transaction, which holds the assignment; return its state."""
    now = utc_now()
    needed = await assignments.needed_grants(tx, held.assignment.id)
    # A role may have left the package since it was tried.
    failures = {grant_id: reason for grant_id, reason in failures.items() if grant_id in needed}
    state = _delivery_state(len(needed), failures)
    reasons = "; ".join(dict.fromkeys(failures.values()))
    status = STATUS[RequestState(state.value)] + (f": {reasons}" if reasons else "")
    delivered_at = None if state is AssignmentState.DELIVERY_FAILED else now
    given = replace(held.assignment, state=state, status=status, delivered_at=delivered_at)
    await assignments.save(tx, given)
    story = await _story(tx, held.request_id, lock=True)
    done = replace(story.request, state=RequestState(state.value), status=status, completed_at=now)
    if await requests.move(tx, done, was=(RequestState.DELIVERING,)):
        kind = EventType.REQUEST_DELIVERY_FAILED if failures else EventType.REQUEST_DELIVERED
        details = {"state": state.value, "failures": dict(failures)}
        tx.audit(trail.about_request(story, kind, now, reason=reasons or None, details=details))
        mailing.delivered(tx, story, held, state, reasons)
        if delivered_at is not None:
            await callouts.of_delivery(tx, replace(story, request=done), given)
    return state


async def end(
    db: Database,
    assignment_id: str,
    at: datetime,
    signal: RemoveSignal | None,
    *,
    administrators: Collection[str] = (),
) -> Ending:
    """Settle that an assignment ends: its time is up (no signal), or somebody removes it.

    From here its grants are unwanted unless another assignment needs them; the
    workflow brings them to the target systems. Not ended: the end has moved, or
    the removal was refused.
    """
    ending = await _end(db, assignment_id, at, signal, administrators)
    if ending.is_ended:
        await prolongation.give_up(db, [assignment_id], at)
    return ending


async def _end(
    db: Database, assignment_id: str, at: datetime, signal: RemoveSignal | None, administrators: Collection[str]
) -> Ending:
    async with db.write() as tx:
        held = await on_hold(tx, assignment_id)
        assignment = held.assignment
        if assignment.state in ENDED:
            return await _ending(tx, assignment)
        cause = await _cause(tx, held, at, signal, administrators)
        if cause is None:
            return notices.standing(held, at)
        (ending,) = await endings.settle(tx, [held], cause, at, signal)
        return await _ending(tx, ending.assignment)


async def record_ended(db: Database, assignment_id: str) -> None:
    """Record that nothing of an ending assignment is left in the target systems."""
    async with db.write() as tx:
        held = await on_hold(tx, assignment_id)
        if held.assignment.state is AssignmentState.ENDING:
            await endings.close(tx, [held])


async def _story(tx: Transaction, request_id: str, *, lock: bool = False) -> RequestOnRecord:
    story = await requests.load(tx, request_id, lock=lock)
    if story is None:
        raise NotFound(f"There is no request {request_id}.")
    return story


async def on_hold(tx: Transaction, assignment_id: str) -> AssignmentOnRecord:
    """Read an assignment and keep it from changing until commit.

    Raises:
        NotFound: there is none.
    """
    held = await assignments.load(tx, assignment_id, lock=True)
    if held is None:
        raise NotFound(f"There is no assignment {assignment_id}.")
    return held


async def _progress(tx: Transaction, story: RequestOnRecord) -> Progress:
    request = story.request
    if request.state is RequestState.PENDING_APPROVAL:
        everything = await stages.of_request(tx, request.id)
        found = next((one for one in everything if one.stage.state is StageState.OPEN), None)
        if found is not None:
            return briefings.progress_of(
                request, stage=found.stage, approver_names=[_named(found, one) for one in found.approvers]
            )
        return briefings.progress_of(request, awaited=await callout_store.open_hold(tx, request.id))
    return briefings.progress_of(request)


def _named(found: StageOnRecord, approver: Person) -> str:
    return f"{approver.display_name} (alternate)" if approver.id in found.alternate_ids else approver.display_name


async def _was_heard(tx: Transaction, word: Word) -> bool:
    """Tell whether this very decision settled a stage already: an activity may hear its signal twice.

    A decision that names no stage counts once per verdict: heard again, it must
    not settle the next stage that waits for the same person.
    """
    return any(
        one.stage.decided_by_id == word.approver_id
        and one.stage.verdict is word.verdict
        and word.stage_id in (None, one.stage.id)
        for one in await stages.of_request(tx, word.request_id)
    )


def _delivery_state(grant_count: int, failures: Mapping[str, str]) -> AssignmentState:
    if not failures:
        return AssignmentState.DELIVERED
    return AssignmentState.DELIVERY_FAILED if len(failures) >= grant_count else AssignmentState.PARTIALLY_DELIVERED


async def _ending(tx: Transaction, assignment: Assignment) -> Ending:
    references = await grants.references(tx, assignment.id)
    return Ending(is_ended=True, cause=assignment.end_cause, ends_at=assignment.ends_at, grants=tuple(references))


async def _cause(
    tx: Transaction,
    held: AssignmentOnRecord,
    at: datetime,
    signal: RemoveSignal | None,
    administrators: Collection[str],
) -> EndCause | None:
    """Return why the assignment ends now, or None if it does not."""
    assignment = held.assignment
    if signal is None:
        return EndCause.EXPIRED if assignment.ends_at is not None and assignment.ends_at <= at else None
    if signal.removal_id is not None:
        request = await requests.find(tx, signal.removal_id)
        is_this = request is not None and request.assignment_id == assignment.id and request.state in OPEN_STATES
        return _cause_of(request.type, request.requestor_id, assignment) if request and is_this else None
    try:
        actor = await actor_of(tx, signal.actor_id, administrators)
        request = await removal.record(tx, actor, RequestType.USER_REMOVE, assignment.id, signal.reason)
    except Refused as refusal:
        audit_refusal(tx, "assignment", assignment.id, signal.actor_id, refusal)
        return None
    return _cause_of(request.type, request.requestor_id, assignment)


def _cause_of(kind: RequestType, requestor_id: str, assignment: Assignment) -> EndCause:
    if kind is RequestType.ADMIN_REMOVE:
        return EndCause.REMOVED_BY_ADMINISTRATOR
    if kind is RequestType.APPROVER_REMOVE:
        return EndCause.REVOKED_BY_APPROVER
    is_holder = requestor_id == assignment.target_id
    return EndCause.REMOVED_BY_TARGET if is_holder else EndCause.REMOVED_ON_BEHALF
