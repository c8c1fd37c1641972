"""Delegating: who is given which role, and whose is withdrawn. Each is on record with who did it.

What a role is good for is in `rules/permissions`. It counts from the next call
on; whoever is in a group holds the group's as long as they are in it.
"""

from collections.abc import Sequence

from grantline.ambient import new_id, utc_now
from grantline.errors import Conflict, InvalidInput, NotFound
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import APPLICATION, LONGEST_APP_ID, Actor
from grantline.model.roles import NAMES, PrincipalKind, Role, RoleAssignment
from grantline.persistence import catalogs, groups, people
from grantline.persistence import roles as store
from grantline.persistence.database import Database, Transaction
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task, may, require
from grantline.services.authority import require_named
from grantline.services.configuration.changes import unless_taken

TENANT_WIDE = frozenset({Role.CATALOG_CREATOR})


async def assign(
    db: Database, actor: Actor, role: Role, principal_id: str, catalog_id: str | None = None
) -> RoleAssignment:
    """Give a role to a person, a group or an application; of a catalog, unless it is for all.

    Raises:
        InvalidInput: there is no such principal or catalog, or the role is not for one, or not without.
        NotAllowed: the actor may not say who has it.
        Conflict: they have it.
    """
    await _require_may_assign(db, actor, role, catalog_id)
    async with db.write() as tx:
        if catalog_id is not None and await catalogs.catalog(tx, catalog_id, lock=True) is None:
            raise InvalidInput(f"There is no catalog {catalog_id}.", target="appScopeId")
        kind, name = await _principal(tx, principal_id)
        with unless_taken(Conflict(f"{name} is {NAMES[role]} there already.", target="principalId")):
            return await _give(tx, actor.id, role, (kind, principal_id), catalog_id)


async def withdraw(db: Database, actor: Actor, assignment_id: str) -> None:
    """Take a role away. The last owner of a catalog may go: administrators own it all the same.

    Raises:
        NotFound: there is no such assignment, or not for the actor.
        NotAllowed: the actor may not say who has the role.
    """
    async with db.write() as tx:
        found = await seen(tx, actor, assignment_id)
        require(actor, _task(found.role), found.catalog_id)
        if await store.remove(tx, found.id):
            _record(tx, EventType.ROLE_WITHDRAWN, actor.id, found)


async def seen(tx: Transaction, actor: Actor, assignment_id: str) -> RoleAssignment:
    """Return a role as it is assigned.

    Raises:
        NotFound: there is none, or not for the actor.
    """
    found = await store.find(tx, assignment_id)
    if found is None or not may(actor, Task.READ_CATALOG, found.catalog_id):
        raise NotFound(f"There is no role assignment {assignment_id}.")
    return found


async def own(tx: Transaction, actor_id: str | None, catalog_id: str) -> None:
    """Make whoever makes a catalog its first owner."""
    if actor_id is not None:
        kind = PrincipalKind.APPLICATION if actor_id.startswith(APPLICATION) else PrincipalKind.PERSON
        await _give(tx, actor_id, Role.CATALOG_OWNER, (kind, actor_id), catalog_id)


async def forget_principal(tx: Transaction, actor_id: str, principal_id: str) -> None:
    """Withdraw all roles of a person or group that is being deleted."""
    await _forget(tx, actor_id, await store.of_principal(tx, principal_id), "whoever held it was deleted")


async def forget_catalog(tx: Transaction, actor_id: str | None, catalog_id: str) -> None:
    """Withdraw all roles in a catalog that is being deleted."""
    await _forget(tx, actor_id, await store.of_catalog(tx, catalog_id), "its catalog was deleted")


async def _forget(tx: Transaction, actor_id: str | None, some: Sequence[RoleAssignment], reason: str) -> None:
    for one in some:
        await store.remove(tx, one.id)
        _record(tx, EventType.ROLE_WITHDRAWN, actor_id, one, reason)


def _task(role: Role) -> Task:
    return Task.MAKE_CREATORS if role in TENANT_WIDE else Task.ASSIGN_ROLES


async def _require_may_assign(db: Database, actor: Actor, role: Role, catalog_id: str | None) -> None:
    name = NAMES[role]
    if role in TENANT_WIDE and catalog_id is not None:
        raise InvalidInput(f"{name} is a role of no single catalog; leave appScopeId out, or '/'.", target="appScopeId")
    if role in TENANT_WIDE:
        require(actor, _task(role))
        return
    if catalog_id is None:
        raise InvalidInput(
            f"{name} is a role in a catalog; name it in appScopeId as '{store.IN_CATALOG}' and its id.",
            target="appScopeId",
        )
    await require_named(db, actor, _task(role), (Noun.CATALOG, catalog_id), target="appScopeId")


async def _principal(tx: Transaction, principal_id: str) -> tuple[PrincipalKind, str]:
    """Return what a principal is and how it is called, or raise that there is none."""
    if principal_id.startswith(APPLICATION):
        app_id = principal_id.removeprefix(APPLICATION)
        if not app_id.isprintable() or not 0 < len(app_id) <= LONGEST_APP_ID:
            raise InvalidInput(
                f"Behind '{APPLICATION}' stands the id that the application has at its OpenID provider, of at most "
                f"{LONGEST_APP_ID} characters.",
                target="principalId",
            )
        return PrincipalKind.APPLICATION, f"The application {app_id}"
    if person := (await people.by_ids(tx, [principal_id])).get(principal_id):
        return PrincipalKind.PERSON, str(person.person)
    if group := await groups.by_id(tx, principal_id):
        return PrincipalKind.GROUP, group[0].display_name
    raise InvalidInput(
        f"There is no user and no group {principal_id!r}; an application is named as '{APPLICATION}' and the id it "
        "has at its OpenID provider.",
        target="principalId",
    )


async def _give(
    tx: Transaction,
    actor_id: str,
    role: Role,
    principal: tuple[PrincipalKind, str],
    catalog_id: str | None,
) -> RoleAssignment:
    new = RoleAssignment(
        id=new_id(),
        role=role,
        principal_kind=principal[0],
        principal_id=principal[1],
        catalog_id=catalog_id,
        created_at=utc_now(),
    )
    await store.add(tx, new)
    _record(tx, EventType.ROLE_ASSIGNED, actor_id, new)
    return new


def _record(
    tx: Transaction, kind: EventType, actor_id: str | None, one: RoleAssignment, reason: str | None = None
) -> None:
    tx.audit(
        AuditEvent(
            type=kind,
            at=utc_now(),
            actor_id=actor_id,
            object_type="roleAssignment",
            object_id=one.id,
            reason=reason,
            details={
                "role": one.role.value,
                "principal": one.principal_id,
                "kind": one.principal_kind.value,
                "catalog": one.catalog_id,
            },
        )
    )
