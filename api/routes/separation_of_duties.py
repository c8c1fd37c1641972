"""Who holds what excludes each other: the report that Graph has only pair by pair. In the caller's catalogs."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api import may
from api.dependencies import Db, Paging
from api.odata import present
from grantline.model.duties import CollisionKind
from grantline.persistence import incompatibilities
from grantline.persistence.incompatibilities import Overlap
from grantline.rules.permissions import Task, realm

KINDS = {CollisionKind.HELD: "accessPackage", CollisionKind.MEMBER: "group"}

router = APIRouter(prefix="/api/separation-of-duties", tags=["separation of duties"])


@router.get("")
async def list_overlaps(
    actor: may.ListAssignments,
    db: Db,
    paging: Paging,
) -> Response:
    """List everybody who holds a package together with what it excludes, by name.

    `next`, if not null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        page = await incompatibilities.overlaps(tx, realm(actor, Task.LIST_ASSIGNMENTS), paging)
    return present.plain_page([_overlap(one) for one in page.rows], page)


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
