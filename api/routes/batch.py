"""Several requests in one: `POST /$batch`, as Graph's clients send it.

Each is served as if it had come alone, with the batch's own credentials; so it
is checked, refused and logged alone too. They go one after another, in their
order, and none begins before those it depends on have succeeded.
"""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from starlette.types import Message, Scope
from typing_extensions import TypedDict

from api import may
from api.answers import Json
from api.middleware import ROOT
from api.odata import present
from api.wire.base import Body
from grantline.errors import InvalidInput

MOST = 20
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What says who is asking, and from where; the batch's own, never a part's.
INHERITED = frozenset({b"authorization", b"cookie", b"host", b"origin", b"sec-fetch-site", b"x-csrf-token"})
FAILED_DEPENDENCY = 424
FAILURE = 400
PRIVATE = frozenset({"content-length", "date", "set-cookie"})

router = APIRouter(tags=["$batch"])


class Part(Body):
    """One request of a batch."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    method: Annotated[str, StringConstraints(to_upper=True, max_length=10)]
    url: Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    depends_on: list[str] | None = None

    @property
    def address(self) -> str:
        """Return the url with the slash that some clients leave out."""
        return self.url if self.url.startswith("/") else f"/{self.url}"

    @property
    def place(self) -> str:
        """Name it in a message."""
        return f"The request {self.id!r}"


class BatchBody(Body):
    """The body of POST /$batch."""

    requests: list[Part]


class PartOut(TypedDict):
    """The answer to one request of a batch."""

    id: str
    status: int
    headers: dict[str, str]
    body: NotRequired[Any]


class BatchOut(TypedDict):
    """The answers to all of them."""

    responses: list[PartOut]


@router.post("/$batch")
async def batch(request: Request, body: BatchBody, actor: may.LookUp) -> Json[BatchOut]:
    """Serve each request; the answer is 200 whatever theirs are."""
    del actor
    _check(body.requests)
    statuses: dict[str, int] = {}
    answers: list[PartOut] = []
    for part in body.requests:
        failed = [one for one in part.depends_on or () if statuses[one] >= FAILURE]
        answer = _not_begun(part, failed) if failed else await _served(request, part)
        statuses[part.id] = answer["status"]
        answers.append(answer)
    return present.json_response({"responses": answers})


def _check(parts: Sequence[Part]) -> None:
    if not 0 < len(parts) <= MOST:
        raise InvalidInput(f"A batch holds 1 to {MOST} requests, not {len(parts)}.", target="requests")
    before: set[str] = set()
    for part in parts:
        if part.id in before:
            raise InvalidInput(f"The id {part.id!r} stands at two requests; give each its own.", target="requests")
        if part.method not in METHODS:
            raise InvalidInput(f"{part.place} has the method {part.method!r}; use {', '.join(METHODS)}.")
        for other in part.depends_on or ():
            if other not in before:
                raise InvalidInput(f"{part.place} depends on {other!r}, which does not stand before it.")
        _check_url(part)
        before.add(part.id)


def _check_url(part: Part) -> None:
    try:
        parts = urlsplit(part.address)
    except ValueError:
        parts = None
    if parts is None or parts.netloc or "://" in part.url.partition("?")[0]:
        raise InvalidInput(f"{part.place} has the url {part.url[:80]!r}; it is relative, such as /me or /users?$top=5.")
    if not part.url.isascii() or any(character.isspace() for character in part.url):
        raise InvalidInput(f"{part.place} has a url with spaces or letters that are not ASCII; percent-encode them.")
    if "$batch" in unquote(parts.path).lower():
        raise InvalidInput(f"{part.place} is a batch itself; a batch holds no batches.")


def _not_begun(part: Part, failed: Sequence[str]) -> PartOut:
    message = f"Not begun, because it depends on {', '.join(failed)}, which failed."
    return {
        "id": part.id,
        "status": FAILED_DEPENDENCY,
        "headers": {"Content-Type": "application/json"},
        "body": {"error": {"code": "failedDependency", "message": message}},
    }


async def _served(request: Request, part: Part) -> PartOut:
    """Send one request through the whole application, and read its answer."""
    content = b"" if part.body is None else json.dumps(part.body).encode()
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
    started: dict[str, Any] = {}
    chunks: list[bytes] = []

    async def receive() -> Message:
        # Nobody leaves in the middle of a batch; whoever listens for that is cancelled at the end.
        return waiting.pop() if waiting else await asyncio.Future()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    # In a task of its own, so that what it binds for its log lines stays its own.
    await asyncio.create_task(request.app(_scope(request, part, content), receive, send))
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in started.get("headers", ())}
    shown: PartOut = {"id": part.id, "status": started["status"], "headers": _capital(headers)}
    if any(chunks):
        shown["body"] = _read(b"".join(chunks), headers.get("content-type", ""))
    return shown


def _scope(request: Request, part: Part, content: bytes) -> Scope:
    parts = urlsplit(part.address)
    prefix = "" if re.match(rf"/{re.escape(ROOT)}(/|$)", parts.path, re.IGNORECASE) else f"/{ROOT}"
    kept = {name: value for name, value in request.headers.raw if name in INHERITED}
    own = {_header(name.lower()): _header(value) for name, value in part.headers.items()}
    headers = {name: value for name, value in own.items() if name not in INHERITED} | kept
    headers[b"content-length"] = str(len(content)).encode()
    if content:
        headers.setdefault(b"content-type", b"application/json")
    inherited = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path", "extensions")
    return {
        **{name: request.scope[name] for name in inherited if name in request.scope},
        "method": part.method,
        "path": unquote(prefix + parts.path),
        "raw_path": (prefix + parts.path).encode(),
        "query_string": parts.query.encode(),
        "headers": list(headers.items()),
        "state": {},
    }


def _header(text: str) -> bytes:
    return text.encode("latin-1", "replace")


def _capital(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items() if name.lower() not in PRIVATE}


def _read(content: bytes, kind: str) -> Any:
    return json.loads(content) if kind.startswith("application/json") else content.decode("utf-8", "replace")
