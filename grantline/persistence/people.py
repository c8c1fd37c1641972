"""People of the directory, as lists and pages read them and administrators change them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, exists, insert, or_, select, text, update

from grantline.model.person import Person
from grantline.persistence import listing
from grantline.persistence.database import Transaction
from grantline.persistence.filtering import Field
from grantline.persistence.listing import Fields, ListQuery, Page
from grantline.persistence.tables import people, requests, stage_approvers

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


async def signed_in(tx: Transaction, ids: Collection[str], user_names: Collection[str]) -> Person | None:
    """Return whom a token names: by an id first, else by a sign-in name."""
    for id_ in ids:
        row = (await tx.execute(_BY_ID, {"id": id_})).first()
        if row is not None:
            return profile(row).person
    for name in user_names:
        row = (await tx.execute(_BY_NAME, {"user_key": name})).first()
        if row is not None:
            return profile(row).person
    return None
