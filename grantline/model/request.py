"""Requests and the decisions on them.

submitted ──► pendingApproval ──► (scheduled) ──► delivering ──► delivered
                   │   │   │           │              ├──► partiallyDelivered
                   │   │   └► canceled ┘              └──► deliveryFailed
                   │   └────► denied
                   └────────► denied, status Expired   (deadline; outcome `expired`)
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from grantline.model.plan import Limit, Plan
from grantline.model.policy import ApproverVisibility, Expiration
from grantline.model.question import Answer, GivenAnswer


class RequestType(StrEnum):
    """What is asked; the wire's accessPackageRequestType."""

    USER_ADD = "userAdd"
    USER_REMOVE = "userRemove"
    ADMIN_ADD = "adminAdd"
    ADMIN_REMOVE = "adminRemove"
    USER_UPDATE = "userUpdate"
    ADMIN_UPDATE = "adminUpdate"
    APPROVER_REMOVE = "approverRemove"


ADDS = frozenset({RequestType.USER_ADD, RequestType.ADMIN_ADD})
REMOVALS = frozenset({RequestType.USER_REMOVE, RequestType.ADMIN_REMOVE, RequestType.APPROVER_REMOVE})
UPDATES = frozenset({RequestType.USER_UPDATE, RequestType.ADMIN_UPDATE})


class RequestState(StrEnum):
    """Where a request is. `EXPIRED` is ours; the wire shows it as denied."""

    PENDING_APPROVAL = "pendingApproval"
    SCHEDULED = "scheduled"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    PARTIALLY_DELIVERED = "partiallyDelivered"
    DELIVERY_FAILED = "deliveryFailed"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELED = "canceled"


OPEN_STATES = frozenset({RequestState.PENDING_APPROVAL, RequestState.SCHEDULED, RequestState.DELIVERING})
CANCELLABLE_STATES = frozenset({RequestState.PENDING_APPROVAL, RequestState.SCHEDULED})


class StageState(StrEnum):
    """Where one approval stage is; the wire's approvalStage.status, in our case."""

    WAITING = "waiting"
    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CLOSED = "closed"
    """Ended without a decision of its own: the request was cancelled or denied elsewhere."""


class Verdict(StrEnum):
    """What an approver says."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The times a requestor asked for; all optional."""

    starts_at: datetime | None = None
    expiration: Expiration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What somebody submits, before it is judged.

    An add names a package and a target (by id or mail), a removal or an update
    an assignment. Without `policy_id` the one policy that applies is taken.
    `resubmits` is the request that this one repeats.
    """

    type: RequestType
    package_id: str | None = None
    policy_id: str | None = None
    target_id: str | None = None
    target_mail: str | None = None
    assignment_id: str | None = None
    justification: str | None = None
    schedule: Schedule = Schedule()
    answers: tuple[GivenAnswer, ...] = ()
    resubmits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One ask on record. `limit` is what its approvers shortened the access to, if they did.

    `requestor_name` is what an application that asked was called then; None where a person did.
    """

    id: str
    type: RequestType
    state: RequestState
    status: str
    requestor_id: str
    target_id: str
    package_id: str
    policy_id: str
    assignment_id: str | None
    justification: str | None
    schedule: Schedule
    plan: Plan
    created_at: datetime
    completed_at: datetime | None
    answers: tuple[Answer, ...] = ()
    limit: Limit | None = None
    requestor_name: str | None = None

    @property
    def terms(self) -> Plan:
        """Return the plan as its approvers left it: frozen, but for an end that they brought nearer."""
        return self.plan.within(self.limit)

    @property
    def is_on_behalf(self) -> bool:
        """Tell whether somebody asks for somebody else."""
        return self.requestor_id != self.target_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One approval stage of one request on record, with its decision if there is one.

    `escalates_at` is when alternates are asked too, `escalated_at` when they
    were; `reminded_at` is when its approvers were last reminded. `limit` is what
    the approval shortened the access to. A delegate decided if `decided_for_id`,
    the approver in whose place, is set.
    """

    id: str
    request_id: str
    number: int
    state: StageState
    opened_at: datetime | None
    deadline_at: datetime | None
    is_approver_justification_required: bool
    approver_ids: tuple[str, ...] = ()
    decided_by_id: str | None = None
    decided_at: datetime | None = None
    verdict: Verdict | None = None
    justification: str | None = None
    approver_visibility: ApproverVisibility = ApproverVisibility.DEFAULT
    escalates_at: datetime | None = None
    escalated_at: datetime | None = None
    reminded_at: datetime | None = None
    limit: Limit | None = None
    decided_for_id: str | None = None
