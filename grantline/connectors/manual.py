"""Targets that people look after by hand: giving and taking is a task, and what was done is what the target shows."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from grantline.connectors.base import RoleDescription, member_role, require_member
from grantline.errors import TargetRefused, TryAgain, Unavailable, WaitsForPerson
from grantline.model.assignment import Entitlement
from grantline.model.fulfilment import BY_HAND, TaskAct, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of asking for something: done, open (not yet) or refused, and why."""

    state: TaskState
    says: str = ""


class Tasks(Protocol):
    """Tasks for people, wherever they are kept. May raise `Unavailable`."""

    async def has_resource(self, resource_origin_id: str) -> bool:
        """Tell whether there is such a target."""
        ...

    async def is_held(self, entitlement: Entitlement) -> bool:
        """Tell whether the role was given by hand, and not taken since."""
        ...

    async def ask(self, entitlement: Entitlement, act: TaskAct) -> Told:
        """Ask for it to be done, once, and tell how that stands."""
        ...


class ManualConnector:
    """Asks people. What waits for them is tried again when they have done it."""

    origin_system = BY_HAND

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    async def holds(self, entitlement: Entitlement) -> bool:
        """Tell whether somebody said they gave it."""
        require_member(entitlement)
        with _unavailable_is_temporary():
            return await self._tasks.is_held(entitlement)

    async def grant(self, entitlement: Entitlement) -> str | None:
        """Ask for it to be given; refused if whoever was asked refuses."""
        await self._ask(entitlement, TaskAct.GRANT)
        return None

    async def revoke(self, entitlement: Entitlement) -> None:
        """Ask for it to be taken away."""
        await self._ask(entitlement, TaskAct.REVOKE)

    async def exists(self, resource_origin_id: str) -> bool:
        """Tell whether a catalog has such a target."""
        with _unavailable_is_temporary():
            return await self._tasks.has_resource(resource_origin_id)

    async def roles(self, resource_origin_id: str) -> list[RoleDescription]:
        """Return the member role."""
        return [member_role(resource_origin_id)]

    async def aclose(self) -> None:
        """Do nothing: the database is somebody else's."""

    async def _ask(self, entitlement: Entitlement, act: TaskAct) -> None:
        require_member(entitlement)
        with _unavailable_is_temporary():
            told = await self._tasks.ask(entitlement, act)
        if told.state is TaskState.REFUSED:
            raise TargetRefused(told.says)
        if told.state is TaskState.OPEN:
            raise WaitsForPerson(told.says)


@contextmanager
def _unavailable_is_temporary() -> Generator[None]:
    try:
        yield
    except Unavailable as error:
        raise TryAgain(error.message) from error
