"""The times one may ask for, and those one may not."""

from datetime import UTC, datetime, timedelta

import pytest

from grantline import errors
from grantline.errors import Refused
from grantline.model.policy import Expiration, ExpirationType
from grantline.model.request import RequestType, Schedule
from tests.cast import ADA
from tests.rules.cases import NOW, ask, case, policy, refusal, requestors

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK_LONG = Expiration(type=ExpirationType.AFTER_DURATION, duration=7 * DAY)
UNTIL_JULY = Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=datetime(2026, 7, 1, tzinfo=UTC))
ENDED = Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=NOW - HOUR)
NEVER = Expiration()


def until(end_at: datetime | None) -> Expiration:
    """Return an expiration at an instant."""
    return Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=end_at)


def lasting(duration: timedelta | None) -> Expiration:
    """Return an expiration after a duration."""
    return Expiration(type=ExpirationType.AFTER_DURATION, duration=duration)


@pytest.mark.parametrize(
    ("story", "schedule", "custom", "expiration", "error", "says"),
    [
        ("no times at all", Schedule(), False, NEVER, None, ""),
        (
            "times left to the policy",
            Schedule(expiration=Expiration(type=ExpirationType.NOT_SPECIFIED)),
            False,
            NEVER,
            None,
            "",
        ),
        (
            "a start where none may be given",
            Schedule(starts_at=NOW + DAY),
            False,
            NEVER,
            errors.ScheduleNotAllowed,
            "The policy 'Staff' of 'Payroll' sets the times itself; leave the schedule out.",
        ),
        (
            "an end where none may be given",
            Schedule(expiration=lasting(DAY)),
            False,
            NEVER,
            errors.ScheduleNotAllowed,
            "The policy 'Staff' of 'Payroll' sets the times itself; leave the schedule out.",
        ),
        ("a start to come", Schedule(starts_at=NOW + DAY), True, NEVER, None, ""),
        ("a start a moment ago is now", Schedule(starts_at=NOW - timedelta(minutes=4)), True, NEVER, None, ""),
        (
            "a start long ago",
            Schedule(starts_at=NOW - HOUR),
            True,
            NEVER,
            errors.InvalidSchedule,
            "The start 2026-06-01T11:00:00Z has passed; give a later one, or none to start at once.",
        ),
        (
            "an end before the start",
            Schedule(starts_at=NOW + DAY, expiration=until(NOW + HOUR)),
            True,
            NEVER,
            errors.InvalidSchedule,
            "The end 2026-06-01T13:00:00Z must be after the start 2026-06-02T12:00:00Z.",
        ),
        (
            "an end in the past, and no start",
            Schedule(expiration=until(NOW - HOUR)),
            True,
            NEVER,
            errors.InvalidSchedule,
            "The end 2026-06-01T11:00:00Z must be after the start 2026-06-01T12:00:00Z.",
        ),
        (
            "an end without its instant",
            Schedule(expiration=until(None)),
            True,
            NEVER,
            errors.InvalidSchedule,
            "An expiration of type afterDateTime needs an endDateTime.",
        ),
        (
            "a duration without its length",
            Schedule(expiration=lasting(None)),
            True,
            NEVER,
            errors.InvalidSchedule,
            "An expiration of type afterDuration needs a duration.",
        ),
        (
            "a duration of nothing",
            Schedule(expiration=lasting(timedelta())),
            True,
            NEVER,
            errors.InvalidSchedule,
            "The duration must be longer than nothing.",
        ),
        ("as long as the policy allows", Schedule(expiration=lasting(7 * DAY)), True, WEEK_LONG, None, ""),
        ("until just where the policy ends", Schedule(expiration=until(NOW + 7 * DAY)), True, WEEK_LONG, None, ""),
        (
            "longer than the policy",
            Schedule(expiration=lasting(8 * DAY)),
            True,
            WEEK_LONG,
            errors.InvalidSchedule,
            "The policy 'Staff' lets access last until 2026-06-08T12:00:00Z at most; give an earlier end.",
        ),
        (
            "for ever, where the policy ends",
            Schedule(expiration=NEVER),
            True,
            UNTIL_JULY,
            errors.InvalidSchedule,
            "The policy 'Staff' lets access last until 2026-07-01T00:00:00Z at most; give an earlier end.",
        ),
        (
            "past the calendar's end, where the policy ends",
            Schedule(expiration=lasting(timedelta.max)),
            True,
            UNTIL_JULY,
            errors.InvalidSchedule,
            "The policy 'Staff' lets access last until 2026-07-01T00:00:00Z at most; give an earlier end.",
        ),
        ("past the calendar's end is never", Schedule(expiration=lasting(timedelta.max)), True, NEVER, None, ""),
        (
            "a start after the policy's end",
            Schedule(starts_at=datetime(2026, 8, 1, tzinfo=UTC)),
            True,
            UNTIL_JULY,
            errors.InvalidSchedule,
            "The start must be earlier: access under the policy 'Staff' of 'Payroll' ends at 2026-07-01T00:00:00Z.",
        ),
        (
            "the policy's end is past",
            Schedule(),
            False,
            ENDED,
            errors.NotRequestable,
            "No more requests: access under the policy 'Staff' of 'Payroll' ends at 2026-06-01T11:00:00Z.",
        ),
    ],
)
def test_times(
    story: str, schedule: Schedule, custom: bool, expiration: Expiration, error: type[Refused] | None, says: str
) -> None:
    it = case(
        policy(requestor_settings=requestors(allow_custom_schedule=custom), expiration=expiration),
        ask=ask(schedule=schedule),
    )
    found = refusal(it)
    assert (type(found) if found else None, str(found or "")) == (error, says), story


def test_an_administrator_may_set_times_that_a_requestor_may_not() -> None:
    direct = ask(type=RequestType.ADMIN_ADD, schedule=Schedule(starts_at=NOW + DAY))
    assert refusal(case(policy(), requestor=ADA, may_assign=True, ask=direct)) is None
