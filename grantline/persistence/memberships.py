"""Who is in which of Grantline's own groups, one membership at a time."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from grantline.persistence.database import Transaction
from grantline.persistence.tables import Instant, group_members, groups, people


async def has_group(tx: Transaction, group_id: str) -> bool:
    """Tell whether the group exists."""
    return await tx.first(select(groups.c.id).where(groups.c.id == group_id)) is not None


async def has_member(tx: Transaction, group_id: str, person_id: str) -> bool:
    """Tell whether the person is a member of the group."""
    return bool(await tx.scalar(select(exists().where(*_is(group_id, person_id)))))


async def add_member(tx: Transaction, group_id: str, person_id: str, at: datetime) -> bool:
    """Put the person into the group, if both exist; return whether they are in it now."""
    both = (
        select(groups.c.id, people.c.id, literal(at, Instant()))
        .select_from(groups.join(people, people.c.id == person_id))
        .where(groups.c.id == group_id)
    )
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    added = await tx.changed(
        insert(group_members).from_select(["group_id", "person_id", "added_at"], both).on_conflict_do_nothing()
    )
    return added == 1 or await has_member(tx, group_id, person_id)


async def remove_member(tx: Transaction, group_id: str, person_id: str) -> None:
    """Take the person out of the group."""
    await tx.changed(delete(group_members).where(*_is(group_id, person_id)))


def _is(group_id: str, person_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return group_members.c.group_id == group_id, group_members.c.person_id == person_id
