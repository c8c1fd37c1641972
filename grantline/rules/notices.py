"""When the end of access is announced, and with which words (EF-076)."""

from datetime import datetime, timedelta

from grantline.model.assignment import Assignment, AssignmentState
from grantline.model.policy import Policy

LEADS = (timedelta(days=14), timedelta(days=1))
"""How long before the end, the first notice first."""

STATUS = {
    timedelta(days=14): "NearExpiry14DaysNotificationTriggered",
    timedelta(days=1): "NearExpiry1DayNotificationTriggered",
}
"""The words Entra has for an assignment whose end was announced."""

HELD = (AssignmentState.DELIVERED, AssignmentState.PARTIALLY_DELIVERED)


def instants(ends_at: datetime | None, since: datetime | None) -> tuple[datetime, ...]:
    """Return the instants after `since` at which an end is announced, in order.

    `since` is when the end was settled: what lasts no longer than a notice is
    ahead of its end is not announced by it.
    """
    if ends_at is None or since is None:
        return ()
    return tuple(ends_at - lead for lead in LEADS if ends_at - lead > since)


def due(assignment: Assignment, at: datetime) -> timedelta | None:
    """Return which notice is to be given at this instant: the latest that has come, unless it was given."""
    ends_at, starts_at = assignment.ends_at, assignment.starts_at
    if assignment.state not in HELD or ends_at is None or ends_at <= at:
        return None
    come = [lead for lead in LEADS if ends_at - lead <= at and (starts_at is None or ends_at - lead > starts_at)]
    if not come or word_of(assignment.status) == STATUS[min(come)]:
        return None
    return min(come)


def is_silenced(policy: Policy | None) -> bool:
    """Tell whether the policy spares people the mail about their assignments."""
    settings = policy.kept.get("notificationSettings") if policy else None
    return isinstance(settings, dict) and settings.get("isAssignmentNotificationDisabled") is True


def word_of(status: str) -> str:
    """Return a status without what is added for people."""
    return status.partition(":")[0]


def reworded(status: str, word: str) -> str:
    """Return the status with another word; why a delivery was partial stays readable."""
    _, colon, reasons = status.partition(":")
    return word + colon + reasons
