"""What the record says, in sentences."""

import pytest

from grantline.model.event import EventType
from grantline.model.explanation import Life
from grantline.rules import narration
from tests.cast import LONG_AGO


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "nobody"),
        (["Bob"], "Bob"),
        (["Bob", "Bea"], "Bea or Bob"),
        (["Cy", "Bob", "Bea"], "Bea, Bob or Cy"),
        ([f"P{number}" for number in range(10)], "P0, P1, P2, P3, P4, P5, P6, P7 and 2 more"),
    ],
)
def test_names_in_a_row(names: list[str], sentence: str) -> None:
    assert narration.listed(names) == sentence


@pytest.mark.parametrize("kind", [*EventType, "something.new"])
def test_every_event_is_told_also_one_without_details(kind: str) -> None:
    assert narration.sentence(kind, None, {}, {})


def test_an_event_with_braces_in_its_details_is_told_as_it_is() -> None:
    told = narration.sentence(EventType.GRANT_GRANTED, None, {"summary": "Leo: {role} of {0}"}, {})
    assert told == "given: Leo: {role} of {0}"


@pytest.mark.parametrize(
    ("is_wanted", "is_applied", "existed_before", "state"),
    [
        (True, False, None, "owed"),
        (True, True, False, "given"),
        (True, True, True, "given"),
        (False, False, False, "beingTakenBack"),
        (False, True, False, "gone"),
        (False, True, True, "kept"),
    ],
)
def test_where_a_grant_is(*, is_wanted: bool, is_applied: bool, existed_before: bool | None, state: str) -> None:
    assert narration.grant_state(is_wanted=is_wanted, is_applied=is_applied, existed_before=existed_before) == state


@pytest.mark.parametrize(
    ("state", "ends_at", "what", "clause"),
    [
        ("delivering", None, "delivers", "the access is being given."),
        ("delivered", None, None, "it is held, without an end."),
        ("delivered", LONG_AGO, "ends", "it is held until 2026-01-01T00:00:00Z."),
        ("deliveryFailed", None, None, "nothing of it could be given."),
        ("partiallyDelivered", None, None, "it is held in part, without an end."),
        ("ending", None, "ends", "its end is settled; the access is being taken back."),
        ("expired", None, None, "it is over (deliveryFailed)."),
    ],
)
def test_where_an_assignment_is(state: str, ends_at: object, what: str | None, clause: str) -> None:
    life = Life(
        id="a",
        request_id="r",
        state=state,
        status="",
        starts_at=None,
        ends_at=LONG_AGO if ends_at else None,
        delivered_at=None,
        ending_at=None,
        ended_at=None,
        end_cause=None,
        overdue_since=None,
    )
    assert (narration.next_of_assignment(life).what, narration.lifetime(life)) == (what, clause)
