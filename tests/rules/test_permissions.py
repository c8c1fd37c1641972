"""Who may see, cancel and remove."""

import pytest

from grantline import errors
from grantline.errors import Refused
from grantline.model.person import Person
from grantline.model.policy import Policy, RequestorSettings
from grantline.model.request import RequestType
from grantline.model.subjects import GroupMembers, TargetManager
from grantline.rules.permissions import may_cancel_request, may_see_assignment, may_see_request, removal_type
from tests.cast import ADA, BOB, CAST, EVE, LEO, MAX, MIA, OWNERS, acting
from tests.rules.cases import policy


def test_a_request_is_seen_by_who_has_a_part_in_it() -> None:
    seen_by = {
        person.display_name.split()[0]
        for person in CAST
        if may_see_request(
            person.id,
            is_administrator=person is ADA,
            requestor_id=MAX.id,
            target_id=LEO.id,
            manager_id=MIA.id,
            approver_ids={BOB.id},
        )
    }
    assert seen_by == {"Max", "Leo", "Mia", "Bob", "Ada"}


def test_a_request_is_withdrawn_by_who_asks_who_gets_and_administrators_not_by_approvers() -> None:
    may = {
        person.display_name.split()[0]
        for person in CAST
        if may_cancel_request(person.id, is_administrator=person is ADA, requestor_id=MIA.id, target_id=LEO.id)
    }
    assert may == {"Mia", "Leo", "Ada"}


def test_an_assignment_is_seen_by_its_holder_their_manager_who_asked_and_administrators() -> None:
    may = {
        person.display_name.split()[0]
        for person in CAST
        if may_see_assignment(
            person.id, is_administrator=person is ADA, requestor_id=MAX.id, target_id=LEO.id, manager_id=MIA.id
        )
    }
    assert may == {"Max", "Leo", "Mia", "Ada"}


BOTH = policy(
    requestor_settings=RequestorSettings(
        self_remove=True,
        on_behalf_remove=True,
        on_behalf_requestors=(TargetManager(manager_level=1), GroupMembers(group_id=OWNERS.id)),
    )
)
NEITHER = policy(requestor_settings=RequestorSettings(on_behalf_requestors=(TargetManager(manager_level=1),)))
USER, ADMIN = RequestType.USER_REMOVE, RequestType.ADMIN_REMOVE


@pytest.mark.parametrize(
    ("story", "who", "asked", "under", "outcome"),
    [
        ("leo gives it up", LEO, USER, BOTH, USER),
        ("leo may not give it up", LEO, USER, NEITHER, errors.RemovalNotAllowed),
        ("his manager takes it away", MIA, USER, BOTH, USER),
        ("his manager may not", MIA, USER, NEITHER, errors.RemovalNotAllowed),
        ("a group named in the policy takes it away", BOB, USER, BOTH, USER),
        ("his manager's manager is too far up", MAX, USER, BOTH, errors.RemovalNotAllowed),
        ("eve may not", EVE, USER, BOTH, errors.RemovalNotAllowed),
        ("an administrator always may, and it says so", ADA, USER, NEITHER, ADMIN),
        ("an administrator by the administrators' word", ADA, ADMIN, BOTH, ADMIN),
        ("leo is no administrator", LEO, ADMIN, BOTH, errors.NotAllowed),
        ("the policy is gone: not leo", LEO, USER, None, errors.RemovalNotAllowed),
        ("the policy is gone: an administrator", ADA, USER, None, ADMIN),
    ],
)
def test_who_may_remove(
    story: str, who: Person, asked: RequestType, under: Policy | None, outcome: RequestType | type[Refused]
) -> None:
    def judged() -> RequestType:
        return removal_type(
            acting(who),
            asked,
            target=LEO,
            package_name="Payroll",
            policy=under,
            managers=(MIA, MAX),
            memberships=frozenset({(OWNERS.id, BOB.id)}),
        )

    if isinstance(outcome, RequestType):
        assert judged() is outcome, story
        return
    with pytest.raises(Refused) as refused:
        judged()
    assert type(refused.value) is outcome, story
