"""The answer to a call that a request waits for: it goes on, it is denied, or its time to answer was up.

The request's row is the lock, and the hold's conditional update says who was
first: the answer, the timeout, or a withdrawal. The others hear so.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from grantline.ambient import utc_now
from grantline.errors import (
    AlreadyDecided,
    DeadlinePassed,
    InvalidInput,
    NotAllowed,
    NotFound,
    OwnRequest,
    RequestClosed,
)
from grantline.model.briefing import AnsweredSignal, Progress
from grantline.model.callout import Callout, CalloutPoint, HoldState, OnTimeout
from grantline.model.directory_change import ChangeKind, DirectoryChange
from grantline.model.event import EventType
from grantline.model.message import Message
from grantline.model.person import Actor
from grantline.model.plan import Plan, PlannedStage
from grantline.model.policy import ApproverVisibility, StageSettings
from grantline.model.request import RequestState, StageState
from grantline.persistence import callouts, directory_changes, policies, requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.permissions import Task, may, refusal
from grantline.rules.planning import planned_stage
from grantline.rules.settlement import STATUS
from grantline.rules.times import iso
from grantline.services import sight, trail
from grantline.services.approvals import decisions
from grantline.services.assignments import lifecycle
from grantline.services.configuration import policy_checks
from grantline.services.sending import mailing

LONGEST_DETAIL = 2000
STAGE_PATH = "data/approvalStage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a custom extension says. `stage` is the approval stage it determines, `needs_nobody` that none is needed."""

    callout_id: str
    point: CalloutPoint | None = None
    is_denied: bool = False
    detail: str | None = None
    stage: StageSettings | None = None
    needs_nobody: bool = False


async def answer(
    db: Database,
    request_id: str,
    said: Answer,
    *,
    actor: Actor | None = None,
    administrators: Collection[str] = (),
) -> tuple[Message, ...]:
    """Let a request go on, or end it, as the answer to its callout says; or raise why that cannot be.

    Without `actor` it is the extension itself, which proved that at the door.
    """
    async with db.write() as tx:
        now = utc_now()
        story = await requests.load(tx, request_id, lock=True)
        everything = await stages.of_request(tx, request_id) if story else []
        if story is None or (actor is not None and not sight.sees(actor, story, everything)):
            raise NotFound(f"There is no request {request_id} that you may see.")
        _require_authority(actor, story)
        awaited = await _awaited(tx, story, said, now)
        plan = await _plan_after(tx, story, awaited, said)
        state = HoldState.DENIED if said.is_denied else HoldState.RESUMED
        detail = said.detail[:LONGEST_DETAIL] if said.detail else None
        actor_id = actor.id if actor else None
        await callouts.end_hold(tx, awaited.id, state, now, detail=detail, answered_by_id=actor_id)
        details = _about(awaited) | {"state": state.value}
        kind = EventType.CALLOUT_ANSWERED
        tx.audit(trail.about_request(story, kind, now, actor_id=actor_id, reason=detail, details=details))
        if said.is_denied:
            reason = f"{awaited.extension_name} denied it" + (f": {detail}" if detail else "")
            await _deny(tx, story, everything, now, reason)
        else:
            story = replace(story, request=replace(story.request, plan=plan))
            await _go_on(tx, story, everything, now, administrators)
        tx.post(request_id, AnsweredSignal(callout_id=awaited.id))
    return tuple(tx.messages)


async def time_out(
    db: Database, request_id: str, callout_id: str, at: datetime, *, administrators: Collection[str] = ()
) -> Progress:
    """Do what the extension's silence means, if it has been silent for long enough. Safe to repeat."""
    async with db.write() as tx:
        story = await requests.load(tx, request_id, lock=True)
        if story is None:
            raise NotFound(f"There is no request {request_id}.")
        awaited = await callouts.find(tx, request_id, callout_id)
        is_open = story.request.state is RequestState.PENDING_APPROVAL
        is_due = awaited is not None and is_open and _is_over(awaited, at)
        if awaited is not None and is_due and await callouts.end_hold(tx, awaited.id, HoldState.TIMED_OUT, at):
            await _silence(tx, story, awaited, at, administrators)
    return await lifecycle.progress(db, request_id)


