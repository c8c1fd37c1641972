"""entitlementManagementSchedule on the wire: the times a requestor asks for, the times an assignment has."""

from datetime import datetime
from typing import Any

from api.wire.base import Text
from api.wire.durations import Duration, duration
from api.wire.lenient import Instant, LenientBody
from grantline.errors import InvalidInput, NotSupported
from grantline.model.policy import Expiration, ExpirationType
from grantline.model.request import Schedule

TYPES = {kind.value.lower(): kind for kind in ExpirationType}


class _Expiration(LenientBody):
    type: Text | None = None
    end_date_time: Instant | None = None
    duration: Duration | None = None


class ScheduleBody(LenientBody):
    """The `schedule` of a request; every member may be null or absent."""

    start_date_time: Instant | None = None
    expiration: _Expiration | None = None
    recurrence: dict[str, Any] | None = None

    def read(self) -> Schedule:
        """Return the times asked for.

        Raises:
            InvalidInput: an unknown type, or an end without its type's value.
            NotSupported: a recurrence.
        """
        if self.recurrence:
            raise NotSupported("Access does not recur; leave schedule.recurrence out.", target="schedule/recurrence")
        return Schedule(starts_at=self.start_date_time, expiration=_read(self.expiration))


def schedule_out(schedule: Schedule) -> dict[str, Any]:
    """Show what a requestor asked for; nothing asked reads as notSpecified."""
    return _show(schedule.starts_at, schedule.expiration or Expiration(type=ExpirationType.NOT_SPECIFIED))


def period_out(starts_at: datetime | None, ends_at: datetime | None) -> dict[str, Any]:
    """Show the times that an assignment has."""
    kind = ExpirationType.AFTER_DATE_TIME if ends_at else ExpirationType.NO_EXPIRATION
    return _show(starts_at, Expiration(type=kind, end_at=ends_at))


def _show(starts_at: datetime | None, expiration: Expiration) -> dict[str, Any]:
    return {
        "startDateTime": starts_at,
        "recurrence": None,
        "expiration": {
            "endDateTime": expiration.end_at,
            "duration": duration(expiration.duration),
            "type": expiration.type.value,
        },
    }


def _read(given: _Expiration | None) -> Expiration | None:
    if given is None:
        return None
    word = (given.type or _implied(given)).strip().lower()
    if word not in TYPES:
        choices = ", ".join(ExpirationType)
        raise InvalidInput(
            f"expiration.type {given.type!r} is unknown; it is one of {choices}.", target="schedule/expiration/type"
        )
    kind = TYPES[word]
    if kind is ExpirationType.NOT_SPECIFIED:
        return None
    return Expiration(
        type=kind,
        end_at=given.end_date_time if kind is ExpirationType.AFTER_DATE_TIME else None,
        duration=given.duration if kind is ExpirationType.AFTER_DURATION else None,
    )


def _implied(given: _Expiration) -> str:
    """Tell the type that was left out from the value that was given."""
    if given.end_date_time:
        return ExpirationType.AFTER_DATE_TIME.value
    return ExpirationType.AFTER_DURATION.value if given.duration else ExpirationType.NOT_SPECIFIED.value
