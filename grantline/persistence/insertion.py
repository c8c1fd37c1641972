"""An INSERT that leaves what is there as it is, in the words that both databases know.

SQLAlchemy has its own for each dialect, and compiles those anew for every call.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Table, TextClause, bindparam, text


def ignoring_known(table: Table, row: Collection[str]) -> TextClause:
    """Insert rows with these columns, but none that breaks a key of the table: that one is there already."""
    return _statement(table, tuple(row))


@cache
def _statement(table: Table, columns: tuple[str, ...]) -> TextClause:
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(f":{name}" for name in columns)
    words = f"INSERT INTO {table.name} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING"  # noqa: S608  (our own names)
    typed: list[Any] = [bindparam(name, type_=table.c[name].type) for name in columns]
    return text(words).bindparams(*typed)
