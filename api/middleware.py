"""Paths as Graph's clients write them, and bodies we are willing to read.

Pure ASGI: a path is rewritten to the one form the routes know, a body is read
once, checked and replayed. What is refused here is answered by `observability`.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from grantline.errors import InvalidInput

ROOT = "v1.0"
SERVER_PREFIXES = ("microsoft.graph.", "graph.")
ME_TOKEN = "me-token-to-replace"  # noqa: S105  (what the Python SDK writes before its middleware replaces it)
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
GUID_PAIR = re.compile(rf"(?:{GUID.pattern})_(?:{GUID.pattern})", re.IGNORECASE)
CALL = re.compile(r"([^()]+)\((.*)\)", re.DOTALL)
# Microsoft's own client for Python leaves out the comma after a quoted value.
ARGUMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*('(?:[^']|'')*'(?=\s*(?:,|$|[A-Za-z_]))|[^,']*?(?=\s*(?:,|$)))\s*,?")

LARGEST_BODY = 1024 * 1024
DEEPEST_BODY = 32
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
# A token endpoint takes a form: OAuth 2.0 says so.
FORM_PATHS = frozenset({"/auth/development/token"})


class Paths:
    """Every path the routes know: for rewriting, and for telling which methods are possible."""

    def __init__(self, templates: Iterable[tuple[str, Iterable[str]]]) -> None:
        self._words: dict[str, str] = {}
        self._routes: list[tuple[re.Pattern[str], tuple[str, ...], str]] = []
        for template, methods in templates:
            self._routes.append((compile_path(template)[0], tuple(sorted(methods)), template))
            for part in template.split("/"):
                if not part.startswith("{"):
                    self._learn(part)

    def _learn(self, part: str) -> None:
        name = part.partition("(")[0]
        self._words[name.lower()] = name
        for argument in re.findall(r"([A-Za-z]\w*)=", part):
            self._words[argument.lower()] = argument

    def has(self, path: str, method: str) -> bool:
        """Tell whether a route answers a method at a path whose last part it names itself."""
        return any(
            method in methods and template.rpartition("/")[2] == path.rpartition("/")[2] and pattern.match(path)
            for pattern, methods, template in self._routes
        )

    def at(self, path: str) -> list[str]:
        """Return the methods that are possible at a path."""
        found = {method for pattern, methods, _ in self._routes if pattern.match(path) for method in methods}
        return sorted(found)

    def canonical(self, path: str) -> str:
        """Return the form of a path that the routes know."""
        parts = [self._part(part) for part in path.rstrip("/").split("/")]
        if ME_TOKEN in parts and parts[1:3] == [ROOT, "users"] and parts[3:4] == [ME_TOKEN]:
            parts[2:4] = ["me"]
        return "/".join(parts) or "/"

    def _part(self, part: str) -> str:
        lower = part.lower()
        known = self._words.get(lower)
        if known is not None:
            return known
        if GUID.fullmatch(lower) or GUID_PAIR.fullmatch(lower):
            return lower
        for prefix in SERVER_PREFIXES:
            if lower.startswith(prefix):
                rest = part[len(prefix) :]
                return self._words.get(f"graph.{rest.lower()}") or self._part(rest)
        call = CALL.fullmatch(part) if "(" in part else None
        return self._call(call[1], call[2], part) if call else part

    def _call(self, name: str, inside: str, part: str) -> str:
        known = self._words.get(name.lower())
        if known is None:
            return part
        arguments = ARGUMENT.findall(inside)
        if arguments or not inside.strip():
            shown = ",".join(f"{self._words.get(key.lower(), key)}={_quoted(value)}" for key, value in arguments)
            return f"{known}({shown})"
        key = inside.strip()
        if len(key) > 1 and key.startswith("'") and key.endswith("'"):
            key = key[1:-1].replace("''", "'")
        return f"{known}/{self._part(key)}"


def _quoted(value: str) -> str:
    return value if value.startswith("'") else f"'{value}'"


class Rewriting:
    """Middleware: the canonical path, or 400 for what no database can look up."""

    def __init__(self, app: ASGIApp, *, paths: Paths) -> None:
        self._app = app
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite and pass on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        if "\0" in path or b"%00" in scope["query_string"] or not _is_text(path):
            raise InvalidInput("The URL contains characters that no name has: a NUL, or half of a surrogate pair.")
        scope["path"] = self._paths.canonical(path)
        await self._app(scope, receive, send)


class Bodies:
    """Middleware: reads a body that is small, JSON and text; refuses others before any route sees them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check and replay."""
        if scope["type"] != "http" or scope["method"] not in BODY_METHODS:
            await self._app(scope, receive, send)
            return
        body = await _read(scope, receive)
        if body is None:
            raise HTTPException(413, f"The body is larger than {LARGEST_BODY} bytes; send less at a time.")
        if scope["path"] in FORM_PATHS:
            await self._app(scope, _replaying(body, receive), send)
            return
        if body and not _says_json(scope):
            raise HTTPException(415, "The body should be JSON; send it with Content-Type: application/json.")
        if body and (complaint := fault(body)) is not None:
            raise InvalidInput(complaint)
        await self._app(scope, _replaying(body, receive), send)


async def _read(scope: Scope, receive: Receive) -> bytes | None:
    """Return the body, or None when it is too large."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value[:12]) > LARGEST_BODY:
            return None
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replaying(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _says_json(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind = value.partition(b";")[0].strip().lower()
            return kind == b"application/json" or (kind.startswith(b"application/") and kind.endswith(b"+json"))
    return False


def fault(body: bytes) -> str | None:
    """Return what is wrong with a JSON body in itself, or None."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return f"The body is not UTF-8 at byte {error.start}."
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return f"The body is not well-formed JSON: {error.msg} at line {error.lineno}, column {error.colno}."
    except RecursionError:
        return f"The body is nested more than {DEEPEST_BODY} deep."
    except ValueError as error:
        return f"The body is not acceptable JSON: {error}."
    if not isinstance(value, dict):
        return "A JSON object is expected as the body."
    if text.count("{") + text.count("[") > DEEPEST_BODY and _depth(value) > DEEPEST_BODY:
        return f"The body is nested more than {DEEPEST_BODY} deep."
    if "\\u" in text and not _all_text(value):
        return "The body contains a NUL or half of a surrogate pair; no text may."
    return None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _depth(value: Any) -> int:
    """Measure nesting without recursion: the body may be hostile."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(inner, dict):
            waiting.extend((one, depth + 1) for one in inner.values() if isinstance(one, dict | list))
        elif isinstance(inner, list):
            waiting.extend((one, depth + 1) for one in inner if isinstance(one, dict | list))
    return deepest


def _all_text(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_text(key) and _all_text(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(_all_text(inner) for inner in value)
    return not isinstance(value, str) or _is_text(value)


def _is_text(value: str) -> bool:
    """Tell whether a database can keep it: no NUL, no lone surrogate."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
