"""Resource requests: how a resource comes into a catalog and leaves it. Done when answered."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.dependencies import Administrator, Config, Db, EntityQuery, ODataQuery, Query
from api.odata import present
from api.wire.catalogs import ResourceRequestBody, catalog_out, resource_out, resource_request_out
from grantline.errors import NotFound
from grantline.model.catalog import OWN_GROUPS, SCIM
from grantline.model.fulfilment import BY_HAND
from grantline.persistence import catalogs as store
from grantline.persistence.catalogs import ResourceRequest
from grantline.persistence.database import Transaction
from grantline.persistence.listing import count, page
from grantline.services import catalogs_configuration as configure

CONTEXT = "identityGovernance/entitlementManagement/resourceRequests"

router = APIRouter(prefix=f"/{CONTEXT}", tags=["resourceRequests"])


async def known_systems(config: Config) -> tuple[str, ...]:
    """Return the target systems that are set up, by the names that resources carry."""
    always = (OWN_GROUPS, BY_HAND)
    return always if config.scim_base_url is None else (*always, SCIM)


KnownSystems = Annotated[tuple[str, ...], Depends(known_systems)]


@router.get("")
async def list_all(request: Request, actor: Administrator, db: Db, query: Query) -> Response:
    """List additions and removals, newest first."""
    del actor
    async with db.read() as tx:
        rows = await page(
            tx,
            store.all_resource_requests(),
            store.RESOURCE_REQUEST_FIELDS,
            store.RESOURCE_REQUEST_KEY,
            query.listing(),
        )
        shown = await _expanded(tx, rows.map(store.as_resource_request).rows, query)
    return present.collection(request, CONTEXT, shown, rows, query)


@router.post("", status_code=201)
async def create(
    request: Request, body: ResourceRequestBody, actor: Administrator, db: Db, systems: KnownSystems
) -> Response:
    """Bring a resource into a catalog, or take it out."""
    if body.is_removal():
        done = await configure.remove_resource(db, actor.id, **body.read_remove())
    else:
        done = await configure.add_resource(db, actor.id, known_systems=systems, **body.read_add())
    shown = resource_request_out(done)
    return present.entity(request, CONTEXT, shown, status=201, location=f"/v1.0/{CONTEXT}/{done.id}")


@router.get("/$count")
async def count_all(actor: Administrator, db: Db, query: Query) -> Response:
    """Count additions and removals."""
    del actor
    async with db.read() as tx:
        return present.number(
            await count(tx, store.all_resource_requests(), store.RESOURCE_REQUEST_FIELDS, query.listing())
        )


@router.get("/{request_id}")
async def read(request: Request, request_id: str, actor: Administrator, db: Db, query: EntityQuery) -> Response:
    """Read one addition or removal."""
    del actor
    async with db.read() as tx:
        found = await store.resource_request(tx, request_id)
        if found is None:
            raise NotFound(f"There is no resource request {request_id}.")
        (shown,) = await _expanded(tx, [found], query)
    return present.entity(request, CONTEXT, shown, query)


async def _expanded(tx: Transaction, found: Sequence[ResourceRequest], query: ODataQuery) -> list[dict[str, Any]]:
    query.allow_expand("catalog", "resource")
    with_catalog, with_resource = (query.expanding(name) is not None for name in ("catalog", "resource"))
    wanted = [one.catalog_id for one in found if one.catalog_id] if with_catalog else []
    catalogs = await store.catalogs_by_id(tx, wanted)
    shown: list[dict[str, Any]] = []
    for one in found:
        relations: dict[str, Any] = {}
        if with_catalog:
            catalog = catalogs.get(one.catalog_id or "")
            relations["catalog"] = catalog_out(catalog) if catalog else None
        if with_resource:
            relations["resource"] = resource_out(one.resource)
        shown.append(resource_request_out(one, relations))
    return shown
