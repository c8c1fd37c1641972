"""`$filter` to SQL: odata-query's syntax tree over a whitelist of fields.

Strings compare without regard to case, as Microsoft Graph's do; so `tolower`
and `toupper` are understood and change nothing. `null` is a value like others:
`ne 'x'` and `not (… eq 'x')` hold where nothing is set.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from odata_query import ast
from sqlalchemy import Boolean, ColumnElement, Date, Integer, String, and_, false, func, literal, not_, or_

from grantline.errors import InvalidInput
from grantline.model.person import actor_id
from grantline.persistence.tables import Instant

GUID_LENGTH = 36
MOST_TERMS = 100
DEEPEST = 60
LARGEST_INTEGER = 2**31 - 1

COMPARISONS: dict[type[Any], Callable[[Any, Any], ColumnElement[bool]]] = {
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left.is_distinct_from(right),
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
}
MIRRORED: dict[type[Any], type[Any]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
PATTERNS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
LITERALS = (
    ast.Null,
    ast.Integer,
    ast.Float,
    ast.Boolean,
    ast.String,
    ast.Geography,
    ast.Date,
    ast.Time,
    ast.DateTime,
    ast.Duration,
    ast.GUID,
    ast.List,
)
FOLDING = frozenset({"tolower", "toupper"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property that may be filtered on, and the column that holds it.

    `members` makes it an enumeration: wire name to stored value, or values.
    `is_folded` says the column is in lower case already, so that its index serves;
    `is_actor` that it has ids of people and of applications, which serve as they are.
    """

    column: ColumnElement[Any]
    members: Mapping[str, str | tuple[str, ...]] | None = None
    is_folded: bool = False
    is_actor: bool = False


Fields = Mapping[str, "ColumnElement[Any] | Field"]


def find(fields: Fields, path: str, *, option: str) -> tuple[str, Field]:
    """Return the field a wire path names, in any case, with its proper name."""
    wanted = path.lower()
    for name, field in fields.items():
        if name.lower() == wanted:
            return name, field if isinstance(field, Field) else Field(column=field)
    raise InvalidInput(f"{option} cannot use {path!r} here; it can use {', '.join(sorted(fields))}.", target=option)


def condition(tree: Any, fields: Fields) -> ColumnElement[bool]:
    """Turn a parsed `$filter` into a condition.

    Raises:
        InvalidInput: a property, an operator or a value that does not fit; says what would.
    """
    return _Translation(fields).condition(tree, 0)


def _refuse(message: str) -> InvalidInput:
    return InvalidInput(f"$filter: {message}", target="$filter")


class _Translation:
    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._terms = 0

    def condition(self, node: Any, depth: int) -> ColumnElement[bool]:
        """Translate a boolean expression."""
        if depth > DEEPEST:
            raise _refuse(f"it is nested more than {DEEPEST} deep; use 'in (…)' for long lists of values.")
        if isinstance(node, ast.BoolOp):
            join = and_ if isinstance(node.op, ast.And) else or_
            return join(self.condition(node.left, depth + 1), self.condition(node.right, depth + 1))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not_(func.coalesce(self.condition(node.operand, depth + 1), false()))
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise _refuse(f"it has more than {MOST_TERMS} comparisons; use 'in (…)' for long lists of values.")
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Call):
            return self._pattern(node)
        if isinstance(node, ast.Identifier | ast.Attribute):
            name, field = self._field(node)
            if not isinstance(field.column.type, Boolean):
                raise _refuse(f"{name} is not true or false; compare it, as in {name} eq 'value'.")
            return field.column.is_(True)
        raise _refuse(f"{_shown(node)} is not a condition; write one such as {next(iter(self._fields))} eq 'value'.")

    def _field(self, node: Any) -> tuple[str, Field]:
        return find(self._fields, _path(node), option="$filter")

    def _comparison(self, node: ast.Compare) -> ColumnElement[bool]:
        left, right, comparator = _unfolded(node.left), _unfolded(node.right), type(node.comparator)
        if _is_value(left) and not _is_value(right):
            left, right, comparator = right, left, MIRRORED.get(comparator, comparator)
        if isinstance(left, ast.Call):
            return self._compared_call(left, right, comparator)
        if not _is_value(right):
            raise _refuse(f"{_shown(right)} is not a value; a property is compared with a value.")
        name, field = self._field(left)
        if comparator is ast.In:
            return self._one_of(name, field, right)
        if comparator not in COMPARISONS:
            raise _refuse(f"the operator after {name} is not supported; use eq, ne, gt, ge, lt, le or in.")
        return _compared(name, field, comparator, right)

    def _compared_call(self, call: ast.Call, right: Any, comparator: type[Any]) -> ColumnElement[bool]:
        held = self._pattern(call)
        if not isinstance(right, ast.Boolean) or comparator not in {ast.Eq, ast.NotEq}:
            raise _refuse(
                f"{call.func.name}(…) is true or false; compare it with eq true, or leave the comparison out."
            )
        wants_true = right.py_val == (comparator is ast.Eq)
        return held if wants_true else not_(func.coalesce(held, false()))

    def _one_of(self, name: str, field: Field, values: Any) -> ColumnElement[bool]:
        if not isinstance(values, ast.List) or not values.val:
            raise _refuse(f"'in' wants a list, as in {name} in ('a','b').")
        if len(values.val) > MOST_TERMS:
            raise _refuse(f"'in' takes at most {MOST_TERMS} values; {len(values.val)} came.")
        return or_(*(_compared(name, field, ast.Eq, _unfolded(value)) for value in values.val))

    def _pattern(self, call: ast.Call) -> ColumnElement[bool]:
        shape = PATTERNS.get(call.func.name.lower())
        if shape is None:
            known = ", ".join((*PATTERNS, *sorted(FOLDING)))
            raise _refuse(f"the function {call.func.name}(…) is not supported here; use one of {known}.")
        if len(call.args) != 2:  # noqa: PLR2004  (a property and a text)
            raise _refuse(f"{call.func.name} takes a property and a text.")
        left, right = (_unfolded(argument) for argument in call.args)
        if not isinstance(right, ast.String) or _is_value(left):
            raise _refuse(f"{call.func.name} takes a property and a text, as in {call.func.name}(displayName,'text').")
        name, field = self._field(left)
        if field.members is not None or not isinstance(field.column.type, String):
            raise _refuse(f"{name} is not a text; {call.func.name} looks into texts only.")
        escaped = right.val.replace("/", "//").replace("%", "/%").replace("_", "/_")
        column = field.column if field.is_folded else func.lower(field.column)
        return column.like(func.lower(shape.format(escaped)), escape="/")


