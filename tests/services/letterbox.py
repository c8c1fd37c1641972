"""The mail outbox as a test looks at it."""

from typing import Any

from sqlalchemy import select

from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.persistence.tables import mail_outbox
from tests.cast import CAST

NAMES = {person.id: person.display_name.split()[0] for person in CAST}


class Letterbox:
    """What was owed since somebody last looked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: set[str] = set()

    async def rows(self) -> list[Any]:
        """Return every row there is."""
        async with self._database.read() as tx:
            return await tx.all(select(mail_outbox).order_by(mail_outbox.c.kind, mail_outbox.c.name))

    async def fresh(self) -> list[Any]:
        """Return the rows that nobody looked at before."""
        rows = [row for row in await self.rows() if row.id not in self._seen]
        self._seen |= {row.id for row in rows}
        return rows

    async def new(self) -> dict[str, str]:
        """Return who was told what since the last look: names by kind."""
        told: dict[str, list[str]] = {}
        for row in await self.fresh():
            told.setdefault(row.kind, []).append(NAMES[row.person_id])
        return {kind: " ".join(names) for kind, names in told.items()}


async def mail_to(database: Database, person: Person) -> list[tuple[str, Any]]:
    """Return what somebody was told, in order: the kind of each message, and its details."""
    async with database.read() as tx:
        statement = select(mail_outbox).where(mail_outbox.c.person_id == person.id)
        rows = await tx.all(statement.order_by(mail_outbox.c.created_at, mail_outbox.c.kind))
    return [(row.kind, row.details) for row in rows]
