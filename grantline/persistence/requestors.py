"""Who asked, as a request has it: a person of the directory, or an application with the name that it had then.

Statements join `REQUESTOR` with an outer join, since an application is no row of it.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from grantline.model.person import Person, application_named, is_application
from grantline.persistence.database import Transaction
from grantline.persistence.tables import people, requests

REQUESTOR = people.alias("requestor")
ASKED = requests.c.requestor_id == REQUESTOR.c.id
NAME: ColumnElement[Any] = func.coalesce(requests.c.requestor_name, REQUESTOR.c.display_name)
"""What whoever asked is called."""

COLUMNS = ("user_principal_name", "display_name", "mail", "department", "account_enabled", "manager_id")
"""What a story has of a person."""


def selected(columns: Sequence[str] = COLUMNS) -> tuple[ColumnElement[Any], ...]:
    """Select what `requestor_in` reads beside the two columns of the request itself."""
    return tuple(REQUESTOR.c[name].label(f"requestor_{name}") for name in columns)


def requestor_in(row: Row[Any], columns: Sequence[str] = COLUMNS) -> Person:
    """Read who asked."""
    if is_application(row.requestor_id):
        return application_named(row.requestor_id, row.requestor_name)
    return person_in(row, "requestor", columns)


def person_in(row: Row[Any], who: str, columns: Sequence[str] = COLUMNS) -> Person:
    """Read a person whose columns begin with what they are in the story."""
    return Person(
        id=getattr(row, f"{who}_id"),
        **{name: getattr(row, f"{who}_{name}") for name in columns},
    )


async def applications(tx: Transaction, actor_ids: Collection[str]) -> dict[str, Person]:
    """Return the applications among these actors, by the name that each asked with last; there are few, if any."""
    found: dict[str, Person] = {}
    for one in filter(is_application, actor_ids):
        latest = select(requests.c.requestor_name).where(requests.c.requestor_id == one)
        name = await tx.scalar(latest.order_by(requests.c.created_at.desc(), requests.c.id.desc()).limit(1))
        found[one] = application_named(one, name)
    return found
