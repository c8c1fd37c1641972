"""Access packages, and the resource roles in them."""

from dataclasses import dataclass, replace

from grantline.ambient import new_id, utc_now
from grantline.errors import Conflict, InUse, InvalidInput, NameTaken, NotFound, NotSupported
from grantline.model.catalog import AccessPackage
from grantline.model.change import ChangeKind
from grantline.model.event import AuditEvent, EventType
from grantline.persistence import catalogs as catalog_store
from grantline.persistence import packages as store
from grantline.persistence.database import Database, Transaction
from grantline.persistence.packages import PackageRole
from grantline.services.assignments.package_changes import announce
from grantline.services.configuration.changes import record_changed, record_created, record_deleted, unless_taken


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleReference:
    """How a caller names a resource role: by its own id, or by origin within a resource.

    Every member that is given must hold.
    """

    role_id: str | None = None
    origin_system: str | None = None
    origin_id: str | None = None
    resource_id: str | None = None
    resource_origin_id: str | None = None
    scope_id: str | None = None
    scope_origin_id: str | None = None


async def create_package(
    db: Database,
    actor_id: str | None,
    *,
    catalog_id: str,
    display_name: str,
    description: str = "",
    is_hidden: bool = False,
) -> AccessPackage:
    """Make an access package; its name is its own in its catalog."""
    now = utc_now()
    new = AccessPackage(
        id=new_id(),
        catalog_id=catalog_id,
        display_name=display_name,
        description=description,
        is_hidden=is_hidden,
        created_at=now,
        modified_at=now,
    )
    async with db.write() as tx:
        # Locked, so that the catalog cannot be deleted before the package is in it.
        if await catalog_store.catalog(tx, catalog_id, lock=True) is None:
            raise InvalidInput(f"There is no catalog {catalog_id}.", target="catalog/id")
        with unless_taken(_name_taken(display_name)):
            await store.insert_package(tx, new)
        record_created(tx, actor_id, "accessPackage", new)
    return new


async def update_package(
    db: Database,
    actor_id: str | None,
    package_id: str,
    *,
    display_name: str | None = None,
    description: str | None = None,
    is_hidden: bool | None = None,
    catalog_id: str | None = None,
) -> AccessPackage:
    """Change a package; None leaves a member as it is. Its catalog may be named, not changed."""
    async with db.write() as tx:
        before = await _package(tx, package_id)
        if catalog_id is not None and catalog_id != before.catalog_id:
            raise NotSupported(
                f"'{before.display_name}' stays in its catalog; make a new access package instead.",
                target="catalog/id",
            )
        after = replace(
            before,
            display_name=before.display_name if display_name is None else display_name,
            description=before.description if description is None else description,
            is_hidden=before.is_hidden if is_hidden is None else is_hidden,
        )
        if after == before:
            return before
        after = replace(after, modified_at=utc_now())
        with unless_taken(_name_taken(after.display_name)):
            await store.update_package(tx, after)
        record_changed(tx, actor_id, "accessPackage", before, after)
    return after


async def delete_package(db: Database, actor_id: str | None, package_id: str) -> None:
    """Delete a package that nobody holds or waits for, with its policies; closed requests keep its name."""
    now = utc_now()
    async with db.write() as tx:
        package = await _package(tx, package_id)
        held, asked = await store.live_uses(tx, package_id=package_id)
        if held:
            raise InUse(
                f"'{package.display_name}' has assignments that have not ended; remove them first. "
                f"To stop new ones, delete its policies; POST /api/packages/{package_id}/retire does both."
            )
        if asked:
            raise InUse(f"'{package.display_name}' has open requests; decide or cancel them first.")
        await store.delete_package(tx, package_id, now)
        record_deleted(tx, actor_id, "accessPackage", package)


