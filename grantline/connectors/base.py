"""What a target system must be able to do for Grantline.

A connector says only `TryAgain` and `TargetRefused` when something fails, and
keeps nothing that matters in memory. Who calls it looks before the first act
and after each one, so an answer of "done" is never believed without `holds`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from grantline.errors import TargetRefused
from grantline.model.assignment import Entitlement

MEMBER_PREFIX = "Member_"
"""Begins the origin id of a group's one role, as in Microsoft Graph; the group's origin id follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDescription:
    """One thing one can be in a resource, as the target system has it."""

    origin_id: str
    display_name: str
    description: str = ""


class Connector(Protocol):
    """One target system. Everything may be called twice, and by several workers at once.

    Raises:
        TryAgain: the target is busy or unreachable; the act may or may not have happened.
        TargetRefused: the target will never do this as asked.
    """

    @property
    def origin_system(self) -> str:
        """Return the name that resources carry, such as `AadGroup`."""
        ...

    async def holds(self, entitlement: Entitlement) -> bool:
        """Tell whether the person has the role now.

        Whoever does not exist holds nothing, and nobody holds what does not exist.
        """
        ...

    async def grant(self, entitlement: Entitlement) -> str | None:
        """Give the role; giving what is held already is no error.

        Returns the target's own id of the person's account, if it has one. It is
        handed back with the entitlement, so that the access is found again when
        the person's name has changed.
        """
        ...

    async def revoke(self, entitlement: Entitlement) -> None:
        """Take the role away; taking what is not held is no error."""
        ...

    async def exists(self, resource_origin_id: str) -> bool:
        """Tell whether the target has this resource."""
        ...

    async def roles(self, resource_origin_id: str) -> list[RoleDescription]:
        """Return what one can be in the resource, whether it exists or not."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class KeptHere(Protocol):
    """What a connector is as well whose target system is Grantline's own database."""

    def within(self, transaction: object) -> Connector:
        """Return the same connector, whose acts are part of the caller's transaction."""
        ...


Connectors = Mapping[str, Connector]
"""Connectors by origin system."""


def by_origin_system(*connectors: Connector) -> Connectors:
    """Return connectors under the names that resources carry."""
    return {connector.origin_system: connector for connector in connectors}


def connector_for(connectors: Connectors, origin_system: str) -> Connector:
    """Return the connector of a target system.

    Raises:
        TargetRefused: none is set up.
    """
    connector = connectors.get(origin_system)
    if connector is None:
        known = ", ".join(sorted(connectors)) or "none"
        raise TargetRefused(f"No connector is set up for the target system {origin_system!r}; set up are: {known}.")
    return connector


def member_role(resource_origin_id: str) -> RoleDescription:
    """Return the one role of a group."""
    return RoleDescription(origin_id=f"{MEMBER_PREFIX}{resource_origin_id}", display_name="Member")


def require_member(entitlement: Entitlement) -> None:
    """Refuse every role of a group but that of its member."""
    expected = member_role(entitlement.resource_origin_id).origin_id
    if entitlement.role_origin_id != expected:
        raise TargetRefused(
            f"{entitlement.origin_system} knows no role {entitlement.role_origin_id!r}; "
            f"of {entitlement.resource_origin_id!r} one can be {expected!r}."
        )
