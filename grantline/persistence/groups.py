"""Grantline's own groups, as lists and pages read them and administrators change them.

Who is in them one by one is `memberships`.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, or_, select, update

from grantline.model.catalog import OWN_GROUPS
from grantline.model.person import Group
from grantline.persistence import listing
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Fields, ListQuery, Page
from grantline.persistence.owner_tables import group_owners
from grantline.persistence.tables import group_members, groups, resources

COLUMNS = (
    groups.c.id,
    groups.c.display_name,
    groups.c.description,
    groups.c.mail_nickname,
    groups.c.created_at,
)
FIELDS: Fields = {
    "id": groups.c.id,
    "displayName": groups.c.display_name,
    "description": groups.c.description,
    "mailNickname": groups.c.mail_nickname,
    "createdDateTime": groups.c.created_at,
}
KEY = (groups.c.display_name, groups.c.id)

GroupRow = tuple[Group, datetime]
"""A group, and when it was made."""


def read(row: Row[Any]) -> GroupRow:
    """Read one row of `COLUMNS`."""
    group = Group(
        id=row.id, display_name=row.display_name, description=row.description, mail_nickname=row.mail_nickname
    )
    return group, row.created_at


def all_groups() -> Select[Any]:
    """Select the columns of all groups."""
    return select(*COLUMNS)


def of_member(person_id: str) -> Select[Any]:
    """Select the columns of the groups a person is in."""
    return (
        select(*COLUMNS)
        .join(group_members, group_members.c.group_id == groups.c.id)
        .where(group_members.c.person_id == person_id)
    )


def of_owner(person_id: str) -> Select[Any]:
    """Select the columns of the groups a person owns."""
    return select(*COLUMNS).where(
        groups.c.id.in_(select(group_owners.c.group_id).where(group_owners.c.person_id == person_id))
    )


async def page(tx: Transaction, base: Select[Any], query: ListQuery) -> Page[GroupRow]:
    """Return one page of `all_groups()`, `of_member()` or `of_owner()`, by name unless the query says otherwise."""
    return (await listing.page(tx, base, FIELDS, KEY, query)).map(read)


async def by_id(tx: Transaction, group_id: str) -> GroupRow | None:
    """Return a group."""
    row = await tx.first(select(*COLUMNS).where(groups.c.id == group_id))
    return read(row) if row else None


async def by_ids(tx: Transaction, ids: Collection[str]) -> list[GroupRow]:
    """Return groups by their ids; the unknown are left out."""
    return [read(row) for row in await tx.all(select(*COLUMNS).where(groups.c.id.in_(sorted(ids))))] if ids else []


async def all_of(tx: Transaction, person_id: str) -> list[str]:
    """Return the ids of all groups a person is in."""
    statement = select(group_members.c.group_id).where(group_members.c.person_id == person_id)
    return [row.group_id for row in await tx.all(statement.order_by(group_members.c.group_id))]


async def held_among(tx: Transaction, person_id: str, group_ids: Collection[str]) -> list[str]:
    """Return those of the groups that the person is in."""
    statement = select(group_members.c.group_id).where(
        group_members.c.person_id == person_id, group_members.c.group_id.in_(sorted(group_ids))
    )
    return [row.group_id for row in await tx.all(statement.order_by(group_members.c.group_id))]


async def catalog_resource_of(tx: Transaction, group_id: str) -> str | None:
    """Return the name of a resource that is this group, or had been, if a catalog ever took it in."""
    return await tx.scalar(
        select(resources.c.display_name)
        .where(resources.c.origin_system == OWN_GROUPS)
        .where(or_(resources.c.origin_id == group_id, resources.c.origin_id == f"Member_{group_id}"))
        .where(resources.c.deleted_at.is_(None))
        .limit(1)
    )


async def add(tx: Transaction, group: Group, at: datetime) -> None:
    """Insert a group without members."""
    await tx.execute(
        insert(groups).values(
            id=group.id,
            display_name=group.display_name,
            description=group.description,
            mail_nickname=group.mail_nickname,
            created_at=at,
        )
    )


async def change(tx: Transaction, group_id: str, values: Mapping[str, Any]) -> None:
    """Overwrite some columns of a group."""
    await tx.changed(update(groups).where(groups.c.id == group_id).values(**values))


async def remove(tx: Transaction, group_id: str) -> None:
    """Delete a group and its memberships."""
    await tx.changed(delete(groups).where(groups.c.id == group_id))
