"""One page of a list: filtered, ordered, and found again by what its last row was.

Pages follow the order's own values (keyset), not a count of rows to skip, so
people who come and go between two pages neither repeat nor hide others. The
cursor says where to go on; it grants nothing, and one that was altered, or made
for another query, is refused.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    String,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import asc_op, desc_op

from grantline.errors import InvalidInput
from grantline.persistence.database import Transaction
from grantline.persistence.filtering import Field, Fields, condition, find
from grantline.persistence.realms import Within
from grantline.persistence.tables import Instant

__all__ = ["DEFAULT_TOP", "Field", "Fields", "ListQuery", "Order", "Page", "Within", "page"]

DEFAULT_TOP = 100
CHECK_BYTES = 9
CURSOR_SPICE = b"grantline-cursor"
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One property of `$orderby`."""

    path: str
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """Which rows, in which order, from where on. `filter` is odata-query's syntax tree."""

    filter: Any = None
    orderby: tuple[Order, ...] = ()
    top: int = DEFAULT_TOP
    skip: int = 0
    cursor: str | None = None
    count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some rows; `next_cursor` is None on the last page, `count` unless it was asked for."""

    rows: tuple[T, ...]
    next_cursor: str | None = None
    count: int | None = None

    def map(self, read: Callable[[T], U]) -> "Page[U]":
        """Return the same page with every row read by a function."""
        return Page(rows=tuple(read(row) for row in self.rows), next_cursor=self.next_cursor, count=self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One value of the order. Nothing sorts before everything, and never is NULL here."""

    name: str
    expression: ColumnElement[Any]
    is_descending: bool

    def bound(self, value: Any) -> ColumnElement[Any]:
        return literal(value, self.expression.type)


async def page(
    tx: Transaction,
    base: Select[Any],
    fields: Fields,
    key: Sequence[ColumnElement[Any]],
    query: ListQuery,
    *,
    within: Within | None = None,
) -> Page[Row[Any]]:
    """Return one page of `base`; `within` narrows it to some catalogs.

    `fields` are the wire paths that may be filtered and ordered by. `key` is the
    order when the query names none; its last column makes it unique. A key that
    begins with an instant lists newest first; `.asc()` or `.desc()` says otherwise.

    Raises:
        InvalidInput: the filter, the order or the cursor does not fit.
    """
    base = _filtered(base, fields, query)
    steps = _steps(fields, key, query.orderby)
    mark = _mark(steps, query)
    statement = base.add_columns(*(step.expression.label(f"step_{n}") for n, step in enumerate(steps)))
    if query.cursor is not None:
        statement = statement.where(_after(steps, _open(query.cursor, steps, mark)))
    statement = _in_order(statement, steps, query, within)
    rows = await tx.all(statement.limit(query.top + 1))
    has_more = len(rows) > query.top
    rows = rows[: query.top]
    return Page(
        rows=tuple(rows),
        next_cursor=_close([rows[-1]._mapping[f"step_{n}"] for n in range(len(steps))], mark) if has_more else None,
        count=await _count(tx, base, within) if query.count else None,
    )


async def count(
    tx: Transaction, base: Select[Any], fields: Fields, query: ListQuery, *, within: Within | None = None
) -> int:
    """Return how many rows of `base` the query's filter leaves."""
    return await _count(tx, _filtered(base, fields, query), within)


async def _count(tx: Transaction, base: Select[Any], within: Within | None) -> int:
    inside = base if within is None else base.where(within.condition())
    return await tx.scalar(select(func.count()).select_from(inside.order_by(None).subquery()))


def _filtered(base: Select[Any], fields: Fields, query: ListQuery) -> Select[Any]:
    return base if query.filter is None else base.where(condition(query.filter, fields))


def _in_order(statement: Select[Any], steps: Sequence[_Step], query: ListQuery, within: Within | None) -> Select[Any]:
    """Order the rows and leave out those to be skipped; of each catalog as many are read as the page could need."""
    skipped = query.skip if query.cursor is None else 0

    def ordered(of: Select[Any], *by: ColumnElement[Any]) -> Select[Any]:
        return of.order_by(
            *(one.desc() if step.is_descending else one.asc() for step, one in zip(steps, by, strict=True))
        )

    by = [step.expression for step in steps]
    parts = within.parts() if within else []
    if len(parts) > 1:
        each = [ordered(statement.where(part), *by).limit(query.top + 1 + skipped).subquery() for part in parts]
        whole = union_all(*(select(one) for one in each)).subquery()
        return ordered(select(whole), *(whole.c[f"step_{n}"] for n in range(len(steps)))).offset(skipped or None)
    inside = statement.where(*parts)
    return ordered(inside, *by).offset(skipped or None)


