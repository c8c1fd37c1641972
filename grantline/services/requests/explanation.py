"""Explaining: where a request or an assignment is, who can act, what comes next, what happened, who was refused why.

From the database alone, in one transaction, with no worker and no Temporal.
Nothing is changed. Who may read the thing may have it explained; for others
it does not exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement

from grantline.ambient import utc_now
from grantline.errors import NotAllowed, NotFound
from grantline.model.event import EventType
from grantline.model.explanation import (
    AskedApprover,
    AssignmentExplained,
    CanAct,
    GrantExplained,
    GrantReason,
    Life,
    Moment,
    Named,
    Party,
    RefusedAttempt,
    RequestExplained,
    StageExplained,
)
from grantline.model.person import Actor, Person
from grantline.model.request import CANCELLABLE_STATES, REMOVALS, Request, RequestState, RequestType, Stage, StageState
from grantline.persistence import (
    approvals_given,
    assignments,
    callouts,
    grant_lists,
    policies,
    related,
    requests,
    stages,
    trail_lists,
)
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.persistence.grant_lists import GrantLine
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.persistence.trail_lists import EventLine, RefusalLine
from grantline.rules import narration
from grantline.rules.limiting import said
from grantline.rules.permissions import Task, may, realm
from grantline.services import sight
from grantline.services.requests.discretion import discreet
from grantline.services.requests.open_names import Discretion, discretion, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What the trail has."""

    timeline: tuple[Moment, ...]
    is_whole: bool
    refused: tuple[RefusedAttempt, ...]


async def of_request(
    db: Database, viewer: Actor | None, request_id: str, *, shows_approvers: bool = True
) -> RequestExplained:
    """Explain a request. None as viewer is an operator at the machine, who sees everything.

    Long because an explanation has so many parts, each of one line.
    `shows_approvers` says whether those with a part in the request may know
    who approves, where a policy does not say; who may not is told the rest.

    Raises:
        NotFound: there is none, or not for the viewer.
    """
    now = utc_now()
    async with db.read() as tx:
        await tx.hold_still()
        story = await requests.load(tx, request_id)
        asked = await stages.of_request(tx, request_id, at=now) if story else []
        if story is None or not _sees_request(viewer, story, asked):
            raise NotFound(f"There is no request {request_id} that you may see.")
        _require_open_hand(viewer, story)
        keeping = discretion(viewer, story, asked, shows_approvers=shows_approvers)
        held = await _held(tx, story.request.assignment_id)
        lines = await _grants(tx, held, viewer)
        past = await _past(tx, _about(story.request), keeping)
        policy = await policies.policy(tx, story.request.policy_id)
        awaited = await callouts.open_hold(tx, request_id)
    request, grants = story.request, tuple(_grant(line, now) for line in lines)
    life = _life(held, grants) if held else None
    shown = tuple(keeping.stage(_stage(one)) for one in asked)
    waiting = next((one.stage for one in asked if one.stage.state is StageState.OPEN), None)
    can_act = _can_act(story, asked, now)
    names = [one.person.display_name or one.person.id for one in can_act if one.may == "decide"]
    subject = _subject(story.package_name, story.target)
    return RequestExplained(
        id=request.id,
        says=narration.waiting_for(awaited, subject)
        if awaited
        else narration.standing(request, subject, waiting, keeping.waits_for(names), life),
        type=request.type.value,
        state=request.state.value,
        status=request.status,
        since=_since(story, waiting, held, past),
        requestor=_party(story.requestor),
        target=_party(story.target),
        package=Named(id=request.package_id, display_name=story.package_name),
        policy=Named(id=request.policy_id, display_name=policy.display_name if policy else None),
        justification=request.justification,
        can_act=keeping.can_act(can_act),
        next=narration.next_of_hold(awaited) if awaited else narration.next_of_request(request, waiting, life, now),
        stages=shown,
        assignment=life,
        grants=grants,
        refused=past.refused,
        timeline=past.timeline,
        is_timeline_whole=past.is_whole,
    )


