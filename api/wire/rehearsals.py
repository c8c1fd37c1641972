"""A rehearsed request on the wire: what a submit would do, or everything that speaks against it."""

from datetime import datetime

from typing_extensions import TypedDict

from api.wire.durations import duration
from api.wire.shapes import NamedOut, PartyOut, PersonOut, RefusalOut, person_out
from grantline.errors import Refused
from grantline.rules.permissions.by_policy import names_are_open
from grantline.services.requests.rehearsal import Rehearsal, RehearsedStage


class RehearsedApproverOut(TypedDict):
    """Somebody who would be asked, and why they."""

    person: PersonOut
    route: str


class RehearsedStageOut(TypedDict):
    """A stage as it would be; `approvers` is null where the caller may not know them."""

    number: int
    window: str | None
    isApproverJustificationRequired: bool
    countsAsApproved: bool
    approvers: list[RehearsedApproverOut] | None


class RehearsalOut(TypedDict):
    """What would become of a request; `refusals` is empty exactly when it would be accepted."""

    isAccepted: bool
    refusals: list[RefusalOut]
    requestType: str
    requestor: PersonOut | None
    target: PersonOut | None
    package: PartyOut | None
    policy: NamedOut | None
    state: str | None
    reason: str | None
    stages: list[RehearsedStageOut]
    startsAt: datetime | None
    endsAt: datetime | None
    lasts: str | None


def rehearsal_out(found: Rehearsal, *, shows_approvers: bool) -> RehearsalOut:
    """Show what would become of the request; `refusals` is empty exactly when it would be accepted.

    `approvers` is null where the caller may not know them.
    """
    policy = found.policy
    return {
        "isAccepted": not found.refusals,
        "refusals": [refusal_out(refusal) for refusal in found.refusals],
        "requestType": found.type.value,
        "requestor": person_out(found.requestor) if found.requestor else None,
        "target": person_out(found.target) if found.target else None,
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


def refusal_out(refusal: Refused) -> RefusalOut:
    """Show one refusal in the words that a submit would be refused with."""
    return {"code": refusal.code, "message": refusal.message, "target": refusal.target}


def _stage(one: RehearsedStage, *, is_open: bool) -> RehearsedStageOut:
    return {
        "number": one.planned.number,
        "window": duration(one.planned.window),
        "isApproverJustificationRequired": one.planned.is_approver_justification_required,
        "countsAsApproved": one.counts_as_approved,
        "approvers": [
            {"person": person_out(approver.person), "route": approver.source.value}
            for approver in sorted(one.approvers, key=lambda one: (one.person.display_name, one.person.id))
        ]
        if is_open
        else None,
    }
