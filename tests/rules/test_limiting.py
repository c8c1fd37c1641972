"""What an approver may make of the time that was asked for: less, and never anything else."""

import ast
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from grantline.model.plan import Limit, Plan
from grantline.model.policy import ApproverIsRequestor
from grantline.model.request import Request, RequestState, RequestType, Schedule
from grantline.rules.limiting import objection, said
from grantline.rules.planning import end_of_access
from tests.cast import LEO, MIA, fixed_id
from tests.stack import ROOT

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = st.integers(min_value=-400, max_value=400)
SPANS = st.none() | DAYS.map(lambda days: timedelta(days=days))
INSTANTS = st.none() | DAYS.map(lambda days: NOW + timedelta(days=days))
POSITIVE = st.none() | st.integers(min_value=1, max_value=400).map(lambda days: timedelta(days=days))


def request(starts_at: datetime | None, ends_at: datetime | None, lasts: timedelta | None) -> Request:
    """Return a request with these times in its plan."""
    plan = Plan(
        stages=(),
        approver_is_requestor=ApproverIsRequestor.NEXT_MANAGER,
        starts_at=starts_at,
        ends_at=ends_at,
        lasts=lasts,
    )
    return Request(
        id=fixed_id("r"),
        type=RequestType.USER_ADD,
        state=RequestState.PENDING_APPROVAL,
        status="",
        requestor_id=MIA.id,
        target_id=LEO.id,
        package_id=fixed_id("p"),
        policy_id=fixed_id("o"),
        assignment_id=None,
        justification=None,
        schedule=Schedule(),
        plan=plan,
        created_at=NOW,
        completed_at=None,
    )


@given(starts=INSTANTS, ends=INSTANTS, lasts=POSITIVE, limits=st.lists(st.tuples(INSTANTS, SPANS), max_size=3))
def test_whatever_approvers_say_the_end_only_comes_nearer_and_stays_after_the_beginning(
    starts: datetime | None,
    ends: datetime | None,
    lasts: timedelta | None,
    limits: list[tuple[datetime | None, timedelta | None]],
) -> None:
    asked = request(starts, ends, lasts)
    begins = max(starts or NOW, NOW)
    for ends_at, span in limits:
        limit = Limit(ends_at=ends_at, lasts=span)
        before = end_of_access(asked.terms, begins)
        if objection(asked, limit, NOW) is None:
            asked = replace(asked, limit=limit.and_(asked.limit))
            after = end_of_access(asked.terms, begins)
            assert after is not None
            assert after > begins
            assert before is None or after <= before
            assert asked.plan == request(starts, ends, lasts).plan


def test_a_limit_is_said_in_the_largest_whole_units() -> None:
    assert said(Limit(lasts=timedelta(days=1, hours=2))) == "1 day 2 hours after it begins"
    assert said(Limit(lasts=timedelta(seconds=90))) == "1 minute 30 seconds after it begins"
    assert said(Limit(ends_at=NOW, lasts=timedelta(days=30))) == "at 2026-03-02T12:00:00Z or 30 days after it begins"


def test_no_service_computes_an_end_from_the_plan_without_its_limit() -> None:
    """The plan is frozen; what approvers left of it is `terms`. Whoever reads `plan` gives more than was approved."""
    found = [
        f"{path.name}:{node.lineno}"
        for path in sorted((ROOT / "grantline/services").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"end_of_access", "next_turn"}
        and any(isinstance(given, ast.Attribute) and given.attr == "plan" for given in node.args)
    ]
    assert found == []
