"""A grant on its way: a database with packages, a target system that can be made to fail, and a clock."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from grantline.errors import ConnectorError
from grantline.model.assignment import Grant
from grantline.persistence.database import Database
from grantline.persistence.grants import release
from grantline.persistence.tables import audit_events, grants
from grantline.services.assignments.provisioning import apply
from tests.cast import LEO, READERS
from tests.packages import PAYROLL, Held, hold
from tests.services.target import Clock, FakeTarget, Killed

LEO_READS = (LEO.id, READERS.id)


@dataclass
class Stage:
    """A database with packages, a target system, and a clock."""

    db: Database
    target: FakeTarget
    clock: Clock

    async def hold(self, name: str) -> Held:
        """Let Leo have a package that makes him a reader."""
        async with self.db.write() as tx:
            return await hold(tx, name, LEO, PAYROLL.read, at=self.clock.now)

    async def release(self, held: Held) -> None:
        """Let a package end."""
        async with self.db.write() as tx:
            await release(tx, [held.id], self.clock.now)

    async def apply(self, held: Held, *, trusts_record: bool = False) -> None:
        """Bring the one grant to the target system."""
        connectors = {self.target.origin_system: self.target}
        [grant_id] = held.grants
        await apply(self.db, connectors, grant_id, trusts_record=trusts_record, clock=self.clock)

    async def die(self, held: Held, moment: str) -> None:
        """Apply, and be killed at this moment."""

        def kill(now: str) -> None:
            if now == moment:
                raise Killed

        self.target.trouble = kill
        with pytest.raises(Killed):
            await self.apply(held)
        self.target.trouble = lambda moment: None

    async def fail(self, held: Held, error: ConnectorError, moment: str) -> None:
        """Apply, and have the target say this at this moment, once."""
        waiting = [error]

        def refuse(now: str) -> None:
            if now == moment and waiting:
                raise waiting.pop()

        self.target.trouble = refuse
        with pytest.raises(ConnectorError) as failed:
            await self.apply(held)
        assert failed.value is error
        self.target.trouble = lambda moment: None

    async def grant(self) -> Grant:
        """Return the one grant."""
        columns = [getattr(grants.c, name) for name in Grant.__dataclass_fields__]
        async with self.db.read() as tx:
            [row] = await tx.all(select(*columns))
        return Grant(**row._mapping)

    async def trail(self) -> list[str]:
        """Return what was audited."""
        async with self.db.read() as tx:
            return [row.type for row in await tx.all(select(audit_events.c.type).order_by(audit_events.c.number))]
