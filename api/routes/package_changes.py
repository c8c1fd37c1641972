"""How far changes of packages have come on their way to whoever holds the package. Administrators only."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import Administrator, Db
from api.odata import present
from grantline.model.change import PackageChange
from grantline.persistence import changes
from grantline.persistence.listing import DEFAULT_TOP, ListQuery

LARGEST_LIMIT = 999

router = APIRouter(prefix="/api/package-changes", tags=["package changes"])


@router.get("")
async def list_changes(
    actor: Administrator,
    db: Db,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_TOP,
    after: str | None = None,
) -> Response:
    """List changes of packages that somebody held at the time, the latest first.

    `next`, if not null, is what `after` must be to go on.
    """
    del actor
    async with db.read() as tx:
        page = await changes.page(tx, ListQuery(top=limit, cursor=after))
    return present.json_response({"items": [_change(one) for one in page.rows], "next": page.next_cursor})


def _change(one: PackageChange) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "role": one.role,
        "accessPackage": {"id": one.package_id, "displayName": one.package_name},
        "createdBy": one.actor_id,
        "createdDateTime": one.created_at,
        "completedDateTime": one.completed_at,
        "supersededBy": one.superseded_by,
        "holders": one.holders,
        "seen": one.seen,
        "changed": one.changed,
    }
