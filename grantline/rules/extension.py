"""May this assignment's end be moved, by whom, and to when (LIF-4, ASG-8, ASG-9).

Whatever created the assignment: only the policy it is held under counts, and
who is in scope at this moment.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from grantline.errors import (
    AssignmentEnded,
    Conflict,
    DuplicateRequest,
    ExtensionNotAllowed,
    InvalidSchedule,
    NotAllowed,
    NotRequestable,
    Refused,
    TargetOutOfScope,
)
from grantline.model.assignment import Assignment, AssignmentState
from grantline.model.catalog import CatalogState
from grantline.model.person import Actor
from grantline.model.policy import Policy, TargetScope
from grantline.model.request import RequestType
from grantline.rules.case import Case
from grantline.rules.eligibility import justification, requestor_enabled, schedule, target_enabled
from grantline.rules.notices import HELD
from grantline.rules.permissions import Task, refusal
from grantline.rules.permissions.asking import instead
from grantline.rules.planning import end_of_access, plan_for
from grantline.rules.scope import covers, may_act_for
from grantline.rules.times import fixed_end, iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """An assignment with what is under way about it."""

    assignment: Assignment
    policy: Policy
    removal_id: str | None = None
    open_update_id: str | None = None


def extension_type(actor: Actor, case: Case, policy: Policy) -> RequestType:
    """Return as what the extension goes on record, or raise why the actor may not ask for it.

    The holder may where the policy lets targets extend, others where it lets
    on-behalf requestors, whoever assigns directly always.
    """
    if case.ask.type is RequestType.ADMIN_UPDATE:
        if case.may_assign:
            return RequestType.ADMIN_UPDATE
        says = refusal(actor.person, Task.ASSIGN).message
        raise NotAllowed(f"{says}{instead(actor.person, RequestType.USER_UPDATE)}", target="requestType")
    settings, package = policy.requestor_settings, case.package.display_name
    if case.is_on_behalf:
        allowed = settings.on_behalf_update and may_act_for(
            settings.on_behalf_requestors, actor.id, case.managers, case.memberships
        )
        says = f"does not let {actor.person} extend '{package}' for {case.target}"
    else:
        allowed = settings.self_update
        says = f"does not let {case.target} extend '{package}'"
    if allowed:
        return RequestType.USER_UPDATE
    if case.may_assign:
        return RequestType.ADMIN_UPDATE
    raise ExtensionNotAllowed(f"Not extended: the policy '{policy.display_name}' {says}; ask an administrator.")


def judge(case: Case, held: Holding) -> None:
    """Raise the first reason why the end cannot be moved as asked; who may ask was judged before."""
    for check in IN_ORDER:
        if refusal := check(case, held):
            raise refusal


def objections(case: Case, held: Holding) -> list[Refused]:
    """Return everything that speaks against moving the end, not only the first; empty exactly when `judge` returns.

    Of what is wrong with the same thing, such as the times, only the first.
    """
    found: dict[type[Refused], Refused] = {}
    for check in IN_ORDER:
        if refusal := check(case, held):
            found.setdefault(type(refusal), refusal)
    return list(found.values())


def ended(assignment: Assignment, at: datetime) -> Refused | None:
    """Object when there is no access left whose end could move; asked again at the very moment it moves."""
    if assignment.state in (AssignmentState.ENDING, AssignmentState.EXPIRED, AssignmentState.DELIVERY_FAILED):
        return AssignmentEnded(
            f"Assignment {assignment.id} is {assignment.state.value}; there is nothing to extend. Ask for the "
            "access package anew."
        )
    if assignment.ends_at is not None and assignment.ends_at <= at:
        return AssignmentEnded(
            f"Assignment {assignment.id} ended at {iso(assignment.ends_at)}; it cannot be extended any more. Ask for "
            "the access package anew."
        )
    return None


def _ended(case: Case, held: Holding) -> Refused | None:
    assignment = held.assignment
    if refusal := ended(assignment, case.now):
        return refusal
    if held.removal_id is not None:
        return AssignmentEnded(
            f"Request {held.removal_id} is removing assignment {assignment.id}; it cannot be extended any more."
        )
    if assignment.state not in HELD:
        return Conflict(f"Assignment {assignment.id} is still being delivered; extend it once it is.")
    return None


def _open_update(case: Case, held: Holding) -> Refused | None:
    if held.open_update_id is None:
        return None
    return DuplicateRequest(
        f"Request {held.open_update_id} to extend '{case.package.display_name}' for {case.target} is open already; "
        "wait for it, or cancel it first."
    )


def _requestor_enabled(case: Case, held: Holding) -> Refused | None:
    del held
    return requestor_enabled.judge(case)


def _target_enabled(case: Case, held: Holding) -> Refused | None:
    del held
    return target_enabled.judge(case)


def _published(case: Case, held: Holding) -> Refused | None:
    del held
    if case.is_direct or case.catalog.state is CatalogState.PUBLISHED:
        return None
    return NotRequestable(
        f"'{case.package.display_name}' is in the catalog '{case.catalog.display_name}', which is not published; "
        "an administrator must publish it, or extend the assignment."
    )


def _in_scope(case: Case, held: Holding) -> Refused | None:
    """Only "not specified" covers everybody who holds it: an administrator's word put them there."""
    policy = held.policy
    if policy.target_scope is TargetScope.NOT_SPECIFIED or covers(policy, case.target.id, case.memberships):
        return None
    return TargetOutOfScope(
        f"The policy '{policy.display_name}' of '{case.package.display_name}' does not cover {case.target} any more; "
        "the access ends as it was to. An administrator can widen the policy's scope.",
        target="assignment/id",
    )


