"""How far changes of packages have come on their way to whoever holds the package. In the caller's catalogs."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api import may
from api.dependencies import Db, Paging
from api.odata import present
from grantline.model.change import PackageChange
from grantline.persistence import changes
from grantline.rules.permissions import Task, realm

router = APIRouter(prefix="/api/package-changes", tags=["package changes"])


@router.get("")
async def list_changes(
    actor: may.ListAssignments,
    db: Db,
    paging: Paging,
) -> Response:
    """List changes of packages that somebody held at the time, the latest first.

    `next`, if not null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        page = await changes.page(tx, realm(actor, Task.LIST_ASSIGNMENTS), paging)
    return present.plain_page([shown(one) for one in page.rows], page)


def shown(one: PackageChange) -> dict[str, Any]:
    """Show a change, and how far it has come."""
    return {
        "id": one.id,
        "kind": one.kind.value,
        "role": one.role or None,
        "accessPackage": {"id": one.package_id, "displayName": one.package_name},
        "createdBy": one.actor_id,
        "createdDateTime": one.created_at,
        "completedDateTime": one.completed_at,
        "supersededBy": one.superseded_by,
        "holders": one.holders,
        "seen": one.seen,
        "changed": one.changed,
    }
