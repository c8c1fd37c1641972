"""What every answer carries against misuse, and how long an answer may take to begin."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
HTTPS_ONLY = (b"strict-transport-security", b"max-age=31536000")


class Seal:
    """Middleware around all others: headers that keep an answer from being kept, framed or run; refusals too.

    A route's own header of the same name goes first.
    """

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app = app
        self._headers = [*ALWAYS.items(), *([HTTPS_ONLY] if public_url.startswith("https:") else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and add what is missing."""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message.get("headers", ())}
                missing = [(name, value) for name, value in self._headers if name not in own]
                message["headers"] = [*message.get("headers", ()), *missing]
            await send(message)

        await self._app(scope, receive, sealed)


class Guard:
    """Middleware: an end to waiting. What has begun to answer, such as a long list line by line, is not cut off."""

    def __init__(self, app: ASGIApp, *, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or give up with 504."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        patience = asyncio.timeout(self._seconds)

        async def begin(message: Message) -> None:
            if message["type"] == "http.response.start":
                patience.reschedule(None)
            await send(message)

        try:
            async with patience:
                await self._app(scope, receive, begin)
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise HTTPException(
                504,
                f"No answer within {self._seconds:g} s. It may still have been done: look, or repeat it with the same "
                "Idempotency-Key.",
            ) from error
