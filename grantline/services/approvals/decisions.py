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
    InvalidInput,
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
from grantline.model.person import Actor, Person
from grantline.model.plan import Limit
from grantline.model.request import UPDATES, RequestState, Stage, StageState, Verdict
from grantline.persistence import facts, requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.settlement import STATUS, Turn, next_turn
from grantline.rules.times import iso
from grantline.rules.voices import Voice, voice_of
from grantline.services import authority, sight, trail
from grantline.services.approvals import rerouting, standing_in
from grantline.services.approvals.openings import audit_turn, counted, look_up, next_opening, opened, turned
from grantline.services.approvals.shortening import shorten
from grantline.services.assignments.handover import hand_over
from grantline.services.requests import duties, open_names
from grantline.services.requests.briefings import excerpt
from grantline.services.requests.prolongation import prolong
from grantline.services.sending import callouts, mailing

PENDING = (RequestState.PENDING_APPROVAL,)

KEPT = (OwnRequest, NotAnApprover, AlreadyDecided, DeadlinePassed)
"""Refusals that say something about who tried, and so go into the trail; the rest is about what was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says about a request; without `stage_id` about the stage that is open.

    `limit` is what an approval shortens the access to.
    """

    approver_id: str
    request_id: str
    stage_id: str | None
    verdict: Verdict
    justification: str | None
    limit: Limit | None = None


async def decide(  # noqa: PLR0917  (the five words of a decision, in the order they are spoken)
    db: Database,
    actor_id: str,
    request_id: str,
    stage_id: str | None,
    verdict: Verdict,
    justification: str | None,
    *,
    limit: Limit | None = None,
    administrators: Collection[str] = (),
) -> tuple[Message, ...]:
    """Settle a stage with the actor's verdict, or raise why it is not theirs to settle.

    `limit` is what an approval shortens the access to. `administrators` are the
    sign-in names of those who see every request, and who decide a next stage
    when nobody else may.
    """
    word = Word(
        approver_id=actor_id,
        request_id=request_id,
        stage_id=stage_id,
        verdict=verdict,
        justification=justification,
        limit=limit,
    )
    try:
        async with db.write() as tx:
            decision_id = await hear(tx, word, administrators)
            told = DecideSignal(
                approver_id=actor_id,
                verdict=verdict,
                decision_id=decision_id,
                stage_id=stage_id,
                justification=excerpt(justification),
                limit=limit,
            )
            tx.post(request_id, told)
    except KEPT as refusal:
        await _keep(db, word, refusal)
        raise
    return tuple(tx.messages)


async def _keep(db: Database, word: Word, refusal: Refused) -> None:
    """Put into the trail that somebody was refused; what was refused has left nothing, so this stands alone."""
    async with db.write() as tx:
        tx.audit(
            AuditEvent(
                type=EventType.DECISION_REFUSED,
                at=utc_now(),
                actor_id=word.approver_id,
                object_type="request",
                object_id=word.request_id,
                request_id=word.request_id,
                reason=refusal.message,
                details={"code": refusal.code, "verdict": word.verdict.value, "stage": word.stage_id},
            )
        )


async def hear(tx: Transaction, word: Word, administrators: Collection[str]) -> str:
    """Judge a decision, through whatever door it came, and put it on record; return its id.

    Nothing is written when it is refused.
    """
    story = await requests.load(tx, word.request_id, lock=True)
    # Whoever waited for the lock is judged by what holds once they have it.
    now = utc_now()
    everything = await stages.of_request(tx, word.request_id, at=now) if story else []
    approver = await _person(tx, story, everything, word.approver_id) if story else None
    if story is None or approver is None or not await _sees(tx, story, everything, approver, administrators):
        raise NotFound(f"There is no request {word.request_id}.")
    story, everything = await _today(tx, story, everything, now, administrators)
    found, right = _judged(story, everything, word, approver, now)
    if word.limit is not None:
        story = await shorten(tx, story, word.limit, now)
    decision_id = new_id()
    stage = _decided(found.stage, word, right, now)
    if not await stages.settle(tx, stage, decision_id=decision_id):
        raise AssertionError(f"stage {stage.id} was settled under the request's lock (this is a bug)")
    tx.audit(_event(story, stage, decision_id))
    if word.verdict is Verdict.DENY:
        await _deny(tx, story, word, now)
        mailing.denied(tx, story, everything, str(right), word.justification)
    else:
        later = [one.stage for one in everything if one.stage.number > stage.number]
        turn = await advance(tx, story, stage.number, later, administrators, at=stage.decided_at or now)
        if right.stands_in_for is not None and await open_names.are_told(tx, stage):
            mailing.approved_in_place(tx, story, stage, right)
        mailing.advanced(tx, story, turn, everything, stage, by=str(right))
    return decision_id


async def _today(
    tx: Transaction,
    story: RequestOnRecord,
    everything: list[StageOnRecord],
    now: datetime,
    administrators: Collection[str],
) -> tuple[RequestOnRecord, list[StageOnRecord]]:
    """Return request and stages as the directory of this moment has them, whoever was to follow it and has not yet."""
    if not await rerouting.bring_up_to_date(tx, story, everything, administrators):
        return story, everything
    changed = await requests.load(tx, story.request.id)
    return changed or story, await stages.of_request(tx, story.request.id, at=now)


