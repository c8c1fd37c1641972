"""Catalogs, and the resources in them."""

from collections.abc import Collection
from dataclasses import replace

from grantline.ambient import new_id, utc_now
from grantline.errors import InUse, InvalidInput, NameTaken, NotFound
from grantline.model.catalog import OWN_GROUPS, Catalog, CatalogState, Resource, ResourceRole
from grantline.persistence import catalogs as store
from grantline.persistence.catalogs import ResourceRequest
from grantline.persistence.database import Database, Transaction
from grantline.services.configuration import roles
from grantline.services.configuration.changes import record_changed, record_created, record_deleted, some, unless_taken

MEMBER = "Member"
DELIVERED = "delivered"


async def create_catalog(
    db: Database,
    actor_id: str | None,
    *,
    display_name: str,
    description: str = "",
    state: CatalogState = CatalogState.PUBLISHED,
    is_externally_visible: bool = False,
) -> Catalog:
    """Make a catalog, which its maker owns; its name is its own among all catalogs."""
    now = utc_now()
    new = Catalog(
        id=new_id(),
        display_name=display_name,
        description=description,
        state=state,
        is_externally_visible=is_externally_visible,
        created_at=now,
        modified_at=now,
    )
    async with db.write() as tx:
        with unless_taken(_name_taken(display_name)):
            await store.insert_catalog(tx, new)
        record_created(tx, actor_id, "catalog", new)
        await roles.own(tx, actor_id, new.id)
    return new


async def update_catalog(
    db: Database,
    actor_id: str | None,
    catalog_id: str,
    *,
    display_name: str | None = None,
    description: str | None = None,
    state: CatalogState | None = None,
    is_externally_visible: bool | None = None,
) -> Catalog:
    """Change a catalog; None leaves a member as it is. Nothing is written when nothing differs."""
    async with db.write() as tx:
        before = await _catalog(tx, catalog_id)
        after = replace(
            before,
            display_name=before.display_name if display_name is None else display_name,
            description=before.description if description is None else description,
            state=before.state if state is None else state,
            is_externally_visible=(
                before.is_externally_visible if is_externally_visible is None else is_externally_visible
            ),
        )
        if after == before:
            return before
        after = replace(after, modified_at=utc_now())
        with unless_taken(_name_taken(after.display_name)):
            await store.update_catalog(tx, after)
        record_changed(tx, actor_id, "catalog", before, after)
    return after


async def delete_catalog(db: Database, actor_id: str | None, catalog_id: str) -> None:
    """Delete a catalog without packages; its resources go with it."""
    now = utc_now()
    async with db.write() as tx:
        catalog = await _catalog(tx, catalog_id)
        left = (await store.packages_of(tx, [catalog_id]))[catalog_id]
        if left:
            raise InUse(
                f"The catalog '{catalog.display_name}' holds {some([package.display_name for package in left])}; "
                "delete its access packages first."
            )
        await roles.forget_catalog(tx, actor_id, catalog_id)
        await store.delete_catalog(tx, catalog_id, now)
        record_deleted(tx, actor_id, "catalog", catalog)


async def add_resource(
    db: Database,
    actor_id: str | None,
    *,
    catalog_id: str,
    origin_system: str,
    origin_id: str,
    known_systems: Collection[str],
    display_name: str | None = None,
    description: str | None = None,
) -> ResourceRequest:
    """Bring something of a target system into a catalog, with the role Member.

    `known_systems` are those that have a connector; their names are compared
    without case. A group of Grantline's own must exist and lends its name.
    """
    system = _system(origin_system, known_systems)
    async with db.write() as tx:
        await _catalog_for(tx, catalog_id)
        name, text = await _described(tx, system, origin_id)
        now = utc_now()
        resource = Resource(
            id=new_id(),
            catalog_id=catalog_id,
            origin_system=system,
            origin_id=origin_id,
            display_name=display_name or name,
            description=text if description is None else description,
            created_at=now,
            modified_at=now,
        )
        present = await store.resource(tx, catalog_id, origin=(system, origin_id))
        conflict = _present(present[0] if present else resource)
        if present:
            raise conflict
        added = _request("adminAdd", resource, new_id())
        with unless_taken(conflict):
            await store.insert_resource(tx, resource, added.root_scope_id, [_member(resource)])
        await store.insert_resource_request(tx, added)
        record_created(tx, actor_id, "resource", resource)
    return added


