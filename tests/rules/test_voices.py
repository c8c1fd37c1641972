"""Whose word counts in an open stage: approvers, and whoever stands in for one. Mia asks for Leo."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantline.model.delegation import StandIn
from grantline.model.person import Person
from grantline.rules.voices import Voice, voice_of, voices
from tests.cast import BEA, BOB, CAST, CY, DAN, EVE, LEO, MIA

BOTH = ["Bob Stone", "Bea Hart"]
FIRST_ONLY = ["Bob Stone", "Bea Hart for Bob Stone"]
LEFT_BOB = replace(BOB, account_enabled=False)


def for_(approver: Person, delegate: Person) -> StandIn:
    """Return a delegate in the place of an approver."""
    return StandIn(person=delegate, stands_in_for=approver)


def heard(waiting: list[Person], stand_ins: list[StandIn]) -> tuple[Voice, ...]:
    """Return who may decide on what Mia asks for Leo."""
    return voices(waiting, stand_ins, requestor_id=MIA.id, target_id=LEO.id)


@pytest.mark.parametrize(
    ("story", "waiting", "stand_ins", "expected"),
    [
        ("the approvers alone", [BOB, BEA], [], ["Bob Stone", "Bea Hart"]),
        ("the delegate too, and Bob keeps his vote", [BOB], [for_(BOB, CY)], ["Bob Stone", "Cy Frost for Bob Stone"]),
        ("one person for two", [BOB, BEA], [for_(BOB, CY), for_(BEA, CY)], [*BOTH, "Cy Frost for Bob Stone"]),
        ("an approver who also stands in speaks for herself", [BOB, BEA], [for_(BOB, BEA)], ["Bob Stone", "Bea Hart"]),
        ("whoever asks is no delegate here", [BOB], [for_(BOB, MIA)], ["Bob Stone"]),
        ("whoever would get it is no delegate here", [BOB], [for_(BOB, LEO)], ["Bob Stone"]),
        ("a disabled account is no delegate", [BOB], [for_(BOB, DAN)], ["Bob Stone"]),
        ("nobody stands in for who left", [LEFT_BOB, BEA], [for_(LEFT_BOB, CY)], ["Bea Hart"]),
        ("nobody stands in for who asks", [MIA, BOB], [for_(MIA, CY)], ["Bob Stone"]),
        ("a delegate's delegate gets nothing", [BOB], [for_(BOB, BEA), for_(BEA, EVE)], FIRST_ONLY),
        ("a delegate of who is not asked gets nothing", [BOB], [for_(BEA, CY)], ["Bob Stone"]),
        ("nobody is asked", [], [for_(BOB, CY)], []),
    ],
)  # fmt: skip
def test_whose_word_counts(story: str, waiting: list[Person], stand_ins: list[StandIn], expected: list[str]) -> None:
    assert [str(one) for one in heard(waiting, stand_ins)] == expected, story


def test_the_right_of_a_delegate_is_the_approvers() -> None:
    voice = voice_of(CY.id, heard([BOB], [for_(BOB, CY)]))
    assert voice is not None
    assert (voice.stands_in_for, voice.approver) == (BOB, BOB)
    assert voice_of(EVE.id, heard([BOB], [for_(BOB, CY)])) is None


PEOPLE = st.sampled_from(CAST)


@given(
    waiting=st.lists(PEOPLE, unique=True),
    stand_ins=st.lists(st.builds(for_, PEOPLE, PEOPLE), max_size=6),
    requestor=PEOPLE,
    target=PEOPLE,
    data=st.data(),
)
def test_neither_requestor_nor_target_nor_a_blocked_account_and_the_order_of_things_never_matters(
    waiting: list[Person], stand_ins: list[StandIn], requestor: Person, target: Person, data: st.DataObject
) -> None:
    def who(people: list[Person], delegates: list[StandIn]) -> set[str]:
        return {one.person.id for one in voices(people, delegates, requestor_id=requestor.id, target_id=target.id)}

    found = who(waiting, stand_ins)
    assert not found & {requestor.id, target.id, DAN.id}
    asked = {one.id for one in waiting}
    assert found <= asked | {one.person.id for one in stand_ins if one.stands_in_for.id in asked}
    assert who(data.draw(st.permutations(waiting)), data.draw(st.permutations(stand_ins))) == found
