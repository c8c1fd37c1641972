"""Moving the end of an assignment: a request of its own, approved like the first if the policy wants that."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from grantline.ambient import new_id, utc_now
from grantline.errors import InvalidInput, NotFound, NotRequestable, Refused
from grantline.model.briefing import Ending, ExtendSignal
from grantline.model.person import Actor
from grantline.model.plan import Plan
from grantline.model.policy import Expiration, ExpirationType, Policy
from grantline.model.request import Ask, Request, RequestState, RequestType, Schedule, StageState
from grantline.persistence import assignments, facts, requests, stages
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.persistence.facts import AboutPackage, Crowd
from grantline.persistence.requests import RequestOnRecord
from grantline.rules import extension
from grantline.rules.approvers import People
from grantline.rules.case import Case, named_groups, named_people, names_owners, names_sponsors
from grantline.rules.extension import Holding
from grantline.rules.permissions import Task, may
from grantline.rules.planning import plan_for
from grantline.rules.settlement import Turn, next_turn
from grantline.services import sight, trail
from grantline.services.approvals import standing_in
from grantline.services.approvals.openings import audit_turn, next_opening, stages_of, turned
from grantline.services.assignments import notices
from grantline.services.outsiders import actor_of, audit_refusal
from grantline.services.requests import briefings
from grantline.services.requests.prolongation import prolong
from grantline.services.requests.submitted import Idempotency, Submitted, repeated
from grantline.services.sending import callouts, mailing


async def extend(
    db: Database,
    actor: Actor,
    ask: Ask,
    *,
    idempotency: Idempotency | None = None,
    administrators: Collection[str] = (),
) -> Submitted:
    """Put an update on record, and move the end at once where nobody has to approve; or raise why not."""
    named(ask)
    try:
        return await _extend(db, actor, ask, idempotency, administrators)
    except IntegrityError:
        # The same idempotency key at the same instant: its request is there now.
        return await _extend(db, actor, ask, idempotency, administrators)


def named(ask: Ask) -> str:
    """Return the id of the assignment that an update names, or raise that it names none."""
    if ask.assignment_id is None:
        raise InvalidInput("Name the assignment to extend: assignment.id is missing.", target="assignment/id")
    return ask.assignment_id


async def _extend(
    db: Database, actor: Actor, ask: Ask, idempotency: Idempotency | None, administrators: Collection[str]
) -> Submitted:
    async with db.write() as tx:
        # Whoever had to wait for the row sees the key of the one before, if it is the same ask.
        held = await held_still(tx, ask.assignment_id or "")
        if idempotency and (known := await requests.remembered(tx, actor.id, idempotency.key)):
            return await repeated(tx, idempotency, *known)
        request = await _record(tx, actor, ask, held, administrators)
        if idempotency:
            await requests.remember(tx, actor.id, idempotency.key, idempotency.body_hash, request)
    return Submitted(request=request, messages=tuple(tx.messages))


async def hear(
    db: Database, assignment_id: str, signal: ExtendSignal, at: datetime, *, administrators: Collection[str] = ()
) -> Ending:
    """Hear of an extension. One with an id is on record; any other came past the API and is judged now.

    `at` is the workflow's instant. Return until when the access lasts.
    """
    async with db.write() as tx:
        held = await held_still(tx, assignment_id)
        is_new = signal.ends_at is None or signal.ends_at != held.assignment.ends_at
        if signal.extension_id is None and is_new:
            try:
                actor = await actor_of(tx, signal.actor_id, administrators)
                await _record(tx, actor, _asked_by(signal, assignment_id), held, administrators)
            except Refused as refusal:
                audit_refusal(tx, "assignment", assignment_id, signal.actor_id, refusal)
            held = await held_still(tx, assignment_id)
        return notices.standing(held, at)


async def _record(
    tx: Transaction, actor: Actor, ask: Ask, held: AssignmentOnRecord, administrators: Collection[str]
) -> Request:
    """Judge an update, through whatever door it came, and put it on record. Nothing is written when refused."""
    facts_of = await gathered(tx, actor, ask, held)
    case, policy = facts_of.case, facts_of.holding.policy
    extension.judge(case, facts_of.holding)
    plan = await plan_of(tx, case, policy)
    opening = await next_opening(tx, plan, 0, facts_of.approvers, administrators)
    turn = next_turn(plan, opening, case.now, target=case.target)
    request = turned(_request(case, held.assignment.id, policy, plan, turn), turn)
    story = RequestOnRecord(
        request=request,
        requestor=case.requestor,
        target=case.target,
        package_name=case.package.display_name,
        catalog_id=case.catalog.id,
    )
    return await _write(tx, story, turn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that an update is judged by, and who could approve it."""

    case: Case
    holding: Holding
    approvers: People


async def gathered(tx: Transaction, actor: Actor, ask: Ask, held: AssignmentOnRecord) -> Gathered:
    """Gather what an update of a locked assignment is judged by.

    Raises:
        NotFound: the actor may not see the assignment.
        Refused: they may not move its end.
    """
    about, policy = await _about(tx, held)
    people = await _crowd(tx, actor, held, policy)
    case = _judged(actor, _case(actor, ask, about, people, held=held, now=utc_now()), policy, held)
    holding = Holding(
        assignment=held.assignment,
        policy=policy,
        removal_id=await requests.open_removal(tx, held.assignment.id),
        open_update_id=(await requests.open_updates(tx, [held.assignment.id])).get(held.assignment.id),
    )
    return Gathered(case=case, holding=holding, approvers=people.approver_facts(actor.id, held.target.id))


