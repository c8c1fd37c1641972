"""Catalogs, the resources in them and the roles of those.

What is deleted stays as a row with `deleted_at`, because requests and grants
of the past name it. Nothing in here reads such a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from grantline.model.catalog import AccessPackage, Catalog, CatalogState, Resource, ResourceRole
from grantline.model.person import Group
from grantline.persistence.codec import from_json, to_json
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Field, Fields
from grantline.persistence.tables import (
    catalogs,
    groups,
    package_roles,
    packages,
    resource_requests,
    resource_roles,
    resources,
)

CATALOG_FIELDS: Fields = {
    "id": catalogs.c.id,
    "displayName": catalogs.c.display_name,
    "description": catalogs.c.description,
    "state": Field(column=catalogs.c.state, members={state.value: state.value for state in CatalogState}),
    "isExternallyVisible": catalogs.c.is_externally_visible,
    "createdDateTime": catalogs.c.created_at,
    "modifiedDateTime": catalogs.c.modified_at,
}
CATALOG_KEY = (catalogs.c.display_name, catalogs.c.id)
CATALOG_ID = catalogs.c.id

RESOURCE_FIELDS: Fields = {
    "id": resources.c.id,
    "displayName": resources.c.display_name,
    "description": resources.c.description,
    "originId": resources.c.origin_id,
    "originSystem": resources.c.origin_system,
    "createdDateTime": resources.c.created_at,
    "modifiedDateTime": resources.c.modified_at,
}
RESOURCE_KEY = (resources.c.display_name, resources.c.id)

ROLE_FIELDS: Fields = {
    "id": resource_roles.c.id,
    "displayName": resource_roles.c.display_name,
    "description": resource_roles.c.description,
    "originId": resource_roles.c.origin_id,
    "originSystem": resource_roles.c.origin_system,
    "resource/id": resources.c.id,
    "resource/originId": resources.c.origin_id,
    "resource/originSystem": resources.c.origin_system,
    "resource/displayName": resources.c.display_name,
}
ROLE_KEY = (resource_roles.c.display_name, resource_roles.c.id)

RESOURCE_REQUEST_FIELDS: Fields = {
    "id": resource_requests.c.id,
    "requestType": Field(column=resource_requests.c.type, members={kind: kind for kind in ("adminAdd", "adminRemove")}),
    "state": Field(column=resource_requests.c.state, members={"delivered": "delivered"}),
    "createdDateTime": resource_requests.c.created_at,
    "catalog/id": resource_requests.c.catalog_id,
}
RESOURCE_REQUEST_KEY = (resource_requests.c.created_at, resource_requests.c.id)
RESOURCE_REQUEST_CATALOG_ID = resource_requests.c.catalog_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRequest:
    """An addition of a resource to a catalog, or a removal; done as soon as it is on record.

    `resource` is what was added or removed, as it was then.
    """

    id: str
    type: str
    state: str
    catalog_id: str | None
    resource: Resource
    root_scope_id: str
    created_at: datetime


def all_catalogs() -> Select[Any]:
    """Select every catalog there is, for a list."""
    return select(catalogs).where(catalogs.c.deleted_at.is_(None))


def all_resources(catalog_id: str) -> Select[Any]:
    """Select the resources of a catalog, for a list."""
    return select(resources).where(resources.c.catalog_id == catalog_id, resources.c.deleted_at.is_(None))


def all_roles(catalog_id: str) -> Select[Any]:
    """Select the resource roles of a catalog with `resource_id`, for a list."""
    return (
        select(resource_roles)
        .join(resources, resources.c.id == resource_roles.c.resource_id)
        .where(resources.c.catalog_id == catalog_id, resources.c.deleted_at.is_(None))
    )


def all_resource_requests() -> Select[Any]:
    """Select every addition and removal of a resource, for a list."""
    return select(resource_requests)


def as_catalog(row: Any) -> Catalog:
    """Build a catalog from its row."""
    return Catalog(
        id=row.id,
        display_name=row.display_name,
        description=row.description,
        state=CatalogState(row.state),
        is_externally_visible=row.is_externally_visible,
        created_at=row.created_at,
        modified_at=row.modified_at,
    )


def as_resource(row: Any) -> Resource:
    """Build a resource from its row."""
    return Resource(
        id=row.id,
        catalog_id=row.catalog_id,
        origin_system=row.origin_system,
        origin_id=row.origin_id,
        display_name=row.display_name,
        description=row.description,
        created_at=row.created_at,
        modified_at=row.modified_at,
    )


def as_role(row: Any) -> ResourceRole:
    """Build a resource role from its row."""
    return ResourceRole(
        id=row.id,
        resource_id=row.resource_id,
        origin_system=row.origin_system,
        origin_id=row.origin_id,
        display_name=row.display_name,
        description=row.description,
    )


def as_resource_request(row: Any) -> ResourceRequest:
    """Build a resource request from its row; its resource may be gone since."""
    kept: dict[str, Any] = dict(row.resource)
    return ResourceRequest(
        id=row.id,
        type=row.type,
        state=row.state,
        catalog_id=row.catalog_id,
        root_scope_id=kept.pop("root_scope_id"),
        resource=from_json(Resource, kept),
        created_at=row.created_at,
    )


async def catalog(tx: Transaction, catalog_id: str, *, lock: bool = False) -> Catalog | None:
    """Return the catalog, if there is one; `lock` keeps others from changing it until commit."""
    statement = all_catalogs().where(catalogs.c.id == catalog_id)
    row = await tx.first(statement.with_for_update() if lock else statement)
    return as_catalog(row) if row else None


async def catalogs_by_id(tx: Transaction, ids: Sequence[str]) -> dict[str, Catalog]:
    """Return the catalogs with these ids, deleted ones too: history names them."""
    rows = await tx.all(select(catalogs).where(catalogs.c.id.in_(set(ids)))) if ids else []
    return {row.id: as_catalog(row) for row in rows}


async def insert_catalog(tx: Transaction, new: Catalog) -> None:
    """Write a new catalog."""
    await tx.execute(insert(catalogs).values(id=new.id, created_at=new.created_at, **_catalog_values(new)))


async def update_catalog(tx: Transaction, changed: Catalog) -> None:
    """Write a changed catalog."""
    await tx.changed(update(catalogs).where(catalogs.c.id == changed.id).values(**_catalog_values(changed)))


def _catalog_values(value: Catalog) -> dict[str, Any]:
    return {
        "display_name": value.display_name,
        "description": value.description,
        "state": value.state.value,
        "is_externally_visible": value.is_externally_visible,
        "modified_at": value.modified_at,
    }


async def delete_catalog(tx: Transaction, catalog_id: str, at: datetime) -> None:
    """Delete a catalog and the resources in it; its packages are gone already."""
    await tx.changed(update(catalogs).where(catalogs.c.id == catalog_id).values(deleted_at=at))
    await tx.changed(
        update(resources)
        .where(resources.c.catalog_id == catalog_id, resources.c.deleted_at.is_(None))
        .values(deleted_at=at)
    )


async def packages_of(tx: Transaction, catalog_ids: Sequence[str]) -> dict[str, list[AccessPackage]]:
    """Return the packages of each catalog, by name."""
    found: dict[str, list[AccessPackage]] = {catalog_id: [] for catalog_id in catalog_ids}
    if not catalog_ids:
        return found
    rows = await tx.all(
        select(packages)
        .where(packages.c.catalog_id.in_(set(catalog_ids)), packages.c.deleted_at.is_(None))
        .order_by(packages.c.display_name, packages.c.id)
    )
    for row in rows:
        found[row.catalog_id].append(as_package(row))
    return found


def as_package(row: Any) -> AccessPackage:
    """Build an access package from its row."""
    return AccessPackage(
        id=row.id,
        catalog_id=row.catalog_id,
        display_name=row.display_name,
        description=row.description,
        is_hidden=row.is_hidden,
        created_at=row.created_at,
        modified_at=row.modified_at,
        retired_at=row.retired_at,
    )


async def resource(
    tx: Transaction,
    catalog_id: str,
    *,
    resource_id: str | None = None,
    origin: tuple[str, str] | None = None,
    lock: bool = False,
) -> tuple[Resource, str] | None:
    """Return a resource of a catalog and the id of its root scope, by id or by (system, id) of its origin.

    `lock` keeps packages from taking its roles until commit.
    """
    statement = all_resources(catalog_id)
    if resource_id is not None:
        statement = statement.where(resources.c.id == resource_id)
    if origin is not None:
        statement = statement.where(resources.c.origin_system == origin[0], resources.c.origin_id == origin[1])
    row = await tx.first(statement.with_for_update() if lock else statement)
    return (as_resource(row), row.root_scope_id) if row else None


async def resources_by_id(tx: Transaction, ids: Sequence[str]) -> dict[str, tuple[Resource, str]]:
    """Return the resources with these ids, each with the id of its root scope."""
    rows = await tx.all(select(resources).where(resources.c.id.in_(set(ids)))) if ids else []
    return {row.id: (as_resource(row), row.root_scope_id) for row in rows}


async def roles_of(tx: Transaction, resource_ids: Sequence[str]) -> dict[str, list[ResourceRole]]:
    """Return the roles of each resource, by name."""
    found: dict[str, list[ResourceRole]] = {resource_id: [] for resource_id in resource_ids}
    if not resource_ids:
        return found
    rows = await tx.all(
        select(resource_roles)
        .where(resource_roles.c.resource_id.in_(set(resource_ids)))
        .order_by(resource_roles.c.display_name, resource_roles.c.id)
    )
    for row in rows:
        found[row.resource_id].append(as_role(row))
    return found


async def insert_resource(tx: Transaction, new: Resource, root_scope_id: str, roles: Sequence[ResourceRole]) -> None:
    """Write a new resource and its roles."""
    await tx.execute(insert(resources).values(root_scope_id=root_scope_id, **_plain(new)))
    await tx.execute(insert(resource_roles), [_plain(role) for role in roles])


async def delete_resource(tx: Transaction, resource_id: str, at: datetime) -> None:
    """Take a resource out of its catalog; its roles stay on record for the grants they had."""
    await tx.changed(update(resources).where(resources.c.id == resource_id).values(deleted_at=at))


async def packages_using(tx: Transaction, resource_id: str) -> list[str]:
    """Return the names of packages that give a role of the resource."""
    rows = await tx.all(
        select(packages.c.display_name)
        .distinct()
        .join(package_roles, package_roles.c.package_id == packages.c.id)
        .join(resource_roles, resource_roles.c.id == package_roles.c.role_id)
        .where(resource_roles.c.resource_id == resource_id, packages.c.deleted_at.is_(None))
        .order_by(packages.c.display_name)
    )
    return [row.display_name for row in rows]


async def group_for_catalog(tx: Transaction, group_id: str) -> Group | None:
    """Return one of Grantline's own groups, locked so that it cannot go before the catalog has it."""
    row = await tx.first(select(groups).where(groups.c.id == group_id).with_for_update(read=True))
    if row is None:
        return None
    return Group(id=row.id, display_name=row.display_name, description=row.description, mail_nickname=row.mail_nickname)


async def insert_resource_request(tx: Transaction, new: ResourceRequest) -> None:
    """Put an addition or removal on record."""
    kept = to_json(Resource, new.resource) | {"root_scope_id": new.root_scope_id}
    await tx.execute(
        insert(resource_requests).values(
            id=new.id,
            type=new.type,
            state=new.state,
            catalog_id=new.catalog_id,
            resource=kept,
            created_at=new.created_at,
        )
    )


async def resource_request(tx: Transaction, request_id: str) -> ResourceRequest | None:
    """Return the addition or removal, if there is one."""
    row = await tx.first(select(resource_requests).where(resource_requests.c.id == request_id))
    return as_resource_request(row) if row else None


# For rows that keep the catalog of their package, which never changes, so that lists of a catalog have an index.
catalog_of_package = select(packages.c.catalog_id).where(packages.c.id == bindparam("of_package")).scalar_subquery()


def _plain(value: Resource | ResourceRole) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
