"""Answers in Graph's form: contexts, counts, next links, and only what was selected.

Routes hand over whole dictionaries in wire names: every property, and of the
navigation properties those that were expanded. Instants may stand in them as
such, durations are ISO 8601 text.
"""

from collections.abc import Collection as Several
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from pydantic_core import to_json
from starlette.requests import Request

from api.answers import Collection, Entity, Items, Json, Nothing, Number, PlainPage
from api.odata import declared
from api.odata.query import NOTHING, ODataQuery
from grantline.errors import InvalidInput
from grantline.persistence.listing import Page

Item = TypeVar("Item", bound=Mapping[str, Any])
Shape = TypeVar("Shape")

JSON = "application/json; charset=utf-8"
VERSION = "/v1.0"
SAFE = "/()='@:,$._-"

ALL_MEMBERS = "include-unknown-enum-members"
SENTINEL = "unknownFutureValue"
LATER = {"requestType": frozenset({"approverRemove"})}
"""Members that stand behind the sentinel of their enumeration in Graph's metadata, by property."""


class Paged(Protocol):
    """What a page of a list says besides its rows."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins."""
        ...

    @property
    def count(self) -> int | None:
        """How many there are in all, if that was asked."""
        ...


def entity(
    request: Request,
    context: str,
    item: Item,
    query: ODataQuery = NOTHING,
    *,
    status: int = 200,
    defaults: Several[str] | None = None,
    location: str | None = None,
) -> Entity[Item]:
    """Answer with one object. `context` is its set, such as `users`; `defaults` what is shown without `$select`."""
    declared.hold(request, query)
    shaped = _known(request, shape(item, query, defaults))
    head = {"@odata.context": _context(request, context, query, "/$entity")}
    headers = {"Location": base_url(request) + location} if location else {}
    return Entity(to_json({**head, **shaped}), status, headers | _applied(request), JSON)


def collection(
    request: Request,
    context: str,
    items: Iterable[Item],
    page: Paged | None,
    query: ODataQuery = NOTHING,
    *,
    defaults: Several[str] | None = None,
) -> Collection[Item]:
    """Answer with a list; `page` is None for one that is whole."""
    declared.hold(request, query)
    body: dict[str, Any] = {"@odata.context": _context(request, context, query, "")}
    shaped = [_known(request, shape(item, query, defaults)) for item in items]
    if query.count:
        body["@odata.count"] = page.count if page is not None and page.count is not None else len(shaped)
    if page is not None and page.next_cursor is not None:
        body["@odata.nextLink"] = next_link(request, page.next_cursor)
    body["value"] = shaped
    return Collection(to_json(body), headers=_applied(request), media_type=JSON)


def values(request: Request, context: str, items: Sequence[str]) -> Collection[str]:
    """Answer with a list of texts, which is whole."""
    body = {"@odata.context": _context(request, context, NOTHING, ""), "value": items}
    return Collection(to_json(body), media_type=JSON)


def whole(request: Request, context: str, items: Sequence[Item], query: ODataQuery) -> Collection[Item]:
    """Answer with a short list that is read whole; `$skip` and `$top` cut it, and there is no next page."""
    skip = query.skip or 0
    cut = items[skip : skip + query.top] if query.top else items[skip:]
    return collection(request, context, cut, Page(rows=(), count=len(items)), query)


def number(value: int) -> Number:
    """Answer a `/$count`."""
    return Number(str(value), media_type="text/plain")


def nothing(status: int = 204) -> Nothing:
    """Answer without a body."""
    return Nothing(status_code=status)


def accepted(request: Request, location: str) -> Nothing:
    """Answer that something was begun, and where to see how it goes."""
    return Nothing(status_code=202, headers={"Location": base_url(request) + location})


def json_response(body: Shape, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Json[Shape]:
    """Answer with JSON; instants are written in UTC with a Z. Durations are text already (`wire.durations`)."""
    return Json(to_json(body), status, headers, JSON)


def plain_page(shown: Sequence[Shape], page: Paged) -> PlainPage[Shape]:
    """Answer with a page of a list below /api; `next` is null on the last one."""
    return PlainPage(to_json({"items": shown, "next": page.next_cursor}), media_type=JSON)


def plain_list(shown: Sequence[Shape], *, status: int = 200) -> Items[Shape]:
    """Answer with a list below /api that is whole."""
    return Items(to_json({"items": shown}), status, media_type=JSON)


def shape(item: Mapping[str, Any], query: ODataQuery, defaults: Several[str] | None = None) -> dict[str, Any]:
    """Keep what was selected, and inside what was expanded the same.

    Raises:
        InvalidInput: `$select` names what this object does not have.
    """
    wanted = _selected(item, query, defaults)
    shaped: dict[str, Any] = {}
    for name, value in item.items():
        inner = query.expanding(name) if query.expand else None
        if inner is not None and isinstance(value, Mapping):
            shaped[name] = shape(value, inner)
        elif inner is not None and isinstance(value, Sequence) and not isinstance(value, str):
            shaped[name] = [shape(one, inner) for one in value]
        elif inner is not None or wanted is None or name in wanted or name.startswith("@"):
            shaped[name] = value
    return shaped


def _knows_all(request: Request) -> bool:
    """Tell whether the client takes members that Graph's enumerations got after they were published."""
    return any(one.strip().lower() == ALL_MEMBERS for one in request.headers.get("prefer", "").split(","))


def _applied(request: Request) -> dict[str, str]:
    return {"Preference-Applied": ALL_MEMBERS} if _knows_all(request) else {}


def _known(request: Request, shaped: dict[str, Any]) -> dict[str, Any]:
    """Put Graph's sentinel in place of a member that the client did not say it knows."""
    for name, members in LATER.items():
        if shaped.get(name) in members and not _knows_all(request):
            shaped[name] = SENTINEL
    return shaped


def _selected(item: Mapping[str, Any], query: ODataQuery, defaults: Several[str] | None) -> Several[str] | None:
    if query.select is None:
        return defaults
    if "*" in query.select:
        return None
    known = {name.lower(): name for name in item if not name.startswith("@")}
    wanted: set[str] = set()
    for asked in query.select:
        name = known.get(asked.split("/")[0].lower())
        if name is None:
            raise InvalidInput(
                f"$select cannot be {asked!r} here; it can be {', '.join(sorted(known.values()))}.", target="$select"
            )
        wanted.add(name)
    return wanted


def base_url(request: Request) -> str:
    """Return what begins every link: the public URL of the settings, or the caller's own way here."""
    settings = request.app.state.settings
    if "public_url" in settings.model_fields_set:
        return settings.public_url
    return f"{request.url.scheme}://{request.url.netloc}"


def next_link(request: Request, cursor: str) -> str:
    """Return the caller's own URL with the cursor in it."""
    kept = [
        part
        for part in request.scope["query_string"].decode("ascii", "replace").split("&")
        if part and _option(part) not in {"skiptoken", "skip"}
    ]
    kept.append(f"$skiptoken={cursor}")
    return f"{base_url(request)}{quote(request.scope['path'], safe=SAFE)}?{'&'.join(kept)}"


def _option(part: str) -> str:
    return part.partition("=")[0].lower().replace("%24", "").lstrip("$")


def _context(request: Request, context: str, query: ODataQuery, suffix: str) -> str:
    selected = f"({','.join(query.select)})" if query.select else ""
    return f"{base_url(request)}{VERSION}/$metadata#{context}{selected}{suffix}"
