"""Everything that speaks against a request, told at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantline import errors
from grantline.errors import Refused
from grantline.model.catalog import CatalogState
from grantline.model.policy import ApprovalSettings, TargetScope
from grantline.model.request import RequestType, Schedule
from grantline.model.subjects import SingleUser
from grantline.rules.case import Case
from grantline.rules.judgement import objections
from tests.cast import ADA, BOB, EVE, LEO, LONG_AGO, MIA
from tests.rules.cases import CATALOG, ask, case, policy, refusal, requestors

STRICT = policy(approval_settings=ApprovalSettings(is_requestor_justification_required=True))
FOR_BOB = policy("Bob's", target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(SingleUser(user_id=BOB.id),))
SELF_ONLY = policy("Self only", requestor_settings=requestors(on_behalf_add=False))
LATE = ask(schedule=Schedule(starts_at=LONG_AGO))
NO_POLICY = replace(case(), policies=(), open_request_id="R-1")
DIRECT = ask(type=RequestType.ADMIN_ADD)


@pytest.mark.parametrize(
    ("story", "given_case", "kinds"),
    [
        ("nothing", case(), []),
        ("how one asks", case(STRICT, ask=LATE), [errors.JustificationRequired, errors.ScheduleNotAllowed]),
        (
            "who asks, and how",
            case(replace(STRICT, target_scope=TargetScope.SPECIFIC), requestor=EVE, ask=LATE),
            [
                errors.TargetOutOfScope,
                errors.NotYourReport,
                errors.JustificationRequired,
                errors.ScheduleNotAllowed,
            ],
        ),
        ("of several policies the nearest miss", case(FOR_BOB, SELF_ONLY, requestor=EVE), [errors.OnBehalfNotAllowed]),
        ("what is open, to who may ask", case(open_request_id="R-1"), [errors.DuplicateRequest]),
        ("what is open, to who may not", case(open_request_id="R-1", requestor=EVE), [errors.NotYourReport]),
        (
            "what is open, to who has yet to pick a policy",
            case(policy("One"), policy("Two"), open_request_id="R-1"),
            [errors.PolicyRequired, errors.DuplicateRequest],
        ),
        ("what is open, to who pretends to administer", case(ask=DIRECT, open_request_id="R-1"), [errors.NotAllowed]),
        ("what is open, where nobody may ask", NO_POLICY, [errors.NotRequestable]),
        (
            "a catalog that is closed does not hide the rest",
            case(STRICT, catalog=replace(CATALOG, state=CatalogState.UNPUBLISHED)),
            [errors.NotRequestable, errors.JustificationRequired],
        ),
    ],
)
def test_all_that_speaks_against_it(story: str, given_case: Case, kinds: list[type[Refused]]) -> None:
    assert [type(one) for one in objections(given_case)] == kinds, story


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case out of everything that a row above changes."""
    policies = draw(st.lists(st.sampled_from([policy(), STRICT, FOR_BOB, SELF_ONLY]), min_size=1, unique_by=id))
    kind = draw(st.sampled_from([RequestType.USER_ADD, RequestType.ADMIN_ADD]))
    wanted = ask(
        type=kind,
        policy_id=draw(st.sampled_from([None, *(one.id for one in policies), "unknown"])),
        schedule=draw(st.sampled_from([Schedule(), LATE.schedule])),
    )
    return case(
        *policies,
        ask=wanted,
        requestor=draw(st.sampled_from([MIA, LEO, EVE, ADA, replace(MIA, account_enabled=False)])),
        may_assign=draw(st.booleans()),
        target=draw(st.sampled_from([LEO, replace(LEO, account_enabled=False)])),
        open_request_id=draw(st.sampled_from([None, "R-1"])),
        live_assignment_id=draw(st.sampled_from([None, "A-1"])),
    )


@given(cases())
def test_there_are_objections_exactly_when_a_submit_is_refused(drawn: Case) -> None:
    refused, found = refusal(drawn), objections(drawn)
    assert bool(found) is (refused is not None)


@given(cases())
def test_the_refusal_of_a_submit_is_among_them(drawn: Case) -> None:
    if (refused := refusal(drawn)) is not None:
        assert (type(refused), refused.message) in [(type(one), one.message) for one in objections(drawn)]


@given(cases())
def test_who_may_not_ask_learns_nothing_of_what_is_there(drawn: Case) -> None:
    found = objections(drawn)
    if any(isinstance(one, errors.NotYourReport | errors.OnBehalfNotAllowed) for one in found):
        assert not any(isinstance(one, errors.DuplicateRequest | errors.AlreadyAssigned) for one in found)
