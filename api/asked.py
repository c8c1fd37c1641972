"""What is asked for below /v1.0 beside the path, held against what there is; and the number of every list.

Options of lists and objects are read by the routes (`api.odata.query`). Here are
those of calls that have none, the `Accept` header, and `/$count`: a list that has
no route of its own for it is read with `$count=true`, by its own route and
permission, and answered as its number alone.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.dependencies import collection_query
from api.middleware import ROOT, Paths
from grantline.errors import InvalidInput

PREFIX = f"/{ROOT}/"
COUNT = "/$count"
COUNTED = frozenset({"filter", "search"})
JSON = frozenset({"*/*", "application/*", "application/json"})
TEXT = frozenset({"text/*", "text/plain"})
OF_WRITES = {"DELETE": frozenset({"@id", "id"})}
"""Options of calls that change something: what a reference leads to, where the path does not say it."""


class _Counted:
    """What the metrics call a list that was counted."""

    path = "(count)"


class Asked:
    """Middleware: refuses what would be passed over in silence, and counts.

    `lists` are the paths of everything that is a list; they are asked for when the first is to be counted.
    """

    def __init__(self, app: ASGIApp, *, paths: Paths, lists: Callable[[], Paths]) -> None:
        self._app = app
        self._paths = paths
        self._lists = lists

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what may be served."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        is_count = scope["method"] == "GET" and scope["path"].endswith(COUNT)
        _require_accepted(scope, JSON | TEXT if is_count else JSON)
        if scope["method"] != "GET":
            _require_options(scope, OF_WRITES.get(scope["method"], frozenset()))
        if is_count:
            _require_options(scope, COUNTED)
            if not self._paths.has(scope["path"], "GET") and self._lists().at(scope["path"].removesuffix(COUNT)):
                await self._counted(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = b"&".join(part for part in (scope["query_string"], b"$count=true") if part)
        of_list = {**scope, "path": scope["path"].removesuffix(COUNT), "query_string": query}
        started: dict[str, Any] = {}
        chunks: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            elif message["type"] == "http.response.body":
                chunks.append(message.get("body", b""))

        await self._app(of_list, receive, keep)
        scope["route"] = _Counted
        body = b"".join(chunks)
        if started["status"] == 200:  # noqa: PLR2004  (what is refused is told as it is)
            body = str(json.loads(body)["@odata.count"]).encode()
            kept = [one for one in started["headers"] if one[0] not in {b"content-type", b"content-length"}]
            started["headers"] = [
                *kept,
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
            ]
        await send(started)
        await send({"type": "http.response.body", "body": body})


async def only_known(request: Request) -> None:
    """Refuse an option that a route below /api does not take: a misspelt one would narrow nothing.

    Raises:
        InvalidInput: names it, and lists those there are.
    """
    known = _known(request.scope["route"])
    for name in request.query_params:
        if known is not None and name not in known:
            takes = f"use {', '.join(sorted(known))}" if known else "there are none"
            raise InvalidInput(f"The query option {name[:80]!r} is not supported here; {takes}.", target=name[:80])


def _known(route: APIRoute) -> frozenset[str] | None:
    """Return the options of a route; None where `api.odata.query` reads them."""
    names: set[str] = set()
    waiting: list[Dependant] = [route.dependant]
    while waiting:
        one = waiting.pop()
        if one.call is collection_query:
            return None
        names.update(parameter.alias for parameter in one.query_params)
        waiting.extend(one.dependencies)
    return frozenset(names)


def _require_options(scope: Scope, allowed: frozenset[str]) -> None:
    for name, _ in parse_qsl(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True):
        if name.strip().lower().removeprefix("$") not in allowed:
            takes = " and ".join(f"${one}" for one in sorted(allowed)) if allowed == COUNTED else ""
            raise InvalidInput(
                f"The query option {name[:80]!r} is not supported here; "
                + (f"{COUNT} takes {takes}." if takes else f"{scope['method']} takes none."),
                target=name[:80],
            )


def _require_accepted(scope: Scope, offered: frozenset[str]) -> None:
    """Refuse whoever takes only what we never answer with; who says nothing takes anything."""
    said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"]
    ranges = [part.partition(";")[0].strip().lower() for part in ",".join(said).split(",")]
    if any(ranges) and offered.isdisjoint(ranges):
        wanted = "text/plain" if offered >= TEXT else "application/json"
        raise HTTPException(406, f"Answers here are {wanted}; accept that, or */*, in the Accept header.")
