"""Standing in: an approver names one person who decides in their place for a time.

Everybody looks after their own; administrators also after others'.
"""

from fastapi import APIRouter
from starlette.requests import Request

from api import may
from api.answers import Items, Json, Nothing
from api.dependencies import Db
from api.odata import present
from api.wire.delegations import DelegationBody, DelegationChangeBody, DelegationOut, delegation_out
from grantline.ambient import utc_now
from grantline.model.delegation import Delegation
from grantline.services.approvals import delegations

PREFIX = "/api/approval-delegations"

router = APIRouter(prefix=PREFIX, tags=["delegation of approvals"])


@router.post("", status_code=201)
async def create(request: Request, body: DelegationBody, actor: may.Delegate, db: Db) -> Json[DelegationOut]:
    """Name who stands in for the caller; an administrator may name `delegatorId` too."""
    made = await delegations.delegate(
        db,
        actor,
        body.whom(),
        delegator_id=body.delegator_id,
        begins_at=body.start_date_time,
        ends_at=body.end_date_time,
    )
    location = f"{present.base_url(request)}{PREFIX}/{made.id}"
    return present.json_response(_shown(made), status=201, headers={"Location": location})


# Spelt as in the bodies, whose names are Graph's kind.
@router.get("")
async def list_mine(actor: may.SeeDelegation, db: Db, delegatorId: str | None = None) -> Items[DelegationOut]:  # noqa: N803  (see above)
    """List what is in force or coming, given by the caller or to them; for administrators also of another person."""
    found = await delegations.of_person(db, actor, delegatorId.lower() if delegatorId else None)
    return present.plain_list([_shown(one) for one in found])


@router.get("/{delegation_id}")
async def read(delegation_id: str, actor: may.SeeDelegation, db: Db) -> Json[DelegationOut]:
    """Read one delegation."""
    return present.json_response(_shown(await delegations.read(db, actor, delegation_id.lower())))


@router.patch("/{delegation_id}")
async def change(delegation_id: str, body: DelegationChangeBody, actor: may.Delegate, db: Db) -> Json[DelegationOut]:
    """Change who stands in, or until when; what has not begun may also begin at another time."""
    return present.json_response(_shown(await delegations.change(db, actor, delegation_id.lower(), body.read())))


@router.delete("/{delegation_id}", status_code=204)
async def end(delegation_id: str, actor: may.Delegate, db: Db) -> Nothing:
    """End a delegation now."""
    await delegations.end(db, actor, delegation_id.lower())
    return present.nothing()


def _shown(one: Delegation) -> DelegationOut:
    return delegation_out(one, is_in_force=one.is_in_force(utc_now()))
