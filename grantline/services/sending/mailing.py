"""Who is told what, by mail, at each turn of a request and at both ends of an assignment.

Called by the service that brings the turn about, with what it has at hand:
nothing is read here. Requestor and target are told of every turn of an
on-behalf request; of their own request people are told how it ends. An
administrator, or an application, who assigns directly is told nothing; the target
is. Nobody with a disabled account is mailed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from grantline.model.assignment import Assignment, AssignmentState, EndCause
from grantline.model.delegation import Delegation
from grantline.model.mail import Mail, MailKind
from grantline.model.person import Person
from grantline.model.request import RequestState, RequestType, Stage, StageState
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RemovalOnRecord, RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.limiting import said
from grantline.rules.settlement import Turn
from grantline.rules.voices import Voice
from grantline.services.requests.briefings import excerpt

DELIVERIES = {
    AssignmentState.DELIVERED: MailKind.ACCESS_DELIVERED,
    AssignmentState.PARTIALLY_DELIVERED: MailKind.ACCESS_PARTIALLY_DELIVERED,
    AssignmentState.DELIVERY_FAILED: MailKind.ACCESS_DELIVERY_FAILED,
}


def submitted(tx: Transaction, story: RequestOnRecord, turn: Turn, stages: Sequence[Stage]) -> None:
    """Tell of a new request: whoever must decide, and the target that somebody asks for them."""
    request = story.request
    if turn.state is RequestState.DENIED:
        _tell(tx, MailKind.REQUEST_DENIED, request.id, _concerned(story), _about(story, reason=turn.reason))
    elif turn.state is RequestState.DELIVERY_FAILED:
        not_given(tx, story, turn)
    else:
        _ask(tx, story, turn, stages)
        if request.is_on_behalf:
            _tell(tx, MailKind.ASKED_FOR_YOU, request.id, [story.target], _about(story, **_opened(turn)))


def advanced(
    tx: Transaction, story: RequestOnRecord, turn: Turn, everything: Sequence[StageOnRecord], stage: Stage, *, by: str
) -> None:
    """Tell of a stage that was approved, and of where the request goes from there."""
    request, asked = story.request, _asked(everything)
    decided = {"actor": by, "reason": excerpt(stage.justification)}
    if turn.state is RequestState.PENDING_APPROVAL:
        _ask(tx, story, turn, [one.stage for one in everything])
        of_stage = _asked(one for one in everything if one.stage.id == stage.id)
        details = _about(story, stage=stage.number, **decided)
        _tell(tx, MailKind.APPROVAL_ADVANCED, stage.id, of_stage, details)
        if request.is_on_behalf:
            _tell(tx, MailKind.REQUEST_ADVANCED, stage.id, _concerned(story), _about(story, **_opened(turn)))
    elif turn.state is RequestState.DENIED:
        _tell(tx, MailKind.APPROVAL_DENIED, request.id, asked, _about(story, reason=turn.reason))
        _tell(tx, MailKind.REQUEST_DENIED, request.id, _concerned(story), _about(story, reason=turn.reason))
    else:
        _tell(tx, MailKind.APPROVAL_APPROVED, request.id, asked, _about(story, **decided))
        if turn.state is RequestState.DELIVERY_FAILED:
            not_given(tx, story, turn)
        else:
            _tell(tx, MailKind.REQUEST_APPROVED, request.id, _concerned(story), _about(story))


def approved_in_place(tx: Transaction, story: RequestOnRecord, stage: Stage, right: Voice) -> None:
    """Tell requestor and target that a delegate approved, and for whom; only where they may know who approves."""
    place = right.stands_in_for.display_name if right.stands_in_for else None
    who = {"actor": right.person.display_name, "in_place_of": place, "reason": excerpt(stage.justification)}
    _tell(tx, MailKind.REQUEST_APPROVED_IN_PLACE, stage.id, _concerned(story), _about(story, stage=stage.number, **who))


def denied(
    tx: Transaction, story: RequestOnRecord, everything: Sequence[StageOnRecord], by: str | None, reason: str | None
) -> None:
    """Tell of a denial. Requestor and target learn the reason here; by whom, the portal shows to who may see it."""
    request, why = story.request, excerpt(reason)
    _tell(
        tx,
        MailKind.APPROVAL_DENIED,
        request.id,
        _asked(everything),
        _about(story, actor=by, reason=why),
    )
    _tell(tx, MailKind.REQUEST_DENIED, request.id, _concerned(story), _about(story, reason=why))


def resumed(tx: Transaction, story: RequestOnRecord, turn: Turn, everything: Sequence[StageOnRecord]) -> None:
    """Tell of a request that goes on since a custom extension answered: those whom it waits for now, or how it ends."""
    if turn.state is RequestState.DENIED:
        denied(tx, story, everything, None, turn.reason)
    elif turn.state is RequestState.DELIVERY_FAILED:
        not_given(tx, story, turn)
    elif turn.state is RequestState.PENDING_APPROVAL:
        _ask(tx, story, turn, [one.stage for one in everything])
    elif story.request.plan.stages:
        _tell(tx, MailKind.APPROVAL_APPROVED, story.request.id, _asked(everything), _about(story))
        _tell(tx, MailKind.REQUEST_APPROVED, story.request.id, _concerned(story), _about(story))


def expired(tx: Transaction, story: RequestOnRecord, found: StageOnRecord) -> None:
    """Tell of a stage that nobody decided in time."""
    stage = found.stage
    details = _about(story, **_waiting(stage))
    _tell(tx, MailKind.APPROVAL_EXPIRED, stage.id, _asked([found]), details)
    _tell(tx, MailKind.REQUEST_EXPIRED, story.request.id, _concerned(story), details)


def canceled(
    tx: Transaction, story: RequestOnRecord, everything: Sequence[StageOnRecord], by: Person, reason: str | None
) -> None:
    """Tell of a withdrawal: everybody it concerns but the one who did it, and whom the open stage waited for."""
    details = _about(story, actor=by.display_name, reason=excerpt(reason))
    waiting = _asked(one for one in everything if one.stage.state is StageState.OPEN)
    _tell(tx, MailKind.APPROVAL_CANCELED, story.request.id, waiting, details)
    others = [person for person in _concerned(story) if person.id != by.id]
    _tell(tx, MailKind.REQUEST_CANCELED, story.request.id, others, details)


def not_given(tx: Transaction, story: RequestOnRecord, turn: Turn) -> None:
    """Tell that an approved request cannot be carried out any more, before anything was given."""
    details = _about(story, reason=turn.reason)
    _tell(tx, MailKind.ACCESS_DELIVERY_FAILED, story.request.id, _concerned(story), details)


def delivered(
    tx: Transaction, story: RequestOnRecord, held: AssignmentOnRecord, state: AssignmentState, why: str
) -> None:
    """Tell how delivery went. That something failed is told whatever the policy switches off."""
    kind = DELIVERIES[state]
    if kind is not MailKind.ACCESS_DELIVERED or held.is_mail_wanted:
        details = _about(story, reason=excerpt(why)) | _times(held.assignment)
        _tell(tx, kind, story.request.id, _concerned(story), details)


def asked_anew(
    tx: Transaction, story: RequestOnRecord, stage: Stage, approvers: Iterable[Person], at: datetime
) -> None:
    """Tell approvers and alternates to whom an open stage was brought; whoever comes back to it is told again."""
    _tell(tx, MailKind.APPROVAL_NEEDED, _turn_of(stage, at), approvers, _about(story, **_waiting(stage)))


def asked_in_place(tx: Transaction, story: RequestOnRecord, stage: Stage, heard: Iterable[Voice], at: datetime) -> None:
    """Tell those who stand in for an approver that the stage waits for them too, and for whom they would decide."""
    _tell_voices(tx, MailKind.APPROVAL_NEEDED, story, stage, (one for one in heard if one.stands_in_for), at)


def reminded(tx: Transaction, story: RequestOnRecord, stage: Stage, waiting: Iterable[Voice], at: datetime) -> None:
    """Tell those who have not acted that a stage still waits for them; each reminder is a message of its own."""
    _tell_voices(tx, MailKind.APPROVAL_REMINDER, story, stage, waiting, at)


def _tell_voices(  # noqa: PLR0917  (which message, of which stage of which request, to whom, when)
    tx: Transaction, kind: MailKind, story: RequestOnRecord, stage: Stage, heard: Iterable[Voice], at: datetime
) -> None:
    for one in heard:
        place = one.stands_in_for.display_name if one.stands_in_for else None
        details = _about(story, **_waiting(stage), in_place_of=place)
        _tell(tx, kind, _turn_of(stage, at), [one.person], details)


def _turn_of(stage: Stage, at: datetime) -> str:
    return f"{stage.id} {at:%Y-%m-%dT%H:%M}"


def named_as_delegate(tx: Transaction, delegation: Delegation) -> None:
    """Tell a delegate for whom they stand in, and from when until when; a change is told like a new one."""
    begins_at, ends_at = delegation.begins_at.isoformat(), delegation.ends_at
    details = {
        "actor": delegation.delegator.display_name,
        "starts_at": begins_at,
        "ends_at": ends_at.isoformat() if ends_at else None,
    }
    until = f"{ends_at:%Y-%m-%dT%H:%M}" if ends_at else "ended"
    about = f"{delegation.id} {delegation.begins_at:%Y-%m-%dT%H:%M} {until}"
    _tell(tx, MailKind.APPROVAL_DELEGATED, about, [delegation.delegate], details)


def near_end(tx: Transaction, held: AssignmentOnRecord, lead: timedelta) -> None:
    """Tell the holder, and whoever asked for them, that the access ends in `lead`."""
    ends_at = held.assignment.ends_at
    about = f"{held.assignment.id} {lead.days} {ends_at:%Y-%m-%dT%H:%M}"
    to = [held.target, *([] if held.is_direct else [held.requestor])]
    _tell(tx, MailKind.ACCESS_NEAR_END, about, to, _held(held))


def ended(tx: Transaction, held: AssignmentOnRecord, cause: EndCause | None, removal: RemovalOnRecord | None) -> None:
    """Tell that nothing of an assignment is left, and why; access that was never given ends in silence."""
    if cause is None or not held.is_mail_wanted:
        return
    to = [held.target, *([] if held.is_direct else [held.requestor])]
    details = _held(held) | {"cause": cause.value}
    if removal is not None:
        # Whether they may know who approved, and so who took it back, is the portal's to say.
        is_approver = removal.type is RequestType.APPROVER_REMOVE
        actor = None if is_approver else removal.requestor.display_name
        details |= {"actor": actor, "reason": excerpt(removal.justification)}
        to += [removal.requestor] if removal.type is RequestType.USER_REMOVE else []
    _tell(tx, MailKind.ACCESS_ENDED, held.assignment.id, to, details)


def _ask(tx: Transaction, story: RequestOnRecord, turn: Turn, stages: Sequence[Stage]) -> None:
    """Tell the approvers of the stage that opens that it waits for them."""
    planned = turn.opening.stage
    stage = next((one for one in stages if planned and one.number == planned.number), None)
    if stage is not None:
        approvers = [approver.person for approver in turn.opening.approvers]
        _tell(tx, MailKind.APPROVAL_NEEDED, stage.id, approvers, _about(story, **_opened(turn)))


def _opened(turn: Turn) -> dict[str, Any]:
    """Say which stage is open now, and until when."""
    stage = turn.opening.stage
    return {"stage": stage.number, "deadline_at": (turn.at + stage.window).isoformat()} if stage else {}


def _about(story: RequestOnRecord, **more: Any) -> dict[str, Any]:
    request, plan = story.request, story.request.terms
    return {
        "package": story.package_name,
        "request_id": request.id,
        "requestor": story.requestor.display_name,
        "requestor_department": story.requestor.department,
        "target": story.target.display_name,
        "target_id": story.target.id,
        "is_on_behalf": request.is_on_behalf,
        "justification": excerpt(request.justification),
        "submitted_at": request.created_at.isoformat(),
        "starts_at": plan.starts_at.isoformat() if plan.starts_at else None,
        "ends_at": plan.ends_at.isoformat() if plan.ends_at else None,
        "shortened": said(request.limit) if request.limit else None,
        "stage_count": len(plan.stages),
        **more,
    }


def _waiting(stage: Stage) -> dict[str, Any]:
    return {"stage": stage.number, "deadline_at": stage.deadline_at.isoformat() if stage.deadline_at else None}


def _held(held: AssignmentOnRecord) -> dict[str, Any]:
    return {
        "package": held.package_name,
        "request_id": held.request_id,
        "requestor": held.requestor.display_name,
        "target": held.target.display_name,
        "target_id": held.target.id,
        "is_on_behalf": held.requestor.id != held.target.id,
        **_times(held.assignment),
    }


def _times(assignment: Assignment) -> dict[str, Any]:
    starts_at, ends_at = assignment.starts_at, assignment.ends_at
    return {
        "starts_at": starts_at.isoformat() if starts_at else None,
        "ends_at": ends_at.isoformat() if ends_at else None,
    }


def _asked(everything: Iterable[StageOnRecord]) -> list[Person]:
    return [
        person for one in everything for person in (*one.approvers, *(stand_in.person for stand_in in one.stand_ins))
    ]


def _concerned(story: RequestOnRecord) -> list[Person]:
    """Return requestor and target; of what an administrator does directly, the target alone."""
    if story.request.type in (RequestType.ADMIN_ADD, RequestType.ADMIN_UPDATE):
        return [story.target] if story.request.is_on_behalf else []
    return [story.requestor, story.target]


def _tell(tx: Transaction, kind: MailKind, about: str, people: Iterable[Person], details: dict[str, Any]) -> None:
    to = {person.id: person for person in people if person.account_enabled and not person.is_application}
    tx.mail(Mail(kind=kind, about=about, to=tuple(to.values()), details=details))
