"""Submitting: facts are read, the rules judge, and what they decide is on record when this returns.

All in one transaction: the request, its stages, who may decide the first, or
the access itself where nobody has to; the audit events; the message that
starts the workflow. Whoever loses a race against another submit is judged
again, and then refused by what the winner left.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from grantline.ambient import new_id, utc_now
from grantline.errors import InvalidInput, NotFound
from grantline.model.assignment import AssignmentState
from grantline.model.person import Actor, Person
from grantline.model.plan import Plan
from grantline.model.policy import Policy
from grantline.model.request import REMOVALS, UPDATES, Ask, Request, RequestState, RequestType, Stage, StageState
from grantline.persistence import facts, requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.facts import AboutPackage, Crowd
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.whereabouts import Noun
from grantline.rules.answering import as_asked
from grantline.rules.approvers import Opening
from grantline.rules.case import Case, named_groups, named_people, names_owners, names_sponsors
from grantline.rules.judgement import judge, usable
from grantline.rules.permissions import Task, may
from grantline.rules.permissions.asking import require_asker
from grantline.rules.planning import plan_for
from grantline.rules.settlement import Turn, next_turn
from grantline.services import authority, trail
from grantline.services.approvals import standing_in
from grantline.services.approvals.openings import audit_turn, next_opening, stages_of, turned
from grantline.services.assignments.handover import hand_over
from grantline.services.requests import briefings, duties, extension, removal
from grantline.services.requests.submitted import Idempotency, Submitted, repeated
from grantline.services.sending import callouts, mailing

__all__ = ["Idempotency", "Submitted", "applicable_policies", "submit"]

ATTEMPTS = 3


async def submit(
    db: Database,
    actor: Actor,
    ask: Ask,
    *,
    idempotency: Idempotency | None = None,
    administrators: Collection[str] = (),
) -> Submitted:
    """Judge an ask and put it on record, or raise why not.

    `administrators` are the sign-in names of those who decide when nobody else
    may; with none, such a request is denied at once.
    """
    require_asker(actor, ask.type)
    if ask.type in REMOVALS:
        return await removal.remove(db, actor, ask, idempotency=idempotency)
    if ask.type in UPDATES:
        return await extension.extend(db, actor, ask, idempotency=idempotency, administrators=administrators)
    for _ in range(ATTEMPTS - 1):
        try:
            return await _submit(db, actor, ask, idempotency, administrators)
        except IntegrityError:
            # Somebody was faster. Their rows are there now, and the rules have the words for it.
            continue
    return await _submit(db, actor, ask, idempotency, administrators)


async def applicable_policies(db: Database, actor: Actor, package_id: str, target_id: str) -> list[Policy]:
    """Return the policies that the actor may request under for the target, most specific class first."""
    ask = Ask(type=RequestType.USER_ADD, package_id=package_id, target_id=target_id)
    async with db.read() as tx:
        about = await _about(tx, package_id, target_id)
        people = await _crowd(tx, actor, package_id, target_id, about.policies)
    return usable(_case(actor, ask, about, people, target_id=target_id, now=utc_now()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A judged request before it is written: everything in its final state."""

    story: RequestOnRecord
    turn: Turn
    stages: tuple[Stage, ...]
    resubmits: str | None = None


async def _submit(
    db: Database, actor: Actor, ask: Ask, idempotency: Idempotency | None, administrators: Collection[str]
) -> Submitted:
    async with db.write() as tx:
        now = utc_now()
        package_id, target_id = _wanted(ask.package_id, "accessPackageId"), await _target_id(tx, actor, ask)
        key = idempotency.key if idempotency else ""
        about = await _about(tx, package_id, target_id, actor_id=actor.id, key=key)
        if idempotency and about.repeated_request_id and about.repeated_body_hash:
            return await repeated(tx, idempotency, about.repeated_request_id, about.repeated_body_hash)
        case, people = await _gathered(tx, actor, ask, about, target_id, now)
        policy = judge(case)
        plan = plan_for(policy, ask.schedule, now, extensions=await callouts.named_by(tx, policy))
        opening = await next_opening(tx, plan, 0, people.approver_facts(actor.id, target_id), administrators)
        draft = _draft(case, policy, plan, opening)
        await _write(tx, draft, idempotency)
        if about.is_anybody_away and (stage := _open(draft)) is not None:
            await standing_in.tell(tx, draft.story, stage, opening.approvers, now)
    return Submitted(request=draft.story.request, messages=tuple(tx.messages))


async def case_of(tx: Transaction, actor: Actor, ask: Ask, now: datetime) -> tuple[Case, Crowd]:
    """Gather what a submit of this ask would be judged by.

    Raises:
        InvalidInput: no package or target is named.
        NotFound: the package or a person does not exist.
    """
    package_id, target_id = _wanted(ask.package_id, "accessPackageId"), await _target_id(tx, actor, ask)
    return await _gathered(tx, actor, ask, await _about(tx, package_id, target_id), target_id, now)


async def _gathered(  # noqa: PLR0917  (who asks what, about what, for whom, when)
    tx: Transaction, actor: Actor, ask: Ask, about: AboutPackage, target_id: str, now: datetime
) -> tuple[Case, Crowd]:
    if ask.type is RequestType.ADMIN_ADD and not await _may_try_to_assign(tx, actor, about):
        raise _unknown(about.package.id)
    candidates = [policy for policy in about.policies if ask.policy_id in (None, policy.id)]
    people = await _crowd(tx, actor, about.package.id, target_id, candidates)
    case = _case(actor, ask, about, people, target_id=target_id, now=now)
    if about.is_exclusive:
        case = replace(case, collisions=await duties.collisions(tx, about.package.id, target_id))
    return case, people


