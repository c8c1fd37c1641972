"""Who may see and do what: questions to the one table. What one may not see does not exist (invariant 8)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from grantline.errors import NotAllowed
from grantline.model.person import Actor, Person
from grantline.model.roles import NAMES, Role
from grantline.rules.permissions.table import TABLE, Part, Task

__all__ = [
    "EVERYTHING",
    "NOWHERE",
    "Part",
    "Permitted",
    "Realm",
    "Task",
    "holds_any",
    "holds_roles",
    "may",
    "parts_in",
    "permitted",
    "realm",
    "refusal",
    "require",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """Where somebody may do something: everywhere, or in these catalogs; None among them is what lies in none."""

    is_everything: bool = False
    catalog_ids: frozenset[str | None] = frozenset()

    def has(self, catalog_id: str | None) -> bool:
        """Tell whether what lies in a catalog is in it."""
        return self.is_everything or catalog_id in self.catalog_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """What somebody may do by their roles, or because anybody may; `in_catalogs` has what each lets them besides."""

    everywhere: tuple[Task, ...]
    in_catalogs: Mapping[str, tuple[Task, ...]]


EVERYTHING = Realm(is_everything=True)
NOWHERE = Realm()


def realm(actor: Actor, task: Task) -> Realm:
    """Return where the actor's roles let them do this."""
    roles = TABLE[task].roles
    if actor.is_administrator and Role.ADMINISTRATOR in roles:
        return EVERYTHING
    return Realm(catalog_ids=frozenset(held.catalog_id for held in actor.held if held.role in roles))


def holds_any(actor: Actor, task: Task) -> bool:
    """Tell whether the actor may do this anywhere: by a role, or because anybody may."""
    found = realm(actor, task)
    return found.is_everything or bool(found.catalog_ids) or Part.ANYBODY in TABLE[task].parts


def holds_roles(actor: Actor) -> bool:
    """Tell whether the actor was given any role, by themselves or by a group."""
    return bool(actor.held)


def may(actor: Actor, task: Task, catalog_id: str | None = None, parts: Collection[Part] = ()) -> bool:
    """Tell whether the actor may do this to something of a catalog in which they have these parts."""
    return realm(actor, task).has(catalog_id) or not TABLE[task].parts.isdisjoint(parts)


def permitted(actor: Actor) -> Permitted:
    """Return every task that the actor may do without having a part in the matter.

    What lies in no catalog, as making one, is everywhere.
    """
    realms = {task: realm(actor, task) for task in Task}
    everywhere = tuple(task for task, found in realms.items() if found.has(None) or Part.ANYBODY in TABLE[task].parts)
    catalogs = sorted({held.catalog_id for held in actor.held if held.catalog_id is not None})
    return Permitted(
        everywhere=everywhere,
        in_catalogs={
            one: tuple(task for task, found in realms.items() if found.has(one) and task not in everywhere)
            for one in catalogs
        },
    )


def require(actor: Actor, task: Task, catalog_id: str | None = None, parts: Collection[Part] = ()) -> None:
    """Refuse who may not.

    Raises:
        NotAllowed: naming who may.
    """
    if not may(actor, task, catalog_id, parts):
        raise refusal(actor.person, task)


def refusal(person: Person, task: Task) -> NotAllowed:
    """Say that somebody may not do this, and who may."""
    row = TABLE[task]
    roles = [NAMES[role] for role in Role if role in row.roles]
    who = [*roles, *(part.value for part in Part if part in row.parts)]
    needed = f"{', '.join(who[:-1])} or {who[-1]}" if len(who) > 1 else who[0]
    is_local = row.roles - {Role.ADMINISTRATOR, Role.CATALOG_CREATOR}
    there = "; a role in a catalog is for that catalog alone" if is_local else ""
    return NotAllowed(f"{person} may not {row.does}: it takes {needed}{there}. {row.instead}".rstrip())


def parts_in(
    person_id: str,
    *,
    requestor_id: str,
    target_id: str,
    manager_id: str | None = None,
    approver_ids: Collection[str] = (),
) -> frozenset[Part]:
    """Return the parts that somebody has in a request or an assignment; `approver_ids`: who was ever asked."""
    found: dict[Part, Collection[str | None]] = {
        Part.REQUESTOR: (requestor_id,),
        Part.TARGET: (target_id,),
        Part.MANAGER: (manager_id,),
        Part.APPROVER: approver_ids,
    }
    return frozenset(part for part, ids in found.items() if person_id in ids)
