"""Custom extensions: whom a catalog's policies call at which point of a request's life, and the calls themselves.

A callout is one call, made at least once:

    delivery   waiting ──► sent | failed
    hold       open ──► resumed | denied | timedOut | withdrawn     (only where the request waits for the answer)

The two go their own ways: an answer may come before the call itself was answered.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class CalloutPoint(StrEnum):
    """Where in a life an extension is called; the wire's accessPackageCustomExtensionStage, and the one beside it."""

    CREATED = "assignmentRequestCreated"
    DETERMINING = "assignmentRequestDeterminingApprovalRequirements"
    APPROVED = "assignmentRequestApproved"
    GRANTED = "assignmentRequestGranted"
    REMOVED = "assignmentRequestRemoved"
    FOURTEEN_DAYS = "assignmentFourteenDaysBeforeExpiration"
    ONE_DAY = "assignmentOneDayBeforeExpiration"


WAITING_POINTS = frozenset({CalloutPoint.CREATED, CalloutPoint.DETERMINING, CalloutPoint.APPROVED})
"""Where a request can wait for the answer."""

NOTICES = frozenset({CalloutPoint.FOURTEEN_DAYS, CalloutPoint.ONE_DAY})


class ExtensionKind(StrEnum):
    """The two kinds Graph has: about a request's own life, and about the end drawing near."""

    REQUEST = "accessPackageAssignmentRequestWorkflowExtension"
    ASSIGNMENT = "accessPackageAssignmentWorkflowExtension"


class OnTimeout(StrEnum):
    """What silence means once the time to answer is over."""

    CONTINUE = "continue"
    DENY = "deny"


class DeliveryState(StrEnum):
    """What became of the call."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class HoldState(StrEnum):
    """What became of the waiting for its answer."""

    OPEN = "open"
    RESUMED = "resumed"
    DENIED = "denied"
    TIMED_OUT = "timedOut"
    WITHDRAWN = "withdrawn"
    """The request ended by other means while it waited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomExtension:
    """Somebody else's endpoint that policies of a catalog may have called.

    With `waits_for` the request waits that long for the answer, and `on_timeout`
    says what silence means. `names_approvers`: the answer is an approval stage.
    """

    id: str
    catalog_id: str
    kind: ExtensionKind
    display_name: str
    description: str = ""
    url: str
    waits_for: timedelta | None = None
    names_approvers: bool = False
    on_timeout: OnTimeout = OnTimeout.DENY
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionUse:
    """A policy's wish to have an extension called at a point."""

    point: CalloutPoint
    extension_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCallout:
    """A call that a request's plan has in it, as the extension was at submit."""

    point: CalloutPoint
    extension_id: str
    name: str
    waits_for: timedelta | None = None
    on_timeout: OnTimeout = OnTimeout.DENY


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why a request does not go on: an answer is awaited. `stage_number` is the stage that it is to determine."""

    callout: PlannedCallout
    stage_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """One call on record; `times_out_at` is set where the request waits for its answer."""

    id: str
    extension_id: str
    extension_name: str
    request_id: str
    point: CalloutPoint
    stage_number: int
    delivery: DeliveryState
    hold: HoldState | None
    on_timeout: OnTimeout
    times_out_at: datetime | None
    detail: str | None
    answered_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCallout:
    """A call as its sender takes it out of the box."""

    id: str
    extension_id: str
    request_id: str
    point: CalloutPoint
    url: str
    payload: dict[str, Any]
    needs_answer: bool
    attempts: int
    gives_up_at: datetime
    created_at: datetime
    lease_id: str | None
