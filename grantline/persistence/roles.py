"""Delegated roles on record: who holds what, and as lists read them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    String,
    bindparam,
    case,
    delete,
    insert,
    literal,
    select,
    union_all,
)

from grantline.model.roles import DEFINITIONS, Held, PrincipalKind, Role, RoleAssignment
from grantline.persistence import listing
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Field, Fields, ListQuery, Page
from grantline.persistence.realms import Within
from grantline.persistence.role_tables import role_assignments
from grantline.persistence.tables import group_members
from grantline.rules.permissions import Realm

TENANT = "/"
IN_CATALOG = "/AccessPackageCatalog/"
"""How Graph writes where a role is held."""

_SCOPE = case(
    (role_assignments.c.catalog_id.is_(None), literal(TENANT)),
    else_=literal(IN_CATALOG, String) + role_assignments.c.catalog_id,
)
FIELDS: Fields = {
    "id": role_assignments.c.id,
    "principalId": role_assignments.c.principal_id,
    "roleDefinitionId": Field(
        column=role_assignments.c.role, members={one.id: role.value for role, one in DEFINITIONS.items()}
    ),
    "appScopeId": _SCOPE,
    "directoryScopeId": literal(TENANT, String),
}
KEY = (role_assignments.c.created_at, role_assignments.c.id)

_DEFINITIONS = union_all(
    *(
        select(
            literal(one.id, String(36)).label("id"),
            literal(one.display_name, String).label("display_name"),
            literal(one.description, String).label("description"),
            literal(role.value, String).label("role"),
            literal(True, Boolean).label("is_built_in"),
        )
        for role, one in DEFINITIONS.items()
    )
).subquery("definitions")
DEFINITION_FIELDS: Fields = {
    "id": _DEFINITIONS.c.id,
    "templateId": _DEFINITIONS.c.id,
    "displayName": _DEFINITIONS.c.display_name,
    "description": _DEFINITIONS.c.description,
    "isBuiltIn": _DEFINITIONS.c.is_built_in,
}


async def definitions(tx: Transaction, query: ListQuery) -> Page[Role]:
    """Return one page of the roles that can be assigned, by name."""
    key: tuple[ColumnElement[Any], ...] = (_DEFINITIONS.c.display_name, _DEFINITIONS.c.id)
    page = await listing.page(tx, select(_DEFINITIONS), DEFINITION_FIELDS, key, query)
    return page.map(lambda row: Role(row.role))


async def held_by(tx: Transaction, principal_id: str) -> frozenset[Held]:
    """Return the roles that a person or an application holds, directly or by a group."""
    rows = await tx.all(_HELD, {"principal": principal_id})
    return frozenset(Held(Role(row.role), row.catalog_id) for row in rows)


def within(realm: Realm) -> Within:
    """Return the realm as lists of roles are narrowed to it."""
    return Within(role_assignments.c.catalog_id, realm)


async def page(tx: Transaction, realm: Realm, query: ListQuery) -> Page[RoleAssignment]:
    """Return one page of the roles that are held in a realm, the latest first."""
    found = await listing.page(tx, select(role_assignments), FIELDS, KEY, query, within=within(realm))
    return found.map(_assignment)


async def count(tx: Transaction, realm: Realm, query: ListQuery) -> int:
    """Return how many roles are held in a realm."""
    return await listing.count(tx, select(role_assignments), FIELDS, query, within=within(realm))


async def find(tx: Transaction, assignment_id: str) -> RoleAssignment | None:
    """Return one role as it is assigned."""
    row = await tx.first(select(role_assignments).where(role_assignments.c.id == assignment_id))
    return _assignment(row) if row else None


async def add(tx: Transaction, new: RoleAssignment) -> None:
    """Assign a role; the same once more is an IntegrityError."""
    await tx.execute(
        insert(role_assignments).values(
            id=new.id,
            role=new.role.value,
            principal_kind=new.principal_kind.value,
            principal_id=new.principal_id,
            catalog_id=new.catalog_id,
            created_at=new.created_at,
        )
    )


async def remove(tx: Transaction, assignment_id: str) -> bool:
    """Withdraw a role; tell whether it was there."""
    return await tx.changed(delete(role_assignments).where(role_assignments.c.id == assignment_id)) == 1


async def of_principal(tx: Transaction, principal_id: str) -> Sequence[RoleAssignment]:
    """Return the roles that were assigned to one principal itself."""
    return await _all(tx, select(role_assignments).where(role_assignments.c.principal_id == principal_id))


async def of_catalog(tx: Transaction, catalog_id: str) -> Sequence[RoleAssignment]:
    """Return the roles that are held in a catalog."""
    return await _all(tx, select(role_assignments).where(role_assignments.c.catalog_id == catalog_id))


async def _all(tx: Transaction, statement: Select[Any]) -> Sequence[RoleAssignment]:
    return [_assignment(row) for row in await tx.all(statement.order_by(*KEY))]


def _assignment(row: Any) -> RoleAssignment:
    return RoleAssignment(
        id=row.id,
        role=Role(row.role),
        principal_kind=PrincipalKind(row.principal_kind),
        principal_id=row.principal_id,
        catalog_id=row.catalog_id,
        created_at=row.created_at,
    )


# Built once: every call of the API asks it.
_PRINCIPAL = bindparam("principal", type_=String())
_BY = union_all(select(_PRINCIPAL), select(group_members.c.group_id).where(group_members.c.person_id == _PRINCIPAL))
_HELD = select(role_assignments.c.role, role_assignments.c.catalog_id).where(role_assignments.c.principal_id.in_(_BY))
