"""What an assignment's timeline keeps from those who need not know who approved it.

The stages of its requests are explained with the requests, where names are
open to whoever may know them.
"""

from collections.abc import Sequence
from dataclasses import replace

from grantline.model.event import EventType
from grantline.model.explanation import Moment
from grantline.persistence.approvals_given import ApprovalGiven

OF_STAGES = frozenset(
    {
        EventType.STAGE_OPENED.value,
        EventType.STAGE_REMINDED.value,
        EventType.STAGE_ESCALATED.value,
        EventType.STAGE_DECIDED.value,
        EventType.APPROVAL_TAKEN_BACK.value,
    }
)
BY_APPROVER = {
    EventType.REMOVAL_REQUESTED.value: "an approver took the approval back",
    EventType.ASSIGNMENT_ENDING.value: "it ends (revokedByApprover); the access is being taken back",
}


def discreet(timeline: Sequence[Moment], viewer_id: str, given: Sequence[ApprovalGiven]) -> tuple[Moment, ...]:
    """Leave out the events of stages, and who ended it where that is somebody who approved it."""
    approvers = {one.approver_id for one in given} - {viewer_id}
    return tuple(_nameless(one, approvers) for one in timeline if one.event not in OF_STAGES)


def _nameless(moment: Moment, approvers: set[str]) -> Moment:
    if moment.event not in BY_APPROVER or moment.actor is None or moment.actor.id not in approvers:
        return moment
    return replace(moment, actor=None, says=BY_APPROVER[moment.event])
