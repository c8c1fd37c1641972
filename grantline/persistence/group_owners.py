"""Who owns which of Grantline's own groups, one ownership at a time and as lists read them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, insert, select

from grantline.persistence import listing, people
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.owner_tables import group_owners
from grantline.persistence.people import Profile
from grantline.persistence.tables import people as people_table


def owners_of(group_id: str) -> Select[Any]:
    """Select the columns of a group's owners."""
    return (
        select(*people.COLUMNS)
        .join(group_owners, group_owners.c.person_id == people_table.c.id)
        .where(group_owners.c.group_id == group_id)
    )


async def page(tx: Transaction, group_id: str, query: ListQuery) -> Page[Profile]:
    """Return one page of a group's owners."""
    return (await listing.page(tx, owners_of(group_id), people.FIELDS, people.KEY, query)).map(people.profile)


async def add(tx: Transaction, group_id: str, person_id: str, at: datetime) -> bool:
    """Note an owner; tell whether they were none before."""
    is_one = exists().where(group_owners.c.group_id == group_id, group_owners.c.person_id == person_id)
    if await tx.scalar(select(is_one)):
        return False
    await tx.execute(insert(group_owners).values(group_id=group_id, person_id=person_id, added_at=at))
    return True


async def remove(tx: Transaction, group_id: str, person_id: str) -> bool:
    """Forget an owner; tell whether they were one."""
    gone = delete(group_owners).where(group_owners.c.group_id == group_id, group_owners.c.person_id == person_id)
    return await tx.changed(gone) == 1