async def of_assignment(db: Database, viewer: Actor | None, assignment_id: str) -> AssignmentExplained:
    """Explain an assignment: why each of its grants is there, and when it goes.

    Raises:
        NotFound: there is none, or not for the viewer.
    """
    now = utc_now()
    async with db.read() as tx:
        await tx.hold_still()
        held = await _held(tx, assignment_id)
        if held is None or not _sees_assignment(viewer, held):
            raise NotFound(f"There is no assignment {assignment_id} that you may see.")
        grants = tuple(_grant(line, now) for line in await _grants(tx, held, viewer))
        past = await _past(tx, trail_lists.about_assignment(assignment_id), Discretion(is_open=True))
        if viewer is not None and not may(viewer, Task.KNOW_APPROVERS, held.catalog_id):
            given = await approvals_given.of_assignment(tx, assignment_id)
            past = replace(past, timeline=discreet(past.timeline, viewer.id, given))
        policy = await policies.policy(tx, held.assignment.policy_id)
    life = _life(held, grants)
    return AssignmentExplained(
        id=assignment_id,
        says=f"{_subject(held.package_name, held.target)}: {narration.lifetime(life)}",
        target=_party(held.target),
        package=Named(id=held.assignment.package_id, display_name=held.package_name),
        policy=Named(id=held.assignment.policy_id, display_name=policy.display_name if policy else None),
        assignment=life,
        next=narration.next_of_assignment(life),
        grants=grants,
        refused=past.refused,
        timeline=past.timeline,
        is_timeline_whole=past.is_whole,
    )


async def overdue_revocations(db: Database, viewer: Actor, query: ListQuery) -> Page[GrantExplained]:
    """Return one page of grants in the viewer's realm that should be gone and are not known to be, oldest first."""
    now = utc_now()
    async with db.read() as tx:
        found = await grant_lists.overdue(
            tx, realm(viewer, Task.LIST_ASSIGNMENTS), now - narration.OVERDUE_AFTER, query
        )
    return found.map(lambda line: _grant(line, now))


def _grant(line: GrantLine, now: datetime) -> GrantExplained:
    """Explain one grant: what is wanted, what is known to be so, for which reasons."""
    return GrantExplained(
        id=line.id,
        person=_party(line.person),
        role=line.role,
        resource=line.resource,
        origin_system=line.origin_system,
        state=narration.grant_state(
            is_wanted=line.is_wanted, is_applied=line.is_applied, existed_before=line.existed_before
        ),
        is_wanted=line.is_wanted,
        existed_before=line.existed_before,
        changed_at=line.changed_at,
        overdue_since=narration.overdue_since(
            is_wanted=line.is_wanted, is_applied=line.is_applied, changed_at=line.changed_at, now=now
        ),
        last_error=line.last_error,
        failures=line.failures,
        reasons=tuple(
            GrantReason(
                assignment_id=reason.assignment_id if reason.is_visible else None,
                package=Named(id=reason.package_id, display_name=reason.package_name) if reason.is_visible else None,
                since=reason.added_at,
                ended_at=reason.ended_at,
            )
            for reason in line.reasons
        ),
    )


def _sees_request(viewer: Actor | None, story: RequestOnRecord, asked: Sequence[StageOnRecord]) -> bool:
    return viewer is None or sight.sees(viewer, story, asked)


def _require_open_hand(viewer: Actor | None, story: RequestOnRecord) -> None:
    request = story.request
    if viewer is None or may(viewer, Task.KNOW_APPROVERS, story.catalog_id) or viewer.id == request.requestor_id:
        return
    if request.type is RequestType.APPROVER_REMOVE:
        raise NotAllowed(
            "An approver took an approval back, and this request would say who; read the request itself, or the "
            "assignment explained."
        )


def _sees_assignment(viewer: Actor | None, held: AssignmentOnRecord) -> bool:
    return viewer is None or sight.sees_assignment(viewer, held)


def _about(request: Request) -> ColumnElement[bool]:
    if request.type in REMOVALS and request.assignment_id:
        return trail_lists.about_removal(request.id, request.assignment_id, request.created_at)
    return trail_lists.about_request(request.id)


async def _held(tx: Transaction, assignment_id: str | None) -> AssignmentOnRecord | None:
    return await assignments.load(tx, assignment_id) if assignment_id else None


async def _grants(tx: Transaction, held: AssignmentOnRecord | None, viewer: Actor | None) -> list[GrantLine]:
    if held is None:
        return []
    governs = viewer is None or may(viewer, Task.READ_ASSIGNMENT, held.catalog_id)
    return await grant_lists.of_assignment(tx, held.assignment.id, viewer.id if viewer and not governs else None)


async def _past(tx: Transaction, about: ColumnElement[bool], keeping: Discretion) -> _Past:
    events, is_whole = await trail_lists.timeline(tx, about)
    refusals = await trail_lists.refusals(tx, about)
    named = trail_lists.people_in(events) | {line.actor_id for line in refusals}
    people = await related.actors_by_id(tx, named)
    return _Past(
        timeline=tuple(keeping.moment(_moment(event, people, keeping)) for event in events),
        is_whole=is_whole,
        refused=keeping.refused([_attempt(line, people) for line in refusals]),
    )


