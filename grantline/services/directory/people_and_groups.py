"""Changes of the directory: people, managers, groups. Each is on record with who made it.

Whoever may change them is decided at the door. A person whom requests name is
never deleted, only disabled: the trail keeps its people.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, TypedDict

from sqlalchemy.exc import IntegrityError

from grantline.ambient import new_id, utc_now
from grantline.errors import Conflict, InUse, InvalidInput, NameTaken, NotFound
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import Actor, Group, Person
from grantline.persistence import groups, incompatibilities, memberships, people
from grantline.persistence.database import Database, Transaction
from grantline.persistence.links import SPONSORS
from grantline.persistence.people import Profile
from grantline.persistence.people_bulk import hold_still
from grantline.services.configuration import roles

LONGEST_LINE = 1_000
"""No company has more managers above somebody; a longer line is a circle."""


class PersonFields(TypedDict, total=False):
    """What may be said of a person; what is absent stays as it is."""

    user_principal_name: str
    display_name: str
    mail: str | None
    job_title: str | None
    department: str | None
    employee_id: str | None
    account_enabled: bool
    hire_date: date | None


class GroupFields(TypedDict, total=False):
    """What may be said of a group."""

    display_name: str
    description: str | None
    mail_nickname: str | None


async def create_person(db: Database, actor: Actor, fields: PersonFields, manager_id: str | None = None) -> Profile:
    """Add a person; without `account_enabled` they are enabled.

    Raises:
        NameTaken: somebody has the sign-in name or the employee id.
        InvalidInput: there is no such manager.
    """
    now, person_id = utc_now(), new_id()
    values = {"account_enabled": True, **fields, "manager_id": manager_id}
    async with db.write() as tx:
        if manager_id is not None:
            await _manager(tx, manager_id)
        with _names_are_free(fields):
            await _refuse_taken(tx, fields)
            await people.add(tx, {"id": person_id, **_columns(values), "created_at": now, "modified_at": now})
        _record(tx, actor, "person", person_id, "created", fields=values)
        return _there(await people.find(tx, person_id), person_id)


async def change_person(db: Database, actor: Actor, person_id: str, fields: PersonFields) -> None:
    """Change what is said of a person.

    Raises:
        NotFound: there is no such person.
        NameTaken: somebody else has the sign-in name or the employee id.
        Conflict: administrators do not disable themselves.
    """
    async with db.write() as tx:
        before = _there(await people.find(tx, person_id), person_id)
        person = before.person
        if person.id == actor.id and fields.get("account_enabled") is False:
            raise Conflict(f"{person} is you; nobody disables their own account. Ask another administrator.")
        old = {**{name: getattr(person, name, None) for name in fields}, "hire_date": before.hire_date}
        changed = {name: value for name, value in fields.items() if old[name] != value}
        if not changed:
            return
        with _names_are_free(fields):
            await _refuse_taken(tx, fields, but=person.id)
            await people.change(tx, person.id, {**_columns(changed), "modified_at": utc_now()})
        _record(tx, actor, "person", person.id, "changed", fields=changed, before={name: old[name] for name in changed})


async def delete_person(db: Database, actor: Actor, person_id: str) -> None:
    """Delete somebody whom nothing on record names; their reports have no manager then.

    Raises:
        NotFound: there is no such person.
        InUse: something names them; says what to do instead.
    """
    async with db.write() as tx:
        person = _there(await people.find(tx, person_id), person_id).person
        if person.id == actor.id:
            raise Conflict(f"{person} is you; nobody deletes their own account. Ask another administrator.")
        if await people.is_on_record(tx, person.id):
            raise InUse(
                f"{person} is named by requests or decisions on record and cannot be deleted; "
                "disable the account instead: PATCH accountEnabled false."
            )
        if (policy := await people.policy_naming(tx, person.id)) is not None:
            raise InUse(f"{person} is named by the policy {policy!r}; name somebody else there first.")
        try:
            await roles.forget_principal(tx, actor.id, person.id)
            left = await people.remove(tx, person.id, utc_now())
        except IntegrityError as error:
            raise InUse(f"{person} has just been named by a request; disable the account instead.") from error
        _record(tx, actor, "person", person.id, "deleted", was=str(person), reports_without_manager=left)


async def set_manager(db: Database, actor: Actor, person_id: str, manager_id: str) -> None:
    """Give a person a manager.

    Raises:
        NotFound: there is no such person.
        InvalidInput: no such manager, themselves, or somebody below them.
    """
    async with db.write() as tx:
        await hold_still(tx)
        person = _there(await people.find(tx, person_id), person_id).person
        manager = await _manager(tx, manager_id)
        if manager.id == person.id:
            raise InvalidInput(f"{person} cannot be their own manager.", target="@odata.id")
        if person.id in await people.line_up(tx, manager.id, most=LONGEST_LINE):
            raise InvalidInput(
                f"{manager} cannot be the manager of {person}, who is above them in the same line.", target="@odata.id"
            )
        if manager.id != person.manager_id:
            await people.change(tx, person.id, {"manager_id": manager.id, "modified_at": utc_now()})
            _record(tx, actor, "person", person.id, "managerSet", manager_id=manager.id, before=person.manager_id)


async def clear_manager(db: Database, actor: Actor, person_id: str) -> None:
    """Leave a person without a manager.

    Raises:
        NotFound: there is no such person, or they have no manager.
    """
    async with db.write() as tx:
        person = _there(await people.find(tx, person_id), person_id).person
        if person.manager_id is None:
            raise NotFound(f"{person} has no manager.")
        await people.change(tx, person.id, {"manager_id": None, "modified_at": utc_now()})
        _record(tx, actor, "person", person.id, "managerCleared", before=person.manager_id)


async def add_sponsor(db: Database, actor: Actor, person_id: str, sponsor_id: str) -> None:
    """Give a person a sponsor, who may be asked to approve what they get.

    Raises:
        NotFound: there is no such person.
        InvalidInput: no such sponsor, themselves, or their sponsor already.
    """
    async with db.write() as tx:
        person = _there(await people.find(tx, person_id), person_id).person
        found = await people.find(tx, sponsor_id)
        if found is None:
            raise InvalidInput(f"There is no user {sponsor_id!r} to be sponsor.", target="@odata.id")
        if found.person.id == person.id:
            raise InvalidInput(f"{person} cannot be their own sponsor.", target="@odata.id")
        if not await SPONSORS.add(tx, person.id, found.person.id, utc_now()):
            raise InvalidInput(f"{found.person} is a sponsor of {person} already.", target="@odata.id")
        _record(tx, actor, "person", person.id, "sponsorAdded", sponsor_id=found.person.id)


async def remove_sponsor(db: Database, actor: Actor, person_id: str, sponsor_id: str) -> None:
    """Take a sponsor from a person.

    Raises:
        NotFound: there is no such person, or that is no sponsor of theirs.
    """
    async with db.write() as tx:
        person = _there(await people.find(tx, person_id), person_id).person
        if not await SPONSORS.remove(tx, person.id, sponsor_id):
            raise NotFound(f"{person} has no sponsor {sponsor_id!r}.")
        _record(tx, actor, "person", person.id, "sponsorRemoved", sponsor_id=sponsor_id)


async def create_group(db: Database, actor: Actor, fields: GroupFields) -> Group:
    """Add a group without members."""
    group = Group(id=new_id(), **fields)
    async with db.write() as tx:
        await groups.add(tx, group, utc_now())
        _record(tx, actor, "group", group.id, "created", fields=fields)
    return group


async def change_group(db: Database, actor: Actor, group_id: str, fields: GroupFields) -> None:
    """Change what is said of a group.

    Raises:
        NotFound: there is no such group.
    """
    async with db.write() as tx:
        group = await _group(tx, group_id)
        changed = {name: value for name, value in fields.items() if getattr(group, name) != value}
        if changed:
            await groups.change(tx, group.id, changed)
            before = {name: getattr(group, name) for name in changed}
            _record(tx, actor, "group", group.id, "changed", fields=changed, before=before)


async def delete_group(db: Database, actor: Actor, group_id: str) -> None:
    """Delete a group that no catalog, no policy and no package refers to.

    Raises:
        NotFound: there is no such group.
        InUse: a resource of a catalog is this group, a policy names it, or a package is incompatible with it.
    """
    async with db.write() as tx:
        group = await _group(tx, group_id)
        if (resource := await groups.catalog_resource_of(tx, group.id)) is not None:
            raise InUse(f"{group.display_name} is the resource {resource!r} of a catalog; remove it there first.")
        if (policy := await people.policy_naming(tx, group.id)) is not None:
            raise InUse(f"{group.display_name} is named by the policy {policy!r}; name another group there first.")
        if (package := await incompatibilities.package_excluding(tx, group.id)) is not None:
            raise InUse(
                f"{group.display_name} is an incompatible group of the access package {package!r}; "
                "take it off that list first."
            )
        try:
            await roles.forget_principal(tx, actor.id, group.id)
            await groups.remove(tx, group.id)
        except IntegrityError as error:
            raise InUse(f"{group.display_name} has just been named by an access package; look there first.") from error
        _record(tx, actor, "group", group.id, "deleted", was=group.display_name)


async def add_member(db: Database, actor: Actor, group_id: str, person_id: str) -> None:
    """Put a person into a group.

    Raises:
        NotFound: there is no such group.
        InvalidInput: there is no such person, or they are in it already.
    """
    async with db.write() as tx:
        group = await _group(tx, group_id)
        found = await people.find(tx, person_id)
        if found is None:
            raise InvalidInput(f"There is no user {person_id!r} to add.", target="@odata.id")
        if await memberships.has_member(tx, group.id, found.person.id):
            # Graph's answer too: one added object reference already exists.
            raise InvalidInput(f"{found.person} is a member of {group.display_name} already.", target="@odata.id")
        await memberships.add_member(tx, group.id, found.person.id, utc_now())
        _record(tx, actor, "group", group.id, "memberAdded", person_id=found.person.id)


async def remove_member(db: Database, actor: Actor, group_id: str, person_id: str) -> None:
    """Take a person out of a group.

    Raises:
        NotFound: there is no such group, or the person is not in it.
    """
    async with db.write() as tx:
        group = await _group(tx, group_id)
        if not await memberships.has_member(tx, group.id, person_id):
            raise NotFound(f"{person_id} is not a member of {group.display_name}.")
        await memberships.remove_member(tx, group.id, person_id)
        _record(tx, actor, "group", group.id, "memberRemoved", person_id=person_id)


def _there(found: Profile | None, person_id: str) -> Profile:
    if found is None:
        raise NotFound(f"There is no user {person_id!r}.")
    return found


async def _manager(tx: Transaction, manager_id: str) -> Person:
    found = await people.find(tx, manager_id)
    if found is None:
        raise InvalidInput(f"There is no user {manager_id!r} to be manager.", target="@odata.id")
    return found.person


async def _group(tx: Transaction, group_id: str) -> Group:
    found = await groups.by_id(tx, group_id)
    if found is None:
        raise NotFound(f"There is no group {group_id!r}.")
    return found[0]


async def _refuse_taken(tx: Transaction, fields: PersonFields, *, but: str = "") -> None:
    name = fields.get("user_principal_name")
    other = await people.taken(
        tx, user_key=name.lower() if name else None, employee_id=fields.get("employee_id"), but=but
    )
    if other is not None and name is not None and other.user_key == name.lower():
        raise NameTaken(f"Another user has the userPrincipalName {name}.", target="userPrincipalName")
    if other is not None:
        raise NameTaken(f"Another user has the employeeId {other.employee_id}.", target="employeeId")


@contextmanager
def _names_are_free(fields: PersonFields) -> Generator[None]:
    try:
        yield
    except IntegrityError as error:
        # Somebody took the name between our look and our write.
        names = [str(value) for key in ("user_principal_name", "employee_id") if (value := fields.get(key))]
        raise NameTaken(f"Another user has just taken {' or '.join(names)}.") from error


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add the lower-case keys that sign-in names and mail are found by."""
    columns = dict(values)
    if "user_principal_name" in values:
        columns["user_key"] = values["user_principal_name"].lower()
    if "mail" in values:
        columns["mail_key"] = values["mail"].lower() if values["mail"] else None
    return columns


def _record(tx: Transaction, actor: Actor, object_type: str, object_id: str, action: str, **details: Any) -> None:
    """Put a change into the trail."""
    tx.audit(
        AuditEvent(
            type=EventType.DIRECTORY_CHANGED,
            at=utc_now(),
            actor_id=actor.id,
            object_type=object_type,
            object_id=object_id,
            details={"action": action, **{name: _plain(value) for name, value in details.items()}},
        )
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.isoformat() if isinstance(value, date) else value
