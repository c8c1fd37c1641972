"""Access packages: kept by those who manage their catalog, found by whoever may ask for them."""

from typing import Any

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number
from api.dependencies import Db, EntityQuery, Key, ODataQuery, Query, WholeQuery
from api.odata import present
from api.routes import configuration
from api.wire.choices import chosen
from api.wire.configuration_shapes import PackageOut, RequirementsOut, RoleScopeOut
from api.wire.languages import languages
from api.wire.packages import PackageBody, RoleScopeBody, package_out, requirements_out, role_scope_out
from api.wire.requestability import PackagesOf
from grantline.errors import InvalidInput, NotAllowed
from grantline.model.person import Actor
from grantline.persistence import packages as store
from grantline.persistence import requestable
from grantline.persistence.listing import Within, count, page
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task, realm, refusal
from grantline.rules.permissions import may as allowed
from grantline.services import authority
from grantline.services.configuration import packages as configure
from grantline.services.once import once
from grantline.services.requests import requestability

CONTEXT = "identityGovernance/entitlementManagement/accessPackages"
REQUIREMENTS = "accessPackageAssignmentRequestRequirements"

router = APIRouter(prefix=f"/{CONTEXT}", tags=["accessPackages"])


@router.get("")
async def list_all(request: Request, actor: may.ReadCatalog, db: Db, query: Query) -> Collection[PackageOut]:
    """List the packages of the caller's catalogs, by name; those to be asked for: filterByCurrentUser."""
    return await _page(request, db, query, store.all_packages(), _within(actor))


@router.get("/filterByCurrentUser(on='{on}')")
async def list_mine(request: Request, on: str, actor: may.Ask, db: Db, query: Query) -> Collection[PackageOut]:
    """List what the caller may ask for, for themselves or for somebody else; hidden packages are not listed."""
    chosen(on, tuple(PackagesOf))
    _check_expand(actor, query)
    return await _page(request, db, query, requestable.listed_packages(actor.id))


@router.post("", status_code=201)
async def create(request: Request, body: PackageBody, actor: may.ChangePackage, db: Db, key: Key) -> Entity[PackageOut]:
    """Make a package in a catalog."""
    given = body.read()
    if "display_name" not in given:
        raise InvalidInput("An access package needs displayName.", target="displayName")
    if "catalog_id" not in given:
        raise InvalidInput("Name the catalog: catalog.id.", target="catalog/id")
    catalog = (Noun.CATALOG, given["catalog_id"])
    await authority.require_named(db, actor, Task.CHANGE_PACKAGE, catalog, target="catalog/id")
    package = await once(db, actor.id, key, lambda own: configure.create_package(own, actor.id, **given), store.package)
    shown = package_out(package)
    return present.entity(request, CONTEXT, shown, status=201, location=f"/v1.0/{CONTEXT}/{package.id}")


@router.get("/$count")
async def count_all(actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count the packages of the caller's catalogs."""
    async with db.read() as tx:
        return present.number(
            await count(tx, store.all_packages(), store.PACKAGE_FIELDS, query.listing(), within=_within(actor))
        )


@router.get("/{package_id}")
async def read(
    request: Request, package_id: str, actor: may.ReadPackage, db: Db, query: EntityQuery
) -> Entity[PackageOut]:
    """Read one package: for its catalog's readers, who may ask for it, and who has to do with a request for it."""
    async with db.read() as tx:
        package = await authority.visible_package(tx, actor, package_id)
        _check_expand(actor, query, package.catalog_id)
        (shown,) = await configuration.packages(tx, [package], query)
    return present.entity(request, CONTEXT, shown, query)


@router.patch("/{package_id}", status_code=204)
async def update(package_id: str, body: PackageBody, actor: may.ChangePackage, db: Db) -> Nothing:
    """Change a package."""
    await configure.update_package(db, actor.id, package_id, **body.read())
    return present.nothing()


@router.delete("/{package_id}", status_code=204)
async def delete(package_id: str, actor: may.ChangePackage, db: Db) -> Nothing:
    """Delete a package that nobody holds or waits for."""
    await configure.delete_package(db, actor.id, package_id)
    return present.nothing()


@router.post("/{package_id}/getApplicablePolicyRequirements")
async def requirements(
    request: Request, package_id: str, actor: may.ReadPackage, db: Db
) -> Collection[RequirementsOut]:
    """Say under which policies the caller may ask, for themselves or on behalf, and what each wants."""
    policies = await requestability.policies_for(db, actor, package_id)
    shown = [requirements_out(policy, languages(request.headers)) for policy in policies]
    return present.collection(request, f"Collection(microsoft.graph.{REQUIREMENTS})", shown, None)


@router.get("/{package_id}/resourceRoleScopes")
async def list_roles(
    request: Request, package_id: str, actor: may.ReadPackage, db: Db, query: WholeQuery
) -> Collection[RoleScopeOut]:
    """List the roles of a package in the order they were added; a package is always shown whole."""
    query.allow_expand(*configuration.ROLE_SCOPE_PATHS)
    async with db.read() as tx:
        package = await authority.visible_package(tx, actor, package_id)
        held = (await store.roles_in(tx, [package.id]))[package.id]
    shown = [configuration.role_scope(role, query) for role in held]
    return present.whole(request, f"{CONTEXT}('{package_id}')/resourceRoleScopes", shown, query)


@router.post("/{package_id}/resourceRoleScopes", status_code=201)
async def add_role(
    request: Request, package_id: str, body: RoleScopeBody, actor: may.ChangePackage, db: Db
) -> Entity[RoleScopeOut]:
    """Put a resource role into a package."""
    added = await configure.add_role(db, actor.id, package_id, body.read())
    context = f"{CONTEXT}('{package_id}')/resourceRoleScopes"
    location = f"/v1.0/{CONTEXT}/{package_id}/resourceRoleScopes/{added.id}"
    return present.entity(request, context, role_scope_out(added), status=201, location=location)


@router.delete("/{package_id}/resourceRoleScopes/{role_scope_id}", status_code=204)
async def remove_role(package_id: str, role_scope_id: str, actor: may.ChangePackage, db: Db) -> Nothing:
    """Take a resource role out of a package."""
    await configure.remove_role(db, actor.id, package_id, role_scope_id)
    return present.nothing()


async def _page(
    request: Request, db: Db, query: ODataQuery, base: Any, within: Within | None = None
) -> Collection[PackageOut]:
    async with db.read() as tx:
        rows = await page(tx, base, store.PACKAGE_FIELDS, store.PACKAGE_KEY, query.listing(), within=within)
        shown = await configuration.packages(tx, rows.map(store.as_package).rows, query)
    return present.collection(request, CONTEXT, shown, rows, query)


def _within(actor: Actor) -> Within:
    return Within(store.PACKAGE_CATALOG_ID, realm(actor, Task.READ_CATALOG))


def _check_expand(actor: Actor, query: ODataQuery, catalog_id: str | None = None) -> None:
    """Keep policies from those they are about: they name approvers."""
    if query.expanding("assignmentPolicies") is not None and not allowed(actor, Task.READ_CATALOG, catalog_id):
        raise NotAllowed(
            f"{refusal(actor.person, Task.READ_CATALOG).message} What the policies want of you is at "
            "accessPackages/{id}/getApplicablePolicyRequirements."
        )
