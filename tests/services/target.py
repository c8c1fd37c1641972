"""A target system in memory that fails, stalls and dies on command."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grantline.connectors.base import RoleDescription, member_role
from grantline.model.assignment import Entitlement
from tests.cast import LONG_AGO


class Killed(BaseException):
    """The worker died: nothing after this point ran."""


@dataclass
class Clock:
    """A clock that moves when it is told to."""

    now: datetime = LONG_AGO

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@dataclass
class FakeTarget:
    """Holds (person, resource) pairs, notes what was done, and asks `trouble` before and after each act."""

    origin_system: str = "AadGroup"
    held: set[tuple[str, str]] = field(default_factory=set)
    log: list[str] = field(default_factory=list)
    taken_from: list[str | None] = field(default_factory=list)
    trouble: Callable[[str], None] = lambda moment: None
    """Told `before grant`, `after grant` and so on; may raise."""
    gate: Callable[[str], asyncio.Event | None] = lambda moment: None
    """Told the same moments; may return what to wait for."""

    async def holds(self, entitlement: Entitlement) -> bool:
        """Look."""
        await self._moment("before holds")
        held = self._pair(entitlement) in self.held
        await self._moment("after holds")
        return held

    async def grant(self, entitlement: Entitlement) -> str:
        """Give."""
        await self._moment("before grant")
        self.held.add(self._pair(entitlement))
        self.log.append("granted")
        await self._moment("after grant")
        return f"account of {entitlement.user_name}"

    async def revoke(self, entitlement: Entitlement) -> None:
        """Take."""
        await self._moment("before revoke")
        self.held.discard(self._pair(entitlement))
        self.log.append("revoked")
        self.taken_from.append(entitlement.account_id)
        await self._moment("after revoke")

    async def exists(self, resource_origin_id: str) -> bool:
        """Say yes."""
        return bool(resource_origin_id)

    async def roles(self, resource_origin_id: str) -> list[RoleDescription]:
        """Return the member role."""
        return [member_role(resource_origin_id)]

    async def aclose(self) -> None:
        """Do nothing."""

    async def _moment(self, moment: str) -> None:
        self.trouble(moment)
        waits_for = self.gate(moment)
        if waits_for is not None:
            await waits_for.wait()

    @staticmethod
    def _pair(entitlement: Entitlement) -> tuple[str, str]:
        return entitlement.person_id, entitlement.resource_origin_id
