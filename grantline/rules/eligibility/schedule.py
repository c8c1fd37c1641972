"""The times asked for must be allowed, make sense, and stay within the policy's own (LIF-1, LIF-2)."""

from datetime import datetime, timedelta

from grantline.errors import InvalidSchedule, NotRequestable, Refused, ScheduleNotAllowed
from grantline.model.policy import Expiration, ExpirationType, Policy
from grantline.rules.case import Case
from grantline.rules.times import fixed_end, iso, later, longest

ID = "schedule"

TOLERANCE = timedelta(minutes=5)
"""How far in the past a start may lie and still mean "now": clocks differ, forms take time."""


def judge(case: Case, policy: Policy) -> Refused | None:
    """Object to times that the policy forbids or that contradict each other."""
    asked = case.ask.schedule.expiration
    starts_at = case.ask.schedule.starts_at or case.now
    last_end = fixed_end(policy.expiration)
    if last_end is not None and last_end <= starts_at:
        return _over(case, policy, last_end)
    if case.ask.schedule.starts_at is None and not _is_custom(asked):
        return None
    if not case.is_direct and not policy.requestor_settings.allow_custom_schedule:
        return ScheduleNotAllowed(
            f"The policy '{policy.display_name}' of '{case.package.display_name}' sets the times itself; "
            "leave the schedule out.",
            target="schedule",
        )
    if starts_at < case.now - TOLERANCE:
        return _invalid(f"The start {iso(starts_at)} has passed; give a later one, or none to start at once.")
    starts_at = max(starts_at, case.now)
    if asked is None:
        return None
    return _contradiction(asked, starts_at) or _excess(asked, starts_at, policy)


def _over(case: Case, policy: Policy, end_at: datetime) -> Refused:
    ended = f"access under the policy '{policy.display_name}' of '{case.package.display_name}' ends at {iso(end_at)}"
    if end_at <= case.now:
        return NotRequestable(f"No more requests: {ended}.")
    return _invalid(f"The start must be earlier: {ended}.")


def _is_custom(asked: Expiration | None) -> bool:
    return asked is not None and asked.type is not ExpirationType.NOT_SPECIFIED


def _contradiction(asked: Expiration, starts_at: datetime) -> Refused | None:
    if asked.type is ExpirationType.AFTER_DATE_TIME:
        if asked.end_at is None:
            return _invalid("An expiration of type afterDateTime needs an endDateTime.")
        if asked.end_at <= starts_at:
            return _invalid(f"The end {iso(asked.end_at)} must be after the start {iso(starts_at)}.")
    if asked.type is ExpirationType.AFTER_DURATION:
        if asked.duration is None:
            return _invalid("An expiration of type afterDuration needs a duration.")
        if asked.duration <= timedelta():
            return _invalid("The duration must be longer than nothing.")
    return None


def _excess(asked: Expiration, starts_at: datetime, policy: Policy) -> Refused | None:
    """Object to an end after the one the policy allows; no end at all is the latest of all."""
    latest = _end(policy.expiration, starts_at)
    if latest is None or asked.type is ExpirationType.NOT_SPECIFIED:
        return None
    wanted = _end(asked, starts_at)
    if wanted is not None and wanted <= latest:
        return None
    return _invalid(
        f"The policy '{policy.display_name}' lets access last until {iso(latest)} at most; give an earlier end."
    )


def _end(expiration: Expiration, starts_at: datetime) -> datetime | None:
    duration = longest(expiration)
    return fixed_end(expiration) or (later(starts_at, duration) if duration is not None else None)


def _invalid(message: str) -> Refused:
    return InvalidSchedule(message, target="schedule")
