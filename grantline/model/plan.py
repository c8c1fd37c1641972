"""The plan: what judgement fixed for one request at submit. Frozen, and kept.

A later edit of the policy changes nothing here. `format` is raised when the
meaning of a field changes, so that running workflows keep their own reading.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from grantline.model.callout import CalloutPoint, PlannedCallout
from grantline.model.policy import ApproverIsRequestor, ApproverVisibility
from grantline.model.subjects import SubjectSet

T = TypeVar("T", datetime, timedelta)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStage:
    """One approval stage: who may decide, and for how long it stays open.

    With `escalates_after` alternates are asked too, when that much of its time
    has passed. `reminders` are durations before the deadline; None takes the
    usual ones. With `determined_by` a custom extension has yet to say who
    decides; once it has, the stage is as it said, or `is_waived`.
    """

    number: int
    window: timedelta
    is_approver_justification_required: bool
    primary_approvers: tuple[SubjectSet, ...]
    fallback_approvers: tuple[SubjectSet, ...]
    escalates_after: timedelta | None = None
    escalation_approvers: tuple[SubjectSet, ...] = ()
    fallback_escalation_approvers: tuple[SubjectSet, ...] = ()
    reminders: tuple[timedelta, ...] | None = None
    approver_visibility: ApproverVisibility = ApproverVisibility.DEFAULT
    determined_by: PlannedCallout | None = None
    is_waived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What approvers shortened the access to: until an instant, for a duration after its start, or both."""

    ends_at: datetime | None = None
    lasts: timedelta | None = None

    def and_(self, other: "Limit | None") -> "Limit":
        """Return the shorter of two words about the same access."""
        if other is None:
            return self
        return Limit(ends_at=smaller(self.ends_at, other.ends_at), lasts=smaller(self.lasts, other.lasts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Stages in order (none: no approval needed), and the life of the access.

    The access starts at `starts_at`, or as soon as it is approved. It ends at
    `ends_at`, or `lasts` after delivery begins, whichever is earlier when both
    are given; with neither it never ends. `callouts` are the custom extensions
    that are called on the way; `passed` are the points whose answer is there.
    """

    stages: tuple[PlannedStage, ...]
    approver_is_requestor: ApproverIsRequestor
    starts_at: datetime | None
    ends_at: datetime | None
    lasts: timedelta | None
    format: int = 1
    callouts: tuple[PlannedCallout, ...] = ()
    passed: tuple[CalloutPoint, ...] = ()

    def called_at(self, point: CalloutPoint) -> tuple[PlannedCallout, ...]:
        """Return whom to call at a point without waiting."""
        return tuple(one for one in self.callouts if one.point is point and one.waits_for is None)

    def holds_at(self, point: CalloutPoint) -> PlannedCallout | None:
        """Return whose answer is awaited at a point; None if nobody's, or if it is there."""
        if point in self.passed:
            return None
        return next((one for one in self.callouts if one.point is point and one.waits_for is not None), None)

    def within(self, limit: Limit | None) -> "Plan":
        """Return the plan with its end no later than the limit; nothing else differs."""
        if limit is None:
            return self
        return replace(self, ends_at=smaller(self.ends_at, limit.ends_at), lasts=smaller(self.lasts, limit.lasts))


def smaller(one: T | None, other: T | None) -> T | None:
    """Return the lesser of two bounds, where None does not bound."""
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)
