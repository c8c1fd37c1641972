"""Available access packages: what the caller may ask for, and what is in it. Administrators see no more here."""

from collections.abc import Sequence
from typing import cast

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Number
from api.dependencies import Db, EntityQuery, ODataQuery, Query, WholeQuery
from api.odata import present
from api.routes import configuration
from api.wire.configuration_shapes import AvailablePackageOut, RoleScopeOut
from grantline.model.catalog import AccessPackage
from grantline.persistence import packages as store
from grantline.persistence import requestable
from grantline.persistence.database import Transaction
from grantline.persistence.listing import count, page
from grantline.services.requests import requestability

CONTEXT = "identityGovernance/entitlementManagement/availableAccessPackages"
SHOWN = ("id", "displayName", "description", "resourceRoleScopes")
PATHS = tuple(f"resourceRoleScopes/{path}" for path in configuration.ROLE_SCOPE_PATHS)

router = APIRouter(prefix=f"/{CONTEXT}", tags=["availableAccessPackages"])


@router.get("")
async def list_mine(request: Request, actor: may.Ask, db: Db, query: Query) -> Collection[AvailablePackageOut]:
    """List what the caller may ask for, for themselves or for somebody else; hidden packages are not listed."""
    async with db.read() as tx:
        base = requestable.listed_packages(actor.id)
        rows = await page(tx, base, store.PACKAGE_FIELDS, store.PACKAGE_KEY, query.listing())
        shown = await _shown(tx, rows.map(store.as_package).rows, query)
    return present.collection(request, CONTEXT, shown, rows, query)


@router.get("/$count")
async def count_mine(actor: may.Ask, db: Db, query: Query) -> Number:
    """Count what the caller may ask for."""
    async with db.read() as tx:
        base = requestable.listed_packages(actor.id)
        return present.number(await count(tx, base, store.PACKAGE_FIELDS, query.listing()))


@router.get("/{package_id}")
async def read(
    request: Request, package_id: str, actor: may.Ask, db: Db, query: EntityQuery
) -> Entity[AvailablePackageOut]:
    """Show one package that the caller may ask for."""
    async with db.read() as tx:
        package = await requestability.requestable_package(tx, actor, package_id)
        (shown,) = await _shown(tx, [package], query)
    return present.entity(request, CONTEXT, shown, query)


@router.get("/{package_id}/resourceRoleScopes")
async def list_roles(
    request: Request, package_id: str, actor: may.Ask, db: Db, query: WholeQuery
) -> Collection[RoleScopeOut]:
    """List what a package gives, in the order it was put in; a package is always shown whole."""
    query.allow_expand(*configuration.ROLE_SCOPE_PATHS)
    async with db.read() as tx:
        package = await requestability.requestable_package(tx, actor, package_id)
        held = (await store.roles_in(tx, [package.id]))[package.id]
    shown = [configuration.role_scope(role, query) for role in held]
    return present.whole(request, f"{CONTEXT}('{package.id}')/resourceRoleScopes", shown, query)


async def _shown(tx: Transaction, found: Sequence[AccessPackage], query: ODataQuery) -> list[AvailablePackageOut]:
    query.allow_expand(*PATHS)
    shown = await configuration.packages(tx, found, query)
    return [cast("AvailablePackageOut", {name: value for name, value in one.items() if name in SHOWN}) for one in shown]
