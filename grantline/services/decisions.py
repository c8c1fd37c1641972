"""Deciding: the first decision of a stage wins, and what follows from it is on record when this returns.

The request's row is the lock. Under it a stage is either open, and then this
decision is the first, or settled, and then the refusal names who settled it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from grantline.ambient import new_id, utc_now
from grantline.errors import (
    AlreadyDecided,
    Conflict,
    DeadlinePassed,
    JustificationRequired,
    NotAnApprover,
    NotFound,
    OwnRequest,
    Refused,
    RequestClosed,
)
from grantline.model.briefing import DecideSignal
from grantline.model.event import AuditEvent, EventType
from grantline.model.message import Message
from grantline.model.person import Person
from grantline.model.request import UPDATES, RequestState, Stage, StageState, Verdict
from grantline.persistence import facts, requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.permissions import may_see_request
from grantline.rules.settlement import STATUS, Turn, next_turn
from grantline.rules.times import iso
from grantline.services import callouts, duties, mailing, trail
from grantline.services.briefings import excerpt
from grantline.services.handover import hand_over
from grantline.services.openings import audit_turn, counted, look_up, next_opening, opened, turned
from grantline.services.prolongation import prolong

PENDING = (RequestState.PENDING_APPROVAL,)

KEPT = (OwnRequest, NotAnApprover, AlreadyDecided, DeadlinePassed)
"""Refusals that say something about who tried, and so go into the trail; the rest is about what was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What somebody says about a request; without `stage_id` about the stage that is open."""

    approver_id: str
    request_id: str
    stage_id: str | None
    verdict: Verdict
    justification: str | None


async def decide(  # noqa: PLR0917  (the five words of a decision, in the order they are spoken)
    db: Database,
    actor_id: str,
    request_id: str,
    stage_id: str | None,
    verdict: Verdict,
    justification: str | None,
    *,
    administrators: Collection[str] = (),
) -> tuple[Message, ...]:
    """Settle a stage with the actor's verdict, or raise why it is not theirs to settle.

    `administrators` are the sign-in names of those who see every request, and
    who decide a next stage when nobody else may.
    """
    voice = Voice(
        approver_id=actor_id, request_id=request_id, stage_id=stage_id, verdict=verdict, justification=justification
    )
    try:
        async with db.write() as tx:
            decision_id = await hear(tx, voice, administrators)
            told = DecideSignal(
                approver_id=actor_id,
                verdict=verdict,
                decision_id=decision_id,
                stage_id=stage_id,
                justification=excerpt(justification),
            )
            tx.post(request_id, told)
    except KEPT as refusal:
        await _keep(db, voice, refusal)
        raise
    return tuple(tx.messages)


async def _keep(db: Database, voice: Voice, refusal: Refused) -> None:
    """Put into the trail that somebody was refused; what was refused has left nothing, so this stands alone."""
    async with db.write() as tx:
        tx.audit(
            AuditEvent(
                type=EventType.DECISION_REFUSED,
                at=utc_now(),
                actor_id=voice.approver_id,
                object_type="request",
                object_id=voice.request_id,
                request_id=voice.request_id,
                reason=refusal.message,
                details={"code": refusal.code, "verdict": voice.verdict.value, "stage": voice.stage_id},
            )
        )


async def hear(tx: Transaction, voice: Voice, administrators: Collection[str]) -> str:
    """Judge a decision, through whatever door it came, and put it on record; return its id.

    Nothing is written when it is refused.
    """
    now = utc_now()
    story = await requests.load(tx, voice.request_id, lock=True)
    everything = await stages.of_request(tx, voice.request_id) if story else []
    approver = await _person(tx, story, everything, voice.approver_id) if story else None
    if story is None or approver is None or not _sees(story, everything, approver, administrators):
        raise NotFound(f"There is no request {voice.request_id}.")
    found = _judged(story, everything, voice, approver, now)
    decision_id = new_id()
    stage = replace(
        found.stage,
        state=StageState.APPROVED if voice.verdict is Verdict.APPROVE else StageState.DENIED,
        decided_by_id=approver.id,
        decided_at=now,
        verdict=voice.verdict,
        justification=voice.justification,
    )
    if not await stages.settle(tx, stage, decision_id=decision_id):
        raise AssertionError(f"stage {stage.id} was settled under the request's lock (this is a bug)")
    details = {"stage": stage.number, "verdict": voice.verdict.value, "decision": decision_id}
    tx.audit(
        trail.about_request(
            story,
            EventType.STAGE_DECIDED,
            now,
            actor_id=approver.id,
            reason=voice.justification,
            details=details,
        )
    )
    if voice.verdict is Verdict.DENY:
        await _deny(tx, story, voice, now)
        mailing.denied(tx, story, everything, approver, voice.justification)
    else:
        later = [one.stage for one in everything if one.stage.number > stage.number]
        turn = await advance(tx, story, stage.number, later, administrators, at=now)
        mailing.advanced(tx, story, turn, everything, stage)
    return decision_id


async def _deny(tx: Transaction, story: RequestOnRecord, voice: Voice, now: datetime) -> None:
    """One denial ends the request, in whatever stage."""
    denied = replace(story.request, state=RequestState.DENIED, status=STATUS[RequestState.DENIED], completed_at=now)
    await stages.close_all(tx, denied.id)
    await requests.move(tx, denied, was=PENDING)
    tx.audit(
        trail.about_request(
            story, EventType.REQUEST_DENIED, now, actor_id=voice.approver_id, reason=voice.justification
        )
    )


async def advance(
    tx: Transaction,
    story: RequestOnRecord,
    after: int,
    later: Sequence[Stage],
    administrators: Collection[str],
    *,
    at: datetime,
) -> Turn:
    """Open what follows stage `after` (0: the first), or, after the last, schedule the access or write that it is owed.

    Where an answer is awaited first, the request is held until it is there.
    """
    turn = await _next_turn(tx, story, after, administrators, at)
    story = replace(story, request=turned(story.request, turn))
    for stage in later:
        if stage.number in turn.opening.counted:
            await stages.settle(tx, counted(stage, turn.at, plan=story.request.plan), was=StageState.WAITING)
        elif turn.state is RequestState.PENDING_APPROVAL and stage.number == _number(turn):
            await stages.open_stage(tx, opened(stage, turn))
            await stages.add_approvers(tx, opened(stage, turn), turn.opening.approvers)
    if turn.state is RequestState.DENIED:
        await stages.close_all(tx, story.request.id)
    await requests.move(tx, story.request, was=PENDING)
    audit_turn(tx, story, turn)
    await callouts.of_turn(tx, story, turn)
    if turn.state is RequestState.DELIVERING:
        is_update = story.request.type in UPDATES
        await (prolong if is_update else hand_over)(tx, story, turn.at)
    return turn


async def _next_turn(
    tx: Transaction, story: RequestOnRecord, after: int, administrators: Collection[str], at: datetime
) -> Turn:
    """Look up who decides what is left of the plan; nothing is read when nothing is left."""
    plan = story.request.plan
    left = plan.stages[after:]
    voices = [subject for one in left for subject in (*one.primary_approvers, *one.fallback_approvers)]
    approvers = await look_up(tx, story, voices)
    opening = await next_opening(tx, plan, after, approvers, administrators)
    turn = next_turn(plan, opening, at, target=story.target, package_exists=story.package_exists)
    return await duties.once_more(tx, story, turn)


def _number(turn: Turn) -> int | None:
    return turn.opening.stage.number if turn.opening.stage else None


async def _person(
    tx: Transaction, story: RequestOnRecord, everything: Sequence[StageOnRecord], person_id: str
) -> Person | None:
    """Return the person; who has a part in the request is at hand already."""
    approvers = (approver for one in everything for approver in one.approvers)
    for person in (story.requestor, story.target, *approvers):
        if person.id == person_id:
            return person
    return await facts.person(tx, person_id)


def _sees(
    story: RequestOnRecord, everything: Sequence[StageOnRecord], viewer: Person, administrators: Collection[str]
) -> bool:
    return may_see_request(
        viewer.id,
        is_administrator=viewer.user_principal_name.lower() in {name.lower() for name in administrators},
        requestor_id=story.requestor.id,
        target_id=story.target.id,
        manager_id=story.target.manager_id,
        approver_ids={asked for one in everything for asked in one.stage.approver_ids},
    )


def _judged(
    story: RequestOnRecord, everything: Sequence[StageOnRecord], voice: Voice, approver: Person, now: datetime
) -> StageOnRecord:
    """Return the stage that the voice settles, or raise why it does not."""
    if approver.id in (story.requestor.id, story.target.id):
        raise OwnRequest(
            f"{approver} may not decide on request {story.request.id}: it is their own, since they ask for it or "
            "would get it; one of its approvers must."
        )
    found = _addressed(story, everything, voice.stage_id)
    stage = found.stage
    if stage.verdict is not None:
        raise AlreadyDecided(_first_decision(found))
    if story.request.state is not RequestState.PENDING_APPROVAL:
        raise RequestClosed(_closed(story))
    if stage.state is not StageState.OPEN:
        raise Conflict(
            f"Stage {stage.number} of request {stage.request_id} is not open yet; it follows the one before."
        )
    if approver.id not in stage.approver_ids:
        raise NotAnApprover(
            f"{approver} is not among the approvers of stage {stage.number} of request {stage.request_id}; "
            "only they decide."
        )
    if not approver.account_enabled:
        raise NotAnApprover(f"The account of {approver} is disabled; another approver must decide.")
    if stage.deadline_at is not None and stage.deadline_at <= now:
        raise DeadlinePassed(
            f"Stage {stage.number} of request {stage.request_id} could be decided until {iso(stage.deadline_at)}; "
            "a new request is needed."
        )
    if stage.is_approver_justification_required and not (voice.justification and voice.justification.strip()):
        raise JustificationRequired(
            f"Stage {stage.number} wants a justification from its approver; say why you {voice.verdict.value} it.",
            target="justification",
        )
    return found


def _addressed(story: RequestOnRecord, everything: Sequence[StageOnRecord], stage_id: str | None) -> StageOnRecord:
    """Find the stage meant: the one named; else the open one, else the last that somebody settled."""
    if stage_id is not None:
        found = next((one for one in everything if one.stage.id == stage_id), None)
        if found is None:
            raise NotFound(f"Request {story.request.id} has no stage {stage_id}.")
        return found
    is_open = [one for one in everything if one.stage.state is StageState.OPEN]
    settled = [one for one in everything if one.stage.verdict is not None]
    if is_open or (settled and story.request.state is not RequestState.CANCELED):
        return (is_open or settled)[-1]
    raise RequestClosed(_closed(story))


def _first_decision(found: StageOnRecord) -> str:
    stage = found.stage
    who = found.decided_by_name or "Grantline, by the policy,"
    did = "approved" if stage.verdict is Verdict.APPROVE else "denied"
    when = f" at {iso(stage.decided_at)}" if stage.decided_at else ""
    return f"{who} {did} stage {stage.number} of request {stage.request_id}{when}; the first decision stands."


def _closed(story: RequestOnRecord) -> str:
    request = story.request
    when = f" since {iso(request.completed_at)}" if request.completed_at else ""
    return f"Request {request.id} is {request.state.value}{when} and waits for no decision."
