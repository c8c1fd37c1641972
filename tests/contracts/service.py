"""A real SCIM service on a loopback port, with a hand on the wire that can make it misbehave."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from scim2_server.applications.asgi import ASGIApplication
from scim2_server.memory import AsyncInMemoryStorage
from scim2_server.utils import load_default_provider

from tests.cast import CAST, READERS

TOKEN = "let-me-in"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
BY_HAND = "x-by-hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An answer that the service gives in place of its own; with `status` 0, none at all."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    acts: bool = False
    """The service does what was asked before it misbehaves."""


PROVIDER = load_default_provider()
SILENCE = Fault(status=0)
HTML = {"Content-Type": "text/html"}


def scim_error(status: int, detail: str = "no", scim_type: str | None = None, **headers: str) -> Fault:
    """Return a failure in SCIM's own form; header names are written with underscores."""
    body = {"schemas": [ERROR], "status": str(status), "detail": detail}
    if scim_type:
        body["scimType"] = scim_type
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(
        status=status,
        headers={"Content-Type": "application/scim+json"} | own,
        body=json.dumps(body).encode(),
    )


@dataclass
class Service:
    """The service: the hand of its own administrator, what was asked of it, and its next faults."""

    url: str
    hand: httpx2.AsyncClient
    asked: list[str] = field(default_factory=list)
    interfere: Callable[[str], Fault | None] = lambda asked: None
    """Given method and path with query, return how to misbehave, if at all."""

    def on(self, part: str, *faults: Fault) -> None:
        """Show these faults, one each, when a request contains something; then be well again."""
        waiting = list(faults)
        self.interfere = lambda asked: waiting.pop(0) if waiting and part in asked else None

    def always(self, part: str, fault: Fault) -> None:
        """Show a fault for ever when a request contains something."""
        self.interfere = lambda asked: fault if part in asked else None

    async def enter(self, kind: str, **attributes: Any) -> str:
        """Create a `User` or `Group`; return its id."""
        schemas = [f"urn:ietf:params:scim:schemas:core:2.0:{kind}"]
        answer = await self.hand.post(f"/{kind}s", json={"schemas": schemas} | attributes)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def find(self, kind: str, attribute: str, value: str) -> dict[str, Any]:
        """Return the one `User` or `Group` with this value."""
        answer = await self.hand.get(f"/{kind}s", params={"filter": f'{attribute} eq "{value}"'})
        [found] = answer.json()["Resources"]
        return found

    async def members(self, group: str = READERS.display_name) -> set[str]:
        """Return the userNames in a group."""
        users = (await self.hand.get("/Users", params={"count": 1000})).json()["Resources"]
        names = {user["id"]: user["userName"] for user in users}
        found = await self.find("Group", "displayName", group)
        return {names.get(member["value"], member["value"]) for member in found.get("members", ())}

    async def put(self, user_name: str, group: str = READERS.display_name) -> None:
        """Make somebody a member."""
        user, found = await self.find("User", "userName", user_name), await self.find("Group", "displayName", group)
        members = [*found.get("members", ()), {"value": user["id"]}]
        answer = await self.hand.put(f"/Groups/{found['id']}", json=found | {"members": members})
        assert answer.status_code == 200, answer.text


class Port:
    """A web server in a thread of its own, for a whole session; starting one takes longer than most tests."""

    def __init__(self) -> None:
        # Named, so that asyncio sees TCP and switches Nagle's algorithm off.
        self._listener = socket.socket(proto=socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v2"
        self.app: _Misbehaving | None = None
        config = uvicorn.Config(
            self._serve, interface="asgi3", log_level="critical", lifespan="off", ws="none", loop="asyncio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]}, daemon=True)
        self._thread.start()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)

    def close(self) -> None:
        """Stop the server."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


@asynccontextmanager
async def scim_service(port: Port) -> AsyncGenerator[Service]:
    """Open a service that knows the cast and a group "Payroll readers" with nobody in it."""
    async with httpx2.AsyncClient(base_url=port.url, headers={BY_HAND: "yes"}) as hand:
        service = Service(url=port.url, hand=hand)
        port.app = app = _Misbehaving(ASGIApplication(AsyncInMemoryStorage(), PROVIDER), service)
        for person in CAST:
            await service.enter("User", userName=person.user_principal_name, displayName=person.display_name)
        await service.enter("Group", displayName=READERS.display_name)
        yield service
        app.is_over = True


class _Misbehaving:
    """Asks for the token, notes what was asked, and interferes where it was told to."""

    def __init__(self, inner: Any, service: Service) -> None:
        self.inner = inner
        self.service = service
        self.is_over = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if BY_HAND in headers:
            return await self.inner(scope, receive, send)
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return await _answer(send, scim_error(401, "who are you?"))
        asked = f"{scope['method']} {scope['path']}?{scope['query_string'].decode()}"
        self.service.asked.append(asked)
        fault = self.service.interfere(asked)
        if fault is None:
            return await self.inner(scope, receive, send)
        if fault.acts:
            await self.inner(scope, receive, _nowhere)
        if fault.status == 0:
            while not self.is_over:
                await asyncio.sleep(0.02)
        return await _answer(send, fault)


async def _nowhere(message: Any) -> None:
    """Lose an answer."""


async def _answer(send: Any, fault: Fault) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in fault.headers.items()]
    await send({"type": "http.response.start", "status": fault.status or 500, "headers": headers})
    await send({"type": "http.response.body", "body": fault.body})
