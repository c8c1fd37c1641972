"""When the approvers of an open stage are reminded, and when alternates are asked too."""

from datetime import datetime, timedelta

from grantline.model.plan import PlannedStage

A_DAY = timedelta(days=1)


def reminders(planned: PlannedStage, opened_at: datetime, deadline_at: datetime) -> tuple[datetime, ...]:
    """Return all instants of a stage's reminders, in order; each lies between its opening and its deadline.

    By default at half-time, and one day before the end.
    """
    window = deadline_at - opened_at
    before = (window / 2, A_DAY) if planned.reminders is None else planned.reminders
    return tuple(sorted({deadline_at - one for one in before if timedelta(0) < one < window}))


def next_reminder(
    planned: PlannedStage, opened_at: datetime, deadline_at: datetime, reminded_at: datetime | None
) -> datetime | None:
    """Return the first reminder that was not given yet.

    One that came due while nobody was there to give it is given late, once,
    however many it stands for.
    """
    since = reminded_at or opened_at
    return next((at for at in reminders(planned, opened_at, deadline_at) if at > since), None)


def escalation(planned: PlannedStage, opened_at: datetime) -> datetime | None:
    """Return when alternates are asked too; None for a stage that does not escalate."""
    return opened_at + planned.escalates_after if planned.escalates_after is not None else None
