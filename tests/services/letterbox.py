"""The mail outbox as a test looks at it."""

from typing import Any

from sqlalchemy import select

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