async def add_role(db: Database, actor_id: str | None, package_id: str, wanted: RoleReference) -> PackageRole:
    """Put a resource role of the package's catalog into the package; whoever holds the package is given it."""
    now = utc_now()
    async with db.write() as tx:
        package = await _package(tx, package_id)
        role_id, root_scope_id = await _find_role(tx, package, wanted)
        conflict = Conflict(
            f"'{package.display_name}' has this role already, as {role_id}_{root_scope_id}.", target="role"
        )
        with unless_taken(conflict):
            await store.insert_role(tx, package_id, role_id, now)
        added = next(role for role in (await store.roles_in(tx, [package_id]))[package_id] if role.role.id == role_id)
        _record_role(tx, EventType.CONFIGURATION_CREATED, actor_id, added)
        await announce(tx, package, ChangeKind.ROLE_ADDED, _named(added), actor_id)
    return added


async def remove_role(db: Database, actor_id: str | None, package_id: str, role_scope_id: str) -> None:
    """Take a role out of a package; it is taken from whoever holds the package, unless they need it otherwise."""
    async with db.write() as tx:
        package = await _package(tx, package_id)
        roles = (await store.roles_in(tx, [package_id]))[package_id]
        found = next((role for role in roles if role.id == role_scope_id), None)
        if found is None:
            raise NotFound(f"'{package.display_name}' has no resourceRoleScope {role_scope_id}.")
        await store.delete_role(tx, package_id, found.role.id)
        _record_role(tx, EventType.CONFIGURATION_DELETED, actor_id, found)
        await announce(tx, package, ChangeKind.ROLE_REMOVED, _named(found), actor_id)


async def _find_role(tx: Transaction, package: AccessPackage, wanted: RoleReference) -> tuple[str, str]:
    if wanted.role_id is None and wanted.origin_id is None:
        raise InvalidInput(
            "Name the role: role.id, or role.originId with role.originSystem and role.resource.id.", target="role"
        )
    found = await store.find_roles(
        tx,
        package.catalog_id,
        role_id=wanted.role_id,
        role_origin_id=wanted.origin_id,
        origin_system=wanted.origin_system,
        resource_id=wanted.resource_id,
        resource_origin_id=wanted.resource_origin_id,
    )
    if not found:
        raise InvalidInput(
            f"The catalog of '{package.display_name}' has no such role; "
            f"GET /catalogs/{package.catalog_id}/resourceRoles lists what it has, "
            "POST /resourceRequests adds a resource.",
            target="role",
        )
    if len(found) > 1:
        raise InvalidInput("Several roles match; name role.resource.id as well.", target="role")
    role, resource, root_scope_id = found[0]
    if wanted.scope_id not in {None, root_scope_id} or wanted.scope_origin_id not in {None, resource.origin_id}:
        raise InvalidInput(
            f"'{resource.display_name}' has one scope, its root, with the id {root_scope_id} "
            f"and the originId {resource.origin_id}.",
            target="scope",
        )
    return role.id, root_scope_id


def _named(role: PackageRole) -> str:
    return f"{role.role.display_name} of {role.resource.display_name}"


def _record_role(tx: Transaction, kind: EventType, actor_id: str | None, role: PackageRole) -> None:
    tx.audit(
        AuditEvent(
            type=kind,
            at=utc_now(),
            actor_id=actor_id,
            object_type="resourceRoleScope",
            object_id=role.id,
            details={
                "packageId": role.package_id,
                "role": role.role.display_name,
                "roleOriginId": role.role.origin_id,
                "resource": role.resource.display_name,
                "originSystem": role.resource.origin_system,
            },
        )
    )


def _name_taken(display_name: str) -> NameTaken:
    return NameTaken(
        f"The catalog has another access package '{display_name}'; choose another displayName.", target="displayName"
    )


async def _package(tx: Transaction, package_id: str) -> AccessPackage:
    package = await store.package(tx, package_id, lock=True)
    if package is None:
        raise NotFound(f"There is no access package {package_id}.")
    return package
