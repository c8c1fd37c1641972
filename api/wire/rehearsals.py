"""A rehearsed request on the wire: what a submit would do, or everything that speaks against it."""

from typing import Any

from api.wire.durations import duration
from grantline.errors import Refused
from grantline.model.person import Person
from grantline.rules.permissions.by_policy import names_are_open
from grantline.services.requests.rehearsal import Rehearsal, RehearsedStage


def rehearsal_out(found: Rehearsal, *, shows_approvers: bool) -> dict[str, Any]:
    """Show what would become of the request; `refusals` is empty exactly when it would be accepted.

    `approvers` is null where the caller may not know them.
    """
    policy = found.policy
    return {
        "isAccepted": not found.refusals,
        "refusals": [refusal_out(refusal) for refusal in found.refusals],
        "requestType": found.type.value,
        "requestor": _person(found.requestor),
        "target": _person(found.target),
        "package": {"id": found.package_id, "displayName": found.package_name} if found.package_id else None,
        "policy": {"id": policy.id, "displayName": policy.display_name} if policy else None,
        "state": found.state.value if found.state else None,
        "reason": found.reason,
        "stages": [
            _stage(
                one,
                is_open=found.knows_approvers
                or names_are_open(one.planned.approver_visibility, shows_approvers=shows_approvers),
            )
            for one in found.stages
        ],
        "startsAt": found.starts_at,
        "endsAt": found.ends_at,
        "lasts": duration(found.lasts),
    }


def refusal_out(refusal: Refused) -> dict[str, Any]:
    """Show one refusal in the words that a submit would be refused with."""
    return {"code": refusal.code, "message": refusal.message, "target": refusal.target}


def _stage(one: RehearsedStage, *, is_open: bool) -> dict[str, Any]:
    return {
        "number": one.planned.number,
        "window": duration(one.planned.window),
        "isApproverJustificationRequired": one.planned.is_approver_justification_required,
        "countsAsApproved": one.counts_as_approved,
        "approvers": [
            {"person": _person(approver.person), "route": approver.source.value}
            for approver in sorted(one.approvers, key=lambda one: (one.person.display_name, one.person.id))
        ]
        if is_open
        else None,
    }


def _person(person: Person | None) -> dict[str, Any] | None:
    if person is None:
        return None
    return {
        "id": person.id,
        "displayName": person.display_name,
        "userPrincipalName": person.user_principal_name,
    }
