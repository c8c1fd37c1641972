"""Rehearsing a request: judged like a submit, resolved like a submit, and nothing is written.

A submit stops at the first refusal; a rehearsal tells them all, so that a form
can be mended in one go.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grantline.ambient import utc_now
from grantline.errors import Refused
from grantline.model.person import Actor, Person
from grantline.model.plan import Plan, PlannedStage
from grantline.model.policy import Policy
from grantline.model.request import REMOVALS, UPDATES, Ask, RequestState, RequestType
from grantline.persistence.database import Database, Transaction
from grantline.rules.approvers import Approver, People
from grantline.rules.extension import objections as objections_to_update
from grantline.rules.judgement import judge, objections
from grantline.rules.permissions import Task, may
from grantline.rules.permissions.asking import require_asker
from grantline.rules.planning import end_of_access, plan_for
from grantline.rules.settlement import next_turn
from grantline.services.approvals.openings import next_opening
from grantline.services.requests import extension, removal, submission
from grantline.services.sending import callouts


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedStage:
    """One stage with who would decide it if it opened now; nobody where it counts as approved."""

    planned: PlannedStage
    approvers: tuple[Approver, ...]
    counts_as_approved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a submit would answer now: refusals, or what would become of the request.

    `state` is where it would be at once, `reason` why if it would end there.
    `knows_approvers`: who rehearses may know them, whatever the policy says.
    `ends_at` is when the access would end if it were approved now.
    """

    type: RequestType
    refusals: tuple[Refused, ...] = ()
    package_id: str | None = None
    package_name: str | None = None
    requestor: Person | None = None
    target: Person | None = None
    policy: Policy | None = None
    stages: tuple[RehearsedStage, ...] = ()
    state: RequestState | None = None
    reason: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    lasts: timedelta | None = None
    knows_approvers: bool = False


async def rehearse(db: Database, actor: Actor, ask: Ask, *, administrators: Collection[str] = ()) -> Rehearsal:
    """Judge an ask in full and say what a submit would do; what is malformed or absent is a refusal like others."""
    try:
        require_asker(actor, ask.type)
        async with db.read() as tx:
            if ask.type in UPDATES:
                return await _update(tx, actor, ask, administrators)
            if ask.type in REMOVALS:
                return await _removal(tx, actor, ask)
            return await _addition(tx, actor, ask, administrators)
    except Refused as refusal:
        return Rehearsal(type=ask.type, requestor=actor.person, refusals=(refusal,))


async def _removal(tx: Transaction, actor: Actor, ask: Ask) -> Rehearsal:
    held, kind, _ = await removal.examine(tx, actor, ask.type, removal.named(ask), ask.justification)
    return Rehearsal(
        type=kind,
        package_id=held.assignment.package_id,
        package_name=held.package_name,
        requestor=actor.person,
        target=held.target,
        state=RequestState.DELIVERING,
    )


async def _update(tx: Transaction, actor: Actor, ask: Ask, administrators: Collection[str]) -> Rehearsal:
    """Rehearse an extension: who may not ask for it at all is told that alone, others everything."""
    held = await extension.held_still(tx, extension.named(ask))
    found = await extension.gathered(tx, actor, ask, held)
    case, policy = found.case, found.holding.policy
    known = Rehearsal(
        type=case.ask.type,
        refusals=tuple(objections_to_update(case, found.holding)),
        package_id=case.package.id,
        package_name=case.package.display_name,
        requestor=case.requestor,
        target=case.target,
    )
    if known.refusals:
        return known
    plan = await extension.plan_of(tx, case, policy)
    opening = await next_opening(tx, plan, 0, found.approvers, administrators)
    turn = next_turn(plan, opening, case.now, target=case.target)
    # Where nobody has to approve it the end moves at once.
    state = RequestState.DELIVERED if turn.state is RequestState.DELIVERING else turn.state
    return replace(
        known,
        policy=policy,
        stages=await _stages(tx, plan, found.approvers, administrators),
        state=state,
        reason=turn.reason,
        ends_at=end_of_access(plan, case.now),
        lasts=plan.lasts,
        knows_approvers=may(actor, Task.KNOW_APPROVERS, case.catalog.id),
    )


async def _addition(tx: Transaction, actor: Actor, ask: Ask, administrators: Collection[str]) -> Rehearsal:
    now = utc_now()
    case, crowd = await submission.case_of(tx, actor, ask, now)
    if refusals := objections(case):
        return Rehearsal(
            type=ask.type,
            refusals=tuple(refusals),
            package_id=case.package.id,
            package_name=case.package.display_name,
            requestor=case.requestor,
            target=case.target,
        )
    policy = judge(case)
    plan = plan_for(policy, ask.schedule, now, extensions=await callouts.named_by(tx, policy))
    people = crowd.approver_facts(actor.id, case.target.id)
    opening = await next_opening(tx, plan, 0, people, administrators)
    turn = next_turn(plan, opening, now, target=case.target)
    return Rehearsal(
        type=ask.type,
        package_id=case.package.id,
        package_name=case.package.display_name,
        requestor=case.requestor,
        target=case.target,
        policy=policy,
        stages=await _stages(tx, plan, people, administrators),
        state=turn.state,
        reason=turn.reason,
        starts_at=plan.starts_at,
        ends_at=end_of_access(plan, plan.starts_at or now),
        lasts=plan.lasts,
        knows_approvers=may(actor, Task.KNOW_APPROVERS, case.catalog.id),
    )


async def _stages(
    tx: Transaction, plan: Plan, people: People, administrators: Collection[str]
) -> tuple[RehearsedStage, ...]:
    """Resolve every stage as if it opened now, also those whose turn would come later.

    Custom extensions are not asked, so of a stage that one of them determines nobody is known.
    """
    plan = replace(plan, callouts=())
    found: list[RehearsedStage] = []
    for planned in plan.stages:
        opening = await next_opening(tx, plan, planned.number - 1, people, administrators)
        counts = planned.number in opening.counted
        found.append(
            RehearsedStage(planned=planned, approvers=() if counts else opening.approvers, counts_as_approved=counts)
        )
    return tuple(found)
