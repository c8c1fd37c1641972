"""People who are something to somebody or to a group: sponsors, owners. One link at a time, and as lists read them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, exists, insert, select

from grantline.persistence import listing, people
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.owner_tables import group_owners
from grantline.persistence.people import Profile
from grantline.persistence.tables import people as people_table
from grantline.persistence.tables import person_sponsors


class Links:
    """The rows of one table: `of` is the column of whose they are, `who` that of the person."""

    def __init__(self, table: Table, *, of: str, who: str) -> None:
        self._table = table
        self._of = table.c[of]
        self._who = table.c[who]

    def select(self, of_id: str) -> Select[Any]:
        """Select the columns of the people linked to somebody or something."""
        return select(*people.COLUMNS).join(self._table, self._who == people_table.c.id).where(self._of == of_id)

    async def page(self, tx: Transaction, of_id: str, query: ListQuery) -> Page[Profile]:
        """Return one page of them."""
        return (await listing.page(tx, self.select(of_id), people.FIELDS, people.KEY, query)).map(people.profile)

    async def has(self, tx: Transaction, of_id: str, person_id: str) -> bool:
        """Tell whether there is a link."""
        return bool(await tx.scalar(select(exists().where(*self._link(of_id, person_id)))))

    async def add(self, tx: Transaction, of_id: str, person_id: str, at: datetime) -> bool:
        """Note a link; tell whether there was none before."""
        if await self.has(tx, of_id, person_id):
            return False
        row = {self._of.name: of_id, self._who.name: person_id, "added_at": at}
        await tx.execute(insert(self._table).values(row))
        return True

    async def remove(self, tx: Transaction, of_id: str, person_id: str) -> bool:
        """Forget a link; tell whether there was one."""
        return await tx.changed(delete(self._table).where(*self._link(of_id, person_id))) == 1

    def _link(self, of_id: str, person_id: str) -> tuple[ColumnElement[bool], ...]:
        return self._of == of_id, self._who == person_id


SPONSORS = Links(person_sponsors, of="person_id", who="sponsor_id")
"""Who answers for somebody beside, or instead of, a manager."""

GROUP_OWNERS = Links(group_owners, of="group_id", who="person_id")
"""Who owns which of Grantline's own groups."""
