"""A client of the process's Temporal server, and a world that lives on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import pytest
from temporalio.client import Client

from grantline.payloads import DATA_CONVERTER
from grantline.persistence import outbox
from grantline.persistence.database import Database
from tests.workflows import histories
from tests.workflows.server import DevServer
from tests.workflows.world import World, open_world
from workflows import relay


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-histories", action="store_true", help="record a workflow history per path")


@pytest.fixture
async def temporal(temporal_server: DevServer) -> Client:
    """Return a client of the development server."""
    return await Client.connect(temporal_server.address, data_converter=DATA_CONVERTER, identity=histories.IDENTITY)


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> histories.Keep:
    """Return what keeps a history: to a file with --record-histories, nowhere without."""
    return histories.keep if request.config.getoption("--record-histories", default=False) else histories.keep_nothing


@pytest.fixture
async def plain_world(sqlite_database: Database, temporal: Client, keep: histories.Keep) -> AsyncIterator[World]:
    """Return the same company, whose groups are given at once, as they are in production."""
    async with open_world(sqlite_database, temporal, keep, is_kept_here=True) as world:
        yield world


@pytest.fixture
async def swept_world(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """Return the company with a relay that sweeps, and sooner: what activities owe, nobody else sends."""
    monkeypatch.setattr(outbox, "GRACE", timedelta(0))
    monkeypatch.setattr(relay, "SWEEP_EVERY", timedelta(milliseconds=50))
    sweeping = asyncio.create_task(world.relay.run())
    yield world
    sweeping.cancel()
    with suppress(asyncio.CancelledError):
        await sweeping


@pytest.fixture
async def world(sqlite_database: Database, temporal: Client, keep: histories.Keep) -> AsyncIterator[World]:
    """Return a small company, with its worker at work."""
    async with open_world(sqlite_database, temporal, keep) as world:
        yield world
