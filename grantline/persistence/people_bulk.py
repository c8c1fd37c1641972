"""Everybody at once: what an import reads and writes."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, bindparam, insert, null, select, text, update

from grantline.persistence.tables import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row

    from grantline.persistence.database import Transaction

CHANGEABLE = (
    "user_principal_name",
    "user_key",
    "display_name",
    "mail",
    "mail_key",
    "job_title",
    "department",
    "employee_id",
    "account_enabled",
    "manager_id",
    "hire_date",
)


def column_length(column: "ColumnElement[str]") -> int:
    """Return how many characters a text column keeps."""
    if not isinstance(column.type, String) or column.type.length is None:
        raise AssertionError(f"{column} has no length (this is a bug)")
    return column.type.length


async def hold_still(tx: "Transaction") -> None:
    """Keep other writers away from people until the end; readers go on. SQLite has one writer anyway."""
    if tx.dialect == "postgresql":
        await tx.execute(text("LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE"))


async def everybody(tx: "Transaction") -> "list[Row[Any]]":
    """Return every person's whole row."""
    return await tx.all(select(people))


async def add(tx: "Transaction", rows: "Sequence[dict[str, Any]]", at: datetime) -> None:
    """Insert people, managers before their reports."""
    if rows:
        await tx.execute(insert(people), [{**row, "created_at": at, "modified_at": at} for row in rows])


async def free_keys(tx: "Transaction", ids: "Sequence[str]") -> None:
    """Take unique names from people who are about to get others, so that names can be swapped."""
    if ids:
        statement = (
            update(people).where(people.c.id == bindparam("person")).values(user_key=people.c.id, employee_id=null())
        )
        await tx.execute(statement, [{"person": id_} for id_ in ids])


async def change(tx: "Transaction", rows: "Sequence[dict[str, Any]]", at: datetime) -> None:
    """Overwrite all changeable columns of people by their `id`."""
    if rows:
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in CHANGEABLE}
        statement = update(people).where(people.c.id == bindparam("person")).values(**values, modified_at=at)
        parameters = [{"person": row["id"], **{f"new_{name}": row[name] for name in CHANGEABLE}} for row in rows]
        await tx.execute(statement, parameters)
