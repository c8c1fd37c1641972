"""The API in this process: no socket, a real database, real tokens, and a relay that only remembers."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from api.app import create_app
from grantline.issuer import DevelopmentIssuer
from grantline.model.message import Message
from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.settings import Settings
from tests.api.promised import promising
from tests.cast import ADA

BASE = "http://grantline.test"
V1 = f"{BASE}/v1.0"
GOVERNANCE = f"{V1}/identityGovernance/entitlementManagement"

Clients = Callable[[Person | None], httpx2.AsyncClient]


@dataclass
class RecordingRelay:
    """Stands in for the relay: what was handed over after a commit, in order."""

    sent: list[Message] = field(default_factory=list)

    def send(self, messages: Sequence[Message]) -> None:
        self.sent.extend(messages)


@pytest.fixture
def relay() -> RecordingRelay:
    return RecordingRelay()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentIssuer:
    return DevelopmentIssuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def usual() -> Settings:
    """Return what is set wherever a test sets nothing; reading the environment for it takes longer than most tests."""
    return Settings(administrators=(ADA.user_principal_name,))


@pytest.fixture
def settings(tmp_path: Path, usual: Settings) -> Settings:
    return usual.model_copy(update={"home": tmp_path, "database_url": f"sqlite:///{tmp_path / 'grantline.db'}"})


@pytest.fixture
def app(settings: Settings, database: Database, relay: RecordingRelay, issuer: DevelopmentIssuer) -> FastAPI:
    return create_app(settings=settings, database=database, relay=relay, issuer=issuer)


@pytest.fixture
async def as_(app: FastAPI, issuer: DevelopmentIssuer) -> AsyncIterator[Clients]:
    """Return a maker of clients: `as_(MIA)` sends Mia's token, `as_(None)` none. Paths are relative to /v1.0."""
    async with AsyncExitStack() as stack:
        clients: dict[str, httpx2.AsyncClient] = {}

        def client(person: Person | None) -> httpx2.AsyncClient:
            name = person.id if person else ""
            if name not in clients:
                headers = {"Authorization": f"Bearer {issuer.token(person)}"} if person else {}
                clients[name] = httpx2.AsyncClient(
                    transport=httpx2.ASGITransport(app=promising(app)), base_url=V1, headers=headers
                )
                stack.push_async_callback(clients[name].aclose)
            return clients[name]

        yield client
