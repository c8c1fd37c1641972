"""How far changes of packages have come on their way to whoever holds the package. In the caller's catalogs."""

from datetime import datetime

from fastapi import APIRouter
from typing_extensions import TypedDict

from api import may
from api.answers import PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.shapes import PartyOut
from grantline.model.change import ChangeKind, PackageChange
from grantline.persistence import changes
from grantline.rules.permissions import Task, realm

router = APIRouter(prefix="/api/package-changes", tags=["package changes"])


class PackageChangeOut(TypedDict):
    """A change of a package that somebody held, and how far it has come."""

    id: str
    kind: ChangeKind
    role: str | None
    accessPackage: PartyOut
    createdBy: str | None
    createdDateTime: datetime
    completedDateTime: datetime | None
    supersededBy: str | None
    holders: int
    seen: int
    changed: int


@router.get("")
async def list_changes(
    actor: may.ListAssignments,
    db: Db,
    paging: Paging,
) -> PlainPage[PackageChangeOut]:
    """List changes of packages that somebody held at the time, the latest first.

    `next`, if not null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        page = await changes.page(tx, realm(actor, Task.LIST_ASSIGNMENTS), paging)
    return present.plain_page([shown(one) for one in page.rows], page)


def shown(one: PackageChange) -> PackageChangeOut:
    """Show a change, and how far it has come."""
    return {
        "id": one.id,
        "kind": one.kind,
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
