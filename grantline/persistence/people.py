"""People of the directory, as lists and pages read them and administrators change them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, Text, bindparam, cast, delete, exists, insert, or_, select, update

from grantline.model.person import Person
from grantline.persistence import listing
from grantline.persistence.change_tables import package_changes
from grantline.persistence.database import Transaction
from grantline.persistence.delegation_tables import approval_delegations
from grantline.persistence.filtering import Field
from grantline.persistence.listing import Fields, ListQuery, Page
from grantline.persistence.tables import (
    grants,
    group_members,
    people,
    policies,
    requests,
    stage_approvers,
    stages,
)

COLUMNS = (
    people.c.id,
    people.c.user_principal_name,
    people.c.display_name,
    people.c.mail,
    people.c.job_title,
    people.c.department,
    people.c.employee_id,
    people.c.account_enabled,
    people.c.manager_id,
    people.c.hire_date,
    people.c.created_at,
)
FIELDS: Fields = {
    "id": people.c.id,
    "userPrincipalName": Field(column=people.c.user_key, is_folded=True),
    "displayName": people.c.display_name,
    "mail": Field(column=people.c.mail_key, is_folded=True),
    "jobTitle": people.c.job_title,
    "department": people.c.department,
    "employeeId": people.c.employee_id,
    "accountEnabled": people.c.account_enabled,
    "employeeHireDate": people.c.hire_date,
    "createdDateTime": people.c.created_at,
    "manager/id": people.c.manager_id,
}
KEY = (people.c.display_name, people.c.id)

_BY_ID = select(*COLUMNS).where(people.c.id == bindparam("id"))
_BY_NAME = select(*COLUMNS).where(people.c.user_key == bindparam("user_key"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person, with what only the directory's own pages show."""

    person: Person
    hire_date: date | None
    created_at: datetime


def profile(row: Row[Any]) -> Profile:
    """Read one row of `COLUMNS`."""
    person = Person(
        id=row.id,
        user_principal_name=row.user_principal_name,
        display_name=row.display_name,
        mail=row.mail,
        job_title=row.job_title,
        department=row.department,
        employee_id=row.employee_id,
        account_enabled=row.account_enabled,
        manager_id=row.manager_id,
    )
    return Profile(person=person, hire_date=row.hire_date, created_at=row.created_at)


async def page(tx: Transaction, query: ListQuery) -> Page[Profile]:
    """Return one page of everybody, by name unless the query says otherwise."""
    return (await listing.page(tx, select(*COLUMNS), FIELDS, KEY, query)).map(profile)


async def reports_page(tx: Transaction, manager_id: str, query: ListQuery) -> Page[Profile]:
    """Return one page of the people who have this manager."""
    return (await listing.page(tx, reports_of(manager_id), FIELDS, KEY, query)).map(profile)


async def members_page(tx: Transaction, group_id: str, query: ListQuery) -> Page[Profile]:
    """Return one page of a group's members."""
    return (await listing.page(tx, members_of(group_id), FIELDS, KEY, query)).map(profile)


def everybody() -> Select[Any]:
    """Select the columns of all people."""
    return select(*COLUMNS)


def reports_of(manager_id: str) -> Select[Any]:
    """Select the columns of the people who have this manager."""
    return select(*COLUMNS).where(people.c.manager_id == manager_id)


def members_of(group_id: str) -> Select[Any]:
    """Select the columns of a group's members."""
    return (
        select(*COLUMNS)
        .join(group_members, group_members.c.person_id == people.c.id)
        .where(group_members.c.group_id == group_id)
    )


async def find(tx: Transaction, id_or_name: str) -> Profile | None:
    """Return a person by id or by sign-in name."""
    key = id_or_name.lower()
    row = (await tx.execute(_BY_ID, {"id": key})).first() or (await tx.execute(_BY_NAME, {"user_key": key})).first()
    return profile(row) if row else None


async def by_ids(tx: Transaction, ids: Collection[str]) -> dict[str, Profile]:
    """Return people by their ids; the unknown are left out."""
    if not ids:
        return {}
    rows = await tx.all(select(*COLUMNS).where(people.c.id.in_(sorted(ids))))
    return {row.id: profile(row) for row in rows}


async def line_up(tx: Transaction, person_id: str, *, most: int) -> Sequence[str]:
    """Return the ids of the managers above a person, nearest first, at most so many."""
    line: list[str] = []
    above: str | None = person_id
    while len(line) < most:
        above = await tx.scalar(select(people.c.manager_id).where(people.c.id == above))
        if above is None or above in line:
            break
        line.append(above)
    return line


async def taken(tx: Transaction, *, user_key: str | None, employee_id: str | None, but: str = "") -> Row[Any] | None:
    """Return whoever else has this sign-in name or employee id, if anybody."""
    same = [people.c.user_key == user_key] if user_key is not None else []
    if employee_id is not None:
        same.append(people.c.employee_id == employee_id)
    if not same:
        return None
    return await tx.first(select(people.c.user_key, people.c.employee_id).where(or_(*same), people.c.id != but))


async def add(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Insert a person."""
    await tx.execute(insert(people).values(**values))


async def change(tx: Transaction, person_id: str, values: Mapping[str, Any]) -> None:
    """Overwrite some columns of a person."""
    await tx.changed(update(people).where(people.c.id == person_id).values(**values))


async def is_on_record(tx: Transaction, person_id: str) -> bool:
    """Tell whether a request, decision, delegation, grant or walk names the person, so that their row is needed."""
    named = or_(
        exists().where(requests.c.requestor_id == person_id),
        exists().where(requests.c.target_id == person_id),
        exists().where(stages.c.decided_by_id == person_id),
        exists().where(stage_approvers.c.person_id == person_id),
        exists().where(grants.c.person_id == person_id),
        exists().where(approval_delegations.c.delegator_id == person_id),
        exists().where(approval_delegations.c.delegate_id == person_id),
        # A package that they retired is taken from its holders in their name.
        exists().where(package_changes.c.completed_at.is_(None), package_changes.c.actor_id == person_id),
    )
    return bool(await tx.scalar(select(named)))


async def policy_naming(tx: Transaction, subject_id: str) -> str | None:
    """Return the name of a policy that names this person or group in any part of its settings."""
    naming = cast(policies.c.settings, Text).contains(subject_id, autoescape=True)
    return await tx.scalar(select(policies.c.display_name).where(naming).order_by(policies.c.id).limit(1))


async def remove(tx: Transaction, person_id: str, at: datetime) -> int:
    """Delete a person; return how many people had them as manager and have none now."""
    left = await tx.changed(
        update(people).where(people.c.manager_id == person_id).values(manager_id=None, modified_at=at)
    )
    await tx.changed(delete(people).where(people.c.id == person_id))
    return left
