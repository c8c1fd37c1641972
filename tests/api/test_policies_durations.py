"""Durations are read in both forms that clients write, and written in one."""

from datetime import timedelta

import pytest

from api.wire.durations import duration, parse


@pytest.mark.parametrize(
    ("text", "expected", "back"),
    [
        ("P14D", timedelta(days=14), "P14D"),
        ("14 days, 0:00:00", timedelta(days=14), "P14D"),
        ("1 day, 2:00:00", timedelta(days=1, hours=2), "P1DT2H"),
        ("0:00:00", timedelta(0), "PT0S"),
        ("PT0S", timedelta(0), "PT0S"),
        ("P365D", timedelta(days=365), "P365D"),
        ("P1Y", timedelta(days=365), "P365D"),
        ("P2W", timedelta(weeks=2), "P14D"),
        ("PT1M30.5S", timedelta(seconds=90.5), "PT1M30.5S"),
        ("-P1D", timedelta(days=-1), "-P1D"),
    ],
)
def test_a_duration_is_read_in_either_form_and_written_in_days_and_smaller(
    text: str, expected: timedelta, back: str
) -> None:
    assert (parse(text), duration(parse(text))) == (expected, back)


@pytest.mark.parametrize("wrong", ["", "soon", "14", 14, None, True, "P99999999999D", ["P1D"], "P" * 1000])
def test_what_is_no_duration_is_refused_with_an_example(wrong: object) -> None:
    with pytest.raises(ValueError, match="write ISO 8601 such as P14D or PT4H"):
        parse(wrong)
