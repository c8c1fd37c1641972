"""What an object refers to, read by its own path: `/assignments/{id}/accessPackage` is what `$expand` shows."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity
from api.dependencies import Db, EntityQuery, ODataQuery, WholeQuery
from api.odata import present
from api.routes import assignment_requests, assignments, catalogs, configuration, expansion
from api.wire.assignments import AssignmentOut, AssignmentToBeOut
from api.wire.catalogs import root_scope_out
from api.wire.configuration_shapes import (
    CatalogOut,
    PackageOut,
    PolicyOut,
    ResourceOut,
    ResourceRoleOut,
    RoleScopeOut,
    RootScopeOut,
)
from api.wire.requests import RequestOut
from api.wire.shapes import AccessSubjectOut, QuestionOut
from grantline.errors import NotFound
from grantline.model.catalog import Resource
from grantline.model.person import Actor
from grantline.persistence import catalogs as catalog_store
from grantline.persistence import packages as package_store
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Database, Transaction
from grantline.services import authority

Item = TypeVar("Item", bound=Mapping[str, Any])

EM = "identityGovernance/entitlementManagement"
SETS = {
    "accessPackage": f"{EM}/accessPackages",
    "assignment": f"{EM}/assignments",
    "assignmentPolicies": f"{EM}/assignmentPolicies",
    "assignmentPolicy": f"{EM}/assignmentPolicies",
    "catalog": f"{EM}/catalogs",
    "questions": f"{EM}/assignmentPolicies/questions",
    "requestor": f"{EM}/subjects",
    "roles": f"{EM}/catalogs/resources/roles",
    "scopes": f"{EM}/catalogs/resources/scopes",
    "target": f"{EM}/subjects",
}

router = APIRouter(prefix=f"/{EM}", tags=["navigation"])


@router.get("/assignmentRequests/{request_id}/accessPackage")
async def package_of_request(
    request: Request, request_id: str, actor: may.ReadRequest, db: Db, query: EntityQuery
) -> Entity[PackageOut]:
    """Show what a request is about."""
    shown = await _request(request, request_id, actor, db, query)
    return _entity(request, shown.get("accessPackage"), query)


@router.get("/assignmentRequests/{request_id}/assignment")
async def assignment_of_request(
    request: Request, request_id: str, actor: may.ReadRequest, db: Db, query: EntityQuery
) -> Entity[AssignmentOut | AssignmentToBeOut]:
    """Show the assignment that a request is about; before there is one, what it will be."""
    shown = await _request(request, request_id, actor, db, query)
    return _entity(request, shown.get("assignment"), query)


@router.get("/assignmentRequests/{request_id}/requestor")
async def requestor(
    request: Request, request_id: str, actor: may.ReadRequest, db: Db, query: EntityQuery
) -> Entity[AccessSubjectOut]:
    """Show who made a request."""
    shown = await _request(request, request_id, actor, db, query)
    return _entity(request, shown.get("requestor"), query)


@router.get("/assignments/{assignment_id}/accessPackage")
async def package_of_assignment(
    request: Request, assignment_id: str, actor: may.ReadAssignment, db: Db, query: EntityQuery
) -> Entity[PackageOut]:
    """Show what somebody holds."""
    shown = await _assignment(request, assignment_id, actor, db, query)
    return _entity(request, shown.get("accessPackage"), query)


@router.get("/assignments/{assignment_id}/assignmentPolicy")
async def policy_of_assignment(
    request: Request, assignment_id: str, actor: may.ReadAssignment, db: Db, query: EntityQuery
) -> Entity[PolicyOut]:
    """Show under which policy somebody holds a package."""
    shown = await _assignment(request, assignment_id, actor, db, query)
    return _entity(request, shown.get("assignmentPolicy"), query)


@router.get("/assignments/{assignment_id}/target")
async def target(
    request: Request, assignment_id: str, actor: may.ReadAssignment, db: Db, query: EntityQuery
) -> Entity[AccessSubjectOut]:
    """Show who holds a package."""
    shown = await _assignment(request, assignment_id, actor, db, query)
    return _entity(request, shown.get("target"), query)


@router.get("/accessPackages/{package_id}/catalog")
async def catalog_of_package(
    request: Request, package_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[CatalogOut]:
    """Show a package's catalog."""
    shown = await _package(request, package_id, actor, db, query)
    return _entity(request, shown.get("catalog"), query)


@router.get("/accessPackages/{package_id}/assignmentPolicies")
async def policies_of_package(
    request: Request, package_id: str, actor: may.ReadCatalog, db: Db, query: WholeQuery
) -> Collection[PolicyOut]:
    """List a package's policies; for readers of its catalog, since policies name approvers."""
    shown = await _package(request, package_id, actor, db, query)
    return _collection(request, shown.get("assignmentPolicies"), query)


@router.get("/accessPackages/{package_id}/resourceRoleScopes/{role_scope_id}")
async def role_scope(
    *, request: Request, package_id: str, role_scope_id: str, actor: may.ReadPackage, db: Db, query: EntityQuery
) -> Entity[RoleScopeOut]:
    """Show one role of a package."""
    query.allow_expand(*configuration.ROLE_SCOPE_PATHS)
    async with db.read() as tx:
        package = await authority.visible_package(tx, actor, package_id)
        for held in (await package_store.roles_in(tx, [package.id]))[package.id]:
            if held.id == role_scope_id.lower():
                shown = configuration.role_scope(held, query)
                return present.entity(request, f"{EM}/accessPackages/resourceRoleScopes", shown, query)
    raise NotFound(f"The access package '{package.display_name}' has no role {role_scope_id!r}.")


