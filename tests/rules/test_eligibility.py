"""Each check, asked what it objects to; the sentence is part of the promise."""

from dataclasses import replace

import pytest

from grantline import errors
from grantline.errors import Refused
from grantline.model.catalog import CatalogState
from grantline.model.person import Person
from grantline.model.policy import ApprovalSettings, RequestorSettings, TargetScope
from grantline.model.request import RequestType
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser, SubjectSet, TargetManager
from grantline.rules.case import Case
from tests.cast import ADA, BOB, DAN, EVE, LEO, MAX, MIA, OWNERS, fixed_id
from tests.rules.cases import CATALOG, ask, case, policy, refusal, requestors

DIRECT = ask(type=RequestType.ADMIN_ADD)
CLOSED = policy("Direct", target_scope=TargetScope.NOT_SPECIFIED, requestor_settings=RequestorSettings())
OWNERS_ONLY = policy(
    "Owners", target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(GroupMembers(group_id=OWNERS.id),)
)


@pytest.mark.parametrize(
    ("story", "it", "error", "says"),
    [
        ("mia asks for leo", case(), None, ""),
        ("leo asks for himself", case(requestor=LEO), None, ""),
        (
            "a disabled account asks",
            case(requestor=DAN),
            errors.RequestorDisabled,
            "The account of Dan Gone (dan@grantline.test) is disabled; it must be enabled before it can ask.",
        ),
        (
            "mia asks for somebody disabled",
            case(target=DAN),
            errors.TargetDisabled,
            "The account of Dan Gone (dan@grantline.test) is disabled; it must be enabled before it can get 'Payroll'.",
        ),
        (
            "the package has no policy",
            replace(case(), policies=()),
            errors.NotRequestable,
            "'Payroll' has no policy; an administrator must add one before it can be assigned.",
        ),
        (
            "the catalog is not published",
            case(catalog=replace(CATALOG, state=CatalogState.UNPUBLISHED)),
            errors.NotRequestable,
            (
                "'Payroll' is in the catalog 'Finance', which is not published; an administrator must publish it "
                "before anybody can ask."
            ),
        ),
        (
            "no policy takes requests",
            case(CLOSED),
            errors.NotRequestable,
            "No policy of 'Payroll' takes requests; only an administrator can assign it.",
        ),
        (
            "leo is out of scope, mia's being in it is no help",
            case(OWNERS_ONLY, memberships=frozenset({(OWNERS.id, MIA.id)})),
            errors.TargetOutOfScope,
            (
                "The policy 'Owners' of 'Payroll' does not cover Leo Park (leo@grantline.test); an administrator can "
                "widen its scope."
            ),
        ),
        ("leo is in scope by his group", case(OWNERS_ONLY, memberships=frozenset({(OWNERS.id, LEO.id)})), None, ""),
        (
            "leo is in scope by name",
            case(policy(target_scope=TargetScope.SPECIFIC, specific_allowed_targets=(SingleUser(user_id=LEO.id),))),
            None,
            "",
        ),
        (
            "the policy named is for administrators",
            case(policy(), CLOSED, ask=ask(policy_id=CLOSED.id)),
            errors.TargetOutOfScope,
            (
                "The policy 'Direct' of 'Payroll' is for direct assignment by an administrator only; name a policy "
                "that takes requests."
            ),
        ),
        (
            "leo may not ask for himself",
            case(policy(requestor_settings=requestors(self_add=False)), requestor=LEO),
            errors.SelfRequestNotAllowed,
            (
                "The policy 'Staff' of 'Payroll' does not let Leo Park (leo@grantline.test) ask for themselves; ask "
                "your manager to request it for you."
            ),
        ),
        (
            "nobody asks on behalf",
            case(policy(requestor_settings=requestors(on_behalf_add=False))),
            errors.OnBehalfNotAllowed,
            (
                "The policy 'Staff' of 'Payroll' does not let anyone ask on behalf of Leo Park (leo@grantline.test); "
                "Leo Park can ask themselves."
            ),
        ),
        (
            "on behalf is on, its list is empty",
            case(policy(requestor_settings=requestors(on_behalf_requestors=()))),
            errors.OnBehalfNotAllowed,
            (
                "The policy 'Staff' of 'Payroll' does not let anyone ask on behalf of Leo Park (leo@grantline.test); "
                "Leo Park can ask themselves."
            ),
        ),
        (
            "eve asks for leo",
            case(requestor=EVE),
            errors.NotYourReport,
            (
                "Eve Wolf (eve@grantline.test) may not ask on behalf of Leo Park (leo@grantline.test): the policy "
                "'Staff' of 'Payroll' reserves that for the target's managers and others it names."
            ),
        ),
        (
            "leo holds it",
            case(live_assignment_id="A-1"),
            errors.AlreadyAssigned,
            (
                "Leo Park (leo@grantline.test) holds 'Payroll' by assignment A-1 already; it must end before it can be "
                "asked for again."
            ),
        ),
        (
            "leo is losing it",
            case(live_assignment_id="A-1", is_assignment_ending=True),
            errors.AlreadyAssigned,
            "Leo Park (leo@grantline.test) is losing 'Payroll' by assignment A-1; ask again once it has ended.",
        ),
        (
            "a request is open",
            case(open_request_id="R-1"),
            errors.DuplicateRequest,
            (
                "Request R-1 for 'Payroll' for Leo Park (leo@grantline.test) is open already; wait for it, or cancel "
                "it first."
            ),
        ),
        (
            "eve does not learn of an open request",
            case(requestor=EVE, open_request_id="R-1"),
            errors.NotYourReport,
            (
                "Eve Wolf (eve@grantline.test) may not ask on behalf of Leo Park (leo@grantline.test): the policy "
                "'Staff' of 'Payroll' reserves that for the target's managers and others it names."
            ),
        ),
        (
            "a reason is wanted and blank",
            case(
                policy(approval_settings=ApprovalSettings(is_requestor_justification_required=True)),
                ask=ask(justification="  "),
            ),
            errors.JustificationRequired,
            "The policy 'Staff' of 'Payroll' wants a justification; say why Leo Park needs it.",
        ),
        (
            "the policy is of another package",
            case(ask=ask(policy_id=fixed_id("elsewhere"))),
            errors.InvalidInput,
            (
                f"'Payroll' has no policy {fixed_id('elsewhere')}; leave the policy out, or name one of this access "
                "package."
            ),
        ),
        (
            "mia is no administrator",
            case(ask=DIRECT),
            errors.NotAllowed,
            (
                "'Payroll': Mia Lind (mia@grantline.test) may not assign directly, or end or extend what others hold: "
                "it takes Identity Governance Administrator, Catalog owner, Access package manager or Access package "
                "assignment manager; a role in a catalog is for that catalog alone. Use requestType userAdd."
            ),
        ),
        ("ada assigns under the only policy", case(CLOSED, requestor=ADA, may_assign=True, ask=DIRECT), None, ""),
        (
            "ada assigns from an unpublished catalog",
            case(
                requestor=ADA,
                may_assign=True,
                ask=DIRECT,
                catalog=replace(CATALOG, state=CatalogState.UNPUBLISHED),
            ),
            None,
            "",
        ),
        (
            "ada assigns somebody out of scope",
            case(OWNERS_ONLY, requestor=ADA, may_assign=True, ask=DIRECT),
            errors.TargetOutOfScope,
            (
                "The policy 'Owners' of 'Payroll' does not cover Leo Park (leo@grantline.test); an administrator can "
                "widen its scope."
            ),
        ),
        (
            "ada must choose a policy",
            case(policy(), CLOSED, requestor=ADA, may_assign=True, ask=DIRECT),
            errors.PolicyRequired,
            (
                f"Several policies of 'Payroll' apply; name one of them: 'Staff' ({fixed_id('policy Staff')}), "
                f"'Direct' ({fixed_id('policy Direct')})."
            ),
        ),
        (
            "an administrator asks like anybody else",
            case(requestor=ADA, may_assign=True),
            errors.NotYourReport,
            (
                "Ada King (ada@grantline.test) may not ask on behalf of Leo Park (leo@grantline.test): the policy "
                "'Staff' of 'Payroll' reserves that for the target's managers and others it names."
            ),
        ),
    ],
)
def test_who_may_ask_for_what(story: str, it: Case, error: type[Refused] | None, says: str) -> None:
    found = refusal(it)
    assert (type(found) if found else None, str(found or "")) == (error, says), story


