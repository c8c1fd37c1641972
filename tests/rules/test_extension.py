"""Who may move an end, and to when: the rules alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from grantline import errors
from grantline.errors import Refused
from grantline.model.assignment import Assignment, AssignmentState
from grantline.model.catalog import CatalogState
from grantline.model.person import Person
from grantline.model.policy import Expiration, ExpirationType, Policy, RequestorSettings, TargetScope
from grantline.model.request import Ask, RequestType, Schedule
from grantline.model.subjects import GroupMembers, TargetManager
from grantline.rules.case import Case
from grantline.rules.extension import Holding, extension_type, judge
from tests.cast import ADA, BOB, DAN, EVE, LEO, LONG_AGO, MAX, MIA, OWNERS, acting, fixed_id
from tests.rules.cases import CATALOG, NOW, PAYROLL, case, policy

USER, ADMIN = RequestType.USER_UPDATE, RequestType.ADMIN_UPDATE
BOTH = policy(
    requestor_settings=RequestorSettings(
        allow_custom_schedule=True,
        self_update=True,
        on_behalf_update=True,
        on_behalf_requestors=(TargetManager(manager_level=1), GroupMembers(group_id=OWNERS.id)),
    ),
    expiration=Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(days=90)),
)
NEITHER = policy(requestor_settings=RequestorSettings(on_behalf_requestors=(TargetManager(manager_level=1),)))
IN_A_MONTH = NOW + timedelta(days=30)


def asking(who: Person = LEO, under: Policy = BOTH, kind: RequestType = USER, **changes: Any) -> Case:
    """Return the case of somebody who wants more time for what Leo holds."""
    ask = Ask(type=kind, assignment_id=fixed_id("held"), schedule=changes.pop("schedule", Schedule()))
    facts = {"requestor": who, "memberships": frozenset({(OWNERS.id, BOB.id)})} | changes
    return case(under, ask=ask, **facts)


def holding(under: Policy = BOTH, **changes: Any) -> Holding:
    """Return what Leo holds for another month."""
    around = {name: changes.pop(name) for name in ("removal_id", "open_update_id") if name in changes}
    usual = Assignment(
        id=fixed_id("held"),
        target_id=LEO.id,
        package_id=PAYROLL.id,
        policy_id=under.id,
        state=AssignmentState.DELIVERED,
        status="Delivered",
        starts_at=LONG_AGO,
        ends_at=IN_A_MONTH,
        delivered_at=LONG_AGO,
        ended_at=None,
        end_cause=None,
        created_at=LONG_AGO,
    )
    return Holding(assignment=replace(usual, **changes), policy=under, **around)


def until(days: int) -> Schedule:
    """Return a schedule that ends so many days from now."""
    end_at = NOW + timedelta(days=days)
    return Schedule(expiration=Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=end_at))


@pytest.mark.parametrize(
    ("story", "who", "asked", "under", "outcome"),
    [
        ("leo extends", LEO, USER, BOTH, USER),
        ("leo may not extend", LEO, USER, NEITHER, errors.ExtensionNotAllowed),
        ("his manager extends", MIA, USER, BOTH, USER),
        ("his manager may not", MIA, USER, NEITHER, errors.ExtensionNotAllowed),
        ("a group named in the policy extends", BOB, USER, BOTH, USER),
        ("his manager's manager is too far up", MAX, USER, BOTH, errors.ExtensionNotAllowed),
        ("eve may not", EVE, USER, BOTH, errors.ExtensionNotAllowed),
        ("an administrator always may, and it says so", ADA, USER, NEITHER, ADMIN),
        ("an administrator by the administrators' word", ADA, ADMIN, BOTH, ADMIN),
        ("leo is no administrator", LEO, ADMIN, BOTH, errors.NotAllowed),
    ],
)
def test_who_may_extend(
    story: str, who: Person, asked: RequestType, under: Policy, outcome: RequestType | type[Refused]
) -> None:
    asks = replace(asking(who, under, asked), may_assign=who is ADA)
    if isinstance(outcome, RequestType):
        assert extension_type(acting(who), asks, under) is outcome, story
        return
    with pytest.raises(Refused) as refused:
        extension_type(acting(who), asks, under)
    assert type(refused.value) is outcome, story


DIRECT_ONLY = replace(BOTH, target_scope=TargetScope.NOT_SPECIFIED)
FOR_OWNERS = replace(
    BOTH, target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(GroupMembers(group_id=OWNERS.id),)
)
FIXED = replace(BOTH, expiration=Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=NOW + timedelta(days=40)))
CLOSED = replace(CATALOG, state=CatalogState.UNPUBLISHED)


@pytest.mark.parametrize(
    ("story", "asks", "held", "error"),
    [
        ("the policy's duration again", asking(), holding(), None),
        ("a chosen end", asking(schedule=until(60)), holding(), None),
        ("an end that is too late", asking(schedule=until(91)), holding(), errors.InvalidSchedule),
        ("an end that is earlier", asking(schedule=until(20)), holding(), errors.InvalidSchedule),
        ("the end it has", asking(schedule=until(30)), holding(), errors.InvalidSchedule),
        ("an earlier end by an administrator", asking(ADA, kind=ADMIN, schedule=until(20)), holding(), None),
        (
            "the past by an administrator",
            asking(ADA, kind=ADMIN, schedule=until(-1)),
            holding(),
            errors.InvalidSchedule,
        ),
        ("a start to come", asking(schedule=Schedule(starts_at=IN_A_MONTH)), holding(), errors.InvalidSchedule),
        ("the start it had", asking(schedule=Schedule(starts_at=LONG_AGO)), holding(), None),
        ("the fixed date", asking(under=FIXED), holding(FIXED), None),
        ("beyond the fixed date", asking(under=FIXED, schedule=until(41)), holding(FIXED), errors.InvalidSchedule),
        ("a blocked requestor", asking(DAN), holding(), errors.RequestorDisabled),
        ("a blocked holder", asking(MIA, target=DAN), holding(), errors.TargetDisabled),
        ("not in scope any more", asking(under=FOR_OWNERS), holding(FOR_OWNERS), errors.TargetOutOfScope),
        ("assigned directly", asking(under=DIRECT_ONLY), holding(DIRECT_ONLY), None),
        ("an unpublished catalog", asking(catalog=CLOSED), holding(), errors.NotRequestable),
        ("… is no matter to administrators", asking(ADA, kind=ADMIN, catalog=CLOSED), holding(), None),
        ("another is open", asking(), holding(open_update_id="r"), errors.DuplicateRequest),
        ("it is being removed", asking(), holding(removal_id="r"), errors.AssignmentEnded),
        ("it ends at this instant", asking(), holding(ends_at=NOW), errors.AssignmentEnded),
        ("it is ending", asking(), holding(state=AssignmentState.ENDING), errors.AssignmentEnded),
        ("it has ended", asking(), holding(state=AssignmentState.EXPIRED), errors.AssignmentEnded),
        ("nothing was delivered", asking(), holding(state=AssignmentState.DELIVERY_FAILED), errors.AssignmentEnded),
        ("a part was delivered", asking(), holding(state=AssignmentState.PARTIALLY_DELIVERED), None),
        ("it is being delivered", asking(), holding(state=AssignmentState.DELIVERING), errors.Conflict),
        ("it never ends", asking(), holding(ends_at=None), errors.InvalidSchedule),
    ],
)
def test_when_an_end_moves(story: str, asks: Case, held: Holding, error: type[Refused] | None) -> None:
    if error is None:
        judge(asks, held)
        return
    with pytest.raises(Refused) as refused:
        judge(asks, held)
    assert type(refused.value) is error, story