def _justified(case: Case, held: Holding) -> Refused | None:
    return justification.judge(case, held.policy)


def _start(case: Case, held: Holding) -> Refused | None:
    """A start that has come is that of the access, as clients send it back; it stays what it is."""
    starts_at = case.ask.schedule.starts_at
    if starts_at is None or starts_at <= max(case.now, held.assignment.starts_at or case.now):
        return None
    return InvalidSchedule(
        f"An update moves the end; the access has begun already and cannot begin at {iso(starts_at)}. "
        "Leave startDateTime out.",
        target="schedule",
    )


def _past(case: Case, held: Holding) -> Refused | None:
    del held
    wanted = fixed_end(case.ask.schedule.expiration)
    if wanted is None or wanted > case.now:
        return None
    return InvalidSchedule(
        f"The new end {iso(wanted)} has passed; give a later one. To end access now, ask for its removal.",
        target="schedule",
    )


def _times(case: Case, held: Holding) -> Refused | None:
    end_only = replace(case.ask.schedule, starts_at=None)
    return schedule.judge(replace(case, ask=replace(case.ask, schedule=end_only)), held.policy)


def _later(case: Case, held: Holding) -> Refused | None:
    """Object to an end that gains nothing; an administrator may also bring the end forward."""
    ends_at = held.assignment.ends_at
    wanted = end_of_access(plan_for(held.policy, case.ask.schedule, case.now, is_update=True), case.now)
    if wanted == ends_at:
        until = iso(ends_at) if ends_at else "ever"
        return InvalidSchedule(f"The access lasts until {until} already; nothing would change.", target="schedule")
    if case.is_direct or wanted is None or (ends_at is not None and wanted > ends_at):
        return None
    now_until = f"until {iso(ends_at)}" if ends_at else "for ever"
    return InvalidSchedule(
        f"The access lasts {now_until} and would end earlier, at {iso(wanted)}; give a later end, within what the "
        f"policy '{held.policy.display_name}' allows.",
        target="schedule",
    )


IN_ORDER: tuple[Callable[[Case, Holding], Refused | None], ...] = (
    _requestor_enabled,
    _ended,
    _open_update,
    _target_enabled,
    _published,
    _in_scope,
    _justified,
    _start,
    _past,
    _times,
    _later,
)