async def plan_of(tx: Transaction, case: Case, policy: Policy) -> Plan:
    """Fix what an update that nothing speaks against will go through."""
    known = await callouts.named_by(tx, policy)
    return plan_for(policy, replace(case.ask.schedule, starts_at=None), case.now, is_update=True, extensions=known)


async def _write(tx: Transaction, story: RequestOnRecord, turn: Turn) -> Request:
    request = story.request
    everything = stages_of(request.id, request.plan, turn)
    await requests.add(tx, request)
    await stages.add(tx, everything)
    stage = next((one for one in everything if one.state is StageState.OPEN), None)
    if stage is not None:
        await stages.add_approvers(tx, stage, turn.opening.approvers)
        await standing_in.tell(tx, story, stage, turn.opening.approvers, turn.at)
    tx.audit(trail.submitted(story))
    audit_turn(tx, story, turn)
    awaited = await callouts.of_submit(tx, story, turn)
    if request.state is RequestState.DELIVERING:
        return await prolong(tx, story, turn.at)
    mailing.submitted(tx, story, turn, everything)
    if request.state is RequestState.PENDING_APPROVAL:
        names = [approver.person.display_name for approver in turn.opening.approvers]
        progress = briefings.progress_of(request, stage=stage, approver_names=names, awaited=awaited)
        tx.post(request.id, briefings.of_request(story, progress))
    return request


def _request(case: Case, assignment_id: str, policy: Policy, plan: Plan, turn: Turn) -> Request:
    return Request(
        id=new_id(),
        type=case.ask.type,
        state=turn.state,
        status=turn.status,
        requestor_id=case.requestor.id,
        requestor_name=case.requestor.name_on_record,
        target_id=case.target.id,
        package_id=case.package.id,
        policy_id=policy.id,
        assignment_id=assignment_id,
        justification=case.ask.justification,
        schedule=case.ask.schedule,
        plan=plan,
        created_at=case.now,
        completed_at=None,
    )


def _judged(actor: Actor, case: Case, policy: Policy, held: AssignmentOnRecord) -> Case:
    """Return the case with the type that goes on record; who may not even see the assignment learns nothing."""
    try:
        kind = extension.extension_type(actor, case, policy)
    except Refused:
        if sight.sees_assignment(actor, held):
            raise
        raise _absent(held.assignment.id) from None
    return replace(case, ask=replace(case.ask, type=kind))


def _case(
    actor: Actor, ask: Ask, about: AboutPackage, people: Crowd, *, held: AssignmentOnRecord, now: datetime
) -> Case:
    return Case(
        now=now,
        ask=ask,
        requestor=people.by_id.get(actor.id, actor.person),
        may_assign=may(actor, Task.ASSIGN, about.catalog.id),
        target=people.by_id.get(held.target.id, held.target),
        managers=people.line,
        memberships=people.memberships,
        package=about.package,
        catalog=about.catalog,
        policies=about.policies,
    )


async def _about(tx: Transaction, held: AssignmentOnRecord) -> tuple[AboutPackage, Policy]:
    """Read the package, and the policy that the assignment is held under."""
    about = await facts.about_package(tx, held.assignment.package_id, held.target.id)
    policies = about.policies if about else ()
    policy = next((one for one in policies if one.id == held.assignment.policy_id), None)
    if about is None or policy is None:
        raise NotRequestable(
            f"'{held.package_name}', or the policy that assignment {held.assignment.id} is held under, was deleted; "
            "the access ends as it was to."
        )
    return about, policy


async def _crowd(tx: Transaction, actor: Actor, held: AssignmentOnRecord, policy: Policy) -> Crowd:
    """Read everybody that the policy could make the rules look at."""
    settings = policy.approval_settings
    voices = [
        subject
        for stage in (settings.stages if settings.is_required_for_update else ())
        for subject in (*stage.primary_approvers, *stage.fallback_approvers)
    ]
    scopes = (*policy.specific_allowed_targets, *policy.requestor_settings.on_behalf_requestors)
    return await facts.crowd(
        tx,
        held.target.id,
        people_ids=(named_people(voices) | {actor.id}) - {held.target.id},
        member_groups=named_groups(voices),
        asked_groups=named_groups(scopes),
        asked_people={actor.id, held.target.id},
        sponsors=names_sponsors(voices),
        owners_of=held.assignment.package_id if names_owners(voices) else None,
    )


async def held_still(tx: Transaction, assignment_id: str) -> AssignmentOnRecord:
    """Return an assignment, which stays as it is until commit, or raise that there is none."""
    held = await assignments.load(tx, assignment_id, lock=True)
    if held is None:
        raise _absent(assignment_id)
    return held


def _absent(assignment_id: str) -> NotFound:
    return NotFound(f"There is no assignment {assignment_id}.", target="assignment/id")


def _asked_by(signal: ExtendSignal, assignment_id: str) -> Ask:
    expiration = (
        Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=signal.ends_at) if signal.ends_at is not None else None
    )
    return Ask(
        type=RequestType.USER_UPDATE,
        assignment_id=assignment_id,
        justification=signal.reason,
        schedule=Schedule(expiration=expiration),
    )
