"""Which policy applies when nobody names one."""

from dataclasses import replace

import pytest

from grantline import errors
from grantline.errors import Refused
from grantline.model.policy import Policy, RequestorSettings, TargetScope
from grantline.model.subjects import SingleUser
from grantline.rules.judgement import judge, usable
from tests.cast import BOB, EVE, LEO, fixed_id
from tests.rules.cases import ask, case, policy, requestors

NAMED = policy("Named", target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(SingleUser(user_id=LEO.id),))
ALSO_NAMED = replace(NAMED, id=fixed_id("policy Also"), display_name="Also named")
OTHERS = policy("Others", target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(SingleUser(user_id=BOB.id),))
MEMBERS = policy("Members")
EVERYBODY = policy("Everybody", target_scope=TargetScope.ALL_USERS)
SELF_ONLY = policy("Self only", requestor_settings=requestors(on_behalf_add=False))
DIRECT = policy("Direct", target_scope=TargetScope.NOT_SPECIFIED, requestor_settings=RequestorSettings())


@pytest.mark.parametrize(
    ("story", "policies", "chosen"),
    [
        ("the only one", (MEMBERS,), MEMBERS),
        ("the most specific wins", (EVERYBODY, MEMBERS, NAMED), NAMED),
        ("members before everybody", (EVERYBODY, MEMBERS), MEMBERS),
        ("one that does not cover leo plays no part", (OTHERS, EVERYBODY), EVERYBODY),
        ("one that mia may not use plays no part", (SELF_ONLY, EVERYBODY), EVERYBODY),
        ("one for administrators plays no part", (DIRECT, EVERYBODY), EVERYBODY),
    ],
)
def test_the_policy_is_found(story: str, policies: tuple[Policy, ...], chosen: Policy) -> None:
    assert judge(case(*policies)) == chosen, story


def test_several_of_the_same_class_must_be_told_apart_by_the_requestor() -> None:
    with pytest.raises(errors.PolicyRequired) as refused:
        judge(case(ALSO_NAMED, EVERYBODY, NAMED))
    assert str(refused.value) == (
        f"Several policies of 'Payroll' apply; name one of them: 'Also named' ({ALSO_NAMED.id}), 'Named' ({NAMED.id})."
    )
    assert judge(case(ALSO_NAMED, EVERYBODY, NAMED, ask=ask(policy_id=EVERYBODY.id))) == EVERYBODY


@pytest.mark.parametrize(
    ("story", "policies", "requestor", "error"),
    [
        ("the nearest miss is told: not your report", (OTHERS, SELF_ONLY, MEMBERS), EVE, errors.NotYourReport),
        ("the nearest miss is told: not on behalf", (OTHERS, SELF_ONLY), EVE, errors.OnBehalfNotAllowed),
        ("nothing but out of scope", (OTHERS, DIRECT), EVE, errors.TargetOutOfScope),
    ],
)
def test_the_most_helpful_refusal(
    story: str, policies: tuple[Policy, ...], requestor: object, error: type[Refused]
) -> None:
    with pytest.raises(Refused) as refused:
        judge(case(*policies, requestor=requestor))
    assert type(refused.value) is error, story


def test_what_one_may_use_comes_most_specific_first() -> None:
    assert usable(case(EVERYBODY, MEMBERS, OTHERS, SELF_ONLY, DIRECT, NAMED)) == [NAMED, MEMBERS, EVERYBODY]
    assert usable(case(SELF_ONLY, requestor=LEO)) == [SELF_ONLY]
    assert usable(case(MEMBERS, requestor=EVE)) == []
    assert usable(case(MEMBERS, requestor=replace(LEO, account_enabled=False))) == []
    assert usable(case(MEMBERS, open_request_id="R-1", live_assignment_id="A-1")) == [MEMBERS]
