"""`$select` held against what a route says it answers with, so that it is refused where nothing was found, too.

The shape is in the route's return annotation (`api.answers`); where that says
nothing of the members, the objects themselves are asked, one by one, in `present`.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from starlette.requests import Request
from typing_extensions import is_typeddict

from api.answers import Answer
from api.odata.query import ODataQuery
from grantline.errors import InvalidInput

WRAPPED = frozenset({Annotated, NotRequired, Required, Union, UnionType, list, tuple})


def hold(request: Request, query: ODataQuery) -> None:
    """Refuse a `$select` of what the answer of this route never has, at any depth of `$expand`.

    Raises:
        InvalidInput: names it, and lists what there is.
    """
    endpoint = request.scope.get("endpoint")
    if endpoint is not None and (query.select or query.expand):
        _hold(_answered_by(endpoint), query)


def _hold(shape: Any, query: ODataQuery) -> None:
    known = _members(shape)
    if not known:
        return
    for asked in query.select or ():
        if asked != "*":
            _follow(known, asked, asked.lower().split("/"))
    for name, inner in query.expand.items():
        if name.lower() in known:
            _hold(known[name.lower()][1], inner)


def _follow(known: Mapping[str, tuple[str, Any]], asked: str, path: list[str]) -> None:
    """Follow a path such as `schedule/startDateTime` into the members of members."""
    if path[0] not in known:
        names = ", ".join(sorted(name for name, _ in known.values() if not name.startswith("@")))
        raise InvalidInput(f"$select cannot be {asked!r} here; it can be {names}.", target="$select")
    if len(path) > 1:
        inner = _members(known[path[0]][1])
        if not inner and not _is_open(known[path[0]][1]):
            raise InvalidInput(f"$select cannot be {asked!r}: nothing is inside of {path[-2]}.", target="$select")
        if inner:
            _follow(inner, asked, path[1:])


@cache
def _answered_by(endpoint: Any) -> Any:
    kind = get_type_hints(endpoint).get("return")
    return kind.shape if isinstance(kind, type) and issubclass(kind, Answer) else None


@cache
def _members(shape: Any) -> Mapping[str, tuple[str, Any]]:
    """Return the members of an object, of each in a list, or of all that it can be: by name in lower case."""
    found: dict[str, tuple[str, Any]] = {}
    for one in _objects(shape):
        found |= {name.lower(): (name, kind) for name, kind in get_type_hints(one, include_extras=True).items()}
    return found


def _objects(shape: Any) -> Iterable[Any]:
    if is_typeddict(shape):
        yield shape
    elif get_origin(shape) in WRAPPED:
        for inner in get_args(shape):
            yield from _objects(inner)


def _is_open(shape: Any) -> bool:
    """Tell whether a member may be an object whose members are not said."""
    origin = get_origin(shape) or shape
    if origin in WRAPPED:
        return any(_is_open(inner) for inner in get_args(shape))
    return shape is Any or (isinstance(origin, type) and issubclass(origin, Mapping))
