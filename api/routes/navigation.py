"""What an object refers to, read by its own path: `/assignments/{id}/accessPackage` is what `$expand` shows."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import may
from api.dependencies import Db, EntityQuery, ODataQuery
from api.odata import present
from api.routes import assignment_requests, assignments, catalogs, configuration, expansion
from api.wire.catalogs import root_scope_out
from grantline.errors import NotFound
from grantline.model.catalog import Resource
from grantline.persistence import catalogs as catalog_store
from grantline.persistence import packages as package_store
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Transaction
from grantline.services import authority

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
@router.get("/assignmentRequests/{request_id}/assignment")
@router.get("/assignmentRequests/{request_id}/requestor")
async def of_request(request: Request, request_id: str, actor: may.ReadRequest, db: Db, query: EntityQuery) -> Response:
    """Show what a request is about, or who made it."""
    line = await assignment_requests.must_see(request_id, actor, db)
    show, hides = assignment_requests.shown_to(request), assignment_requests.hidden_from(actor)
    async with db.read() as tx:
        (shown,) = await expansion.requests(tx, [line], _expanding(request, query), show, hides)
    return _answer(request, shown, query)


@router.get("/assignments/{assignment_id}/accessPackage")
@router.get("/assignments/{assignment_id}/assignmentPolicy")
@router.get("/assignments/{assignment_id}/target")
async def of_assignment(
    request: Request, assignment_id: str, actor: may.ReadAssignment, db: Db, query: EntityQuery
) -> Response:
    """Show what somebody holds, under which policy, or who they are."""
    held = await assignments.must_see(assignment_id, actor, db)
    async with db.read() as tx:
        (shown,) = await expansion.assignments(tx, [held], _expanding(request, query))
    return _answer(request, shown, query)


@router.get("/accessPackages/{package_id}/catalog")
@router.get("/accessPackages/{package_id}/assignmentPolicies")
async def of_package(request: Request, package_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery) -> Response:
    """Show a package's catalog or its policies; for readers of its catalog, since policies name approvers."""
    async with db.read() as tx:
        package = await authority.visible_package(tx, actor, package_id)
        (shown,) = await configuration.packages(tx, [package], _expanding(request, query))
    return _answer(request, shown, query)


@router.get("/accessPackages/{package_id}/resourceRoleScopes/{role_scope_id}")
async def role_scope(
    *, request: Request, package_id: str, role_scope_id: str, actor: may.ReadPackage, db: Db, query: EntityQuery
) -> Response:
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
@router.get("/assignmentPolicies/{policy_id}/catalog")
@router.get("/assignmentPolicies/{policy_id}/questions")
async def of_policy(request: Request, policy_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery) -> Response:
    """Show the package, the catalog or the questions of a policy."""
    del actor
    async with db.read() as tx:
        policy = await policy_store.policy(tx, policy_id)
        if policy is None:
            raise NotFound(f"There is no assignment policy {policy_id}.")
        (shown,) = await configuration.policies(tx, [policy], _expanding(request, query))
    return _answer(request, shown, query)


@router.get("/catalogs/{catalog_id}/resources/{resource_id}/roles")
@router.get("/catalogs/{catalog_id}/resources/{resource_id}/scopes")
async def of_resource(
    *, request: Request, catalog_id: str, resource_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Response:
    """List what one can be in a resource, or its one scope."""
    del actor
    async with db.read() as tx:
        found = await catalogs.existing_resource(tx, catalog_id, resource_id)
        (shown,) = await catalogs.shown_resources(tx, [found], _expanding(request, query))
    return _answer(request, shown, query)


@router.get("/catalogs/{catalog_id}/resourceScopes")
async def scopes(request: Request, catalog_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery) -> Response:
    """List the scopes of a catalog: each resource is whole."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        await catalogs.existing_catalog(tx, catalog_id)
        shown = [root_scope_out(resource, scope_id) for resource, scope_id in await _all_resources(tx, catalog_id)]
    return present.collection(request, f"{EM}/catalogs('{catalog_id}')/resourceScopes", shown, None, query)


async def _all_resources(tx: Transaction, catalog_id: str) -> list[tuple[Resource, str]]:
    rows = await tx.all(catalog_store.all_resources(catalog_id).order_by(*catalog_store.RESOURCE_KEY))
    return [(catalog_store.as_resource(row), row.root_scope_id) for row in rows]


def _relation(request: Request) -> str:
    """Return what stands last in the route's path."""
    return request.scope["route"].path.rpartition("/")[2]


def _expanding(request: Request, query: ODataQuery) -> ODataQuery:
    return ODataQuery(expand={_relation(request): query})


def _answer(request: Request, shown: dict[str, Any], query: ODataQuery) -> Response:
    name = _relation(request)
    found = shown[name]
    if isinstance(found, list):
        return present.collection(request, SETS[name], found, None, query)
    if found is None:
        raise NotFound(f"There is no {name} here any more, or it is not for your eyes.")
    return present.entity(request, SETS[name], found, query)