@router.get("/assignmentPolicies/{policy_id}/accessPackage")
async def package_of_policy(
    request: Request, policy_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[PackageOut]:
    """Show the package of a policy."""
    del actor
    shown = await _policy(request, policy_id, db, query)
    return _entity(request, shown.get("accessPackage"), query)


@router.get("/assignmentPolicies/{policy_id}/catalog")
async def catalog_of_policy(
    request: Request, policy_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[CatalogOut]:
    """Show the catalog of a policy."""
    del actor
    shown = await _policy(request, policy_id, db, query)
    return _entity(request, shown.get("catalog"), query)


@router.get("/assignmentPolicies/{policy_id}/questions")
async def questions_of_policy(
    request: Request, policy_id: str, actor: may.ReadCatalog, db: Db, query: WholeQuery
) -> Collection[QuestionOut]:
    """List the questions of a policy."""
    del actor
    shown = await _policy(request, policy_id, db, query)
    return _collection(request, shown.get("questions"), query)


@router.get("/catalogs/{catalog_id}/resources/{resource_id}/roles")
async def roles_of_resource(
    *, request: Request, catalog_id: str, resource_id: str, actor: may.ReadCatalog, db: Db, query: WholeQuery
) -> Collection[ResourceRoleOut]:
    """List what one can be in a resource."""
    del actor
    shown = await _resource(request, catalog_id, resource_id, db, query)
    return _collection(request, shown.get("roles"), query)


@router.get("/catalogs/{catalog_id}/resources/{resource_id}/scopes")
async def scopes_of_resource(
    *, request: Request, catalog_id: str, resource_id: str, actor: may.ReadCatalog, db: Db, query: WholeQuery
) -> Collection[RootScopeOut]:
    """List the one scope of a resource."""
    del actor
    shown = await _resource(request, catalog_id, resource_id, db, query)
    return _collection(request, shown.get("scopes"), query)


@router.get("/catalogs/{catalog_id}/resourceScopes")
async def scopes(
    request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: WholeQuery
) -> Collection[RootScopeOut]:
    """List the scopes of a catalog: each resource is whole."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        await catalogs.existing_catalog(tx, catalog_id)
        shown = [root_scope_out(resource, scope_id) for resource, scope_id in await _all_resources(tx, catalog_id)]
    return present.whole(request, f"{EM}/catalogs('{catalog_id}')/resourceScopes", shown, query)


async def _all_resources(tx: Transaction, catalog_id: str) -> list[tuple[Resource, str]]:
    rows = await tx.all(catalog_store.all_resources(catalog_id).order_by(*catalog_store.RESOURCE_KEY))
    return [(catalog_store.as_resource(row), row.root_scope_id) for row in rows]


async def _request(request: Request, request_id: str, actor: Actor, db: Database, query: ODataQuery) -> RequestOut:
    line = await assignment_requests.must_see(request_id, actor, db)
    show, hides = assignment_requests.shown_to(request), assignment_requests.hidden_from(actor)
    async with db.read() as tx:
        (shown,) = await expansion.requests(tx, [line], _expanding(request, query), actor, show=show, hides=hides)
    return shown


async def _assignment(
    request: Request, assignment_id: str, actor: Actor, db: Database, query: ODataQuery
) -> AssignmentOut:
    held = await assignments.must_see(assignment_id, actor, db)
    async with db.read() as tx:
        (shown,) = await expansion.assignments(tx, [held], _expanding(request, query), actor)
    return shown


async def _package(request: Request, package_id: str, actor: Actor, db: Database, query: ODataQuery) -> PackageOut:
    async with db.read() as tx:
        package = await authority.visible_package(tx, actor, package_id)
        (shown,) = await configuration.packages(tx, [package], _expanding(request, query))
    return shown


async def _policy(request: Request, policy_id: str, db: Database, query: ODataQuery) -> PolicyOut:
    async with db.read() as tx:
        policy = await policy_store.policy(tx, policy_id)
        if policy is None:
            raise NotFound(f"There is no assignment policy {policy_id}.")
        (shown,) = await configuration.policies(tx, [policy], _expanding(request, query))
    return shown


async def _resource(
    request: Request, catalog_id: str, resource_id: str, db: Database, query: ODataQuery
) -> ResourceOut:
    async with db.read() as tx:
        found = await catalogs.existing_resource(tx, catalog_id, resource_id)
        (shown,) = await catalogs.shown_resources(tx, [found], _expanding(request, query))
    return shown


def _relation(request: Request) -> str:
    """Return what stands last in the route's path."""
    return request.scope["route"].path.rpartition("/")[2]


def _expanding(request: Request, query: ODataQuery) -> ODataQuery:
    return ODataQuery(expand={_relation(request): query})


def _entity(request: Request, found: Item | None, query: ODataQuery) -> Entity[Item]:
    name = _relation(request)
    if found is None:
        raise NotFound(f"There is no {name} here any more, or it is not for your eyes.")
    return present.entity(request, SETS[name], found, query)


def _collection(request: Request, found: Sequence[Item] | None, query: ODataQuery) -> Collection[Item]:
    return present.whole(request, SETS[_relation(request)], found or (), query)
