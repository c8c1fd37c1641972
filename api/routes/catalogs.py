"""Catalogs, and the resources and roles in them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Select

from api import may
from api.answers import Collection, Entity, Nothing, Number
from api.dependencies import Db, EntityQuery, Key, ODataQuery, Query
from api.odata import present
from api.routes import configuration
from api.wire.catalogs import CatalogBody, catalog_out, resource_out, role_out, root_scope_out
from api.wire.configuration_shapes import CatalogOut, PackageOut, ResourceOut, ResourceRoleOut
from api.wire.packages import package_out
from grantline.errors import InvalidInput, NotFound
from grantline.model.catalog import Catalog, Resource
from grantline.persistence import catalogs as store
from grantline.persistence import packages as package_store
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Fields, Within, count, page
from grantline.rules.permissions import Task, realm
from grantline.services.configuration import catalogs as configure
from grantline.services.once import once

CONTEXT = "identityGovernance/entitlementManagement/catalogs"

INSIDE: Mapping[str, tuple[Callable[[str], Select[Any]], Fields]] = {
    "accessPackages": (package_store.all_packages, package_store.PACKAGE_FIELDS),
    "resources": (store.all_resources, store.RESOURCE_FIELDS),
    "resourceRoles": (store.all_roles, store.ROLE_FIELDS),
}
"""What a catalog holds, and by what it may be filtered."""

router = APIRouter(prefix=f"/{CONTEXT}", tags=["catalogs"])


@router.get("")
async def list_all(request: Request, actor: may.ListCatalogs, db: Db, query: Query) -> Collection[CatalogOut]:
    """List the catalogs that the caller sees, by name."""
    query.allow_expand("accessPackages")
    async with db.read() as tx:
        rows = await page(
            tx,
            store.all_catalogs(),
            store.CATALOG_FIELDS,
            store.CATALOG_KEY,
            query.listing(),
            within=Within(store.CATALOG_ID, realm(actor, Task.READ_CATALOG)),
        )
        shown = await _expanded(tx, rows.map(store.as_catalog).rows, query)
    return present.collection(request, CONTEXT, shown, rows, query)


@router.post("", status_code=201)
async def create(request: Request, body: CatalogBody, actor: may.MakeCatalog, db: Db, key: Key) -> Entity[CatalogOut]:
    """Make a catalog; whoever makes it owns it."""
    given = body.read()
    if "display_name" not in given:
        raise InvalidInput("A catalog needs displayName.", target="displayName")
    catalog = await once(db, actor.id, key, lambda own: configure.create_catalog(own, actor.id, **given), store.catalog)
    return present.entity(request, CONTEXT, catalog_out(catalog), status=201, location=f"/v1.0/{CONTEXT}/{catalog.id}")


@router.get("/$count")
async def count_all(actor: may.ListCatalogs, db: Db, query: Query) -> Number:
    """Count the catalogs that the caller sees."""
    within = Within(store.CATALOG_ID, realm(actor, Task.READ_CATALOG))
    async with db.read() as tx:
        return present.number(
            await count(tx, store.all_catalogs(), store.CATALOG_FIELDS, query.listing(), within=within)
        )


@router.get("/{catalog_id}")
async def read(
    request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[CatalogOut]:
    """Read one catalog."""
    del actor
    query.allow_expand("accessPackages")
    async with db.read() as tx:
        (shown,) = await _expanded(tx, [await existing_catalog(tx, catalog_id)], query)
    return present.entity(request, CONTEXT, shown, query)


@router.patch("/{catalog_id}", status_code=204)
async def update(catalog_id: str, body: CatalogBody, actor: may.ChangeCatalog, db: Db) -> Nothing:
    """Change a catalog."""
    await configure.update_catalog(db, actor.id, catalog_id, **body.read())
    return present.nothing()


@router.delete("/{catalog_id}", status_code=204)
async def delete(catalog_id: str, actor: may.ChangeCatalog, db: Db) -> Nothing:
    """Delete a catalog without packages."""
    await configure.delete_catalog(db, actor.id, catalog_id)
    return present.nothing()


@router.get("/{catalog_id}/accessPackages/$count")
@router.get("/{catalog_id}/resources/$count")
@router.get("/{catalog_id}/resourceRoles/$count")
async def count_inside(request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count what is in a catalog."""
    del actor
    select, fields = INSIDE[request.scope["route"].path.split("/")[-2]]
    async with db.read() as tx:
        await existing_catalog(tx, catalog_id)
        return present.number(await count(tx, select(catalog_id), fields, query.listing()))


