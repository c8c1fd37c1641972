"""Administrators say what may not be held together with a package.

It counts from the next request on, and for open requests when their access
would begin. What somebody holds already is left alone; the report of overlaps
(`persistence.incompatibilities.overlaps`) lists it.
"""

from grantline.ambient import utc_now
from grantline.errors import InvalidInput, NotFound
from grantline.model.catalog import AccessPackage
from grantline.model.event import AuditEvent, EventType
from grantline.persistence import groups
from grantline.persistence import incompatibilities as store
from grantline.persistence.database import Database, Transaction

REFERENCE = "@odata.id"
PACKAGES = "incompatible_access_packages"
GROUPS = "incompatible_groups"


async def add_package(db: Database, actor_id: str, package_id: str, other_id: str) -> None:
    """Let a package exclude another, one way.

    Raises:
        NotFound: there is no such package.
        InvalidInput: no such other one, itself, or it is on the list already.
    """
    async with db.write() as tx:
        found = await store.packages_held_still(tx, {package_id, other_id})
        package, other = _package(found.get(package_id), package_id), found.get(other_id)
        if other is None:
            raise InvalidInput(f"There is no access package {other_id!r} to be incompatible with.", target=REFERENCE)
        if other.id == package.id:
            raise InvalidInput(
                f"'{package.display_name}' cannot be incompatible with itself; name another access package.",
                target=REFERENCE,
            )
        if await store.has_package(tx, package.id, other.id):
            raise _twice(package, f"'{other.display_name}'")
        await store.add_package(tx, package.id, other.id, utc_now())
        _record(tx, actor_id, package, PACKAGES, after={"id": other.id, "display_name": other.display_name})


async def remove_package(db: Database, actor_id: str, package_id: str, other_id: str) -> None:
    """Let a package exclude another no more.

    Raises:
        NotFound: there is no such package, or the other is not on its list.
    """
    async with db.write() as tx:
        found = await store.packages_held_still(tx, {package_id, other_id})
        package, other = _package(found.get(package_id), package_id), found.get(other_id)
        if other is None or not await store.has_package(tx, package.id, other.id):
            raise NotFound(f"'{package.display_name}' has no incompatible access package {other_id}.")
        await store.remove_package(tx, package.id, other.id)
        _record(tx, actor_id, package, PACKAGES, before={"id": other.id, "display_name": other.display_name})


async def add_group(db: Database, actor_id: str, package_id: str, group_id: str) -> None:
    """Let a package exclude the members of a group.

    Raises:
        NotFound: there is no such package.
        InvalidInput: there is no such group, or it is on the list already.
    """
    async with db.write() as tx:
        found = await store.packages_held_still(tx, {package_id})
        package, row = _package(found.get(package_id), package_id), await groups.by_id(tx, group_id)
        if row is None:
            raise InvalidInput(f"There is no group {group_id!r} to be incompatible with.", target=REFERENCE)
        group = row[0]
        if await store.has_group(tx, package.id, group.id):
            raise _twice(package, f"the group '{group.display_name}'")
        await store.add_group(tx, package.id, group.id, utc_now())
        _record(tx, actor_id, package, GROUPS, after={"id": group.id, "display_name": group.display_name})


async def remove_group(db: Database, actor_id: str, package_id: str, group_id: str) -> None:
    """Let a package exclude the members of a group no more.

    Raises:
        NotFound: there is no such package, or the group is not on its list.
    """
    async with db.write() as tx:
        found = await store.packages_held_still(tx, {package_id})
        package, row = _package(found.get(package_id), package_id), await groups.by_id(tx, group_id)
        if row is None or not await store.has_group(tx, package.id, row[0].id):
            raise NotFound(f"'{package.display_name}' has no incompatible group {group_id}.")
        group = row[0]
        await store.remove_group(tx, package.id, group.id)
        _record(tx, actor_id, package, GROUPS, before={"id": group.id, "display_name": group.display_name})


def _package(found: AccessPackage | None, package_id: str) -> AccessPackage:
    if found is None:
        raise NotFound(f"There is no access package {package_id}.")
    return found


def _twice(package: AccessPackage, other: str) -> InvalidInput:
    # Graph's answer too: one added object reference already exists.
    return InvalidInput(f"'{package.display_name}' is incompatible with {other} already.", target=REFERENCE)


def _record(
    tx: Transaction,
    actor_id: str,
    package: AccessPackage,
    member: str,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    """Put one entry that came or went on record, as a change of the package whose list it is."""
    tx.audit(
        AuditEvent(
            type=EventType.CONFIGURATION_CHANGED,
            at=utc_now(),
            actor_id=actor_id,
            object_type="accessPackage",
            object_id=package.id,
            details={"changes": {member: {"from": before, "to": after}}},
        )
    )