def _compared(name: str, field: Field, comparator: type[Any], value: Any) -> ColumnElement[bool]:
    column = field.column
    if isinstance(value, ast.Null):
        if comparator not in {ast.Eq, ast.NotEq}:
            raise _refuse(f"{name} can be compared with null by eq and ne only.")
        return column.is_(None) if comparator is ast.Eq else column.is_not(None)
    if field.members is not None:
        return _compared_member(name, field, comparator, value)
    compare = COMPARISONS[comparator]
    if isinstance(column.type, Boolean) and comparator not in {ast.Eq, ast.NotEq}:
        raise _refuse(f"{name} is true or false; compare it by eq or ne.")
    for kind, read in READERS:
        if isinstance(column.type, kind):
            return compare(column, literal(read(name, value), column.type))
    if not isinstance(column.type, String):
        raise _refuse(f"{name} cannot be compared.")
    text = _text(name, value)
    if column.type.length == GUID_LENGTH:
        return compare(column, text.lower())
    if field.is_actor:
        return compare(column, actor_id(text))
    return compare(column if field.is_folded else func.lower(column), func.lower(text))


def _compared_member(name: str, field: Field, comparator: type[Any], value: Any) -> ColumnElement[bool]:
    members = field.members or {}
    if comparator not in {ast.Eq, ast.NotEq}:
        raise _refuse(f"{name} is one of {', '.join(members)}; compare it by eq, ne or in.")
    wanted = _text(name, value).lower()
    for member, stored in members.items():
        if member.lower() == wanted:
            values = (stored,) if isinstance(stored, str) else stored
            held = field.column.in_(values)
            return held if comparator is ast.Eq else not_(func.coalesce(held, false()))
    raise _refuse(f"{name} is one of {', '.join(members)}, not {_shown(value)}.")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, ast.String | ast.GUID):
        raise _refuse(f"{name} is a text; put the value in single quotes, not {_shown(value)}.")
    return value.val


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, ast.Boolean):
        return value.py_val
    if isinstance(value, ast.String) and value.val.lower() in {"true", "false"}:
        return value.val.lower() == "true"
    raise _refuse(f"{name} is true or false, not {_shown(value)}.")


def _integer(name: str, value: Any) -> int:
    if isinstance(value, ast.Integer) and len(value.val) < 12:  # noqa: PLR2004  (sign, digits; int() of more is slow)
        number = int(value.val)
        if abs(number) <= LARGEST_INTEGER:
            return number
    raise _refuse(f"{name} is a whole number of 32 bits, not {_shown(value)}.")


def _instant(name: str, value: Any) -> datetime:
    if isinstance(value, ast.DateTime | ast.Date | ast.String):
        try:
            read = datetime.fromisoformat(value.val.upper())
            return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise _refuse(f"{name} is an instant such as 2026-01-31T08:00:00Z, not {_shown(value)}.")


def _date(name: str, value: Any) -> date:
    if isinstance(value, ast.Date | ast.String | ast.DateTime):
        try:
            return date.fromisoformat(value.val[:10])
        except ValueError:
            pass
    raise _refuse(f"{name} is a date such as 2026-01-31, not {_shown(value)}.")


READERS: tuple[tuple[type[Any], Callable[[str, Any], Any]], ...] = (
    (Boolean, _boolean),
    (Instant, _instant),
    (Date, _date),
    (Integer, _integer),
)


def _is_value(node: Any) -> bool:
    return isinstance(node, LITERALS)


def _unfolded(node: Any) -> Any:
    """Strip tolower() and toupper(): comparing ignores case anyway."""
    while isinstance(node, ast.Call) and node.func.name.lower() in FOLDING and len(node.args) == 1:
        node = node.args[0]
    return node


def _path(node: Any) -> str:
    if isinstance(node, ast.Identifier):
        return node.full_name()
    if isinstance(node, ast.Attribute):
        return f"{_path(node.owner)}/{node.attr}"
    raise _refuse(f"{_shown(node)} is not a property.")


def _shown(node: Any) -> str:
    """Name a piece of the expression for a message, briefly."""
    if isinstance(node, ast.Identifier | ast.Attribute):
        return _path(node)
    if isinstance(node, ast.Null):
        return "null"
    if isinstance(node, ast.Call):
        return f"{node.func.name}(…)"
    value = getattr(node, "val", None)
    return repr(value[:60]) if isinstance(value, str) else "that expression"
