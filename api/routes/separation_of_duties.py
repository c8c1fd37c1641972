"""Who holds what excludes each other: the report that Graph has only pair by pair. Administrators only."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import Administrator, Db
from api.odata import present
from grantline.model.duties import CollisionKind
from grantline.persistence import incompatibilities
from grantline.persistence.incompatibilities import Overlap
from grantline.persistence.listing import DEFAULT_TOP, ListQuery

LARGEST_LIMIT = 999
KINDS = {CollisionKind.HELD: "accessPackage", CollisionKind.MEMBER: "group"}

router = APIRouter(prefix="/api/separation-of-duties", tags=["separation of duties"])


@router.get("")
async def list_overlaps(
    actor: Administrator,
    db: Db,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_TOP,
    after: str | None = None,
) -> Response:
    """List everybody who holds a package together with what it excludes, by name.

    `next`, if not null, is what `after` must be to go on.
    """
    del actor
    async with db.read() as tx:
        page = await incompatibilities.overlaps(tx, ListQuery(top=limit, cursor=after))
    return present.json_response({"items": [_overlap(one) for one in page.rows], "next": page.next_cursor})


def _overlap(one: Overlap) -> dict[str, Any]:
    return {
        "target": {
            "id": one.target.id,
            "displayName": one.target.display_name,
            "userPrincipalName": one.target.user_principal_name,
            "mail": one.target.mail,
            "accountEnabled": one.target.account_enabled,
        },
        "accessPackage": {"id": one.package_id, "displayName": one.package_name},
        "assignmentId": one.assignment_id,
        "incompatibleWith": {
            "kind": KINDS[one.kind],
            "id": one.other_id,
            "displayName": one.other_name,
            "assignmentId": one.other_assignment_id,
        },
    }
