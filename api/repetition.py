"""`Idempotency-Key` on every POST: the same call again gets the same answer, and is not carried out again.

A dependency knows who calls and looks the key up before the route is entered;
a middleware around it keeps what is answered. Routes that take the key
themselves make something, and do it in one transaction (services/once.py).
"""

from collections.abc import Callable
from functools import cache
from inspect import signature
from typing import Any

from fastapi import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.dependencies import CurrentActor, Db, Key
from grantline.persistence.database import Database
from grantline.persistence.kept_answers import Answer
from grantline.services import repetition

TAKE_KEY = {"key", "idempotency_key"}
"""The parameters by which routes take the key themselves."""

OWN_HEADERS = frozenset({"content-type", "location"})
"""What of the headers belongs to the answer; the others are of this very exchange."""

FAILURES = 400


class GivenBefore(Exception):
    """The call came before; this was its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


async def once_only(request: Request, actor: CurrentActor, db: Db, key: Key) -> None:
    """Let a POST through to its route unless it is a repetition.

    Raises:
        GivenBefore: it is one, and this was the answer.
        IdempotencyConflict: the key came with another body before.
    """
    if key is None or request.method != "POST" or _takes_key(request.scope["endpoint"]):
        return
    answer = await repetition.begin(db, actor.id, key)
    if answer is not None:
        raise GivenBefore(answer)
    request.scope["state"]["under_key"] = (db, actor.id, key.key)


@cache
def _takes_key(endpoint: Callable[..., Any]) -> bool:
    return not TAKE_KEY.isdisjoint(signature(endpoint).parameters)


async def give_again(request: Request, error: Exception) -> Response:
    """Answer a repetition with what was answered first."""
    del request
    if not isinstance(error, GivenBefore):
        raise error
    answer = error.answer
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


class Keeping:
    """Middleware: keeps what is answered to a call that came with a key, before the caller has it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and keep the answer if a route was entered under a key."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        kept: list[Message] = []

        async def keeping(message: Message) -> None:
            if "under_key" not in state:
                await send(message)
                return
            kept.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                db, actor_id, key = state.pop("under_key")
                await _settle(db, actor_id, key, kept)
                for one in kept:
                    await send(one)

        try:
            await self._app(scope, receive, keeping)
        finally:
            # The route failed, or was given up on, before it answered.
            if "under_key" in state:
                db, actor_id, key = state.pop("under_key")
                await repetition.forget(db, actor_id, key)


async def _settle(db: Database, actor_id: str, key: str, messages: list[Message]) -> None:
    start = messages[0]
    if start["status"] >= FAILURES:
        await repetition.forget(db, actor_id, key)
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    body = b"".join(message.get("body", b"") for message in messages[1:])
    own = {name: value for name, value in headers.items() if name.lower() in OWN_HEADERS}
    await repetition.keep(db, actor_id, key, Answer(status=start["status"], headers=own, body=body.decode()))
