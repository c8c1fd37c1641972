"""What a plan fixes, and where each turn takes a request."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantline.model.plan import Plan, PlannedStage
from grantline.model.policy import (
    ApprovalSettings,
    ApproverIsRequestor,
    ApproverVisibility,
    Expiration,
    ExpirationType,
    StageSettings,
)
from grantline.model.request import RequestState, Schedule
from grantline.model.subjects import SingleUser
from grantline.rules.approvers import Approver, Opening, Source
from grantline.rules.planning import end_of_access, plan_for
from grantline.rules.settlement import STATUS, next_turn
from tests.cast import BOB, CY, LEO
from tests.rules.cases import NOW, policy

DAY = timedelta(days=1)
JULY = datetime(2026, 7, 1, tzinfo=UTC)
PLAIN = Plan(
    stages=(), approver_is_requestor=ApproverIsRequestor.NEXT_MANAGER, starts_at=None, ends_at=None, lasts=None
)


def until(end_at: datetime) -> Expiration:
    """Return an expiration at an instant, with a duration that does not count."""
    return Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=end_at, duration=DAY)


def lasting(duration: timedelta) -> Expiration:
    """Return an expiration after a duration, with an end that does not count."""
    return Expiration(type=ExpirationType.AFTER_DURATION, duration=duration, end_at=JULY)


NEVER = Expiration(type=ExpirationType.NO_EXPIRATION, end_at=JULY, duration=DAY)


@pytest.mark.parametrize(
    ("story", "expiration", "schedule", "times"),
    [
        ("for ever", NEVER, Schedule(), (None, None, None)),
        ("the policy's duration", lasting(DAY), Schedule(), (None, None, DAY)),
        ("the policy's end", until(JULY), Schedule(), (None, JULY, None)),
        ("the requestor's shorter duration", lasting(3 * DAY), Schedule(expiration=lasting(DAY)), (None, None, DAY)),
        ("the requestor's earlier end", until(JULY), Schedule(expiration=until(JULY - DAY)), (None, JULY - DAY, None)),
        (
            "the requestor's end beside the policy's duration",
            lasting(DAY),
            Schedule(expiration=until(JULY)),
            (None, JULY, DAY),
        ),
        ("a start to come", NEVER, Schedule(starts_at=NOW + DAY), (NOW + DAY, None, None)),
        ("a start that has come is none", NEVER, Schedule(starts_at=NOW), (None, None, None)),
    ],
)
def test_times_of_a_plan(
    story: str,
    expiration: Expiration,
    schedule: Schedule,
    times: tuple[datetime | None, datetime | None, timedelta | None],
) -> None:
    made = plan_for(policy(expiration=expiration), schedule, NOW)
    assert (made.starts_at, made.ends_at, made.lasts) == times, story


def test_stages_are_taken_from_the_policy_in_order() -> None:
    by_bob = StageSettings(deadline=DAY, primary_approvers=(SingleUser(user_id=BOB.id),))
    by_cy = StageSettings(
        deadline=2 * DAY, fallback_approvers=(SingleUser(user_id=CY.id),), is_approver_justification_required=True
    )
    settings = ApprovalSettings(
        is_required_for_add=True, stages=(by_bob, by_cy), approver_is_requestor=ApproverIsRequestor.FALLBACK
    )
    made = plan_for(policy(approval_settings=settings), Schedule(), NOW)
    assert made.approver_is_requestor is ApproverIsRequestor.FALLBACK
    assert made.stages == (
        PlannedStage(
            number=1,
            window=DAY,
            is_approver_justification_required=False,
            primary_approvers=(SingleUser(user_id=BOB.id),),
            fallback_approvers=(),
        ),
        PlannedStage(
            number=2,
            window=2 * DAY,
            is_approver_justification_required=True,
            primary_approvers=(),
            fallback_approvers=(SingleUser(user_id=CY.id),),
        ),
    )
    assert (
        plan_for(policy(approval_settings=replace(settings, is_required_for_add=False)), Schedule(), NOW).stages == ()
    )


def test_a_stage_escalates_only_where_the_policy_switches_it_on() -> None:
    alternates: dict[str, Any] = {
        "escalates_after": DAY / 2,
        "escalation_approvers": (SingleUser(user_id=CY.id),),
        "fallback_escalation_approvers": (SingleUser(user_id=BOB.id),),
        "reminders": (DAY / 4,),
        "approver_visibility": ApproverVisibility.NOT_VISIBLE,
    }
    off = StageSettings(deadline=DAY, **alternates)
    settings = ApprovalSettings(is_required_for_add=True, stages=(replace(off, is_escalation_enabled=True), off))
    on, kept = plan_for(policy(approval_settings=settings), Schedule(), NOW).stages
    assert {name: getattr(on, name) for name in alternates} == alternates
    nothing = {"escalates_after": None, "escalation_approvers": (), "fallback_escalation_approvers": ()}
    assert {name: getattr(kept, name) for name in alternates} == alternates | nothing


def test_approval_that_is_required_of_nobody_in_particular_still_needs_somebody() -> None:
    made = plan_for(policy(approval_settings=ApprovalSettings(is_required_for_add=True)), Schedule(), NOW)
    assert [(stage.number, stage.primary_approvers) for stage in made.stages] == [(1, ())]


@given(
    begins=st.datetimes(timezones=st.just(UTC)),
    ends_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    lasts=st.none() | st.timedeltas(min_value=timedelta(seconds=1)),
)
def test_access_never_outlives_any_of_its_limits(
    begins: datetime, ends_at: datetime | None, lasts: timedelta | None
) -> None:
    end = end_of_access(replace(PLAIN, ends_at=ends_at, lasts=lasts), begins)
    if end is None:
        assert ends_at is None
        assert lasts is None or lasts > datetime.max.replace(tzinfo=UTC) - begins
    else:
        assert ends_at is None or end <= ends_at
        assert lasts is None or end - begins <= lasts


STAGE = PlannedStage(
    number=2, window=DAY, is_approver_justification_required=False, primary_approvers=(), fallback_approvers=()
)
BY_BOB = (Approver(person=BOB, source=Source.PRIMARY),)


@pytest.mark.parametrize(
    ("story", "plan", "opening", "more", "state", "status"),
    [
        (
            "a stage waits for bob",
            PLAIN,
            Opening(stage=STAGE, approvers=BY_BOB),
            {},
            "pendingApproval",
            "PendingApproval",
        ),
        ("nobody may decide", PLAIN, Opening(stage=STAGE), {}, "denied", "Denied: nobody may decide stage 2"),
        ("all approved", PLAIN, Opening(), {}, "delivering", "Delivering"),
        ("all approved, for later", replace(PLAIN, starts_at=NOW + DAY), Opening(), {}, "scheduled", "Scheduled"),
        ("the start has come", replace(PLAIN, starts_at=NOW), Opening(), {}, "delivering", "Delivering"),
        (
            "leo left meanwhile",
            PLAIN,
            Opening(),
            {"target": replace(LEO, account_enabled=False)},
            "deliveryFailed",
            "DeliveryFailed: the account of Leo Park is disabled",
        ),
        (
            "the package is gone",
            PLAIN,
            Opening(),
            {"package_exists": False},
            "deliveryFailed",
            "DeliveryFailed: the access package was deleted or retired",
        ),
        (
            "approved after its own end",
            replace(PLAIN, ends_at=NOW),
            Opening(),
            {},
            "deliveryFailed",
            "DeliveryFailed: the access was to end at 2026-06-01T12:00:00Z, before it could begin",
        ),
    ],
)
def test_where_a_request_goes(
    story: str, plan: Plan, opening: Opening, more: dict[str, Any], state: str, status: str
) -> None:
    facts: dict[str, Any] = {"target": LEO, **more}
    turn = next_turn(plan, opening, NOW, **facts)
    assert (turn.state, turn.status, turn.at, turn.opening) == (RequestState(state), status, NOW, opening), story


def test_every_state_has_its_word() -> None:
    assert set(STATUS) == set(RequestState)
