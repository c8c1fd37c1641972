"""Giving Grantline's own groups owners, who are asked to approve where a policy names the resource's owners."""

from typing import Any

from grantline.ambient import utc_now
from grantline.errors import InvalidInput, NotFound
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import Actor, Group
from grantline.persistence import groups, people
from grantline.persistence.database import Database, Transaction
from grantline.persistence.links import GROUP_OWNERS


async def add_owner(db: Database, actor: Actor, group_id: str, person_id: str) -> None:
    """Make a person an owner of the group.

    Raises:
        NotFound: there is no such group.
        InvalidInput: there is no such person, or they own it already.
    """
    async with db.write() as tx:
        group = await _group(tx, group_id)
        found = await people.find(tx, person_id)
        if found is None:
            raise InvalidInput(f"There is no user {person_id!r} to be owner.", target="@odata.id")
        if not await GROUP_OWNERS.add(tx, group.id, found.person.id, utc_now()):
            raise InvalidInput(f"{found.person} is an owner of {group.display_name} already.", target="@odata.id")
        _record(tx, actor, group, "ownerAdded", person_id=found.person.id)


async def remove_owner(db: Database, actor: Actor, group_id: str, person_id: str) -> None:
    """Take the ownership of the group from a person.

    Raises:
        NotFound: there is no such group, or the person does not own it.
    """
    async with db.write() as tx:
        group = await _group(tx, group_id)
        if not await GROUP_OWNERS.remove(tx, group.id, person_id):
            raise NotFound(f"{person_id} is not an owner of {group.display_name}.")
        _record(tx, actor, group, "ownerRemoved", person_id=person_id)


async def _group(tx: Transaction, group_id: str) -> Group:
    found = await groups.by_id(tx, group_id)
    if found is None:
        raise NotFound(f"There is no group {group_id!r}.")
    return found[0]


def _record(tx: Transaction, actor: Actor, group: Group, action: str, **details: Any) -> None:
    tx.audit(
        AuditEvent(
            type=EventType.DIRECTORY_CHANGED,
            at=utc_now(),
            actor_id=actor.id,
            object_type="group",
            object_id=group.id,
            details={"action": action, **details},
        )
    )
