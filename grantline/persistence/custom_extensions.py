"""Custom extensions of catalogs. What is deleted stays as a row, since calls of the past name it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, insert, select, update

from grantline.model.callout import CustomExtension, ExtensionKind, OnTimeout
from grantline.persistence.callout_tables import custom_extensions, policy_extensions
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Fields
from grantline.persistence.tables import packages, policies

FIELDS: Fields = {
    "id": custom_extensions.c.id,
    "displayName": custom_extensions.c.display_name,
    "description": custom_extensions.c.description,
    "createdDateTime": custom_extensions.c.created_at,
    "lastModifiedDateTime": custom_extensions.c.modified_at,
}
KEY = (custom_extensions.c.display_name, custom_extensions.c.id)

_PRESENT = custom_extensions.c.deleted_at.is_(None)


def all_extensions(catalog_id: str) -> Select[Any]:
    """Select the extensions of a catalog, for a list."""
    return select(custom_extensions).where(custom_extensions.c.catalog_id == catalog_id, _PRESENT)


async def extension(
    tx: Transaction, catalog_id: str, extension_id: str, *, lock: bool = False
) -> CustomExtension | None:
    """Return an extension of a catalog, if there is one; `lock` keeps others from changing it until commit."""
    statement = all_extensions(catalog_id).where(custom_extensions.c.id == extension_id)
    row = await tx.first(statement.with_for_update() if lock else statement)
    return as_extension(row) if row else None


async def by_id(tx: Transaction, ids: Collection[str], *, lock: bool = False) -> dict[str, CustomExtension]:
    """Return these extensions; with `lock` none of them can be deleted before commit."""
    if not ids:
        return {}
    statement = select(custom_extensions).where(custom_extensions.c.id.in_(sorted(ids)), _PRESENT)
    rows = await tx.all(statement.with_for_update(read=True) if lock else statement)
    return {row.id: as_extension(row) for row in rows}


async def count(tx: Transaction, catalog_id: str) -> int:
    """Count the extensions of a catalog."""
    return len(await tx.all(all_extensions(catalog_id).with_only_columns(custom_extensions.c.id)))


async def used_by(tx: Transaction, extension_id: str) -> list[str]:
    """Return the policies that name an extension, each with its package, by name."""
    rows = await tx.all(
        select(policies.c.display_name, packages.c.display_name.label("package"))
        .join(policy_extensions, policy_extensions.c.policy_id == policies.c.id)
        .join(packages, packages.c.id == policies.c.package_id)
        .where(policy_extensions.c.extension_id == extension_id)
        .order_by(packages.c.display_name, policies.c.display_name)
    )
    return [f"{row.display_name} of {row.package}" for row in rows]


async def insert_extension(tx: Transaction, new: CustomExtension) -> None:
    """Write a new extension; a name that its catalog has already is an IntegrityError."""
    await tx.execute(insert(custom_extensions).values(_row(new)))


async def update_extension(tx: Transaction, changed: CustomExtension) -> None:
    """Write a changed extension."""
    await tx.changed(update(custom_extensions).where(custom_extensions.c.id == changed.id).values(_row(changed)))


async def delete_extension(tx: Transaction, extension_id: str, at: datetime) -> None:
    """Delete an extension; calls that are owed still go out."""
    await tx.changed(update(custom_extensions).where(custom_extensions.c.id == extension_id).values(deleted_at=at))


async def name_in_policy(tx: Transaction, policy_id: str, extension_ids: Iterable[str]) -> None:
    """Write which extensions a policy names."""
    await tx.changed(delete(policy_extensions).where(policy_extensions.c.policy_id == policy_id))
    rows = [{"policy_id": policy_id, "extension_id": one} for one in sorted(set(extension_ids))]
    if rows:
        await tx.execute(insert(policy_extensions), rows)


def as_extension(row: Any) -> CustomExtension:
    """Read a row of custom_extensions."""
    return CustomExtension(
        id=row.id,
        catalog_id=row.catalog_id,
        kind=ExtensionKind(row.kind),
        display_name=row.display_name,
        description=row.description,
        url=row.url,
        waits_for=timedelta(seconds=row.waits_seconds) if row.waits_seconds is not None else None,
        names_approvers=row.names_approvers,
        on_timeout=OnTimeout(row.on_timeout),
        created_at=row.created_at,
        modified_at=row.modified_at,
    )


def _row(one: CustomExtension) -> dict[str, Any]:
    return {
        "id": one.id,
        "catalog_id": one.catalog_id,
        "kind": one.kind.value,
        "display_name": one.display_name,
        "description": one.description,
        "url": one.url,
        "waits_seconds": int(one.waits_for.total_seconds()) if one.waits_for is not None else None,
        "names_approvers": one.names_approvers,
        "on_timeout": one.on_timeout.value,
        "created_at": one.created_at,
        "modified_at": one.modified_at,
    }
