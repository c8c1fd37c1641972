"""What one may do, so that a page shows nobody what would be refused. Plain JSON below /api.

Made from the one table (docs/permissions.md). Parts that one has in a matter,
as who asked or who approves, are not in it: the matter itself says those.
"""

from fastapi import APIRouter
from typing_extensions import TypedDict

from api import may
from api.answers import Json
from api.odata import present
from grantline.rules.permissions import Task, permitted

router = APIRouter(prefix="/api/me/permissions", tags=["permissions"])


class CatalogTasksOut(TypedDict):
    """What one may do in a catalog, besides what one may everywhere."""

    id: str
    tasks: list[Task]


class PermissionsOut(TypedDict):
    """What one may do, by the names of docs/permissions.md."""

    everywhere: list[Task]
    catalogs: list[CatalogTasksOut]


@router.get("")
async def permissions(actor: may.LookUp) -> Json[PermissionsOut]:
    """Tell which tasks of docs/permissions.md the caller may do: `everywhere`, and what more `catalogs` let them."""
    found = permitted(actor)
    catalogs: list[CatalogTasksOut] = [{"id": one, "tasks": list(tasks)} for one, tasks in found.in_catalogs.items()]
    return present.json_response({"everywhere": list(found.everywhere), "catalogs": catalogs})
