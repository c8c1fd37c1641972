"""What is said to whoever asks for a package together with what it excludes."""

import pytest

from grantline import errors
from grantline.model.duties import Collision, CollisionKind
from grantline.model.request import RequestType
from grantline.rules.case import Case
from grantline.rules.judgement import usable
from tests.cast import ADA, EVE, LEO
from tests.rules.cases import ask, case, policy, refusal

AUDIT = Collision(kind=CollisionKind.HELD, name="Audit", object_id="a-1")
TREASURY = Collision(kind=CollisionKind.ASKED, name="Treasury", object_id="r-1")
WRITERS = Collision(kind=CollisionKind.MEMBER, name="Writers")
HE_HOLDS = (
    "Leo Park (leo@grantline.test) may not have 'Payroll' together with 'Audit' (held by assignment a-1): "
    "separation of duties. First remove assignment a-1, then ask again."
)


@pytest.mark.parametrize(
    ("story", "it", "says"),
    [
        ("leo has nothing of the kind", case(), None),
        ("mia asks for leo, who holds the other", case(collisions=(AUDIT,)), HE_HOLDS),
        ("leo asks himself", case(requestor=LEO, collisions=(AUDIT,)), HE_HOLDS),
        (
            "an administrator assigns directly",
            case(ask=ask(type=RequestType.ADMIN_ADD), requestor=ADA, may_assign=True, collisions=(AUDIT,)),
            HE_HOLDS,
        ),
        (
            "leo asked for the other",
            case(collisions=(TREASURY,)),
            (
                "Leo Park (leo@grantline.test) may not have 'Payroll' together with 'Treasury' (asked for by request "
                "r-1): separation of duties. First cancel request r-1, then ask again."
            ),
        ),
        (
            "leo is in a group",
            case(collisions=(WRITERS,)),
            (
                "Leo Park (leo@grantline.test) may not have 'Payroll' together with membership of the group "
                "'Writers': separation of duties. First end the membership of 'Writers', then ask again."
            ),
        ),
        (
            "all of it, and more than a sentence should hold",
            case(collisions=(AUDIT, TREASURY, WRITERS, WRITERS, WRITERS)),
            (
                "Leo Park (leo@grantline.test) may not have 'Payroll' together with 'Audit' (held by assignment a-1), "
                "'Treasury' (asked for by request r-1), membership of the group 'Writers' and 2 more: separation of "
                "duties. First remove assignment a-1, cancel request r-1, end the membership of 'Writers' and 2 more, "
                "then ask again."
            ),
        ),
    ],
)
def test_what_a_refusal_names(story: str, it: Case, says: str | None) -> None:
    refused = refusal(it)
    if says is None:
        assert refused is None, story
    else:
        assert (type(refused), str(refused)) == (errors.IncompatibleAccess, says), story


def test_who_may_not_ask_at_all_learns_nothing_of_what_leo_holds() -> None:
    assert type(refusal(case(requestor=EVE, collisions=(AUDIT,)))) is errors.NotYourReport


def test_what_may_be_asked_for_is_the_same_whatever_is_held() -> None:
    assert usable(case(collisions=(AUDIT, TREASURY))) == [policy()]
