"""Holds every answer of the API's tests against what the OpenAPI description promises of it.

Stricter than the description, which leaves room for members to come: nothing may
be in an answer that is not described. `$select` leaves out what it likes.
"""

import json
import warnings
from functools import cache
from typing import Any

import jsonschema_rs
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.app import mounted, routes
from api.description import describe_answers

ANNOTATION = r"^@odata\."
PATHS = {id(route): path for path, route in mounted()}


@cache
def description() -> dict[str, Any]:
    """Return our OpenAPI description; making it warns of the routes that have several paths."""
    app = FastAPI(routes=routes())
    describe_answers(app, mounted())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return app.openapi()


def promising(app: ASGIApp) -> ASGIApp:
    """Return the application, which fails where it answers otherwise than it says."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        status, media, body = 0, "", b""

        async def listening(message: Message) -> None:
            nonlocal status, media, body
            if message["type"] == "http.response.start":
                status = message["status"]
                media = dict(message["headers"]).get(b"content-type", b"").decode()
            body += message.get("body", b"")
            await send(message)

        await app(scope, receive, listening)
        if 200 <= status < 300 and id(scope.get("route")) in PATHS:
            _check(scope, str(status), media.partition(";")[0], body)

    return checked


def _check(scope: Scope, status: str, media: str, body: bytes) -> None:
    path, method, query = PATHS[id(scope["route"])], scope["method"].lower(), scope["query_string"]
    where = f"{scope['method']} {scope['path']}?{query.decode()}: {status}"
    promised = description()["paths"][path][method]["responses"]
    assert status in promised, f"{where} is not described"
    kinds = {kind.partition(";")[0] for kind in promised[status].get("content", {})}
    assert kinds == ({media} if body else set()), f"{where} is {media or 'nothing'}"
    if body and media == "application/json":
        found = next(_validator(path, method, status, b"select=" in query.lower()).iter_errors(json.loads(body)), None)
        assert found is None, f"{where}: {found}"


@cache
def _validator(path: str, method: str, status: str, is_selected: bool) -> Any:
    schema = description()["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    whole = {**_closed(schema, is_selected), "components": {"schemas": _components(is_selected)}}
    return jsonschema_rs.validator_for(whole, validate_formats=True)


@cache
def _components(is_selected: bool) -> dict[str, Any]:
    return {name: _closed(one, is_selected) for name, one in description()["components"]["schemas"].items()}


def _closed(schema: dict[str, Any], is_selected: bool) -> dict[str, Any]:
    """Let nothing else be in an object, but OData's annotations; after `$select`, let anything be missing."""
    if "properties" in schema:
        schema = {"additionalProperties": False, "patternProperties": {ANNOTATION: {}}} | schema
    left_out = {"required"} if is_selected else set()
    return {name: of for name, of in schema.items() if name not in left_out}
