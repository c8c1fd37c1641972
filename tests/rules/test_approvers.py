"""Who may decide a stage: a table of cases, and what holds whatever the policy and the people."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantline.model.person import Person
from grantline.model.plan import Plan, PlannedStage
from grantline.model.policy import ApproverIsRequestor
from grantline.model.subjects import (
    GroupMembers,
    RequestorManager,
    SingleUser,
    SubjectSet,
    TargetManager,
    TargetUserSponsors,
)
from grantline.rules.approvers import Opening, People, open_next, resolve
from tests.cast import ADA, BEA, BOB, CAST, CY, DAN, EVE, LEO, MAX, MIA, OWNERS

NEXT, FALLBACK, COUNT = ApproverIsRequestor
MANAGER = (RequestorManager(manager_level=1),)
SECOND = (RequestorManager(manager_level=2),)
SPONSORS = (TargetUserSponsors(),)
GROUP = (GroupMembers(group_id=OWNERS.id),)


def named(*people: Person) -> tuple[SubjectSet, ...]:
    """Return sets that name these people."""
    return tuple(SingleUser(user_id=person.id) for person in people)


def stage(primary: tuple[SubjectSet, ...], fallback: tuple[SubjectSet, ...] = (), number: int = 1) -> PlannedStage:
    """Return a stage of a day."""
    return PlannedStage(
        number=number,
        window=timedelta(days=1),
        is_approver_justification_required=False,
        primary_approvers=primary,
        fallback_approvers=fallback,
    )


def people(requestor: Person, target: Person = LEO, *, line: tuple[Person, ...] = (MIA, MAX), **more: object) -> People:
    """Return the cast as facts."""
    usual = People(
        requestor_id=requestor.id,
        target_id=target.id,
        managers=line,
        named={person.id: person for person in CAST},
        groups={OWNERS.id: (BOB, BEA)},
        owners=(ADA,),
    )
    return replace(usual, **more)


@pytest.mark.parametrize(
    ("story", "primary", "fallback", "option", "facts", "expected"),
    [
        ("leo asks, his manager decides", MANAGER, (), NEXT, people(LEO), [("Mia", "primary")]),
        ("eve asks for leo: his manager decides, not hers", MANAGER, (), NEXT, people(EVE), [("Mia", "primary")]),
        ("mia asks: the next up the line decides", MANAGER, (), NEXT, people(MIA), [("Max", "nextManager")]),
        ("mia asks: the fallback decides", MANAGER, named(CY), FALLBACK, people(MIA), [("Cy", "fallback")]),
        (
            "mia asks and is the top: the fallback",
            MANAGER,
            named(CY),
            NEXT,
            people(MIA, line=(MIA,)),
            [("Cy", "fallback")],
        ),
        (
            "mia asks, the next is disabled: the one after",
            MANAGER,
            (),
            NEXT,
            people(MIA, line=(MIA, DAN, MAX)),
            [("Max", "nextManager")],
        ),
        ("level two is two steps up", SECOND, (), NEXT, people(LEO), [("Max", "primary")]),
        (
            "nobody is two steps up: the fallback",
            SECOND,
            named(CY),
            NEXT,
            people(LEO, line=(MIA,)),
            [("Cy", "fallback")],
        ),
        (
            "the manager is disabled: the fallback",
            MANAGER,
            named(CY),
            NEXT,
            people(LEO, line=(DAN, MAX)),
            [("Cy", "fallback")],
        ),
        (
            "no manager, no fallback: who stands in for the owners",
            MANAGER,
            (),
            NEXT,
            people(LEO, line=()),
            [("Ada", "catalogOwner")],
        ),
        ("nobody at all", MANAGER, (), NEXT, people(LEO, line=(), owners=()), []),
        ("the owner asks: nobody", MANAGER, (), NEXT, people(ADA, line=()), []),
        *(
            (f"level {level} is {level} steps up", (RequestorManager(manager_level=level),), (), NEXT, facts, [found])
            for level, facts, found in [
                (1, people(LEO, line=(MIA, MAX, CY, EVE)), ("Mia", "primary")),
                (2, people(LEO, line=(MIA, MAX, CY, EVE)), ("Max", "primary")),
                (3, people(LEO, line=(MIA, MAX, CY, EVE)), ("Cy", "primary")),
                (4, people(LEO, line=(MIA, MAX, CY, EVE)), ("Eve", "primary")),
                (4, people(LEO, line=(MIA, MAX, CY)), ("Ada", "catalogOwner")),
            ]
        ),
        (
            "the target's sponsors",
            SPONSORS,
            (),
            NEXT,
            people(MIA, sponsors=(CY, EVE)),
            [("Cy", "primary"), ("Eve", "primary")],
        ),
        (
            "a sponsor who asks does not decide",
            SPONSORS,
            (),
            NEXT,
            people(EVE, sponsors=(CY, EVE)),
            [("Cy", "primary")],
        ),
        ("no sponsor: the fallback", SPONSORS, named(CY), NEXT, people(MIA), [("Cy", "fallback")]),
        ("no sponsor, no fallback: whoever stands in", SPONSORS, (), NEXT, people(MIA), [("Ada", "catalogOwner")]),
        ("no sponsor and nobody at all", SPONSORS, (), NEXT, people(MIA, sponsors=(DAN,), owners=()), []),
        ("everybody of a group", GROUP, (), NEXT, people(MIA), [("Bob", "primary"), ("Bea", "primary")]),
        ("who asks is left out of the group", GROUP, (), NEXT, people(BOB), [("Bea", "primary")]),
        ("who gets it is left out of the group", GROUP, (), NEXT, people(MIA, BEA), [("Bob", "primary")]),
        (
            "a group of disabled accounts",
            GROUP,
            named(CY),
            NEXT,
            people(MIA, groups={OWNERS.id: (DAN,)}),
            [("Cy", "fallback")],
        ),
        (
            "each person once, by the first route",
            (*named(BOB), *GROUP),
            (),
            NEXT,
            people(MIA),
            [("Bob", "primary"), ("Bea", "primary")],
        ),
        (
            "somebody who is gone from the directory",
            named(CY),
            named(BOB),
            NEXT,
            people(LEO, named={BOB.id: BOB}),
            [("Bob", "fallback")],
        ),
        (
            "the target as fallback does not count",
            MANAGER,
            named(LEO),
            NEXT,
            people(LEO, line=()),
            [("Ada", "catalogOwner")],
        ),
        (
            "a set for requestors names no approver",
            (TargetManager(),),
            named(CY),
            NEXT,
            people(LEO),
            [("Cy", "fallback")],
        ),
        ("the manager option is about managers only", named(MIA), named(CY), NEXT, people(MIA), [("Cy", "fallback")]),
    ],
)
def test_who_may_decide(
    story: str,
    primary: tuple[SubjectSet, ...],
    fallback: tuple[SubjectSet, ...],
    option: ApproverIsRequestor,
    facts: People,
    expected: list[tuple[str, str]],
) -> None:
    found = resolve(stage(primary, fallback), option, facts)
    assert [(one.person.display_name.split()[0], one.source.value) for one in found] == expected, story


def plan(*stages: PlannedStage, option: ApproverIsRequestor = NEXT) -> Plan:
    """Return a plan of these stages, for ever."""
    return Plan(stages=stages, approver_is_requestor=option, starts_at=None, ends_at=None, lasts=None)


def test_asking_counts_as_approving_only_where_the_policy_says_so_and_only_for_others() -> None:
    by_manager, by_owners = stage(MANAGER), stage(GROUP, number=2)
    both = plan(by_manager, by_owners, option=COUNT)

    on_behalf = open_next(both, 0, people(MIA))
    assert (on_behalf.counted, on_behalf.stage) == ((1,), by_owners)
    assert open_next(plan(by_manager, option=COUNT), 0, people(MIA)) == Opening(counted=(1,))
    for_himself = open_next(both, 0, people(LEO))
    assert (for_himself.counted, for_himself.stage) == ((), by_manager)
    default = open_next(plan(by_manager, by_owners), 0, people(MIA))
    assert (default.counted, default.stage) == ((), by_manager)


def test_a_stage_follows_the_one_before_and_after_the_last_comes_none() -> None:
    first, second = stage(MANAGER), stage(GROUP, number=2)
    assert open_next(plan(first, second), 1, people(LEO)).stage == second
    assert open_next(plan(first, second), 2, people(LEO)) == Opening()
    assert open_next(plan(), 0, people(LEO)) == Opening()


persons = st.sampled_from(CAST)
subjects: st.SearchStrategy[SubjectSet] = st.one_of(
    persons.map(lambda person: SingleUser(user_id=person.id)),
    st.just(GroupMembers(group_id=OWNERS.id)),
    st.integers(-1, 6).map(lambda level: RequestorManager(manager_level=level)),
    st.just(TargetManager(manager_level=1)),
    st.just(TargetUserSponsors()),
)
some_subjects = st.lists(subjects, max_size=4).map(tuple)
some_people = st.lists(persons, max_size=5).map(tuple)
facts = st.builds(
    lambda requestor, target, line, members, known, owners, sponsors: People(
        requestor_id=requestor.id,
        target_id=target.id,
        managers=line,
        named={person.id: person for person in known},
        groups={OWNERS.id: members},
        owners=owners,
        sponsors=sponsors,
    ),
    persons,
    persons,
    some_people,
    some_people,
    st.lists(persons),
    some_people,
    some_people,
)


@given(primary=some_subjects, fallback=some_subjects, option=st.sampled_from(ApproverIsRequestor), about=facts)
def test_neither_who_asks_nor_who_gets_nor_a_disabled_account_ever_decides(
    primary: tuple[SubjectSet, ...], fallback: tuple[SubjectSet, ...], option: ApproverIsRequestor, about: People
) -> None:
    approvers = [one.person for one in resolve(stage(primary, fallback), option, about)]
    assert not {about.requestor_id, about.target_id} & {person.id for person in approvers}
    assert all(person.account_enabled for person in approvers)
    assert len(approvers) == len({person.id for person in approvers})


@given(
    stages=st.lists(st.tuples(some_subjects, some_subjects), max_size=3),
    option=st.sampled_from([NEXT, FALLBACK]),
    about=facts,
)
def test_without_the_explicit_option_nothing_is_ever_approved_by_itself(
    stages: list[tuple[tuple[SubjectSet, ...], tuple[SubjectSet, ...]]], option: ApproverIsRequestor, about: People
) -> None:
    planned = [stage(primary, fallback, number) for number, (primary, fallback) in enumerate(stages, start=1)]
    opening = open_next(plan(*planned, option=option), 0, about)
    assert opening.counted == ()
    assert opening.stage == (planned[0] if planned else None)


@given(primary=some_subjects, about=facts)
def test_a_self_request_never_counts_as_approved(primary: tuple[SubjectSet, ...], about: People) -> None:
    own = replace(about, requestor_id=about.target_id)
    assert open_next(plan(stage(primary), option=COUNT), 0, own).counted == ()
