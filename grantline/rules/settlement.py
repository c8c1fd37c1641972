"""What the next opening means for a request: where it goes, and why.

counted or decided ──► another stage opens   pendingApproval
                   ├─► an answer is awaited first   pendingApproval, WaitingForCallback
                   ├─► nobody may decide it  denied
                   ├─► all are approved, the start is later   scheduled
                   ├─► … and the start has come               delivering
                   └─► … but nothing can be given any more    deliveryFailed
"""

from dataclasses import dataclass
from datetime import datetime

from grantline.model.person import Person
from grantline.model.plan import Plan
from grantline.model.request import RequestState
from grantline.rules.approvers import Opening
from grantline.rules.planning import end_of_access
from grantline.rules.times import iso

STATUS = {
    RequestState.PENDING_APPROVAL: "PendingApproval",
    RequestState.SCHEDULED: "Scheduled",
    RequestState.DELIVERING: "Delivering",
    RequestState.DELIVERED: "Delivered",
    RequestState.PARTIALLY_DELIVERED: "PartiallyDelivered",
    RequestState.DELIVERY_FAILED: "DeliveryFailed",
    RequestState.DENIED: "Denied",
    RequestState.EXPIRED: "Expired",
    RequestState.CANCELED: "Canceled",
}
"""The words Entra has for a request's status; what follows a colon is for people."""

WAITING_FOR_CALLBACK = "WaitingForCallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Where a request goes at this instant, by which opening.

    `reason` says why it ended, if it did without anybody's word.
    """

    state: RequestState
    at: datetime
    opening: Opening
    reason: str | None = None

    @property
    def times_out_at(self) -> datetime | None:
        """Return until when an answer is awaited, if one is."""
        hold = self.opening.hold
        return self.at + hold.callout.waits_for if hold and hold.callout.waits_for is not None else None

    @property
    def status(self) -> str:
        """Return the status that people and clients read."""
        if self.opening.hold is not None and self.times_out_at is not None:
            return f"{WAITING_FOR_CALLBACK}: {self.opening.hold.callout.name}, until {iso(self.times_out_at)}"
        return STATUS[self.state] + (f": {self.reason}" if self.reason else "")


def next_turn(plan: Plan, opening: Opening, at: datetime, *, target: Person, package_exists: bool = True) -> Turn:
    """Say where a request goes when its stages stand as `opening` says."""
    state, reason = RequestState.DELIVERING, None
    if opening.hold is not None:
        state = RequestState.PENDING_APPROVAL
    elif opening.stage is not None and opening.is_stuck:
        state, reason = RequestState.DENIED, f"nobody may decide stage {opening.stage.number}"
    elif opening.stage is not None:
        state = RequestState.PENDING_APPROVAL
    elif plan.starts_at is not None and plan.starts_at > at:
        state = RequestState.SCHEDULED
    elif reason := _hindrance(plan, at, target, package_exists=package_exists):
        state = RequestState.DELIVERY_FAILED
    return Turn(state=state, at=at, opening=opening, reason=reason)


def _hindrance(plan: Plan, at: datetime, target: Person, *, package_exists: bool) -> str | None:
    """Look once more, right before access is owed: weeks may have passed since the judgement."""
    if not package_exists:
        return "the access package was deleted or retired"
    if not target.account_enabled:
        return f"the account of {target.display_name} is disabled"
    ends_at = end_of_access(plan, at)
    if ends_at is not None and ends_at <= at:
        return f"the access was to end at {iso(ends_at)}, before it could begin"
    return None
