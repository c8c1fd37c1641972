"""Which person of the directory somebody is whom an OpenID provider names."""

from collections.abc import Iterable, Mapping
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


async def called(tx: Transaction, text: str, *, most: int) -> list[Person]:
    """Return people with an enabled account, by name; those whose name or sign-in name has the text in it."""
    within = or_(
        people.c.display_name.icontains(text, autoescape=True),
        people.c.user_key.contains(text.lower(), autoescape=True),
    )
    statement = select(*COLUMNS).where(people.c.account_enabled.is_(True), within)
    rows = await tx.all(statement.order_by(people.c.display_name, people.c.id).limit(most))
    return [Person(**row._mapping) for row in rows]
