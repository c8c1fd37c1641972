"""Who may see and do what, by role and by part in the matter; and that every row of the table makes sense."""

import pytest

from grantline import errors
from grantline.errors import NotAllowed, Refused
from grantline.model.person import Actor, Person
from grantline.model.policy import Policy, RequestorSettings
from grantline.model.request import RequestType
from grantline.model.roles import Held, Role
from grantline.model.subjects import GroupMembers, TargetManager
from grantline.rules.permissions import Part, Realm, Task, holds_any, may, parts_in, permitted, realm, require
from grantline.rules.permissions.by_policy import removal_type
from grantline.rules.permissions.table import TABLE
from tests.cast import ADA, BEA, BOB, CAST, EVE, LEO, MAX, MIA, OWNERS, acting, fixed_id
from tests.rules.cases import policy

FINANCE, AUDIT = fixed_id("finance"), fixed_id("audit")


def holding(role: Role, *catalogs: str, person: Person = EVE) -> Actor:
    """Return somebody who holds a role in these catalogs; in none named, everywhere."""
    return Actor(person=person, held=frozenset(Held(role, one) for one in catalogs or (None,)))


def who_may(task: Task, catalog_id: str, approvers: tuple[Person, ...] = ()) -> set[str]:
    """Return the first names of those who may do something to what Mia asked for Leo."""
    ids = {approver.id for approver in approvers}
    return {
        person.display_name.split()[0]
        for person in CAST
        if may(
            acting(person),
            task,
            catalog_id,
            parts_in(person.id, requestor_id=MIA.id, target_id=LEO.id, manager_id=MAX.id, approver_ids=ids),
        )
    }


def test_every_task_has_a_row_that_somebody_stands_in() -> None:
    assert set(TABLE) == set(Task)
    assert [task for task, row in TABLE.items() if not row.roles and not row.parts] == []


def test_administrators_may_everything_that_any_role_may() -> None:
    assert [task for task, row in TABLE.items() if row.roles and Role.ADMINISTRATOR not in row.roles] == []


def test_nobody_decides_by_a_role() -> None:
    assert TABLE[Task.DECIDE].roles == frozenset()


def test_whoever_may_more_in_a_catalog_may_all_that_others_may() -> None:
    """Owner before manager before assignment manager; and whoever changes something sees it."""
    in_order = (Role.CATALOG_OWNER, Role.PACKAGE_MANAGER, Role.ASSIGNMENT_MANAGER)
    may_do = [{task for task, row in TABLE.items() if role in row.roles} for role in in_order]
    assert may_do[0] > may_do[1] > may_do[2]
    reads = {task for task, row in TABLE.items() if Role.CATALOG_READER in row.roles}
    assert reads == {Task.LIST_CATALOGS, Task.READ_CATALOG, Task.READ_PACKAGE}
    assert reads < may_do[2]


def test_who_sees_and_who_cancels_a_request() -> None:
    assert who_may(Task.READ_REQUEST, FINANCE, approvers=(BOB, BEA)) == {"Ada", "Bea", "Bob", "Leo", "Max", "Mia"}
    assert who_may(Task.CANCEL, FINANCE, approvers=(BOB, BEA)) == {"Ada", "Leo", "Mia"}
    assert who_may(Task.READ_ASSIGNMENT, FINANCE, approvers=(BOB, BEA)) == {"Ada", "Leo", "Max", "Mia"}
    assert who_may(Task.DECIDE, FINANCE, approvers=(BOB,)) == {"Bob"}


def test_a_role_in_a_catalog_is_for_that_catalog_alone() -> None:
    eve = holding(Role.ASSIGNMENT_MANAGER, FINANCE)
    assert [may(eve, Task.ASSIGN, where) for where in (FINANCE, AUDIT, None)] == [True, False, False]
    assert realm(eve, Task.ASSIGN) == Realm(catalog_ids=frozenset({FINANCE}))
    assert not may(eve, Task.CHANGE_PACKAGE, FINANCE)
    assert not holds_any(eve, Task.CHANGE_PACKAGE)
    both = holding(Role.CATALOG_OWNER, FINANCE, AUDIT)
    assert realm(both, Task.CHANGE_CATALOG).catalog_ids == {FINANCE, AUDIT}


