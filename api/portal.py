"""The portal's files, served beside the API: pages, scripts, and what browsers are told about both.

The files are built from `portal/` into `api/static` and read once, at start. A
path that no route has and that is not the API's answers with the one page, which
finds its own way; so a link deep into the portal can be kept and mailed. The
API's own paths are never answered with a page.
"""

import hashlib
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

PAGE = "index.html"
ASSETS = "assets/"
SQUEEZED = ".gz"
ROUTE = "(portal)"
OURS = frozenset({"api", "auth", "scim", "v1.0", "beta"})
"""First parts of paths that are the API's, whether or not something is served there."""

EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
"""The hash of nothing: it admits style elements that come empty and are filled by script, as Fluent's are."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {EMPTY_STYLE}",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
LETTER = "letter.html"
"""An empty page that the portal fills with the preview of a mail: styled as mails are, and nothing runs in it."""

LETTER_HEADERS: Mapping[str, str] = {
    **HEADERS,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-same-origin"
    ),
    "X-Frame-Options": "SAMEORIGIN",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
MISSING = (
    "The portal is not part of this installation: it is built with `make portal`, or when the wheel is.\n"
    "The API is at /v1.0 and works without it.\n"
)


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    squeezed: bytes | None
    tag: str
    headers: Mapping[str, str]


class _Served:
    """What the metrics call a request for one of these files."""

    path = ROUTE


class Portal:
    """ASGI: answers what no route does; what it does not know either goes on to `otherwise`."""

    def __init__(self, otherwise: ASGIApp, *, taken: Iterable[str], folder: Traversable | None = None) -> None:
        """`taken` are the paths of the API, `folder` holds the built portal."""
        self._otherwise = otherwise
        self._ours = OURS | {path.split("/")[1] for path in taken if path.count("/")}
        self._files = dict(_read(folder)) if folder else _built()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, with the page, or not at all."""
        response = self._answer(scope) if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} else None
        if response is None:
            await self._otherwise(scope, receive, send)
            return
        scope["route"] = _Served
        await response(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path = scope["path"].lstrip("/")
        found = self._files.get(path)
        if found is None:
            first, _, rest = path.partition("/")
            # A name with an ending is a file that is not there; a page in its place would be run as a script.
            if first in self._ours or first == "assets" or "." in (rest or first).rpartition("/")[2]:
                return None
            found = self._files.get(PAGE)
        if found is None:
            return PlainTextResponse(MISSING, status_code=HTTPStatus.NOT_FOUND) if path == "" else None
        return _response(found, {name: value.decode("latin-1") for name, value in scope["headers"]})


@cache
def _built() -> Mapping[str, _File]:
    """Return the files of the portal of this installation, which every application of this process answers with."""
    return dict(_read(files("api").joinpath("static")))


def _response(found: _File, asked: Mapping[bytes, str]) -> Response:
    headers = dict(found.headers)
    if found.tag in asked.get(b"if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if found.squeezed is not None and "gzip" in asked.get(b"accept-encoding", ""):
        return Response(found.squeezed, headers=headers | {"Content-Encoding": "gzip"})
    return Response(found.body, headers=headers)


def _read(folder: Traversable, inside: str = "") -> Iterable[tuple[str, _File]]:
    if not folder.is_dir():
        return
    for entry in folder.iterdir():
        name = f"{inside}{entry.name}"
        if entry.is_dir():
            yield from _read(entry, f"{name}/")
        elif not name.endswith(SQUEEZED) and not entry.name.startswith("."):
            squeezed = folder.joinpath(entry.name + SQUEEZED)
            yield name, _file(name, entry.read_bytes(), squeezed.read_bytes() if squeezed.is_file() else None)


def _file(name: str, body: bytes, squeezed: bytes | None) -> _File:
    kind, _ = mimetypes.guess_type(name)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kind = kind or "application/octet-stream"
    headers = {
        **(LETTER_HEADERS if name == LETTER else HEADERS),
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "Cache-Control": FOR_EVER if name.startswith(ASSETS) else ASK_AGAIN,
        "ETag": tag,
        "Vary": "Accept-Encoding",
    }
    return _File(body, squeezed, tag, headers)
