"""Real things that can be away: a target system that may also refuse, and a line to the database."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from grantline.connectors.base import RoleDescription
from grantline.connectors.groups import GroupConnector
from grantline.errors import TargetRefused, TryAgain, Unavailable
from grantline.model.assignment import Entitlement
from grantline.persistence.database import Database, Transaction
from grantline.services.assignments.group_memberships import GroupMemberships


class Unreliable:
    """The real connector, when it lets anybody through."""

    origin_system = GroupConnector.origin_system

    def __init__(self, memberships: GroupMemberships) -> None:
        self._real = GroupConnector(memberships)
        self.is_away = False
        self.away_for = 0
        """For how many more calls it is away; it asks to be tried again an hour later."""
        self.refuses: set[str] = set()
        """Groups that take nobody in."""
        self.keeps: set[str] = set()
        """Groups that let nobody go."""
        self.log: list[tuple[str, str]] = []
        """What was asked of it, with the group."""

    async def holds(self, entitlement: Entitlement) -> bool:
        self._knock("look", entitlement)
        return await self._real.holds(entitlement)

    async def grant(self, entitlement: Entitlement) -> str | None:
        self._knock("grant", entitlement)
        if entitlement.resource_origin_id in self.refuses:
            raise TargetRefused("The group takes nobody in.")
        return await self._real.grant(entitlement)

    async def revoke(self, entitlement: Entitlement) -> None:
        self._knock("revoke", entitlement)
        if entitlement.resource_origin_id in self.keeps:
            raise TargetRefused("The group lets nobody go.")
        await self._real.revoke(entitlement)

    async def exists(self, resource_origin_id: str) -> bool:
        return await self._real.exists(resource_origin_id)

    async def roles(self, resource_origin_id: str) -> list[RoleDescription]:
        return await self._real.roles(resource_origin_id)

    async def aclose(self) -> None:
        await self._real.aclose()

    def _knock(self, what: str, entitlement: Entitlement) -> None:
        self.log.append((what, entitlement.resource_origin_id))
        self.away_for -= 1
        if self.is_away or self.away_for >= 0:
            raise TryAgain("The target system is away.", after=None if self.is_away else timedelta(hours=1))


class Line(Database):
    """The same database over another line."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.engine)
        self._writing = database._writing
        self.is_cut = False
        self.attempts_while_cut = 0

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Transaction]:
        self._knock()
        async with super().read() as tx:
            yield tx

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[Transaction]:
        self._knock()
        async with super().write() as tx:
            yield tx

    def _knock(self) -> None:
        if self.is_cut:
            self.attempts_while_cut += 1
            raise Unavailable("The line is cut.")