MANAGERS = tuple(
    replace(MAX, id=fixed_id(f"manager {level}"), user_principal_name=f"m{level}@grantline.test")
    for level in range(1, 7)
)


@pytest.mark.parametrize(
    ("story", "subjects", "requestor", "allowed"),
    [
        ("the direct manager", (TargetManager(manager_level=1),), MANAGERS[0], True),
        ("not the manager's manager at level 1", (TargetManager(manager_level=1),), MANAGERS[1], False),
        ("the manager's manager at level 2", (TargetManager(manager_level=2),), MANAGERS[1], True),
        ("every manager up to the level", (TargetManager(manager_level=4),), MANAGERS[2], True),
        ("the fourth manager at level 4", (TargetManager(manager_level=4),), MANAGERS[3], True),
        ("nobody above level 4, whatever is configured", (TargetManager(manager_level=9),), MANAGERS[4], False),
        ("level 0 is nobody", (TargetManager(manager_level=0),), MANAGERS[0], False),
        ("a named person", (SingleUser(user_id=EVE.id),), EVE, True),
        ("somebody else than the named person", (SingleUser(user_id=EVE.id),), BOB, False),
        ("a member of a named group", (GroupMembers(group_id=OWNERS.id),), BOB, True),
        ("not a member of a named group", (GroupMembers(group_id=OWNERS.id),), EVE, False),
        ("one of several sets is enough", (TargetManager(manager_level=1), SingleUser(user_id=EVE.id)), EVE, True),
        ("approver sets name no requestors", (RequestorManager(manager_level=1),), MANAGERS[0], False),
        ("an empty list is nobody", (), MANAGERS[0], False),
    ],
)
def test_who_may_ask_on_behalf(story: str, subjects: tuple[SubjectSet, ...], requestor: Person, allowed: bool) -> None:
    it = case(
        policy(requestor_settings=requestors(on_behalf_requestors=subjects)),
        requestor=requestor,
        managers=MANAGERS,
        memberships=frozenset({(OWNERS.id, BOB.id)}),
    )
    assert (refusal(it) is None) is allowed, story