async def _silence(
    tx: Transaction, story: RequestOnRecord, awaited: Callout, at: datetime, administrators: Collection[str]
) -> None:
    details = _about(awaited) | {"means": awaited.on_timeout.value}
    tx.audit(trail.about_request(story, EventType.CALLOUT_TIMED_OUT, at, details=details))
    everything = await stages.of_request(tx, story.request.id)
    if awaited.on_timeout is OnTimeout.DENY:
        await _deny(tx, story, everything, at, f"{awaited.extension_name} did not answer in time")
        return
    plan = _passed(story.request.plan, awaited, None)
    story = replace(story, request=replace(story.request, plan=plan))
    await _go_on(tx, story, everything, at, administrators)


async def _go_on(
    tx: Transaction,
    story: RequestOnRecord,
    everything: list[StageOnRecord],
    at: datetime,
    administrators: Collection[str],
) -> None:
    """Take the next turn from where the request was held."""
    await requests.write_plan(tx, story.request)
    settled = [one.stage.number for one in everything if one.stage.state is StageState.APPROVED]
    after = max(settled, default=0)
    later = [one.stage for one in everything if one.stage.number > after]
    turn = await decisions.advance(tx, story, after, later, administrators, at=at)
    mailing.resumed(tx, story, turn, everything)


async def _deny(
    tx: Transaction, story: RequestOnRecord, everything: list[StageOnRecord], at: datetime, reason: str
) -> None:
    status = f"{STATUS[RequestState.DENIED]}: {reason}"
    denied = replace(story.request, state=RequestState.DENIED, status=status, completed_at=at)
    await stages.close_all(tx, denied.id)
    await requests.move(tx, denied, was=decisions.PENDING)
    tx.audit(trail.about_request(story, EventType.REQUEST_DENIED, at, reason=reason))
    mailing.denied(tx, story, everything, None, reason)


def _require_authority(actor: Actor | None, story: RequestOnRecord) -> None:
    """Let the extension itself answer, or an administrator who has no part in the request."""
    if actor is None:
        return
    if not may(actor, Task.ANSWER_CALLOUT, story.catalog_id):
        says = refusal(actor.person, Task.ANSWER_CALLOUT).message
        raise NotAllowed(f"{says} The extension itself answers with the callbackToken of its callout.")
    if actor.id in (story.requestor.id, story.target.id):
        raise OwnRequest(f"{actor.person} may not let request {story.request.id} go on: it is their own.")


async def _awaited(tx: Transaction, story: RequestOnRecord, said: Answer, now: datetime) -> Callout:
    """Return the call that is answered, or raise why there is nothing to answer."""
    request, found = story.request, await callouts.find(tx, story.request.id, said.callout_id)
    if found is None or found.hold is None:
        raise NotFound(
            f"Request {request.id} waits for no answer to a callout {said.callout_id}.",
            target="data/customExtensionStageInstanceId",
        )
    if said.point not in (None, found.point):
        raise InvalidInput(
            f"The callout {found.id} was made at {found.point.value}; data.stage says {said.point.value}.",
            target="data/stage",
        )
    if found.hold is HoldState.TIMED_OUT:
        raise DeadlinePassed(_too_late(found))
    if found.hold in (HoldState.RESUMED, HoldState.DENIED):
        when = f" at {iso(found.answered_at)}" if found.answered_at else ""
        raise AlreadyDecided(
            f"The callout {found.id} was answered{when} ({found.hold.value}); the first answer stands."
        )
    if found.hold is HoldState.WITHDRAWN or request.state is not RequestState.PENDING_APPROVAL:
        raise RequestClosed(f"Request {request.id} is {request.state.value} and waits for no answer any more.")
    if _is_over(found, now):
        raise DeadlinePassed(_too_late(found))
    return found


