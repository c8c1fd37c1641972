"""The switches that hold for everybody, as one object below /api. Administrators only."""

from fastapi import APIRouter
from typing_extensions import TypedDict

from api import may
from api.answers import Json
from api.dependencies import Db
from api.odata import present
from api.wire.base import Truth
from api.wire.strict import StrictBody
from grantline.model.controls import Controls
from grantline.persistence import controls as store
from grantline.services.configuration import controls as controls_configuration

router = APIRouter(prefix="/api/control-configurations", tags=["switches"])


class ControlsOut(TypedDict):
    """How the switches stand."""

    managersSeeReportsAccess: bool
    showApproverDetailsToMembers: bool


class ControlsBody(StrictBody):
    """The body of PATCH: the switches to turn."""

    managers_see_reports_access: Truth | None = None
    show_approver_details_to_members: Truth | None = None


@router.get("")
async def read(actor: may.Govern, db: Db) -> Json[ControlsOut]:
    """Show how the switches stand that hold for everybody."""
    del actor
    async with db.read() as tx:
        return present.json_response(_shown(await store.load(tx)))


@router.patch("")
async def change(body: ControlsBody, actor: may.Govern, db: Db) -> Json[ControlsOut]:
    """Turn switches; they hold from the next request on. Answers with all of them."""
    given = body.given()
    turned = await controls_configuration.turn(
        db,
        actor.id,
        managers_see_reports_access=given.get("managers_see_reports_access"),
        shows_approvers=given.get("show_approver_details_to_members"),
    )
    return present.json_response(_shown(turned))


def _shown(one: Controls) -> ControlsOut:
    return {
        "managersSeeReportsAccess": one.managers_see_reports_access,
        "showApproverDetailsToMembers": one.shows_approvers,
    }