def _steps(fields: Fields, key: Sequence[ColumnElement[Any]], orders: Sequence[Order]) -> list[_Step]:
    if not orders:
        newest_first = isinstance(_plain(key[0]).type, Instant)
        return [_key_step(column, is_descending=newest_first) for column in key]
    steps: list[_Step] = []
    for order in orders:
        name, field = find(fields, order.path, option="$orderby")
        if not isinstance(field.column.type, String | Boolean | Integer | Instant | Date):
            raise InvalidInput(f"$orderby cannot use {name}; it has no order.", target="$orderby")
        if name not in {step.name for step in steps}:
            steps.append(_Step(name=name, expression=_never_null(field.column), is_descending=order.is_descending))
    return [*steps, _key_step(key[-1], is_descending=steps[-1].is_descending)]


def _key_step(column: ColumnElement[Any], *, is_descending: bool) -> _Step:
    if isinstance(column, UnaryExpression) and column.modifier in {asc_op, desc_op}:
        is_descending = column.modifier is desc_op
    plain = _plain(column)
    return _Step(name=str(plain), expression=plain, is_descending=is_descending)


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if isinstance(column, UnaryExpression) and column.modifier in {asc_op, desc_op}:
        return column.element
    return column


def _never_null(column: ColumnElement[Any]) -> ColumnElement[Any]:
    if not getattr(column, "nullable", True):
        return column
    least: Any = ""
    if isinstance(column.type, Boolean):
        least = False
    elif isinstance(column.type, Integer):
        least = -(2**31)
    elif isinstance(column.type, Instant):
        least = datetime(1, 1, 1, tzinfo=UTC)
    elif isinstance(column.type, Date):
        least = date(1, 1, 1)
    return func.coalesce(column, literal(least, column.type), type_=column.type)


def _after(steps: Sequence[_Step], values: Sequence[Any]) -> ColumnElement[bool]:
    """Hold for the rows after the one with these values."""
    if len({step.is_descending for step in steps}) == 1:
        here = tuple_(*(step.expression for step in steps))
        there = tuple_(*(step.bound(value) for step, value in zip(steps, values, strict=True)))
        return here < there if steps[0].is_descending else here > there
    found: ColumnElement[bool] = false()
    for step, value in reversed(list(zip(steps, values, strict=True))):
        bound = step.bound(value)
        beyond = step.expression < bound if step.is_descending else step.expression > bound
        found = or_(beyond, and_(step.expression == bound, found))
    return found


def _mark(steps: Sequence[_Step], query: ListQuery) -> bytes:
    """Return what tells this query's cursors from another's."""
    order = [(step.name, step.is_descending) for step in steps]
    return repr((order, query.filter)).encode("utf-8", "backslashreplace")


def _check(payload: bytes, mark: bytes) -> bytes:
    return hashlib.blake2b(payload + b"\0" + mark, key=CURSOR_SPICE, digest_size=CHECK_BYTES).digest()


def _close(values: Sequence[Any], mark: bytes) -> str:
    payload = json.dumps(
        [value.isoformat() if isinstance(value, date) else value for value in values], separators=(",", ":")
    ).encode()
    return base64.urlsafe_b64encode(_check(payload, mark) + payload).decode().rstrip("=")


def _open(cursor: str, steps: Sequence[_Step], mark: bytes) -> list[Any]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        check, payload = raw[:CHECK_BYTES], raw[CHECK_BYTES:]
        if check != _check(payload, mark):
            raise ValueError("altered, or of another query")
        values = json.loads(payload)
        return [_read(step, value) for step, value in zip(steps, values, strict=True)]
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidInput(
            "$skiptoken is not one that this list gave; follow @odata.nextLink as it is, or begin again without it.",
            target="$skiptoken",
        ) from error


def _read(step: _Step, value: Any) -> Any:
    if isinstance(step.expression.type, Instant):
        read = datetime.fromisoformat(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read
    if isinstance(step.expression.type, Date):
        return date.fromisoformat(value)
    return value
