"""Mail: what people are told, when, and about what.

A piece of mail is owed in the transaction of the event it tells of, and sent
afterwards. Each kind has a folder of three templates, and a heading in
docs/mail.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from grantline.model.person import Person


class MailKind(StrEnum):
    """Every message there is. `approval-…` go to approvers, `task-…` to fulfillers, others to requestor and target."""

    APPROVAL_DELEGATED = "approval-delegated"
    APPROVAL_NEEDED = "approval-needed"
    APPROVAL_REMINDER = "approval-reminder"
    APPROVAL_ADVANCED = "approval-advanced"
    APPROVAL_APPROVED = "approval-approved"
    APPROVAL_DENIED = "approval-denied"
    APPROVAL_EXPIRED = "approval-expired"
    APPROVAL_CANCELED = "approval-canceled"
    ASKED_FOR_YOU = "asked-for-you"
    REQUEST_ADVANCED = "request-advanced"
    REQUEST_APPROVED_IN_PLACE = "request-approved-in-place"
    REQUEST_APPROVED = "request-approved"
    REQUEST_DENIED = "request-denied"
    REQUEST_EXPIRED = "request-expired"
    REQUEST_CANCELED = "request-canceled"
    ACCESS_DELIVERED = "access-delivered"
    ACCESS_PARTIALLY_DELIVERED = "access-partially-delivered"
    ACCESS_DELIVERY_FAILED = "access-delivery-failed"
    ACCESS_NEAR_END = "access-near-end"
    ACCESS_ENDED = "access-ended"
    TASK_OPENED = "task-to-do"


VARIABLES = (
    "package",
    "request_id",
    "requestor",
    "requestor_department",
    "target",
    "target_id",
    "is_on_behalf",
    "justification",
    "submitted_at",
    "starts_at",
    "ends_at",
    "shortened",
    "stage",
    "stage_count",
    "deadline_at",
    "actor",
    "in_place_of",
    "reason",
    "cause",
)
"""What a template may use of the event; what an event has not is none. Instants are ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to some people, as an event owes it.

    `about` is the id of the stage, request or assignment it tells of: the same
    kind about the same thing goes to the same person once, however often it is
    owed. `details` has some of VARIABLES.
    """

    kind: MailKind
    about: str
    to: tuple[Person, ...]
    details: Mapping[str, str | int | bool | None] = field(default_factory=dict)


class MailState(StrEnum):
    """What became of a piece of mail to one person."""

    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"
    """It will not be sent any more: there is no address, or the server refused it for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailItem:
    """One message to one person, taken by a sender, who holds it by `lease_id`."""

    id: str
    kind: MailKind
    person_id: str
    name: str
    address: str
    details: Mapping[str, str | int | bool | None]
    attempts: int
    created_at: datetime
    lease_id: str
