"""Access packages and the resource roles in them.

A deleted package stays as a row with `deleted_at`, because its requests name
it; its policies and roles are gone. Nothing in here reads such a row, except
where it says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, delete, exists, func, insert, or_, select, update

from grantline.model.assignment import AssignmentState
from grantline.model.catalog import AccessPackage, Resource, ResourceRole
from grantline.model.request import OPEN_STATES
from grantline.persistence import delegations, incompatibilities
from grantline.persistence.catalogs import as_package, as_resource, as_role
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Fields
from grantline.persistence.tables import (
    assignments,
    package_roles,
    packages,
    policies,
    requests,
    resource_roles,
    resources,
    stage_approvers,
)

PACKAGE_FIELDS: Fields = {
    "id": packages.c.id,
    "displayName": packages.c.display_name,
    "description": packages.c.description,
    "isHidden": packages.c.is_hidden,
    "createdDateTime": packages.c.created_at,
    "modifiedDateTime": packages.c.modified_at,
    "catalog/id": packages.c.catalog_id,
}
PACKAGE_KEY = (packages.c.display_name, packages.c.id)
PACKAGE_CATALOG_ID = packages.c.catalog_id

_GIVEN = (
    select(packages.c.id)
    .where(packages.c.id == bindparam("package_id"), packages.c.deleted_at.is_(None), packages.c.retired_at.is_(None))
    .with_for_update(read=True, key_share=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRole:
    """A resource role as part of a package; on the wire with the root scope of its resource."""

    package_id: str
    role: ResourceRole
    resource: Resource
    root_scope_id: str
    created_at: datetime

    @property
    def id(self) -> str:
        """Return the id that Microsoft Graph gives the pair of role and scope."""
        return f"{self.role.id}_{self.root_scope_id}"


def all_packages(catalog_id: str | None = None) -> Select[Any]:
    """Select every package, or those of a catalog, for a list."""
    statement = select(packages).where(packages.c.deleted_at.is_(None))
    return statement.where(packages.c.catalog_id == catalog_id) if catalog_id is not None else statement


async def package(tx: Transaction, package_id: str, *, lock: bool = False) -> AccessPackage | None:
    """Return the package, if there is one; `lock` keeps requests for it out until commit."""
    statement = all_packages().where(packages.c.id == package_id)
    row = await tx.first(statement.with_for_update() if lock else statement)
    return as_package(row) if row else None


async def is_given(tx: Transaction, package_id: str) -> bool:
    """Tell whether a package is still given to people, and keep it so until commit."""
    return await tx.first(_GIVEN, {"package_id": package_id}) is not None


async def packages_by_id(tx: Transaction, ids: Sequence[str]) -> dict[str, AccessPackage]:
    """Return the packages with these ids, deleted ones too: history names them."""
    rows = await tx.all(select(packages).where(packages.c.id.in_(set(ids)))) if ids else []
    return {row.id: as_package(row) for row in rows}


async def insert_package(tx: Transaction, new: AccessPackage) -> None:
    """Write a new package."""
    await tx.execute(insert(packages).values({name: getattr(new, name) for name in new.__dataclass_fields__}))


async def update_package(tx: Transaction, changed: AccessPackage) -> None:
    """Write a changed package."""
    await tx.changed(
        update(packages)
        .where(packages.c.id == changed.id)
        .values(
            display_name=changed.display_name,
            description=changed.description,
            is_hidden=changed.is_hidden,
            modified_at=changed.modified_at,
            retired_at=changed.retired_at,
        )
    )


async def delete_package(tx: Transaction, package_id: str, at: datetime) -> None:
    """Delete a package with its policies, roles and incompatibilities; its name stays for history."""
    await incompatibilities.forget_package(tx, package_id)
    await tx.changed(delete(policies).where(policies.c.package_id == package_id))
    await tx.changed(delete(package_roles).where(package_roles.c.package_id == package_id))
    await tx.changed(update(packages).where(packages.c.id == package_id).values(deleted_at=at))


async def live_uses(
    tx: Transaction, *, package_id: str | None = None, policy_id: str | None = None
) -> tuple[bool, bool]:
    """Tell whether live assignments, and whether open requests, depend on a package or policy."""
    held, asked = (
        exists().where(assignments.c.state != AssignmentState.EXPIRED.value),
        exists().where(requests.c.state.in_([state.value for state in OPEN_STATES])),
    )
    if package_id is not None:
        held, asked = (
            held.where(assignments.c.package_id == package_id),
            asked.where(requests.c.package_id == package_id),
        )
    if policy_id is not None:
        held, asked = held.where(assignments.c.policy_id == policy_id), asked.where(requests.c.policy_id == policy_id)
    row = await tx.first(select(held.label("held"), asked.label("asked")))
    return (bool(row.held), bool(row.asked)) if row else (False, False)


async def is_party(tx: Transaction, package_id: str, person_id: str, now: datetime) -> bool:
    """Tell whether a person asked for the package, was asked for, is asked to approve it, or stands in for who is."""
    approves = select(stage_approvers.c.request_id).where(stage_approvers.c.person_id == person_id)
    statement = (
        select(requests.c.id)
        .where(
            requests.c.package_id == package_id,
            or_(
                requests.c.requestor_id == person_id,
                requests.c.target_id == person_id,
                requests.c.id.in_(approves),
                delegations.sees_in_place(person_id, now),
            ),
        )
        .limit(1)
    )
    return await tx.first(statement) is not None


def _role_rows() -> Select[Any]:
    """Select package roles with role and resource, the columns of both prefixed."""
    return (
        select(
            package_roles.c.package_id,
            package_roles.c.created_at.label("added_at"),
            *_prefixed(resource_roles, "role_"),
            *_prefixed(resources, "resource_"),
        )
        .select_from(package_roles)
        .join(resource_roles, resource_roles.c.id == package_roles.c.role_id)
        .join(resources, resources.c.id == resource_roles.c.resource_id)
    )


class _Prefixed:
    """A row whose columns carry a prefix, read without it."""

    def __init__(self, row: Row[Any], prefix: str) -> None:
        self._row, self._prefix = row, prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, self._prefix + name)


def _prefixed(table: Table, prefix: str) -> list[ColumnElement[Any]]:
    return [column.label(prefix + column.name) for column in table.c]


def _role_and_resource(row: Row[Any]) -> tuple[ResourceRole, Resource]:
    return as_role(_Prefixed(row, "role_")), as_resource(_Prefixed(row, "resource_"))


def _as_package_role(row: Row[Any]) -> PackageRole:
    role, resource = _role_and_resource(row)
    return PackageRole(
        package_id=row.package_id,
        role=role,
        resource=resource,
        root_scope_id=row.resource_root_scope_id,
        created_at=row.added_at,
    )


async def roles_in(tx: Transaction, package_ids: Sequence[str]) -> dict[str, list[PackageRole]]:
    """Return the roles of each package, in the order they were added."""
    found: dict[str, list[PackageRole]] = {package_id: [] for package_id in package_ids}
    if not package_ids:
        return found
    rows = await tx.all(
        _role_rows()
        .where(package_roles.c.package_id.in_(set(package_ids)))
        .order_by(package_roles.c.created_at, package_roles.c.role_id)
    )
    for row in rows:
        found[row.package_id].append(_as_package_role(row))
    return found


async def find_roles(
    tx: Transaction,
    catalog_id: str,
    *,
    role_id: str | None = None,
    role_origin_id: str | None = None,
    origin_system: str | None = None,
    resource_id: str | None = None,
    resource_origin_id: str | None = None,
) -> list[tuple[ResourceRole, Resource, str]]:
    """Return roles of a catalog that meet every condition, with resource and root scope's id; two at most."""
    conditions = [resources.c.catalog_id == catalog_id, resources.c.deleted_at.is_(None)]
    if role_id is not None:
        conditions.append(resource_roles.c.id == role_id)
    if role_origin_id is not None:
        conditions.append(resource_roles.c.origin_id == role_origin_id)
    if origin_system is not None:
        conditions.append(func.lower(resource_roles.c.origin_system) == origin_system.lower())
    if resource_id is not None:
        conditions.append(resources.c.id == resource_id)
    if resource_origin_id is not None:
        conditions.append(resources.c.origin_id == resource_origin_id)
    # The lock keeps the resource in its catalog until the role is in the package.
    rows = await tx.all(
        select(*_prefixed(resource_roles, "role_"), *_prefixed(resources, "resource_"))
        .join(resources, resources.c.id == resource_roles.c.resource_id)
        .where(*conditions)
        .limit(2)
        .with_for_update(of=resources)
    )
    return [(*_role_and_resource(row), row.resource_root_scope_id) for row in rows]


async def insert_role(tx: Transaction, package_id: str, role_id: str, at: datetime) -> None:
    """Put a role into a package."""
    await tx.execute(insert(package_roles).values(package_id=package_id, role_id=role_id, created_at=at))


async def delete_role(tx: Transaction, package_id: str, role_id: str) -> bool:
    """Take a role out of a package; False if it was not in it."""
    statement = delete(package_roles).where(
        package_roles.c.package_id == package_id, package_roles.c.role_id == role_id
    )
    return await tx.changed(statement) == 1
