"""Sponsors: people who answer for somebody beside, or instead of, a manager."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, exists, insert, select

from grantline.persistence import listing, people
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.people import Profile
from grantline.persistence.tables import people as people_table
from grantline.persistence.tables import person_sponsors


def sponsors_of(person_id: str) -> Select[Any]:
    """Select the columns of a person's sponsors."""
    return (
        select(*people.COLUMNS)
        .join(person_sponsors, person_sponsors.c.sponsor_id == people_table.c.id)
        .where(person_sponsors.c.person_id == person_id)
    )


async def page(tx: Transaction, person_id: str, query: ListQuery) -> Page[Profile]:
    """Return one page of a person's sponsors."""
    return (await listing.page(tx, sponsors_of(person_id), people.FIELDS, people.KEY, query)).map(people.profile)


async def add(tx: Transaction, person_id: str, sponsor_id: str, at: datetime) -> bool:
    """Note a sponsor; tell whether they were none before."""
    is_one = exists().where(person_sponsors.c.person_id == person_id, person_sponsors.c.sponsor_id == sponsor_id)
    if await tx.scalar(select(is_one)):
        return False
    await tx.execute(insert(person_sponsors).values(person_id=person_id, sponsor_id=sponsor_id, added_at=at))
    return True


async def remove(tx: Transaction, person_id: str, sponsor_id: str) -> bool:
    """Forget a sponsor; tell whether they were one."""
    gone = delete(person_sponsors).where(
        person_sponsors.c.person_id == person_id, person_sponsors.c.sponsor_id == sponsor_id
    )
    return await tx.changed(gone) == 1
