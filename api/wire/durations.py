"""Durations on the wire: ISO 8601, and the form in which Python clients write back what they read.

Microsoft's Python SDK reads `P14D` and sends `14 days, 0:00:00`. Without that
form no Python client could change a policy it has read.
"""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError

_TIMEDELTA = TypeAdapter(timedelta)
_LONGEST = 64


def parse(value: Any) -> timedelta:
    """Read a duration; ValueError says what would be right."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST and not value.strip().isdigit():
        try:
            return _TIMEDELTA.validate_python(value.strip())
        except ValidationError:
            pass
    raise ValueError(f"{str(value)[:_LONGEST]!r} is not a duration; write ISO 8601 such as P14D or PT4H.")


Duration = Annotated[timedelta, BeforeValidator(parse)]
"""A duration of a request body, either form."""


def duration(value: timedelta | None) -> str | None:
    """Write a duration, if there is one."""
    return None if value is None else written(value)


def written(value: timedelta) -> str:
    """Write a duration in days, hours, minutes and seconds; years and months differ in length, so never those."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    days = f"{value.days}D" if value.days else ""
    time = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{fraction}S" if seconds or fraction else "")
    )
    if not days and not time:
        return "PT0S"
    return f"{sign}P{days}" + (f"T{time}" if time else "")