def _is_over(awaited: Callout, at: datetime) -> bool:
    return awaited.times_out_at is not None and awaited.times_out_at <= at


def _too_late(found: Callout) -> str:
    until = iso(found.times_out_at) if found.times_out_at else "its time"
    goes = "went on without it" if found.on_timeout is OnTimeout.CONTINUE else "was denied"
    return f"The callout {found.id} could be answered until {until}; the request {goes}."


async def _plan_after(tx: Transaction, story: RequestOnRecord, awaited: Callout, said: Answer) -> Plan:
    """Return the plan as the answer leaves it."""
    plan = story.request.plan
    if awaited.point is not CalloutPoint.DETERMINING:
        if said.stage is not None or said.needs_nobody:
            raise InvalidInput(
                f"At {awaited.point.value} nobody is asked who approves; leave out approvalStage and approvalRequired.",
                target=STAGE_PATH,
            )
        return _passed(plan, awaited, None)
    if said.is_denied:
        return plan
    if (said.stage is not None) is said.needs_nobody:
        raise InvalidInput(
            "Say who decides in data.approvalStage, or that nobody need with data.approvalRequired false; one of both.",
            target=STAGE_PATH,
        )
    stage = None
    if said.stage is not None:
        policy_checks.check_stage(STAGE_PATH, said.stage)
        await _require_known(tx, said.stage)
        await _let_follow(tx, story, said.stage)
        stage = said.stage
    return _passed(plan, awaited, stage, is_waived=said.needs_nobody)


async def _require_known(tx: Transaction, stage: StageSettings) -> None:
    users, groups = policy_checks.named_in_stage(STAGE_PATH, stage)
    no_users, no_groups = await policies.unknown_subjects(tx, users, groups)
    for noun, mentions, unknown in (("user", users, no_users), ("group", groups, no_groups)):
        for subject_id, path in mentions.items():
            if subject_id in unknown:
                raise InvalidInput(f"There is no {noun} {subject_id}, which {path} names.", target=path)


async def _let_follow(tx: Transaction, story: RequestOnRecord, stage: StageSettings) -> None:
    """Have the stage follow the directory as if the policy named its approvers."""
    for kind, subject_id in await policies.keep_approvers(tx, story.request.policy_id, [stage]):
        if kind == directory_changes.GROUP:
            # Whoever joined or left it just now was not noted, since nobody had asked for this group's members.
            await directory_changes.note(tx, DirectoryChange(kind=ChangeKind.MEMBERS, subject_id=subject_id))


def _passed(plan: Plan, awaited: Callout, said: StageSettings | None, *, is_waived: bool = False) -> Plan:
    """Put into a plan that an answer is there; of a stage that was to be determined, who decides it.

    What the answer leaves open stays as the policy has it: above all who decides when nobody named may.
    """
    if awaited.point is not CalloutPoint.DETERMINING:
        return replace(plan, passed=(*plan.passed, awaited.point))
    return replace(
        plan,
        stages=tuple(
            _determined(one, said, is_waived=is_waived) if one.number == awaited.stage_number else one
            for one in plan.stages
        ),
    )


def _determined(planned: PlannedStage, said: StageSettings | None, *, is_waived: bool) -> PlannedStage:
    if said is None:
        return replace(planned, determined_by=None, is_waived=is_waived)
    whole = replace(
        said,
        fallback_approvers=said.fallback_approvers or planned.fallback_approvers,
        is_approver_justification_required=(
            said.is_approver_justification_required or planned.is_approver_justification_required
        ),
        approver_visibility=(
            planned.approver_visibility
            if said.approver_visibility is ApproverVisibility.DEFAULT
            else said.approver_visibility
        ),
        determined_by=None,
    )
    return planned_stage(planned.number, whole)


def _about(awaited: Callout) -> dict[str, object]:
    return {
        "callout": awaited.id,
        "extension": awaited.extension_id,
        "name": awaited.extension_name,
        "point": awaited.point.value,
    }
