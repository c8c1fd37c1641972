"""What tables are made of: names of constraints, the kinds of column, and the one metadata."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, MetaData, String, text

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


def key(*args: Any, **kwargs: Any) -> Column[str]:
    """Return the primary key: a GUID as text."""
    return Column("id", String(36), *args, primary_key=True, **kwargs)


def reference(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[str]:
    """Return a foreign key."""
    return Column(name, String(36), ForeignKey(target), nullable=nullable, index=index)


def actor(name: str, *, nullable: bool = False, comment: str | None = None) -> Column[str]:
    """Return who did something: a person's id, or an application's behind `application:`; so no foreign key."""
    return Column(name, String(128), nullable=nullable, comment=comment)


def partial(name: str, *columns: str, where: str, unique: bool = True) -> Index:
    """Return an index over the rows where a condition holds, in the same words for both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))
