"""Who is asked in addition when a stage escalates: a table of cases, and what holds whatever is configured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantline.model.policy import ApproverIsRequestor
from grantline.model.subjects import SubjectSet
from grantline.rules.approvers import ALTERNATES, People, resolve, resolve_alternates
from tests.cast import BEA, BOB, CY, DAN, EVE, LEO, MAX, MIA
from tests.rules.test_approvers import (
    FALLBACK,
    GROUP,
    MANAGER,
    NEXT,
    SECOND,
    SPONSORS,
    facts,
    named,
    people,
    some_subjects,
    stage,
)


@pytest.mark.parametrize(
    ("story", "alternates", "fallback", "option", "about", "expected"),
    [
        ("the manager's manager", SECOND, (), NEXT, people(LEO), [("Max", "alternate")]),
        ("nobody is two steps up", SECOND, named(CY), NEXT, people(LEO, line=(MIA,)), [("Cy", "fallbackAlternate")]),
        (
            "the one who asks is two up: the next",
            SECOND,
            (),
            NEXT,
            people(MAX, line=(MIA, MAX, EVE)),
            [("Eve", "alternate")],
        ),
        ("… or the fallback", SECOND, named(CY), FALLBACK, people(MAX), [("Cy", "fallbackAlternate")]),
        ("a group, without who asks", GROUP, (), NEXT, people(BOB), [("Bea", "alternate")]),
        ("a group, without who gets it", GROUP, (), NEXT, people(MIA, BEA), [("Bob", "alternate")]),
        ("sponsors", SPONSORS, (), NEXT, people(MIA, sponsors=(CY,)), [("Cy", "alternate")]),
        ("who asks as alternate", named(MIA), (), NEXT, people(MIA), []),
        ("who gets it as alternate", named(LEO), named(EVE), NEXT, people(MIA), [("Eve", "fallbackAlternate")]),
        ("who gets it as alternate and its fallback", named(LEO), named(LEO), NEXT, people(MIA), []),
        ("a disabled account", named(DAN), named(CY), NEXT, people(MIA), [("Cy", "fallbackAlternate")]),
        ("only a fallback is named", (), named(CY), NEXT, people(MIA), [("Cy", "fallbackAlternate")]),
        ("nobody, and nobody stands in", MANAGER, (), NEXT, people(LEO, line=()), []),
    ],
)
def test_who_is_asked_too(
    story: str,
    alternates: tuple[SubjectSet, ...],
    fallback: tuple[SubjectSet, ...],
    option: ApproverIsRequestor,
    about: People,
    expected: list[tuple[str, str]],
) -> None:
    planned = replace(stage(named(BOB)), escalation_approvers=alternates, fallback_escalation_approvers=fallback)
    found = resolve_alternates(planned, option, about)
    assert [(one.person.display_name.split()[0], one.source.value) for one in found] == expected, story


@given(alternates=some_subjects, fallback=some_subjects, option=st.sampled_from(ApproverIsRequestor), about=facts)
def test_no_alternate_decides_on_their_own_request_or_from_a_disabled_account(
    alternates: tuple[SubjectSet, ...], fallback: tuple[SubjectSet, ...], option: ApproverIsRequestor, about: People
) -> None:
    planned = replace(stage(()), escalation_approvers=alternates, fallback_escalation_approvers=fallback)
    found = [one.person for one in resolve_alternates(planned, option, about)]
    assert not {about.requestor_id, about.target_id} & {person.id for person in found}
    assert all(person.account_enabled for person in found)
    assert len(found) == len({person.id for person in found})


@given(primary=some_subjects, alternates=some_subjects, option=st.sampled_from(ApproverIsRequestor), about=facts)
def test_alternates_change_nothing_about_who_is_asked_first(
    primary: tuple[SubjectSet, ...], alternates: tuple[SubjectSet, ...], option: ApproverIsRequestor, about: People
) -> None:
    planned = stage(primary)
    first = resolve(planned, option, about)
    escalating = replace(planned, escalation_approvers=alternates, fallback_escalation_approvers=alternates)
    assert resolve(escalating, option, about) == first
    assert not {one.source for one in first} & ALTERNATES