def _draft(case: Case, policy: Policy, plan: Plan, opening: Opening) -> _Draft:
    turn = next_turn(plan, opening, case.now, target=case.target)
    request = Request(
        id=new_id(),
        type=case.ask.type,
        state=turn.state,
        status=turn.status,
        requestor_id=case.requestor.id,
        requestor_name=case.requestor.name_on_record,
        target_id=case.target.id,
        package_id=case.package.id,
        policy_id=policy.id,
        assignment_id=None,
        justification=case.ask.justification,
        schedule=case.ask.schedule,
        plan=plan,
        created_at=case.now,
        completed_at=None,
        answers=as_asked(policy.questions, case.ask.answers),
    )
    story = RequestOnRecord(
        request=turned(request, turn),
        requestor=case.requestor,
        target=case.target,
        package_name=case.package.display_name,
        catalog_id=case.catalog.id,
    )
    return _Draft(story=story, turn=turn, stages=stages_of(request.id, plan, turn), resubmits=case.ask.resubmits)


async def _write(tx: Transaction, draft: _Draft, idempotency: Idempotency | None) -> None:
    story, request = draft.story, draft.story.request
    await requests.add(tx, request)
    await stages.add(tx, draft.stages)
    stage = _open(draft)
    if stage is not None:
        await stages.add_approvers(tx, stage, draft.turn.opening.approvers)
    if idempotency:
        await requests.remember(tx, request.requestor_id, idempotency.key, idempotency.body_hash, request)
    repeats = {"resubmits": draft.resubmits} if draft.resubmits is not None else {}
    tx.audit(trail.submitted(story, **repeats))
    audit_turn(tx, story, draft.turn)
    mailing.submitted(tx, story, draft.turn, draft.stages)
    awaited = await callouts.of_submit(tx, story, draft.turn)
    if request.state is RequestState.DELIVERING:
        await hand_over(tx, story, request.created_at)
    names = [approver.person.display_name for approver in draft.turn.opening.approvers] if stage else []
    progress = briefings.progress_of(request, stage=stage, approver_names=names, awaited=awaited)
    tx.post(request.id, briefings.of_request(story, progress))


def _open(draft: _Draft) -> Stage | None:
    return next((one for one in draft.stages if one.state is StageState.OPEN), None)


async def _target_id(tx: Transaction, actor: Actor, ask: Ask) -> str:
    """Return whom the access is for: named by id or mail, else the one who asks."""
    if ask.target_id is not None:
        return ask.target_id
    if ask.target_mail is not None:
        found = await facts.person_id_by_mail(tx, ask.target_mail)
        if found is None:
            raise NotFound(f"Nobody has the mail address '{ask.target_mail}'.", target="assignment/target")
        return found
    if ask.type is RequestType.ADMIN_ADD:
        raise InvalidInput("Name whom to assign: assignment.targetId is missing.", target="assignment/targetId")
    return actor.id


async def _about(
    tx: Transaction, package_id: str, target_id: str, *, actor_id: str = "", key: str = ""
) -> AboutPackage:
    about = await facts.about_package(tx, package_id, target_id, actor_id=actor_id, key=key)
    if about is None:
        raise _unknown(package_id)
    return about


async def _may_try_to_assign(tx: Transaction, actor: Actor, about: AboutPackage) -> bool:
    """Tell whether the actor at least sees the package; who does and may not assign it is told by the rules."""
    if may(actor, Task.ASSIGN, about.catalog.id):
        return True
    return await authority.sees(tx, actor, Noun.PACKAGE, about.package.id, about.catalog.id)


def _unknown(package_id: str) -> NotFound:
    return NotFound(f"There is no access package {package_id}.", target="assignment/accessPackageId")


async def _crowd(tx: Transaction, actor: Actor, package_id: str, target_id: str, policies: Sequence[Policy]) -> Crowd:
    """Read everybody that these policies could make the rules look at."""
    voices = [
        subject
        for policy in policies
        if policy.approval_settings.is_required_for_add
        for stage in policy.approval_settings.stages
        for subject in (*stage.primary_approvers, *stage.fallback_approvers)
    ]
    scopes = [
        subject
        for policy in policies
        for subject in (*policy.specific_allowed_targets, *policy.requestor_settings.on_behalf_requestors)
    ]
    return await facts.crowd(
        tx,
        target_id,
        people_ids=(named_people(voices) | {actor.id}) - {target_id},
        member_groups=named_groups(voices),
        asked_groups=named_groups(scopes),
        asked_people={actor.id, target_id},
        sponsors=names_sponsors(voices),
        owners_of=package_id if names_owners(voices) else None,
    )


def _case(actor: Actor, ask: Ask, about: AboutPackage, people: Crowd, *, target_id: str, now: datetime) -> Case:
    return Case(
        now=now,
        ask=ask,
        requestor=actor.person if actor.is_application else _known(people, actor.id),
        may_assign=may(actor, Task.ASSIGN, about.catalog.id),
        target=_known(people, target_id),
        managers=people.line,
        memberships=people.memberships,
        package=about.package,
        catalog=about.catalog,
        policies=about.policies,
        open_request_id=about.open_request_id,
        live_assignment_id=about.live_assignment_id,
        is_assignment_ending=about.live_assignment_state == AssignmentState.ENDING.value,
    )


def _known(people: Crowd, person_id: str) -> Person:
    person = people.by_id.get(person_id)
    if person is None:
        raise NotFound(f"There is no person {person_id}.", target="assignment/target")
    return person


def _wanted(value: str | None, field: str) -> str:
    if value is None:
        raise InvalidInput(f"assignment.{field} is missing.", target=f"assignment/{field}")
    return value
