"""What may not be held together with a package: other packages, and groups."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Select

from api import may
from api.answers import Collection, Nothing, Number
from api.dependencies import Db, ODataQuery, Query
from api.odata import present
from api.routes import configuration
from api.wire.base import Guid, Reference, named_by_url
from api.wire.configuration_shapes import PackageOut
from api.wire.people import GroupOut, group
from api.wire.shapes import ReferenceOut
from grantline.errors import NotFound
from grantline.model.person import Actor
from grantline.persistence import groups, listing
from grantline.persistence import incompatibilities as store
from grantline.persistence import packages as package_store
from grantline.persistence.database import Database, Transaction
from grantline.persistence.listing import Within
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task, realm
from grantline.services import authority
from grantline.services.configuration import duties as configure

PACKAGES = "identityGovernance/entitlementManagement/accessPackages"
OTHERS = "incompatibleAccessPackages"
GROUPS = "incompatibleGroups"
REVERSE = "accessPackagesIncompatibleWith"

router = APIRouter(prefix=f"/{PACKAGES}/{{package_id}}", tags=["accessPackages"])


@router.get(f"/{OTHERS}")
async def list_packages(
    request: Request, package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[PackageOut]:
    """List the packages whose holders may not have this one, by name."""
    return await _packages(request, db, query, package_id, actor, store.excluded_packages(package_id))


@router.get(f"/{REVERSE}")
async def list_reverse(
    request: Request, package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[PackageOut]:
    """List the packages that holders of this one may not have, by name."""
    return await _packages(request, db, query, package_id, actor, store.excluding_packages(package_id))


@router.get(f"/{GROUPS}")
async def list_groups(
    request: Request, package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[GroupOut]:
    """List the groups whose members may not have this package, by name."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        await _existing(tx, package_id)
        page = await groups.page(tx, store.excluded_groups(package_id), query.listing())
    return present.collection(request, "groups", [group(*found) for found in page.rows], page, query)


