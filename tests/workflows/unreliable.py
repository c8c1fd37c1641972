"""A target system that can be away, or refuse: Grantline's own groups behind a door that can be shut."""

from grantline.connectors.base import RoleDescription
from grantline.connectors.groups import GroupConnector
from grantline.errors import TargetRefused, TryAgain
from grantline.model.assignment import Entitlement
from grantline.services.group_memberships import GroupMemberships


class Unreliable:
    """The real connector, when it lets anybody through."""

    origin_system = GroupConnector.origin_system

    def __init__(self, memberships: GroupMemberships) -> None:
        self._real = GroupConnector(memberships)
        self.is_away = False
        self.refuses: set[str] = set()
        """Groups that take nobody in."""
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
        await self._real.revoke(entitlement)

    async def exists(self, resource_origin_id: str) -> bool:
        return await self._real.exists(resource_origin_id)

    async def roles(self, resource_origin_id: str) -> list[RoleDescription]:
        return await self._real.roles(resource_origin_id)

    async def aclose(self) -> None:
        await self._real.aclose()

    def _knock(self, what: str, entitlement: Entitlement) -> None:
        self.log.append((what, entitlement.resource_origin_id))
        if self.is_away:
            raise TryAgain("The target system is away.")
