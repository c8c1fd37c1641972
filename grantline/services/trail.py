"""Audit events about requests, assignments and grants, with everybody concerned filled in."""

from collections.abc import Mapping
from datetime import datetime

from grantline.model.event import AuditEvent, EventType
from grantline.model.plan import Limit
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.grant_states import GrantState
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.limiting import said


def about_request(
    story: RequestOnRecord,
    kind: EventType,
    at: datetime,
    *,
    actor_id: str | None = None,
    reason: str | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Make an event about a request; the target is on whose behalf, if somebody else asked."""
    request = story.request
    return AuditEvent(
        type=kind,
        at=at,
        actor_id=actor_id,
        object_type="request",
        object_id=request.id,
        on_behalf_of_id=request.target_id if request.is_on_behalf else None,
        request_id=request.id,
        assignment_id=request.assignment_id,
        reason=reason,
        details=details or {},
    )


def submitted(story: RequestOnRecord, **more: object) -> AuditEvent:
    """Make the event of a new request: what is asked, for whom, under which policy."""
    request = story.request
    details = {"type": request.type.value, "package": request.package_id, "policy": request.policy_id}
    return about_request(
        story,
        EventType.REQUEST_SUBMITTED,
        request.created_at,
        actor_id=request.requestor_id,
        reason=request.justification,
        details=details | more | {"target": request.target_id},
    )


def limit(to: Limit) -> dict[str, str | None]:
    """Write what an approval shortened the access to, and how people say it."""
    return {
        "endsAt": to.ends_at.isoformat() if to.ends_at else None,
        "lasts": str(to.lasts) if to.lasts is not None else None,
        "says": said(to),
    }


def about_assignment(
    held: AssignmentOnRecord,
    kind: EventType,
    at: datetime,
    *,
    actor_id: str | None = None,
    reason: str | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Make an event about an assignment; the holder is on whose behalf, if somebody else acts."""
    assignment = held.assignment
    return AuditEvent(
        type=kind,
        at=at,
        actor_id=actor_id,
        object_type="assignment",
        object_id=assignment.id,
        on_behalf_of_id=assignment.target_id if actor_id not in (None, assignment.target_id) else None,
        request_id=held.request_id,
        assignment_id=assignment.id,
        reason=reason,
        details=details or {},
    )


def about_grant(
    state: GrantState,
    kind: EventType,
    at: datetime,
    *,
    actor_id: str | None = None,
    reason: str | None = None,
    **details: object,
) -> AuditEvent:
    """Make an event about a grant, as Grantline itself brings it about, unless somebody did."""
    what = {
        "summary": state.summary,
        "personId": state.entitlement.person_id,
        "originSystem": state.entitlement.origin_system,
        "resourceOriginId": state.entitlement.resource_origin_id,
        "roleOriginId": state.entitlement.role_origin_id,
        "version": state.version,
    }
    return AuditEvent(
        type=kind,
        at=at,
        actor_id=actor_id,
        object_type="grant",
        object_id=state.id,
        request_id=state.request_id,
        assignment_id=state.assignment_id,
        reason=reason,
        details=what | details,
    )