@router.get(f"/{OTHERS}/$count")
async def count_packages(package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count the packages whose holders may not have this one."""
    base = store.excluded_packages(package_id)
    return await _count(db, query, package_id, base, package_store.PACKAGE_FIELDS, _within(actor))


@router.get(f"/{REVERSE}/$count")
async def count_reverse(package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count the packages that holders of this one may not have."""
    base = store.excluding_packages(package_id)
    return await _count(db, query, package_id, base, package_store.PACKAGE_FIELDS, _within(actor))


@router.get(f"/{GROUPS}/$count")
async def count_groups(package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count the groups whose members may not have this package."""
    del actor
    return await _count(db, query, package_id, store.excluded_groups(package_id), groups.FIELDS)


@router.get(f"/{OTHERS}/$ref")
async def package_references(
    request: Request, package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[ReferenceOut]:
    """List where the packages are found whose holders may not have this one."""
    async with db.read() as tx:
        await _existing(tx, package_id)
        found = store.excluded_packages(package_id)
        page = await _page(tx, found, query, actor)
    return _references(request, PACKAGES, page.map(lambda row: row.id), query)


@router.get(f"/{GROUPS}/$ref")
async def group_references(
    request: Request, package_id: Guid, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[ReferenceOut]:
    """List where the groups are found whose members may not have this package."""
    del actor
    async with db.read() as tx:
        await _existing(tx, package_id)
        page = await groups.page(tx, store.excluded_groups(package_id), query.listing())
    return _references(request, "groups", page.map(lambda found: found[0].id), query)


@router.post(f"/{OTHERS}/$ref", status_code=204)
async def add_package(package_id: Guid, body: Reference, actor: may.ChangePackage, db: Db) -> Nothing:
    """Let holders of another package not have this one."""
    await authority.require_named(db, actor, Task.READ_CATALOG, (Noun.PACKAGE, body.id), target="@odata.id")
    await configure.add_package(db, actor.id, package_id, body.id)
    return present.nothing()


@router.post(f"/{GROUPS}/$ref", status_code=204)
async def add_group(package_id: Guid, body: Reference, actor: may.ChangePackage, db: Db) -> Nothing:
    """Let members of a group not have this package."""
    await configure.add_group(db, actor.id, package_id, body.id)
    return present.nothing()


@router.delete(f"/{OTHERS}/{{other_id}}/$ref", status_code=204)
async def remove_package(package_id: Guid, other_id: Guid, actor: may.ChangePackage, db: Db) -> Nothing:
    """Let holders of another package have this one again."""
    await authority.require(db, actor, Task.READ_CATALOG, Noun.PACKAGE, other_id)
    await configure.remove_package(db, actor.id, package_id, other_id)
    return present.nothing()


@router.delete(f"/{GROUPS}/{{group_id}}/$ref", status_code=204)
async def remove_group(package_id: Guid, group_id: Guid, actor: may.ChangePackage, db: Db) -> Nothing:
    """Let members of a group have this package again."""
    await configure.remove_group(db, actor.id, package_id, group_id)
    return present.nothing()


@router.delete(f"/{OTHERS}/$ref", status_code=204)
async def remove_package_by_url(request: Request, package_id: Guid, actor: may.ChangePackage, db: Db) -> Nothing:
    """Let holders of another package, named by `?@id=<url>`, have this one again."""
    other_id = _named(request, "access package")
    await authority.require(db, actor, Task.READ_CATALOG, Noun.PACKAGE, other_id)
    await configure.remove_package(db, actor.id, package_id, other_id)
    return present.nothing()


@router.delete(f"/{GROUPS}/$ref", status_code=204)
async def remove_group_by_url(request: Request, package_id: Guid, actor: may.ChangePackage, db: Db) -> Nothing:
    """Let members of a group, named by `?@id=<url>`, have this package again."""
    await configure.remove_group(db, actor.id, package_id, _named(request, "group"))
    return present.nothing()


async def _packages(  # noqa: PLR0917  (what is listed of which package, to whom)
    request: Request, db: Database, query: ODataQuery, package_id: str, actor: Actor, base: Select[Any]
) -> Collection[PackageOut]:
    async with db.read() as tx:
        await _existing(tx, package_id)
        rows = await _page(tx, base, query, actor)
        shown = await configuration.packages(tx, rows.map(package_store.as_package).rows, query)
    return present.collection(request, PACKAGES, shown, rows, query)


def _within(actor: Actor) -> Within:
    return Within(package_store.PACKAGE_CATALOG_ID, realm(actor, Task.READ_CATALOG))


async def _page(tx: Transaction, base: Select[Any], query: ODataQuery, actor: Actor) -> listing.Page[Any]:
    """Return one page of packages, of those that the reader may know."""
    fields, key = package_store.PACKAGE_FIELDS, package_store.PACKAGE_KEY
    return await listing.page(tx, base, fields, key, query.listing(), within=_within(actor))


async def _count(  # noqa: PLR0917  (what is counted of which package, for whom)
    db: Database,
    query: ODataQuery,
    package_id: str,
    base: Select[Any],
    fields: listing.Fields,
    within: Within | None = None,
) -> Number:
    async with db.read() as tx:
        await _existing(tx, package_id)
        return present.number(await listing.count(tx, base, fields, query.listing(), within=within))


def _references(
    request: Request, collection: str, page: listing.Page[str], query: ODataQuery
) -> Collection[ReferenceOut]:
    beginning = f"{present.base_url(request)}{present.VERSION}/{collection}"
    shown: list[ReferenceOut] = [{"@odata.id": f"{beginning}/{one}"} for one in page.rows]
    return present.collection(request, "Collection($ref)", shown, page, query)


def _named(request: Request, what: str) -> str:
    return named_by_url(request.query_params, f"Name the {what}: /{{id}}/$ref, or ?@id= with its URL.")


async def _existing(tx: Transaction, package_id: str) -> None:
    if await package_store.package(tx, package_id) is None:
        raise NotFound(f"There is no access package {package_id}.")
