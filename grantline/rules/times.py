"""What an expiration says, whatever else its fields hold."""

from datetime import datetime, timedelta

from grantline.model.policy import Expiration, ExpirationType


def fixed_end(expiration: Expiration | None) -> datetime | None:
    """Return the instant at which access ends, if the expiration is of that kind."""
    if expiration is None or expiration.type is not ExpirationType.AFTER_DATE_TIME:
        return None
    return expiration.end_at


def longest(expiration: Expiration | None) -> timedelta | None:
    """Return how long access lasts from its start, if the expiration is of that kind."""
    if expiration is None or expiration.type is not ExpirationType.AFTER_DURATION:
        return None
    return expiration.duration


def later(instant: datetime, by: timedelta) -> datetime | None:
    """Add a duration; None when the result is past the calendar's end, which is as good as never."""
    try:
        return instant + by
    except OverflowError:
        return None


def iso(instant: datetime) -> str:
    """Write an instant as messages do."""
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
