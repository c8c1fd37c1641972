"""Graph's control configurations: the one it has, what its own portal shows to those who are no administrators."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Number
from api.dependencies import Db, EntityQuery, WholeQuery
from api.odata import present
from api.wire.base import Body, Text, Truth
from api.wire.shapes import Typed
from grantline.errors import NotFound, NotSupported
from grantline.model.controls import Controls
from grantline.persistence import controls as store
from grantline.services.configuration import controls as controls_configuration

CONTEXT = "identityGovernance/entitlementManagement/controlConfigurations"
END_USER_SETTINGS = "endUserSettings"
TYPE = f"#microsoft.graph.{END_USER_SETTINGS}"
DISABLED = "disabled"

router = APIRouter(prefix=f"/{CONTEXT}", tags=["controlConfigurations"])


class EndUserSettingsOut(Typed):
    """What Graph's own portal shows to those who are no administrators."""

    id: str
    isEnabled: bool
    relatedPeopleInsightLevel: str
    showApproverDetailsToMembers: bool


class EndUserSettingsBody(Body):
    """The body of PATCH and PUT; members that only Graph's own service writes are read back and do not count."""

    show_approver_details_to_members: Truth | None = None
    related_people_insight_level: Text | None = None


@router.get("")
async def list_all(request: Request, actor: may.Govern, db: Db, query: WholeQuery) -> Collection[EndUserSettingsOut]:
    """List the control configurations; there is one, `endUserSettings`."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        shown = [_shown(await store.load(tx))]
    return present.whole(request, CONTEXT, shown, query)


@router.get("/$count")
async def count(actor: may.Govern) -> Number:
    """Count them."""
    del actor
    return present.number(1)


@router.get("/{name}")
async def read(
    *, request: Request, name: str, actor: may.Govern, db: Db, query: EntityQuery
) -> Entity[EndUserSettingsOut]:
    """Read one."""
    del actor
    query.allow_expand()
    _require_known(name)
    async with db.read() as tx:
        shown = _shown(await store.load(tx))
    return present.entity(request, CONTEXT, shown, query)


@router.put("/{name}")
@router.patch("/{name}")
async def change(
    *, request: Request, name: str, body: EndUserSettingsBody, actor: may.Govern, db: Db
) -> Entity[EndUserSettingsOut]:
    """Turn the switch `showApproverDetailsToMembers`; what is left out stays."""
    _require_known(name)
    level = body.related_people_insight_level
    if level is not None and level.strip().lower() != DISABLED:
        raise NotSupported(
            f"relatedPeopleInsightLevel stays {DISABLED}: packages are not suggested here.",
            target="relatedPeopleInsightLevel",
        )
    turned = await controls_configuration.turn(db, actor.id, shows_approvers=body.show_approver_details_to_members)
    return present.entity(request, CONTEXT, _shown(turned))


def _require_known(name: str) -> None:
    if name.lower() != END_USER_SETTINGS.lower():
        raise NotFound(f"There is no control configuration {name!r}; the one there is is {END_USER_SETTINGS}.")


def _shown(one: Controls) -> EndUserSettingsOut:
    return {
        "@odata.type": TYPE,
        "id": END_USER_SETTINGS,
        "isEnabled": True,
        "relatedPeopleInsightLevel": DISABLED,
        "showApproverDetailsToMembers": one.shows_approvers,
    }
