"""Audit events: what happened, by whom, for whom, why and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventType(StrEnum):
    """Every kind of event in the trail; docs/events.md describes each."""

    REQUEST_SUBMITTED = "request.submitted"
    REQUEST_APPROVED = "request.approved"
    REQUEST_DENIED = "request.denied"
    REQUEST_EXPIRED = "request.expired"
    REQUEST_CANCELED = "request.canceled"
    REQUEST_DELIVERED = "request.delivered"
    REQUEST_DELIVERY_FAILED = "request.deliveryFailed"
    REQUEST_REPROCESSED = "request.reprocessed"
    REQUEST_HELD = "request.held"
    CALLOUT_ANSWERED = "callout.answered"
    CALLOUT_TIMED_OUT = "callout.timedOut"
    CALLOUT_SENT = "callout.sent"
    CALLOUT_FAILED = "callout.failed"
    TASK_OPENED = "task.opened"
    TASK_SETTLED = "task.settled"
    STAGE_OPENED = "stage.opened"
    STAGE_REMINDED = "stage.reminded"
    STAGE_ESCALATED = "stage.escalated"
    STAGE_REROUTED = "stage.rerouted"
    STAGE_REASSIGNED = "stage.reassigned"
    STAGE_DECIDED = "stage.decided"
    APPROVAL_TAKEN_BACK = "approval.takenBack"
    ANSWERS_EDITED = "answers.edited"
    DECISION_REFUSED = "decision.refused"
    SIGNAL_REFUSED = "signal.refused"
    DELEGATION_CREATED = "delegation.created"
    DELEGATION_CHANGED = "delegation.changed"
    DELEGATION_ENDED = "delegation.ended"
    REMOVAL_REQUESTED = "removal.requested"
    ASSIGNMENT_STARTED = "assignment.started"
    ASSIGNMENT_EXTENDED = "assignment.extended"
    ASSIGNMENT_REPROCESSED = "assignment.reprocessed"
    ASSIGNMENT_REDELIVERED = "assignment.redelivered"
    ASSIGNMENT_NEAR_END = "assignment.nearEnd"
    ASSIGNMENT_ENDING = "assignment.ending"
    ASSIGNMENT_ENDED = "assignment.ended"
    GRANT_GRANTED = "grant.granted"
    GRANT_REVOKED = "grant.revoked"
    GRANT_KEPT = "grant.kept"
    GRANT_FAILED = "grant.failed"
    GRANT_DRIFTED = "grant.drifted"
    GRANT_REPROCESSED = "grant.reprocessed"
    PACKAGE_CHANGED = "package.changed"
    CONFIGURATION_CREATED = "configuration.created"
    CONFIGURATION_CHANGED = "configuration.changed"
    CONFIGURATION_DELETED = "configuration.deleted"
    DIRECTORY_CHANGED = "directory.changed"
    ROLE_ASSIGNED = "role.assigned"
    ROLE_WITHDRAWN = "role.withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """One entry of the trail. `actor_id` None means Grantline itself.

    `object_type` and `object_id` name what was touched (`request`, `grant`,
    `policy` …); `details` holds plain JSON values.
    """

    type: EventType
    at: datetime
    actor_id: str | None
    object_type: str
    object_id: str
    on_behalf_of_id: str | None = None
    request_id: str | None = None
    assignment_id: str | None = None
    reason: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)