def _moment(event: EventLine, people: Mapping[str, Person], keeping: Discretion) -> Moment:
    actor = _known(event.actor_id, people) if event.actor_id else None
    told_as = (actor.display_name or actor.id) if actor else None
    return Moment(
        number=event.number,
        at=event.at,
        event=event.type,
        actor=actor,
        says=sentence(event, told_as, people, keeping),
        reason=event.reason,
    )


def _attempt(line: RefusalLine, people: Mapping[str, Person]) -> RefusedAttempt:
    return RefusedAttempt(
        person=_known(line.actor_id, people),
        event=line.type,
        code=line.code,
        reason=line.reason,
        first_at=line.first_at,
        last_at=line.last_at,
        times=line.times,
    )


def _stage(one: StageOnRecord) -> StageExplained:
    stage = one.stage
    known = {person.id: person for person in (*one.approvers, *([one.decided_by] if one.decided_by else []))}
    return StageExplained(
        id=stage.id,
        number=stage.number,
        state=stage.state.value,
        opened_at=stage.opened_at,
        deadline_at=stage.deadline_at,
        is_approver_justification_required=stage.is_approver_justification_required,
        approvers=tuple(
            AskedApprover(
                person=_party(person), route=one.routes[person.id], is_waited_for=person.id in one.waiting_ids
            )
            for person in sorted(one.approvers, key=_by_name)
        ),
        decided_by=_known(stage.decided_by_id, known) if stage.decided_by_id else None,
        decided_in_place_of=_known(stage.decided_for_id, known) if stage.decided_for_id else None,
        decided_at=stage.decided_at,
        verdict=stage.verdict.value if stage.verdict else None,
        justification=stage.justification,
        shortened_to=said(stage.limit) if stage.limit else None,
    )


def _can_act(story: RequestOnRecord, asked: Sequence[StageOnRecord], now: datetime) -> tuple[CanAct, ...]:
    """Name those whose word would count at this instant. Administrators, who may always cancel, are not listed."""
    own = {story.requestor.id: story.requestor, story.target.id: story.target}
    deciders = [
        CanAct(
            person=_party(voice.person),
            may="decide",
            route=one.routes[voice.approver.id],
            in_place_of=_party(voice.stands_in_for) if voice.stands_in_for else None,
        )
        for one in asked
        if one.stage.deadline_at is not None and one.stage.deadline_at > now
        for voice in sorted(one.voices(story.requestor.id, story.target.id), key=lambda voice: _by_name(voice.person))
    ]
    if story.request.state not in CANCELLABLE_STATES:
        return ()
    cancellers = [
        CanAct(person=_party(person), may="cancel", route="requestor" if person is story.requestor else "target")
        for person in own.values()
        if person.account_enabled and not person.is_application
    ]
    return (*deciders, *cancellers)


def _since(story: RequestOnRecord, waiting: Stage | None, held: AssignmentOnRecord | None, past: _Past) -> datetime:
    """Return since when the request is where it is."""
    request = story.request
    if waiting is not None and waiting.opened_at is not None:
        return waiting.opened_at
    if request.completed_at is not None:
        return request.completed_at
    if request.state is RequestState.DELIVERING and held is not None:
        return held.ending_at or held.assignment.created_at
    return next(
        (one.at for one in reversed(past.timeline) if one.event == EventType.REQUEST_APPROVED), request.created_at
    )


def _life(held: AssignmentOnRecord, grants: Sequence[GrantExplained]) -> Life:
    one = held.assignment
    return Life(
        id=one.id,
        request_id=held.request_id,
        state=one.state.value,
        status=one.status,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        delivered_at=one.delivered_at,
        ending_at=held.ending_at,
        ended_at=one.ended_at,
        end_cause=one.end_cause.value if one.end_cause else None,
        overdue_since=min((grant.overdue_since for grant in grants if grant.overdue_since), default=None),
    )


def _subject(package: str, target: Person) -> str:
    return f"{package} for {target.display_name}"


def _party(person: Person) -> Party:
    return Party(id=person.id, display_name=person.display_name, user_principal_name=person.user_principal_name)


def _by_name(person: Person) -> tuple[str, str]:
    return (person.display_name, person.id)


def _known(person_id: str, people: Mapping[str, Person]) -> Party:
    return _party(people[person_id]) if person_id in people else Party(id=person_id)
