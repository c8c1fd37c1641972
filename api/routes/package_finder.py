"""Finding packages for one person: what Graph has no word for.

A manager asks for a report and must know first what can be asked for. Plain
JSON below /api; failures look as they do below /v1.0.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api import may
from api.answers import Items, PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.base import Guid
from api.wire.configuration_shapes import PackageOut, RequirementsOut
from api.wire.languages import languages
from api.wire.packages import package_out, requirements_out
from grantline.persistence import packages as store
from grantline.persistence import requestable
from grantline.persistence.listing import page
from grantline.services.requests import requestability

HERE = "/api/packages"

router = APIRouter(prefix=HERE, tags=["packages for a person"])

ForPerson = Annotated[Guid | None, Query(alias="for", description="the person who would get it; default: the caller")]


@router.get("")
async def list_for(
    actor: may.Ask,
    db: Db,
    paging: Paging,
    target: ForPerson = None,
) -> PlainPage[PackageOut]:
    """List what the caller may ask for on behalf of one person, by name.

    `next`, if not null, is what `after` must be to go on.
    """
    target_id = target or actor.id
    async with db.read() as tx:
        await requestability.check_target(tx, target_id)
        found = requestable.listed_packages(actor.id, for_id=target_id)
        rows = await page(tx, found, {}, store.PACKAGE_KEY, paging)
    items = [package_out(package) for package in rows.map(store.as_package).rows]
    return present.plain_page(items, rows)


@router.get("/{package_id}/requirements")
async def requirements_for(
    request: Request, package_id: str, actor: may.ReadPackage, db: Db, target: ForPerson = None
) -> Items[RequirementsOut]:
    """Say under which policies the caller may ask on behalf of one person, and what each wants."""
    policies = await requestability.policies_for_target(db, actor, package_id, target or actor.id)
    wanted = languages(request.headers)
    return present.plain_list([requirements_out(policy, wanted) for policy in policies])
