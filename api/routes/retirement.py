"""Retiring an access package, below /api."""

from datetime import datetime

from fastapi import APIRouter
from typing_extensions import TypedDict

from api import may
from api.answers import Json
from api.dependencies import Db
from api.odata import present
from api.routes.package_changes import PackageChangeOut, shown
from api.wire.base import Guid, Text
from api.wire.lenient import ExactBody
from api.wire.shapes import NamedOut
from grantline.services.assignments import retirement

router = APIRouter(prefix="/api/packages", tags=["package changes"])


class RetirementOut(TypedDict):
    """A package that is retired, and how far that has come."""

    accessPackage: NamedOut
    retiredDateTime: datetime | None
    change: PackageChangeOut | None


class RetireBody(ExactBody):
    """The body of a retirement: why; whoever loses the package reads it."""

    reason: Text | None = None


@router.post("/{package_id}/retire", status_code=202)
async def retire(
    package_id: Guid, actor: may.ChangePackage, db: Db, body: RetireBody | None = None
) -> Json[RetirementOut]:
    """Hide a package, take no more requests for it, and remove whoever holds it; called again, say how far that is."""
    done = await retirement.retire(db, actor, package_id, body.reason if body else None)
    answer: RetirementOut = {
        "accessPackage": {"id": done.package.id, "displayName": done.package.display_name},
        "retiredDateTime": done.package.retired_at,
        "change": shown(done.change) if done.change else None,
    }
    return present.json_response(answer, status=202)