def test_a_catalog_creator_sees_no_catalog_but_those_that_are_theirs_otherwise() -> None:
    eve = holding(Role.CATALOG_CREATOR)
    assert may(eve, Task.MAKE_CATALOG)
    assert holds_any(eve, Task.LIST_CATALOGS)
    assert [may(eve, task, FINANCE) for task in (Task.READ_CATALOG, Task.CHANGE_CATALOG)] == [False, False]


ANYBODYS = {Task.LOOK_UP, Task.ASK, Task.SEE_OWN}


@pytest.mark.parametrize(
    ("role", "everywhere", "in_finance"),
    [
        (Role.CATALOG_CREATOR, {Task.MAKE_CATALOG, Task.LIST_CATALOGS}, None),
        (Role.CATALOG_READER, set(), {Task.LIST_CATALOGS, Task.READ_CATALOG, Task.READ_PACKAGE}),
    ],
)
def test_what_somebody_may_do_is_told_everywhere_and_by_catalog(
    role: Role, everywhere: set[Task], in_finance: set[Task] | None
) -> None:
    found = permitted(holding(role, *([FINANCE] if in_finance else [])))
    assert set(found.everywhere) == ANYBODYS | everywhere
    assert {one: set(tasks) for one, tasks in found.in_catalogs.items()} == (
        {FINANCE: in_finance} if in_finance else {}
    )


def test_what_is_told_is_what_is_let_for_every_role_and_task() -> None:
    for actor in (acting(ADA), Actor(person=EVE), *(holding(role, FINANCE) for role in Role)):
        found = permitted(actor)
        for task in Task:
            told = task in found.everywhere or task in found.in_catalogs.get(FINANCE, ())
            assert told is may(actor, task, FINANCE, {Part.ANYBODY})
            assert task in found.everywhere or task not in found.in_catalogs.get(AUDIT, ())


def test_whoever_lists_requests_and_assignments_may_act_on_what_is_listed() -> None:
    """A page that lists them has buttons on each row, and asks no catalog."""
    for task in (Task.ASSIGN, Task.CANCEL, Task.CANCEL_DELIVERY, Task.REPROCESS, Task.LIST_ASSIGNMENTS):
        assert TABLE[task].roles == TABLE[Task.LIST_REQUESTS].roles


def test_a_part_in_the_matter_counts_where_the_row_has_it() -> None:
    eve = Actor(person=EVE)
    assert may(eve, Task.RESUBMIT, FINANCE, {Part.REQUESTOR})
    assert not may(eve, Task.RESUBMIT, FINANCE, {Part.TARGET, Part.APPROVER, Part.MANAGER})
    assert not may(acting(ADA), Task.RESUBMIT, FINANCE)


def test_a_refusal_names_the_roles_that_it_takes_and_what_one_may_instead() -> None:
    with pytest.raises(NotAllowed) as refused:
        require(holding(Role.CATALOG_READER, FINANCE), Task.CHANGE_PACKAGE, FINANCE)
    assert refused.value.message == (
        f"{EVE} may not make, change or delete an access package: it takes Identity Governance Administrator, "
        "Catalog owner or Access package manager; a role in a catalog is for that catalog alone."
    )
    with pytest.raises(NotAllowed, match=r"it takes .* Your own are at assignmentRequests/filterByCurrentUser"):
        require(Actor(person=EVE), Task.LIST_REQUESTS)
    with pytest.raises(NotAllowed, match=r"it takes Identity Governance Administrator\.$"):
        require(Actor(person=EVE), Task.REASSIGN, FINANCE)


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
            may_assign=may(acting(who), Task.ASSIGN, FINANCE),
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