def _event(story: RequestOnRecord, stage: Stage, decision_id: str) -> AuditEvent:
    details: dict[str, object] = {"stage": stage.number, "verdict": stage.verdict, "decision": decision_id}
    if stage.limit is not None:
        details["shortenedTo"] = trail.limit(stage.limit)
    if stage.decided_for_id is not None:
        details["inPlaceOf"] = stage.decided_for_id
    return trail.about_request(
        story,
        EventType.STAGE_DECIDED,
        stage.decided_at or utc_now(),
        actor_id=stage.decided_by_id,
        reason=stage.justification,
        details=details,
    )


def _decided(stage: Stage, word: Word, right: Voice, now: datetime) -> Stage:
    """Return the stage as the word leaves it."""
    return replace(
        stage,
        state=StageState.APPROVED if word.verdict is Verdict.APPROVE else StageState.DENIED,
        decided_by_id=right.person.id,
        decided_for_id=right.stands_in_for.id if right.stands_in_for else None,
        decided_at=now,
        verdict=word.verdict,
        justification=word.justification,
        limit=word.limit,
    )


async def _deny(tx: Transaction, story: RequestOnRecord, word: Word, now: datetime) -> None:
    """One denial ends the request, in whatever stage."""
    denied = replace(story.request, state=RequestState.DENIED, status=STATUS[RequestState.DENIED], completed_at=now)
    await stages.close_all(tx, denied.id)
    await requests.move(tx, denied, was=PENDING)
    tx.audit(
        trail.about_request(story, EventType.REQUEST_DENIED, now, actor_id=word.approver_id, reason=word.justification)
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
            await standing_in.tell(tx, story, opened(stage, turn), turn.opening.approvers, turn.at)
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
    plan = story.request.terms
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
    delegates = (stand_in.person for one in everything for stand_in in one.stand_ins)
    for person in (story.requestor, story.target, *approvers, *delegates):
        if person.id == person_id:
            return person
    return await facts.person(tx, person_id)


async def _sees(
    tx: Transaction,
    story: RequestOnRecord,
    everything: Sequence[StageOnRecord],
    viewer: Person,
    administrators: Collection[str],
) -> bool:
    # Whoever has a part in it is let in without a look at their roles.
    return sight.sees(Actor(person=viewer), story, everything) or sight.sees(
        await authority.acting(tx, viewer, administrators), story, everything
    )


def _judged(
    story: RequestOnRecord, everything: Sequence[StageOnRecord], word: Word, approver: Person, now: datetime
) -> tuple[StageOnRecord, Voice]:
    """Return the stage that is settled and by what right, or raise why it is not theirs to settle."""
    found, right = may_speak(story, everything, approver, word.stage_id, now)
    stage = found.stage
    if stage.is_approver_justification_required and not (word.justification and word.justification.strip()):
        raise JustificationRequired(
            f"Stage {stage.number} wants a justification from its approver; say why you {word.verdict.value} it.",
            target="justification",
        )
    if word.limit is not None and word.verdict is Verdict.DENY:
        raise InvalidInput("What is denied is not shortened; leave shortenedTo out, or approve.", target="shortenedTo")
    return found, right


def may_speak(
    story: RequestOnRecord,
    everything: Sequence[StageOnRecord],
    approver: Person,
    stage_id: str | None,
    now: datetime,
) -> tuple[StageOnRecord, Voice]:
    """Return the stage that is open to somebody's word, and by what right, or raise why none is."""
    if approver.id in (story.requestor.id, story.target.id):
        raise OwnRequest(
            f"{approver} may not decide on request {story.request.id}: it is their own, since they ask for it or "
            "would get it; one of its approvers must."
        )
    found = _addressed(story, everything, stage_id)
    stage = found.stage
    if stage.verdict is not None:
        raise AlreadyDecided(_first_decision(found))
    if story.request.state is not RequestState.PENDING_APPROVAL:
        raise RequestClosed(_closed(story))
    if stage.state is not StageState.OPEN:
        raise Conflict(
            f"Stage {stage.number} of request {stage.request_id} is not open yet; it follows the one before."
        )
    if not approver.account_enabled:
        raise NotAnApprover(f"The account of {approver} is disabled; another approver must decide.")
    right = voice_of(approver.id, found.voices(story.requestor.id, story.target.id))
    if right is None:
        raise NotAnApprover(
            f"{approver} is not among the approvers of stage {stage.number} of request {stage.request_id}; "
            "only they decide."
        )
    if stage.deadline_at is not None and stage.deadline_at <= now:
        raise DeadlinePassed(
            f"Stage {stage.number} of request {stage.request_id} could be decided until {iso(stage.deadline_at)}; "
            "a new request is needed."
        )
    return found, right


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
    who = str(found.decided_by or "Grantline, by the policy,")
    who += f" in place of {found.decided_for}" if found.decided_for else ""
    did = "approved" if stage.verdict is Verdict.APPROVE else "denied"
    when = f" at {iso(stage.decided_at)}" if stage.decided_at else ""
    return f"{who} {did} stage {stage.number} of request {stage.request_id}{when}; the first decision stands."


def _closed(story: RequestOnRecord) -> str:
    request = story.request
    when = f" since {iso(request.completed_at)}" if request.completed_at else ""
    return f"Request {request.id} is {request.state.value}{when} and waits for no decision."
