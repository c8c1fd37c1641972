"""entitlementManagementSchedule on the wire: the times a requestor asks for, the times an assignment has."""

from datetime import datetime
from typing import Any

from api.wire.base import Text
from api.wire.durations import Duration, duration
from api.wire.lenient import Instant, LenientBody
from api.wire.shapes import ExpirationOut, ScheduleOut
from grantline.errors import InvalidInput, NotSupported
from grantline.model.plan import Limit
from grantline.model.policy import Expiration, ExpirationType
from grantline.model.request import Schedule

TYPES = {kind.value.lower(): kind for kind in ExpirationType}


class ExpirationBody(LenientBody):
    """Graph's expirationPattern: when something ends."""

    type: Text | None = None
    end_date_time: Instant | None = None
    duration: Duration | None = None

    def read_limit(self, path: str) -> Limit:
        """Return the end that an approver gives.

        Raises:
            InvalidInput: it is no end: neither an instant nor a duration.
        """
        given = _read(self, path)
        if given is None or (given.end_at is None and given.duration is None):
            raise InvalidInput(
                f"{path} takes type afterDateTime with endDateTime, or afterDuration with duration; to approve the "
                "time as it was asked, leave it out.",
                target=path,
            )
        return Limit(ends_at=given.end_at, lasts=given.duration)


class ScheduleBody(LenientBody):
    """The `schedule` of a request; every member may be null or absent."""

    start_date_time: Instant | None = None
    expiration: ExpirationBody | None = None
    recurrence: dict[str, Any] | None = None

    def read(self) -> Schedule:
        """Return the times asked for.

        Raises:
            InvalidInput: an unknown type, or an end without its type's value.
            NotSupported: a recurrence.
        """
        if self.recurrence:
            raise NotSupported("Access does not recur; leave schedule.recurrence out.", target="schedule/recurrence")
        return Schedule(starts_at=self.start_date_time, expiration=_read(self.expiration, "schedule/expiration"))


def schedule_out(schedule: Schedule) -> ScheduleOut:
    """Show what a requestor asked for; nothing asked reads as notSpecified."""
    return _show(schedule.starts_at, schedule.expiration or Expiration(type=ExpirationType.NOT_SPECIFIED))


def period_out(starts_at: datetime | None, ends_at: datetime | None) -> ScheduleOut:
    """Show the times that an assignment has."""
    kind = ExpirationType.AFTER_DATE_TIME if ends_at else ExpirationType.NO_EXPIRATION
    return _show(starts_at, Expiration(type=kind, end_at=ends_at))


def limit_out(limit: Limit | None) -> ExpirationOut | None:
    """Show what approvers shortened the access to: the earlier of end and duration holds; null: nobody did."""
    if limit is None:
        return None
    kind = ExpirationType.AFTER_DATE_TIME if limit.ends_at else ExpirationType.AFTER_DURATION
    return {"endDateTime": limit.ends_at, "duration": duration(limit.lasts), "type": kind}


def _show(starts_at: datetime | None, expiration: Expiration) -> ScheduleOut:
    return {
        "startDateTime": starts_at,
        "recurrence": None,
        "expiration": {
            "endDateTime": expiration.end_at,
            "duration": duration(expiration.duration),
            "type": expiration.type,
        },
    }


def _read(given: ExpirationBody | None, path: str) -> Expiration | None:
    if given is None:
        return None
    word = (given.type or _implied(given)).strip().lower()
    if word not in TYPES:
        choices = ", ".join(ExpirationType)
        name = path.rpartition("/")[2]
        raise InvalidInput(f"{name}.type {given.type!r} is unknown; it is one of {choices}.", target=f"{path}/type")
    kind = TYPES[word]
    if kind is ExpirationType.NOT_SPECIFIED:
        return None
    return Expiration(
        type=kind,
        end_at=given.end_date_time if kind is ExpirationType.AFTER_DATE_TIME else None,
        duration=given.duration if kind is ExpirationType.AFTER_DURATION else None,
    )


def _implied(given: ExpirationBody) -> str:
    """Tell the type that was left out from the value that was given."""
    if given.end_date_time:
        return ExpirationType.AFTER_DATE_TIME.value
    return ExpirationType.AFTER_DURATION.value if given.duration else ExpirationType.NOT_SPECIFIED.value
