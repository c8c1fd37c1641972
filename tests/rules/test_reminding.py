"""When approvers are reminded: tables, and what holds for every stage."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantline.rules.reminding import escalation, next_reminder, reminders
from tests.rules.cases import NOW
from tests.rules.test_approvers import stage

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STAGE = stage(())


@pytest.mark.parametrize(
    ("story", "window", "given_", "expected"),
    [
        ("a fortnight", 14 * DAY, None, [7 * DAY, 13 * DAY]),
        ("three days", 3 * DAY, None, [1.5 * DAY, 2 * DAY]),
        ("two days: both at once", 2 * DAY, None, [DAY]),
        ("36 hours: the last day is first", 1.5 * DAY, None, [0.5 * DAY, 0.75 * DAY]),
        ("a day has no day before its end", DAY, None, [12 * HOUR]),
        ("ten minutes", timedelta(minutes=10), None, [timedelta(minutes=5)]),
        ("the policy's own, in any order", 3 * DAY, (HOUR, 2 * DAY), [DAY, 3 * DAY - HOUR]),
        ("the same twice is once", DAY, (HOUR, HOUR), [23 * HOUR]),
        ("none at all", 14 * DAY, (), []),
        ("what does not fit is left out", DAY, (DAY, 2 * DAY, timedelta(0)), []),
    ],
)
def test_when_approvers_are_reminded(
    story: str, window: timedelta, given_: tuple[timedelta, ...] | None, expected: list[timedelta]
) -> None:
    planned = replace(STAGE, window=window, reminders=given_)
    assert [at - NOW for at in reminders(planned, NOW, NOW + window)] == expected, story


def test_what_was_missed_is_given_once() -> None:
    end = NOW + 14 * DAY
    assert next_reminder(STAGE, NOW, end, None) == NOW + 7 * DAY
    assert next_reminder(STAGE, NOW, end, NOW + 7 * DAY) == NOW + 13 * DAY
    assert next_reminder(STAGE, NOW, end, NOW + 13 * DAY + HOUR) is None


def test_a_stage_escalates_only_if_it_says_when() -> None:
    assert escalation(STAGE, NOW) is None
    assert escalation(replace(STAGE, escalates_after=timedelta(minutes=1)), NOW) == NOW + timedelta(minutes=1)


@given(
    window=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=365)),
    before=st.none() | st.lists(st.timedeltas(), max_size=6).map(tuple),
    reminded_at=st.none()
    | st.datetimes(min_value=NOW.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=NOW.tzinfo)),
)
def test_reminders_lie_within_the_stage_and_come_to_an_end(
    window: timedelta, before: tuple[timedelta, ...] | None, reminded_at: datetime | None
) -> None:
    planned, end = replace(STAGE, window=window, reminders=before), NOW + window
    assert all(NOW < at < end for at in reminders(planned, NOW, end))
    upcoming, count = next_reminder(planned, NOW, end, reminded_at), 0
    while upcoming is not None:
        assert reminded_at is None or upcoming > reminded_at
        reminded_at, count = upcoming, count + 1
        upcoming = next_reminder(planned, NOW, end, reminded_at)
    assert count <= len(before if before is not None else (1, 2))
