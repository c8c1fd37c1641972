"""What follows when a stage is settled, or none was yet: for a new request and for a decided one alike."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from grantline.ambient import new_id
from grantline.model.event import EventType
from grantline.model.plan import Plan
from grantline.model.request import Request, RequestState, Stage, StageState, Verdict
from grantline.model.subjects import SubjectSet
from grantline.persistence import facts, stages
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.approvers import Opening, People, open_next
from grantline.rules.case import named_groups, named_people, names_owners, names_sponsors
from grantline.rules.reminding import escalation
from grantline.rules.settlement import Turn
from grantline.services import trail


async def look_up(tx: Transaction, story: RequestOnRecord, voices: Sequence[SubjectSet]) -> People:
    """Read everybody these sets stand for, as the directory has them now; nothing is read when there are none."""
    crowd = facts.Crowd()
    if voices:
        crowd = await facts.crowd(
            tx,
            story.target.id,
            people_ids=named_people(voices),
            member_groups=named_groups(voices),
            sponsors=names_sponsors(voices),
            owners_of=story.request.package_id if names_owners(voices) else None,
        )
    return crowd.approver_facts(story.requestor.id, story.target.id)


async def next_opening(
    tx: Transaction, plan: Plan, after: int, people: People, administrators: Collection[str]
) -> Opening:
    """Find what comes after stage `after`; administrators are only read when nobody else may decide."""
    opening = open_next(plan, after, people)
    if opening.is_stuck and administrators:
        owners = await facts.people_by_user_name(tx, administrators)
        return open_next(plan, after, replace(people, owners=tuple(owners)))
    return opening


def opened(stage: Stage, turn: Turn) -> Stage:
    """Return the stage as it is once it waits for the opening's approvers."""
    if turn.opening.stage is None:
        raise AssertionError(f"stage {stage.number} is opened by an opening without stage (this is a bug)")
    return replace(
        stage,
        state=StageState.OPEN,
        opened_at=turn.at,
        deadline_at=turn.at + turn.opening.stage.window,
        # As planned by now: a custom extension may have said so after the stage came on record.
        is_approver_justification_required=turn.opening.stage.is_approver_justification_required,
        approver_visibility=turn.opening.stage.approver_visibility,
        escalates_at=escalation(turn.opening.stage, turn.at),
        approver_ids=tuple(approver.person.id for approver in turn.opening.approvers),
    )


BY_POLICY = "Counted as approved: the approver is the requestor, and the policy takes asking for approving."
WAIVED = "Counted as approved: the custom extension that was asked says that nobody need decide."


def counted(stage: Stage, at: datetime, *, plan: Plan) -> Stage:
    """Return the stage as it is when it counts as approved: by nobody, and saying so."""
    why = WAIVED if plan.stages[stage.number - 1].is_waived else BY_POLICY
    return replace(stage, state=StageState.APPROVED, verdict=Verdict.APPROVE, decided_at=at, justification=why)


def stages_of(request_id: str, plan: Plan, turn: Turn) -> tuple[Stage, ...]:
    """Make the stages of a new request, as the first turn leaves them."""
    rows: list[Stage] = []
    for planned in plan.stages:
        stage = stages.waiting(request_id, planned)
        if planned.number in turn.opening.counted:
            stage = counted(stage, turn.at, plan=plan)
        elif turn.state is RequestState.DENIED:
            stage = replace(stage, state=StageState.CLOSED)
        elif planned == turn.opening.stage:
            stage = opened(stage, turn)
        rows.append(stage)
    return tuple(rows)


def turned(request: Request, turn: Turn) -> Request:
    """Return the request as it is after the turn; access that becomes owed gets its assignment's id here."""
    has_ended = turn.state in (RequestState.DENIED, RequestState.DELIVERY_FAILED)
    return replace(
        request,
        state=turn.state,
        status=turn.status,
        assignment_id=request.assignment_id or (new_id() if turn.state is RequestState.DELIVERING else None),
        completed_at=turn.at if has_ended else None,
    )


def audit_turn(tx: Transaction, story: RequestOnRecord, turn: Turn) -> None:
    """Put into the trail what a turn did: stages counted, a stage opened, or what became of the request."""
    at, stage = turn.at, turn.opening.stage
    for number in turn.opening.counted:
        is_waived = story.request.plan.stages[number - 1].is_waived
        by = "customExtension" if is_waived else "countAsApproved"
        details = {"stage": number, "verdict": Verdict.APPROVE.value, "by": by}
        tx.audit(trail.about_request(story, EventType.STAGE_DECIDED, at, details=details))
    if turn.state is RequestState.PENDING_APPROVAL and stage is not None:
        details = {
            "stage": stage.number,
            "deadline": (at + stage.window).isoformat(),
            "approvers": [{"id": one.person.id, "source": one.source.value} for one in turn.opening.approvers],
        }
        tx.audit(trail.about_request(story, EventType.STAGE_OPENED, at, details=details))
    elif turn.opening.hold is not None:
        held = turn.opening.hold.callout
        details = {"point": held.point.value, "extension": held.extension_id, "name": held.name}
        until = {"until": turn.times_out_at.isoformat()} if turn.times_out_at else {}
        tx.audit(trail.about_request(story, EventType.REQUEST_HELD, at, details=details | until))
    elif turn.state is RequestState.DENIED:
        tx.audit(trail.about_request(story, EventType.REQUEST_DENIED, at, reason=turn.reason))
    else:
        tx.audit(trail.about_request(story, EventType.REQUEST_APPROVED, at))
    if turn.state is RequestState.DELIVERY_FAILED:
        tx.audit(trail.about_request(story, EventType.REQUEST_DELIVERY_FAILED, at, reason=turn.reason))
