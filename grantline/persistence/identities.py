"""Which person of the directory somebody is whom an OpenID provider names."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from grantline.model.person import KnownBy, Person
from grantline.persistence.database import Transaction
from grantline.persistence.tables import people

COLUMNS = tuple(people.c[field] for field in Person.__dataclass_fields__)

# Two rows are enough to see that there is more than one.
_BY: Mapping[KnownBy, Select[Any]] = {
    known_by: select(*COLUMNS).where(column == bindparam("value")).limit(2)
    for known_by, column in {
        KnownBy.ID: people.c.id,
        KnownBy.USER_PRINCIPAL_NAME: people.c.user_key,
        KnownBy.MAIL: people.c.mail_key,
        KnownBy.EMPLOYEE_ID: people.c.employee_id,
    }.items()
}


async def named(tx: Transaction, names: Iterable[tuple[KnownBy, str]]) -> Person | None:
    """Return the person of the first name that anybody has; of a mail that several share, nobody."""
    for known_by, value in names:
        rows = await tx.all(_BY[known_by], {"value": value})
        if rows:
            return Person(**rows[0]._mapping) if len(rows) == 1 else None
    return None


async def by_any_name(tx: Transaction, names: Sequence[str]) -> dict[str, list[Person]]:
    """Return of each name the people whose sign-in name, mail address, employee id or id it is.

    In employee ids alone it matters whether letters are large or small.
    """
    if not names:
        return {}
    written = {name.strip() for name in names}
    keys = sorted({name.lower() for name in written})
    by_key = or_(*(column.in_(keys) for column in (people.c.user_key, people.c.mail_key, people.c.id)))
    known = or_(by_key, people.c.employee_id.in_(sorted(written)))
    found: dict[str, dict[str, Person]] = {}
    for row in await tx.all(select(*COLUMNS, people.c.user_key, people.c.mail_key).where(known)):
        person = Person(**{column.name: row._mapping[column] for column in COLUMNS})
        for key in (row.user_key, row.mail_key, row.id, row.employee_id):
            found.setdefault(key or "", {})[row.id] = person
    return {
        name: list({**found.get(name.strip().lower(), {}), **found.get(name.strip(), {})}.values()) for name in names
    }


async def called(tx: Transaction, text: str, *, most: int) -> list[Person]:
    """Return people with an enabled account, by name; those whose name or sign-in name has the text in it."""
    within = or_(
        people.c.display_name.icontains(text, autoescape=True),
        people.c.user_key.contains(text.lower(), autoescape=True),
    )
    statement = select(*COLUMNS).where(people.c.account_enabled.is_(True), within)
    rows = await tx.all(statement.order_by(people.c.display_name, people.c.id).limit(most))
    return [Person(**row._mapping) for row in rows]
