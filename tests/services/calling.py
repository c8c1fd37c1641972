"""A policy that has custom extensions called, and an endpoint on loopback that takes the calls."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import uvicorn
from sqlalchemy import select, update

from grantline.ambient import utc_now
from grantline.model.callout import Callout, CalloutPoint, CustomExtension, ExtensionKind, ExtensionUse, OnTimeout
from grantline.model.policy import Policy
from grantline.notifications.signing import Signer
from grantline.notifications.webhook import Webhook
from grantline.persistence import callouts, custom_extensions
from grantline.persistence.callout_tables import callouts as callouts_table
from grantline.persistence.database import Database
from grantline.rules.planning import extensions_named
from grantline.services.sending.callout_sender import CalloutSender
from tests.cast import LONG_AGO, fixed_id
from tests.services.scene import PACKAGE

SECRET = "s3cret-of-this-installation-0123456789"
SIGNER = Signer([SECRET])
HOUR = timedelta(hours=1)


def extension(name: str = "Risk desk", **changes: Any) -> CustomExtension:
    """Return an extension of the catalog Finance that nobody waits for, with changes."""
    usual = CustomExtension(
        id=fixed_id(f"extension {name}"),
        catalog_id=PACKAGE.catalog_id,
        kind=ExtensionKind.REQUEST,
        display_name=name,
        url="http://127.0.0.1:9/nobody-listens",
        created_at=LONG_AGO,
        modified_at=LONG_AGO,
    )
    return replace(usual, **changes)


def waiting(name: str = "Risk desk", on_timeout: OnTimeout = OnTimeout.DENY, **changes: Any) -> CustomExtension:
    """Return an extension whose answer is awaited for an hour."""
    return extension(name, **{"waits_for": HOUR, "on_timeout": on_timeout} | changes)


def calling(policy: Policy, *uses: tuple[CalloutPoint, CustomExtension]) -> Policy:
    """Return the policy with these extensions called."""
    return replace(policy, extensions=tuple(ExtensionUse(point=point, extension_id=one.id) for point, one in uses))


async def enter_extensions(db: Database, some: Iterable[CustomExtension], *used_by: Policy) -> None:
    """Put extensions into their catalog, and write which policies name them."""
    async with db.write() as tx:
        for one in some:
            await custom_extensions.insert_extension(tx, one)
        for policy in used_by:
            await custom_extensions.name_in_policy(tx, policy.id, extensions_named(policy))


async def calls_now(db: Database, request_id: str) -> list[Callout]:
    """Return the calls about a request, oldest first."""
    async with db.read() as tx:
        return (await callouts.of_requests(tx, [request_id]))[request_id]


async def hold_now(db: Database, request_id: str) -> Callout:
    """Return the call whose answer a request waits for."""
    async with db.read() as tx:
        found = await callouts.open_hold(tx, request_id)
    assert found is not None, "the request waits for no answer"
    return found


async def rows(db: Database) -> list[Any]:
    """Return all rows of the box."""
    async with db.read() as tx:
        return await tx.all(select(callouts_table).order_by(callouts_table.c.created_at, callouts_table.c.id))


async def make_due(db: Database) -> None:
    """Let whatever was put off be due now."""
    async with db.write() as tx:
        waiting_ = callouts_table.c.delivery == "waiting"
        await tx.changed(update(callouts_table).where(waiting_).values(next_attempt_at=utc_now()))


@dataclass(frozen=True, slots=True)
class Heard:
    """One call as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """Return what the call is about."""
        return json.loads(self.body)["data"]


Reaction = Callable[[Heard], Awaitable[int]]


@dataclass
class Receiver:
    """An endpoint; `reacts` are what it does with the next calls, after them it takes everything."""

    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    reacts: list[int | Reaction] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take a call, as an ASGI application."""
        assert scope["type"] == "http"
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        call = Heard(scope["path"], {key.decode(): value.decode() for key, value in scope["headers"]}, body)
        self.heard.append(call)
        reaction = self.reacts.pop(0) if self.reacts else 202
        status = reaction if isinstance(reaction, int) else await reaction(call)
        headers = [(b"location", f"{self.url}/elsewhere".encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"x" * 100_000})


@asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    """Run an endpoint on a free port of this machine."""
    receiver = Receiver()
    config = uvicorn.Config(receiver, host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}"
    yield receiver
    server.should_exit = True
    await serving


@asynccontextmanager
async def sending(db: Database, signer: Signer = SIGNER) -> AsyncGenerator[CalloutSender]:
    """Return a sender that may call this machine."""
    sender = CalloutSender(db, Webhook(allows_private=True), signer)
    yield sender
    await sender.aclose()
