"""A whole Grantline for each journey: API on a real port, worker, relay, database; one Temporal server for all."""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from msgraph.graph_service_client import GraphServiceClient
from temporalio.client import Client

from activities import doors
from api.app import create_app
from grantline import bootstrap
from grantline.ambient import new_id
from grantline.issuer import DevelopmentIssuer
from grantline.payloads import DATA_CONVERTER
from grantline.persistence.database import Database
from grantline.services.sending.outbox_store import DatabaseOutbox
from grantline.settings import Settings
from tests.cast import ADA, BOB, EVE, LEO, MIA
from tests.journeys.graph import signed_in
from tests.workflows.server import DevServer
from workflows.fleet import build_worker
from workflows.relay import Relay

PATIENCE = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Microsoft's client, once for each of the cast."""

    ada: GraphServiceClient
    mia: GraphServiceClient
    leo: GraphServiceClient
    bob: GraphServiceClient
    eve: GraphServiceClient


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A running Grantline."""

    url: str
    issuer: DevelopmentIssuer
    temporal: Client

    @asynccontextmanager
    async def cast(self) -> AsyncGenerator[Clients]:
        """Sign the cast in."""
        async with AsyncExitStack() as stack:
            people = {"ada": ADA, "mia": MIA, "leo": LEO, "bob": BOB, "eve": EVE}
            clients = {
                name: await stack.enter_async_context(signed_in(self.url, self.issuer.token(person)))
                for name, person in people.items()
            }
            yield Clients(**clients)


async def until(read: Callable[[], Awaitable[Any]], wanted: Any) -> bool:
    """Read until the wanted value comes; a worker is at work in between."""
    found: Any = None
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while (found := await read()) != wanted:
                await asyncio.sleep(0.05)
            return True
    raise AssertionError(f"{wanted} did not come within {PATIENCE} s; it was {found}")


@pytest.fixture
async def system(sqlite_database: Database, temporal_server: DevServer, tmp_path: Path) -> AsyncIterator[System]:
    """Run Grantline on SQLite."""
    async with running(sqlite_database, temporal_server.address, tmp_path) as system:
        yield system


@pytest.fixture
async def system_on_either(database: Database, temporal_server: DevServer, tmp_path: Path) -> AsyncIterator[System]:
    """Run Grantline on SQLite, and on PostgreSQL."""
    async with running(database, temporal_server.address, tmp_path) as system:
        yield system


@asynccontextmanager
async def running(database: Database, temporal_address: str, home: Path) -> AsyncGenerator[System]:
    """Run API and worker, each with its relay, on a task queue of their own."""
    queue = f"journey-{new_id()}"
    settings = Settings(
        home=home,
        administrators=(ADA.user_principal_name,),
        temporal_address=temporal_address,
        temporal_task_queue=queue,
    )
    client = await Client.connect(temporal_address, data_converter=DATA_CONVERTER)
    issuer = DevelopmentIssuer(home)
    outbox = DatabaseOutbox(database)
    app = create_app(
        settings=settings,
        database=database,
        relay=Relay(outbox, client, task_queue=queue),
        issuer=issuer,
        temporal=client,
    )
    activities = doors(database, bootstrap.build_connectors(settings, database), administrators=settings.administrators)
    async with build_worker(client, activities, task_queue=queue, guarded=True), serving(app) as url:
        yield System(url=url, issuer=issuer, temporal=client)


@asynccontextmanager
async def serving(app: Any, **options: Any) -> AsyncGenerator[str]:
    """Serve an app on a free port of this machine, over TLS if uvicorn's options have a certificate; yield its URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on", ws="none", **options))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
        if task.done():
            task.result()
    scheme = "https" if options else "http"
    yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await task
