"""Resource requests: how a resource comes into a catalog and leaves it. Done when answered."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api import may
from api.answers import Collection, Entity, Number
from api.dependencies import Config, Db, EntityQuery, ODataQuery, Query
from api.odata import present
from api.wire.catalogs import ResourceRequestBody, catalog_out, resource_out, resource_request_out
from api.wire.configuration_shapes import ResourceRequestOut
from grantline.errors import NotFound
from grantline.model.catalog import OWN_GROUPS, SCIM
from grantline.model.fulfilment import BY_HAND
from grantline.model.person import Actor
from grantline.persistence import catalogs as store
from grantline.persistence.catalogs import ResourceRequest
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Within, count, page
from grantline.rules.permissions import Task, realm
from grantline.services.configuration import resource_requests as service

CONTEXT = "identityGovernance/entitlementManagement/resourceRequests"

router = APIRouter(prefix=f"/{CONTEXT}", tags=["resourceRequests"])


async def known_systems(config: Config) -> tuple[str, ...]:
    """Return the target systems that are set up, by the names that resources carry."""
    always = (OWN_GROUPS, BY_HAND)
    return always if config.scim_base_url is None else (*always, SCIM)


KnownSystems = Annotated[tuple[str, ...], Depends(known_systems)]


@router.get("")
async def list_all(request: Request, actor: may.ReadCatalog, db: Db, query: Query) -> Collection[ResourceRequestOut]:
    """List additions and removals, newest first."""
    async with db.read() as tx:
        rows = await page(
            tx,
            store.all_resource_requests(),
            store.RESOURCE_REQUEST_FIELDS,
            store.RESOURCE_REQUEST_KEY,
            query.listing(),
            within=_within(actor),
        )
        shown = await _expanded(tx, rows.map(store.as_resource_request).rows, query)
    return present.collection(request, CONTEXT, shown, rows, query)


@router.post("", status_code=201)
async def create(
    request: Request, body: ResourceRequestBody, actor: may.ChangeResources, db: Db, systems: KnownSystems
) -> Entity[ResourceRequestOut]:
    """Bring a resource into a catalog, or take it out."""
    if body.is_removal():
        done = await service.remove(db, actor, body.read_remove())
    else:
        done = await service.add(db, actor, body.read_add(), known_systems=systems)
    shown = resource_request_out(done)
    return present.entity(request, CONTEXT, shown, status=201, location=f"/v1.0/{CONTEXT}/{done.id}")


@router.get("/$count")
async def count_all(actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count additions and removals."""
    every, fields = store.all_resource_requests(), store.RESOURCE_REQUEST_FIELDS
    async with db.read() as tx:
        return present.number(await count(tx, every, fields, query.listing(), within=_within(actor)))


@router.get("/{resource_request_id}")
async def read(
    request: Request, resource_request_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[ResourceRequestOut]:
    """Read one addition or removal."""
    del actor
    async with db.read() as tx:
        found = await store.resource_request(tx, resource_request_id)
        if found is None:
            raise NotFound(f"There is no resource request {resource_request_id}.")
        (shown,) = await _expanded(tx, [found], query)
    return present.entity(request, CONTEXT, shown, query)


def _within(actor: Actor) -> Within:
    return Within(store.RESOURCE_REQUEST_CATALOG_ID, realm(actor, Task.READ_CATALOG))


async def _expanded(tx: Transaction, found: Sequence[ResourceRequest], query: ODataQuery) -> list[ResourceRequestOut]:
    query.allow_expand("catalog", "resource")
    with_catalog, with_resource = (query.expanding(name) is not None for name in ("catalog", "resource"))
    wanted = [one.catalog_id for one in found if one.catalog_id] if with_catalog else []
    catalogs = await store.catalogs_by_id(tx, wanted)
    shown: list[ResourceRequestOut] = []
    for one in found:
        this = resource_request_out(one)
        if with_catalog:
            catalog = catalogs.get(one.catalog_id or "")
            this["catalog"] = catalog_out(catalog) if catalog else None
        if with_resource:
            this["resource"] = resource_out(one.resource)
        shown.append(this)
    return shown
