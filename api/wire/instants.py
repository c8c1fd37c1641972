"""Instants on the wire: ISO 8601 in UTC with a Z, null when unset."""

from datetime import UTC, datetime


def instant(value: datetime | None) -> str | None:
    """Write an instant as Graph does; fractions only when there are any."""
    if value is None:
        return None
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
