"""What target systems show otherwise than Grantline brought about. Administrators only."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.dependencies import Administrator, Db, Paging
from api.odata import present
from grantline.persistence import grant_lists
from grantline.persistence.grant_lists import GrantLine

router = APIRouter(prefix="/api/drift", tags=["drift"])


@router.get("")
async def list_drift(
    actor: Administrator,
    db: Db,
    paging: Paging,
) -> Response:
    """List grants whose target system shows something else, longest first; /api/assignments/reprocess repairs them.

    `next`, if not null, is what `after` must be to go on.
    """
    del actor
    async with db.read() as tx:
        page = await grant_lists.drifted(tx, paging)
    return present.plain_page([_grant(one) for one in page.rows], page)


def _grant(one: GrantLine) -> dict[str, Any]:
    return {
        "grantId": one.id,
        "drift": "missing" if one.is_wanted else "surplus",
        "since": one.drifted_at,
        "person": {
            "id": one.person.id,
            "displayName": one.person.display_name,
            "userPrincipalName": one.person.user_principal_name,
        },
        "role": one.role,
        "resource": one.resource,
        "originSystem": one.origin_system,
        "assignmentIds": [reason.assignment_id for reason in one.reasons if reason.ended_at is None],
    }
