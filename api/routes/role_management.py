"""Delegated administration, as Graph has it: which roles there are, who holds them, and where."""

from collections.abc import Sequence

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number
from api.dependencies import Db, EntityQuery, Key, ODataQuery, Query
from api.odata import present
from api.wire.roles import (
    Principals,
    RoleAssignmentBody,
    RoleAssignmentOut,
    RoleDefinitionOut,
    assignment_out,
    definition_out,
    principal_out,
)
from grantline.errors import NotFound
from grantline.model.roles import DEFINITIONS, PrincipalKind, RoleAssignment
from grantline.persistence import groups, people
from grantline.persistence import roles as store
from grantline.persistence.database import Transaction
from grantline.rules.permissions import Task, realm
from grantline.services.configuration import roles as service
from grantline.services.once import once

ROOT = "roleManagement/entitlementManagement"
DEFINITIONS_PATH = f"{ROOT}/roleDefinitions"
ASSIGNMENTS_PATH = f"{ROOT}/roleAssignments"

router = APIRouter(prefix=f"/{ROOT}", tags=["roleManagement"])


@router.get("/roleDefinitions")
async def list_definitions(request: Request, actor: may.LookUp, db: Db, query: Query) -> Collection[RoleDefinitionOut]:
    """List the roles that can be assigned, by name."""
    del actor
    query.allow_expand()
    async with db.read() as tx:
        page = await store.definitions(tx, query.listing())
    return present.collection(request, DEFINITIONS_PATH, [definition_out(role) for role in page.rows], page, query)


@router.get("/roleDefinitions/{definition_id}")
async def read_definition(
    request: Request, definition_id: str, actor: may.LookUp, query: EntityQuery
) -> Entity[RoleDefinitionOut]:
    """Read one role that can be assigned."""
    del actor
    query.allow_expand()
    for role, definition in DEFINITIONS.items():
        if definition.id == definition_id.lower():
            return present.entity(request, DEFINITIONS_PATH, definition_out(role), query)
    raise NotFound(f"There is no role definition {definition_id!r}.")


@router.get("/roleAssignments")
async def list_assignments(
    request: Request, actor: may.ReadCatalog, db: Db, query: Query
) -> Collection[RoleAssignmentOut]:
    """List who holds which role in the caller's catalogs, the latest first."""
    async with db.read() as tx:
        page = await store.page(tx, realm(actor, Task.READ_CATALOG), query.listing())
        shown = await _shown(tx, page.rows, query)
    return present.collection(request, ASSIGNMENTS_PATH, shown, page, query)


@router.post("/roleAssignments", status_code=201)
async def assign(
    request: Request, body: RoleAssignmentBody, actor: may.AssignRoles, db: Db, key: Key
) -> Entity[RoleAssignmentOut]:
    """Give a role to a person, a group or an application; in a catalog, or for all who make catalogs."""
    role, principal_id, catalog_id = body.role(), body.principal(), body.catalog_id()
    made = await once(
        db, actor.id, key, lambda own: service.assign(own, actor, role, principal_id, catalog_id), store.find
    )
    location = f"/v1.0/{ASSIGNMENTS_PATH}/{made.id}"
    return present.entity(request, ASSIGNMENTS_PATH, assignment_out(made), status=201, location=location)


@router.get("/roleAssignments/$count")
async def count_assignments(actor: may.ReadCatalog, db: Db, query: Query) -> Number:
    """Count the roles that are held in the caller's catalogs."""
    async with db.read() as tx:
        return present.number(await store.count(tx, realm(actor, Task.READ_CATALOG), query.listing()))


@router.get("/roleAssignments/{role_assignment_id}")
async def read_assignment(
    request: Request, role_assignment_id: str, actor: may.ReadCatalog, db: Db, query: EntityQuery
) -> Entity[RoleAssignmentOut]:
    """Read one role as it is assigned."""
    async with db.read() as tx:
        found = await service.seen(tx, actor, role_assignment_id.lower())
        (shown,) = await _shown(tx, [found], query)
    return present.entity(request, ASSIGNMENTS_PATH, shown, query)


@router.delete("/roleAssignments/{role_assignment_id}", status_code=204)
async def withdraw(role_assignment_id: str, actor: may.AssignRoles, db: Db) -> Nothing:
    """Take a role away."""
    await service.withdraw(db, actor, role_assignment_id.lower())
    return present.nothing()


async def _shown(tx: Transaction, found: Sequence[RoleAssignment], query: ODataQuery) -> list[RoleAssignmentOut]:
    query.allow_expand("principal", "roleDefinition")
    with_principal, with_definition = (query.expanding(name) is not None for name in ("principal", "roleDefinition"))
    known = await _principals(tx, found) if with_principal else {}
    shown = [assignment_out(one) for one in found]
    for one, this in zip(found, shown, strict=True):
        if with_principal:
            this["principal"] = principal_out(one, known)
        if with_definition:
            this["roleDefinition"] = definition_out(one.role)
    return shown


async def _principals(tx: Transaction, found: Sequence[RoleAssignment]) -> Principals:
    ids = {
        kind: {one.principal_id for one in found if one.principal_kind is kind}
        for kind in (PrincipalKind.PERSON, PrincipalKind.GROUP)
    }
    known: Principals = {}
    known.update(await people.by_ids(tx, ids[PrincipalKind.PERSON]))
    known.update({row[0].id: row for row in await groups.by_ids(tx, ids[PrincipalKind.GROUP])})
    return known
