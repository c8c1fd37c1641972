"""The plan: what judgement fixed for one request at submit. Frozen, and kept.

A later edit of the policy changes nothing here. `format` is raised when the
meaning of a field changes, so that running workflows keep their own reading.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from grantline.model.callout import CalloutPoint, PlannedCallout
from grantline.model.policy import ApproverIsRequestor, ApproverVisibility
from grantline.model.subjects import SubjectSet


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
