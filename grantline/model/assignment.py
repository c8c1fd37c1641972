"""Assignments (a target holding a package for a time) and the grants under them.

delivering ──► delivered ──► ending ──► expired
    ├────────► partiallyDelivered ─┤
    └────────► deliveryFailed ─────┘
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AssignmentState(StrEnum):
    """Where an assignment is. `ENDING` is ours: its time is up, revocation is under way."""

    DELIVERING = "delivering"
    PARTIALLY_DELIVERED = "partiallyDelivered"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "deliveryFailed"
    ENDING = "ending"
    EXPIRED = "expired"


LIVE_STATES = frozenset(AssignmentState) - {AssignmentState.EXPIRED}


class EndCause(StrEnum):
    """Why an assignment ended."""

    EXPIRED = "expired"
    REMOVED_BY_TARGET = "removedByTarget"
    REMOVED_ON_BEHALF = "removedOnBehalf"
    REMOVED_BY_ADMINISTRATOR = "removedByAdministrator"
    REVOKED_BY_APPROVER = "revokedByApprover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A target holding a package for a time."""

    id: str
    target_id: str
    package_id: str
    policy_id: str
    state: AssignmentState
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    delivered_at: datetime | None
    ended_at: datetime | None
    end_cause: EndCause | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One person having one resource role in a target system, for its reasons.

    `version` counts changes of `is_wanted`; `applied_version` is the last one
    that the target system is known to show, None before the first. `existed_before`
    is None until somebody looked.
    """

    id: str
    person_id: str
    role_id: str
    is_wanted: bool
    version: int
    applied_version: int | None
    existed_before: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What a connector is asked to give or take: one person, one role, in its own words.

    `account_id` is the target's id of the person, where the role was given to
    one: it stays true when the person's name changes.
    """

    person_id: str
    user_name: str
    display_name: str
    mail: str | None
    origin_system: str
    resource_origin_id: str
    role_origin_id: str
    account_id: str | None = None
