"""Query options of an URL, parsed. What we do not offer is refused by name, never ignored.

Names are matched in any case, with or without `$`, as Graph does.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from api.odata import search
from grantline.errors import InvalidInput
from grantline.persistence.listing import DEFAULT_TOP, ListQuery, Order

LARGEST_TOP = 999
LARGEST_SKIP = 100_000
LONGEST_FILTER = 4_000
LONGEST_OPTION = 16_000
DEEPEST_EXPAND = 4
MOST_LEVELS = 20
MOST_ORDERS = 5
NOT = re.compile(r"\bnot(?=\()", re.IGNORECASE)
LIST_OF_ONE = re.compile(r"'(?:[^']|'')*'|\bin\s*\(\s*(?P<only>'(?:[^']|'')*'|[^',()\s]+)\s*\)", re.IGNORECASE)
FUNCTION = re.compile(r"\b(?:contains|startswith|endswith|tolower|toupper)\s*(?=\()", re.IGNORECASE)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_.]*)*")
PREFERRED_SIZE = re.compile(r"odata\.maxpagesize\s*=\s*\"?(\d{1,6})", re.IGNORECASE)

COLLECTION_OPTIONS = ("$count", "$expand", "$filter", "$orderby", "$select", "$skip", "$skiptoken", "$top")
WHOLE_OPTIONS = ("$count", "$expand", "$select", "$skip", "$top")
ENTITY_OPTIONS = ("$expand", "$select")
EXPAND_OPTIONS = ("$expand", "$levels", "$select")
FORMATS = frozenset({"json", "application/json"})
LEVELLED = "manager"
ADVICE = {"$search": "use $filter=contains(displayName,'…')"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ODataQuery:
    """What a caller asked a list or an entity for. Names in `expand` are as the caller wrote them."""

    select: tuple[str, ...] | None = None
    expand: Mapping[str, "ODataQuery"] = field(default_factory=dict)
    filter: Any = None
    orderby: tuple[Order, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    cursor: str | None = None
    levels: int = 1

    def listing(self, default_top: int = DEFAULT_TOP) -> ListQuery:
        """Return the part that finds rows."""
        return ListQuery(
            filter=self.filter,
            orderby=self.orderby,
            top=self.top or default_top,
            skip=self.skip or 0,
            cursor=self.cursor,
            count=self.count,
        )

    def counting(self) -> ListQuery:
        """Return what finds how many rows there are, for a list that only comes as pages."""
        return ListQuery(filter=self.filter, top=1, count=True)

    def expanding(self, name: str) -> "ODataQuery | None":
        """Return the options inside `$expand=name(…)`, or None if it is not expanded."""
        wanted = name.lower()
        return next((inner for asked, inner in self.expand.items() if asked.lower() == wanted), None)

    def allow_expand(self, *paths: str) -> None:
        """Refuse any `$expand` that is not among `paths`, such as `assignment/target`.

        Raises:
            InvalidInput: names the one that is not, and lists those that are.
        """
        allowed = {"/".join(path.split("/")[: n + 1]) for path in paths for n in range(path.count("/") + 1)}
        known = {path.lower() for path in allowed}
        for asked in _expanded(self, ""):
            if asked.lower() not in known:
                offer = f"it can be one of {', '.join(sorted(allowed))}" if allowed else "nothing can be expanded here"
                raise InvalidInput(f"$expand cannot be {asked!r} here; {offer}.", target="$expand")


def _expanded(query: ODataQuery, prefix: str) -> Iterable[str]:
    for name, inner in query.expand.items():
        yield prefix + name
        yield from _expanded(inner, f"{prefix}{name}/")


NOTHING = ODataQuery()


def parse(query_string: str, *, options: tuple[str, ...] = COLLECTION_OPTIONS, prefer: str | None = None) -> ODataQuery:
    """Parse a raw query string; `prefer` is the header, whose odata.maxpagesize counts when `$top` is absent.

    Raises:
        InvalidInput: an option that is unknown, not offered here, given twice or malformed.
    """
    given: dict[str, str] = {}
    if query_string:
        try:
            pairs = parse_qsl(query_string, keep_blank_values=True, max_num_fields=50)
        except ValueError as error:
            raise InvalidInput("The query string has more than 50 options.") from error
        for raw_name, value in pairs:
            _put(given, raw_name, value, options)
    query = _build(given, 0)
    if prefer and query.top is None and "$top" in options and (size := PREFERRED_SIZE.search(prefer)):
        return _build({**given, "$top": str(max(1, min(int(size[1]), LARGEST_TOP)))}, 0)
    return query


def _put(given: dict[str, str], raw_name: str, value: str, options: tuple[str, ...]) -> None:
    name = "$" + raw_name.strip().lower().removeprefix("$")
    if name == "$format":
        if value.partition(";")[0].strip().lower() not in FORMATS:
            raise InvalidInput(f"$format can be json here, not {value[:40]!r}.", target=name)
        return
    if name not in options:
        advice = ADVICE.get(name)
        allowed = advice or (f"use {', '.join(options)}" if options else "there are none")
        raise InvalidInput(f"The query option {raw_name!r} is not supported here; {allowed}.", target=raw_name)
    if name in given:
        raise InvalidInput(f"The query option {name} is given twice; give it once.", target=name)
    longest = LONGEST_FILTER if name == "$filter" else LONGEST_OPTION
    if len(value) > longest:
        raise InvalidInput(f"{name} has {len(value)} characters; {longest} are the most.", target=name)
    given[name] = value


def _build(given: Mapping[str, str], depth: int) -> ODataQuery:
    return ODataQuery(
        select=_names(given["$select"], "$select") if "$select" in given else None,
        expand=_expansion(given["$expand"], depth) if "$expand" in given else {},
        filter=_wanted(given),
        orderby=_orders(given["$orderby"]) if "$orderby" in given else (),
        top=_whole("$top", given["$top"], 1, LARGEST_TOP) if "$top" in given else None,
        skip=_whole("$skip", given["$skip"], 0, LARGEST_SKIP) if "$skip" in given else None,
        count=_truth("$count", given["$count"]) if "$count" in given else False,
        cursor=given.get("$skiptoken"),
        levels=_levels(given["$levels"]) if "$levels" in given else 1,
    )


def _wanted(given: Mapping[str, str]) -> Any:
    """Return what rows must hold: the filter, the search, or both."""
    trees = [_tree(given["$filter"])] if "$filter" in given else []
    if "$search" in given:
        trees.append(search.tree(given["$search"]))
    return ast.BoolOp(ast.And(), *trees) if len(trees) > 1 else trees[0] if trees else None


@lru_cache(maxsize=512)
def _tree(text: str) -> Any:
    try:
        return ODataParser().parse(ODataLexer().tokenize(_lists_of_one(_functions_in_lower_case(text))))
    except ODataException as error:
        raise InvalidInput(f"$filter cannot be read{_whereabouts(error)}.", target="$filter") from error
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError, IndexError) as error:
        # The grammar's own actions trip over some malformed input.
        raise InvalidInput("$filter cannot be read; is it well-formed?", target="$filter") from error


def _functions_in_lower_case(text: str) -> str:
    """Write `startsWith(` as `startswith(` and `not(` as `not (`, outside of texts; the grammar knows only these."""
    pieces = text.split("'")
    pieces[::2] = [NOT.sub("not ", FUNCTION.sub(lambda found: found[0].lower(), piece)) for piece in pieces[::2]]
    return "'".join(pieces)


def _lists_of_one(text: str) -> str:
    """Write `in ('a')` as `in ('a',)`, outside of texts; the grammar takes the first for a value in parentheses."""
    return LIST_OF_ONE.sub(lambda found: f"in ({found['only']},)" if found["only"] else found[0], text)


def _whereabouts(error: ODataException) -> str:
    token = getattr(error, "token", None)
    if token is None:
        return ": it ends too early" if getattr(error, "eof", False) else f": {error}"
    shown = str(token.value)[:40]
    return f" at {shown!r} (character {token.index + 1}); texts stand in single quotes, as in displayName eq 'x'"


def _names(text: str, option: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in text.split(","))
    for name in names:
        if name != "*" and not NAME.fullmatch(name):
            raise InvalidInput(
                f"{option} is a list of property names, such as id,displayName; not {name!r}.", target=option
            )
    return names


def _orders(text: str) -> tuple[Order, ...]:
    parts = text.split(",")
    if len(parts) > MOST_ORDERS:
        raise InvalidInput(f"$orderby takes at most {MOST_ORDERS} properties.", target="$orderby")
    return tuple(_order(part) for part in parts)


def _order(text: str) -> Order:
    words = text.split()
    direction = words[1].lower() if len(words) == 2 else "asc"  # noqa: PLR2004  (a property and asc or desc)
    if len(words) not in {1, 2} or not NAME.fullmatch(words[0]) or direction not in {"asc", "desc"}:
        raise InvalidInput(
            f"$orderby is a property and asc or desc, as in displayName desc; not {text!r}.", target="$orderby"
        )
    return Order(path=words[0], is_descending=direction == "desc")


def _whole(option: str, text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise InvalidInput(f"{option} is a whole number from {least} to {most}, not {text[:40]!r}.", target=option)
    return int(text)


def _truth(option: str, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise InvalidInput(f"{option} is true or false, not {text[:40]!r}.", target=option)
    return text.lower() == "true"


def _levels(text: str) -> int:
    return MOST_LEVELS if text.lower() == "max" else _whole("$levels", text, 1, MOST_LEVELS)


def _expansion(text: str, depth: int) -> dict[str, ODataQuery]:
    if depth >= DEEPEST_EXPAND:
        raise InvalidInput(f"$expand is nested more than {DEEPEST_EXPAND} deep.", target="$expand")
    expanded: dict[str, ODataQuery] = {}
    for part in _split(text, ","):
        name, opening, rest = part.strip().partition("(")
        name = name.strip()
        if not NAME.fullmatch(name) or (opening and not rest.endswith(")")):
            raise InvalidInput(
                f"$expand is a list such as target,accessPackage($select=id); not {part!r}.", target="$expand"
            )
        given: dict[str, str] = {}
        for option in _split(rest[:-1], ";") if opening else ():
            option_name, equals, value = option.partition("=")
            if not equals:
                raise InvalidInput(
                    f"$expand={name}(…) holds options such as $select=id; not {option!r}.", target="$expand"
                )
            _put(given, option_name, value, EXPAND_OPTIONS)
        if "$levels" in given and name.lower() != LEVELLED:
            raise InvalidInput(f"$levels is for {LEVELLED}, not for {name}.", target="$levels")
        _nest(expanded, name, _build(given, depth + 1))
    return expanded


def _nest(expanded: dict[str, ODataQuery], path: str, query: ODataQuery) -> None:
    """Take `assignment/target` as `assignment($expand=target)`."""
    head, slash, rest = path.partition("/")
    if not slash:
        expanded[head] = query
        return
    outer = expanded.get(head, NOTHING)
    inner = dict(outer.expand)
    _nest(inner, rest, query)
    expanded[head] = replace(outer, expand=inner)


def _split(text: str, separator: str) -> list[str]:
    """Split at a separator outside of parentheses."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                break
        elif character == separator and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    if depth != 0:
        raise InvalidInput("$expand has parentheses that do not match.", target="$expand")
    return [*parts, text[start:]]