async def remove_resource(db: Database, actor_id: str | None, *, catalog_id: str, resource_id: str) -> ResourceRequest:
    """Take a resource out of a catalog; refused while a package of the catalog gives one of its roles."""
    async with db.write() as tx:
        catalog = await _catalog_for(tx, catalog_id)
        found = await store.resource(tx, catalog_id, resource_id=resource_id, lock=True)
        if found is None:
            raise NotFound(f"The catalog '{catalog.display_name}' has no resource {resource_id}.", target="resource/id")
        resource, root_scope_id = found
        using = await store.packages_using(tx, resource_id)
        if using:
            raise InUse(
                f"The resource '{resource.display_name}' is used by {some(using)}; "
                "take its roles out of these access packages first."
            )
        removed = _request("adminRemove", resource, root_scope_id)
        await store.delete_resource(tx, resource_id, removed.created_at)
        await store.insert_resource_request(tx, removed)
        record_deleted(tx, actor_id, "resource", resource)
    return removed


def _request(kind: str, resource: Resource, root_scope_id: str) -> ResourceRequest:
    return ResourceRequest(
        id=new_id(),
        type=kind,
        state=DELIVERED,
        catalog_id=resource.catalog_id,
        resource=resource,
        root_scope_id=root_scope_id,
        created_at=utc_now(),
    )


def _member(resource: Resource) -> ResourceRole:
    return ResourceRole(
        id=new_id(),
        resource_id=resource.id,
        origin_system=resource.origin_system,
        origin_id=f"{MEMBER}_{resource.origin_id}",
        display_name=MEMBER,
    )


def _system(origin_system: str, known_systems: Collection[str]) -> str:
    for known in known_systems:
        if known.lower() == origin_system.lower():
            return known
    raise InvalidInput(
        f"No connector knows the originSystem '{origin_system}'; known are {', '.join(sorted(known_systems))}.",
        target="resource/originSystem",
    )


async def _described(tx: Transaction, system: str, origin_id: str) -> tuple[str, str]:
    """Return the name and description that the thing has where it comes from, as far as we can see."""
    if system != OWN_GROUPS:
        return origin_id[:256], ""
    group = await store.group_for_catalog(tx, origin_id)
    if group is None:
        raise InvalidInput(
            f"There is no group {origin_id}; originId must be the id of one of Grantline's groups.",
            target="resource/originId",
        )
    return group.display_name, group.description or ""


def _name_taken(display_name: str) -> NameTaken:
    return NameTaken(f"There is another catalog '{display_name}'; choose another displayName.", target="displayName")


def _present(resource: Resource) -> NameTaken:
    return NameTaken(
        f"The catalog has {resource.origin_system} {resource.origin_id} already, "
        f"as the resource '{resource.display_name}' ({resource.id}).",
        target="resource/originId",
    )


async def _catalog(tx: Transaction, catalog_id: str) -> Catalog:
    catalog = await store.catalog(tx, catalog_id, lock=True)
    if catalog is None:
        raise NotFound(f"There is no catalog {catalog_id}.")
    return catalog


async def _catalog_for(tx: Transaction, catalog_id: str) -> Catalog:
    """Return the catalog that a body names; locked, so that it cannot go meanwhile."""
    catalog = await store.catalog(tx, catalog_id, lock=True)
    if catalog is None:
        raise InvalidInput(f"There is no catalog {catalog_id}.", target="catalog/id")
    return catalog