@router.get("/{catalog_id}/accessPackages")
async def list_packages(
    request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[PackageOut]:
    """List the packages of a catalog, by name."""
    del actor
    async with db.read() as tx:
        await existing_catalog(tx, catalog_id)
        rows = await page(
            tx,
            package_store.all_packages(catalog_id),
            package_store.PACKAGE_FIELDS,
            package_store.PACKAGE_KEY,
            query.listing(),
        )
        shown = await configuration.packages(tx, rows.map(package_store.as_package).rows, query)
    return present.collection(request, f"{CONTEXT}('{catalog_id}')/accessPackages", shown, rows, query)


@router.get("/{catalog_id}/resources")
async def list_resources(
    request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[ResourceOut]:
    """List the resources of a catalog, by name."""
    del actor
    query.allow_expand("roles", "scopes", "environment")
    async with db.read() as tx:
        await existing_catalog(tx, catalog_id)
        rows = await page(
            tx, store.all_resources(catalog_id), store.RESOURCE_FIELDS, store.RESOURCE_KEY, query.listing()
        )
        found = [(store.as_resource(row), row.root_scope_id) for row in rows.rows]
        shown = await shown_resources(tx, found, query)
    return present.collection(request, f"{CONTEXT}('{catalog_id}')/resources", shown, rows, query)


@router.get("/{catalog_id}/resources/{resource_id}")
async def read_resource(
    request: Request, catalog_id: str, resource_id: str, *, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[ResourceOut]:
    """Read one resource of a catalog."""
    del actor
    query.allow_expand("roles", "scopes", "environment")
    async with db.read() as tx:
        found = await existing_resource(tx, catalog_id, resource_id)
        (shown,) = await shown_resources(tx, [found], query)
    return present.entity(request, f"{CONTEXT}('{catalog_id}')/resources", shown, query)


@router.get("/{catalog_id}/resourceRoles")
async def list_roles(
    request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[ResourceRoleOut]:
    """List the roles of all resources of a catalog, by name."""
    del actor
    query.allow_expand("resource/roles", "resource/scopes")
    inner = query.expanding("resource")
    async with db.read() as tx:
        await existing_catalog(tx, catalog_id)
        rows = await page(tx, store.all_roles(catalog_id), store.ROLE_FIELDS, store.ROLE_KEY, query.listing())
        roles = rows.map(store.as_role).rows
        shown = [role_out(role) for role in roles]
        if inner is not None:
            found = await store.resources_by_id(tx, [role.resource_id for role in roles])
            each = await shown_resources(tx, list(found.values()), inner)
            resources = {one["id"]: one for one in each}
            for role, one in zip(roles, shown, strict=True):
                one["resource"] = resources[role.resource_id]
    return present.collection(request, f"{CONTEXT}('{catalog_id}')/resourceRoles", shown, rows, query)


async def existing_catalog(tx: Transaction, catalog_id: str) -> Catalog:
    """Return a catalog.

    Raises:
        NotFound: there is none.
    """
    catalog = await store.catalog(tx, catalog_id)
    if catalog is None:
        raise NotFound(f"There is no catalog {catalog_id}.")
    return catalog


async def existing_resource(tx: Transaction, catalog_id: str, resource_id: str) -> tuple[Resource, str]:
    """Return a resource of a catalog with its root scope's id.

    Raises:
        NotFound: there is no such catalog, or no such resource in it.
    """
    catalog = await existing_catalog(tx, catalog_id)
    found = await store.resource(tx, catalog_id, resource_id=resource_id)
    if found is None:
        raise NotFound(f"The catalog '{catalog.display_name}' has no resource {resource_id}.")
    return found


async def _expanded(tx: Transaction, catalogs: Sequence[Catalog], query: ODataQuery) -> list[CatalogOut]:
    shown = [catalog_out(catalog) for catalog in catalogs]
    if query.expanding("accessPackages") is not None:
        inside = await store.packages_of(tx, [catalog.id for catalog in catalogs])
        for one in shown:
            one["accessPackages"] = [package_out(package) for package in inside[one["id"]]]
    return shown


async def shown_resources(
    tx: Transaction, found: Sequence[tuple[Resource, str]], query: ODataQuery
) -> list[ResourceOut]:
    """Show resources, each with its root scope's id, expanded."""
    with_roles = query.expanding("roles") is not None
    roles = await store.roles_of(tx, [resource.id for resource, _ in found]) if with_roles else {}
    shown: list[ResourceOut] = []
    for resource, root_scope_id in found:
        one = resource_out(resource)
        if with_roles:
            one["roles"] = [role_out(role) for role in roles[resource.id]]
        if query.expanding("scopes") is not None:
            one["scopes"] = [root_scope_out(resource, root_scope_id)]
        if query.expanding("environment") is not None:
            one["environment"] = None
        shown.append(one)
    return shown
