"""What one may do, so that a page shows nobody what would be refused. Plain JSON below /api.

Made from the one table (docs/permissions.md). Parts that one has in a matter,
as who asked or who approves, are not in it: the matter itself says those.
"""

from fastapi import APIRouter
from starlette.responses import Response

from api import may
from api.odata import present
from grantline.rules.permissions import permitted

router = APIRouter(prefix="/api/me/permissions", tags=["permissions"])


@router.get("")
async def permissions(actor: may.LookUp) -> Response:
    """Tell which tasks of docs/permissions.md the caller may do: `everywhere`, and what more `catalogs` let them."""
    found = permitted(actor)
    catalogs = [{"id": one, "tasks": list(tasks)} for one, tasks in found.in_catalogs.items()]
    return present.json_response({"everywhere": list(found.everywhere), "catalogs": catalogs})
