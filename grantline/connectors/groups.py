"""Grantline's own groups as a target system: a resource is a group, its role is to be a member."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from grantline.connectors.base import RoleDescription, member_role, require_member
from grantline.errors import TargetRefused, TryAgain, Unavailable
from grantline.model.assignment import Entitlement
from grantline.model.catalog import OWN_GROUPS


class Memberships(Protocol):
    """Who is in which group, wherever that is kept. May raise `Unavailable`."""

    async def has_group(self, group_id: str) -> bool:
        """Tell whether the group exists."""
        ...

    async def has(self, group_id: str, person_id: str) -> bool:
        """Tell whether the person is a member."""
        ...

    async def add(self, group_id: str, person_id: str) -> bool:
        """Make the person a member; return False if the group or the person does not exist."""
        ...

    async def remove(self, group_id: str, person_id: str) -> None:
        """Make the person no member."""
        ...

    def within(self, transaction: object) -> "Memberships":
        """Return the same memberships, seen and changed in the caller's transaction."""
        ...


class GroupConnector:
    """Adds and removes members of Grantline's own groups."""

    origin_system = OWN_GROUPS

    def __init__(self, memberships: Memberships) -> None:
        self._memberships = memberships

    async def holds(self, entitlement: Entitlement) -> bool:
        """Tell whether the person is a member."""
        require_member(entitlement)
        with _unavailable_is_temporary():
            return await self._memberships.has(entitlement.resource_origin_id, entitlement.person_id)

    async def grant(self, entitlement: Entitlement) -> str | None:
        """Add the person; refused if there is no such group or no such person."""
        require_member(entitlement)
        with _unavailable_is_temporary():
            is_member = await self._memberships.add(entitlement.resource_origin_id, entitlement.person_id)
        if not is_member:
            raise TargetRefused(
                f"{entitlement.display_name} cannot become a member of the group "
                f"{entitlement.resource_origin_id}: the group or the person does not exist any more."
            )
        return None

    async def revoke(self, entitlement: Entitlement) -> None:
        """Remove the person."""
        require_member(entitlement)
        with _unavailable_is_temporary():
            await self._memberships.remove(entitlement.resource_origin_id, entitlement.person_id)

    async def exists(self, resource_origin_id: str) -> bool:
        """Tell whether there is such a group."""
        with _unavailable_is_temporary():
            return await self._memberships.has_group(resource_origin_id)

    async def roles(self, resource_origin_id: str) -> list[RoleDescription]:
        """Return the member role."""
        return [member_role(resource_origin_id)]

    def within(self, transaction: object) -> "GroupConnector":
        """Return a connector that acts in the caller's transaction: its groups are rows beside the record."""
        return GroupConnector(self._memberships.within(transaction))

    async def aclose(self) -> None:
        """Do nothing: the database is somebody else's."""


@contextmanager
def _unavailable_is_temporary() -> Generator[None]:
    try:
        yield
    except Unavailable as error:
        raise TryAgain(error.message) from error
