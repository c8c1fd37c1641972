"""What an approver may do to the time that was asked for: bring its end nearer, and nothing else."""

from datetime import datetime, timedelta

from grantline.errors import InvalidSchedule, Refused
from grantline.model.plan import Limit, smaller
from grantline.model.request import UPDATES, Request
from grantline.rules.planning import end_of_access
from grantline.rules.times import iso, later

TARGET = "shortenedTo"


def objection(request: Request, limit: Limit, now: datetime, *, held_until: datetime | None = None) -> Refused | None:
    """Return why the access cannot be shortened to this, if it cannot.

    What earlier stages shortened holds; the next can only go on from there.
    `held_until` is when access that an update would prolong ends as it is.
    """
    if limit.ends_at is None and limit.lasts is None:
        return _invalid("shortenedTo says neither until when nor for how long; give an end or a duration.")
    begins_at = max(request.plan.starts_at or now, now)
    was, wanted = end_of_access(request.terms, begins_at), _end(limit, begins_at)
    if wanted is None or (was is not None and wanted > was):
        ends = f"at {iso(was)}" if was else "never"
        return _invalid(
            f"The access would end {ends}; an approver may bring that nearer, and an end {said(limit)} is not. "
            "Give an earlier end, or approve as asked."
        )
    if wanted <= begins_at:
        return _invalid(
            f"The access would begin at {iso(begins_at)} and cannot end {said(limit)}; give an end after that, "
            "or deny the request."
        )
    is_cut = request.type in UPDATES and held_until is not None and wanted < held_until
    if is_cut and (was is None or held_until is None or was >= held_until):
        return _invalid(
            f"The access lasts until {iso(held_until or wanted)} already and would end earlier, {said(limit)}; give a "
            "later end, or deny the request."
        )
    return None


def said(limit: Limit) -> str:
    """Say a limit to people: until an instant, or after how long."""
    words = [f"at {iso(limit.ends_at)}"] if limit.ends_at else []
    words += [f"{_long(limit.lasts)} after it begins"] if limit.lasts is not None else []
    return " or ".join(words)


def _end(limit: Limit, begins_at: datetime) -> datetime | None:
    return smaller(limit.ends_at, later(begins_at, limit.lasts) if limit.lasts is not None else None)


def _long(duration: timedelta) -> str:
    """Say a duration in the largest units that it is whole in."""
    minutes = duration.seconds // 60
    parts = (
        (duration.days, "day"),
        (minutes // 60, "hour"),
        (minutes % 60, "minute"),
        (duration.seconds % 60, "second"),
    )
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count) or "0 seconds"


def _invalid(says: str) -> InvalidSchedule:
    return InvalidSchedule(says, target=TARGET)
