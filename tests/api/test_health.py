"""What operators' machines ask."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from temporalio.client import Client

from api.app import create_app
from grantline.ambient import new_id, utc_now
from grantline.issuer import DevelopmentIssuer
from grantline.persistence.database import Database
from grantline.persistence.tables import outbox
from grantline.settings import Settings
from tests.api.conftest import BASE, Clients, RecordingRelay
from tests.cast import LEO


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


async def ask(app: FastAPI, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE) as client:
        return await client.get(path)


async def test_the_process_is_alive_whatever_else_is_not(
    settings: Settings, relay: RecordingRelay, issuer: DevelopmentIssuer, tmp_path: Path
) -> None:
    nowhere = Database.connect(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/x.db")
    app = create_app(settings=settings, database=nowhere, relay=relay, issuer=issuer)
    alive = await ask(app, "/healthz")
    ready = await ask(app, "/readyz")
    shown = await ask(app, "/metrics")
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert ready.status_code == 503
    assert ready.json() == {
        "status": "unavailable",
        "checks": {"database": "unavailable", "temporal": "not configured", "issuer": "ok"},
    }
    assert "grantline_outbox_messages NaN" in shown.text
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE) as client:
        headers = {"Authorization": f"Bearer {issuer.token(LEO)}"}
        answer = await client.get("/v1.0/me", headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["code"] == "serviceNotAvailable"
    await nowhere.close()


async def test_ready_but_degraded_without_temporal(
    settings: Settings, relay: RecordingRelay, issuer: DevelopmentIssuer, database: Database, unused_tcp_port: int
) -> None:
    temporal = await Client.connect(f"127.0.0.1:{unused_tcp_port}", lazy=True)
    app = create_app(settings=settings, database=database, relay=relay, issuer=issuer, temporal=temporal)
    answer = await ask(app, "/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "degraded", "checks": {"database": "ok", "temporal": "unavailable", "issuer": "ok"}},
    )


async def test_metrics_count_by_route_and_show_what_waits(app: FastAPI, database: Database, as_: Clients) -> None:
    row = {"subject_id": new_id(), "kind": "start", "body": {}, "attempts": 0}
    async with database.write() as tx:
        for _ in range(3):
            at = {"id": new_id(), "created_at": utc_now(), "next_attempt_at": utc_now()}
            await tx.execute(outbox.insert().values({**row, **at}))
    await as_(LEO).get(f"/users/{LEO.id}")
    await as_(LEO).get("/nowhere")
    text = (await ask(app, "/metrics")).text
    assert 'grantline_http_requests_total{method="GET",route="/users/{user_id}",status="200"} 1.0' in text
    assert 'grantline_http_requests_total{method="GET",route="(none)",status="404"} 1.0' in text
    assert "grantline_outbox_messages 3.0" in text
    assert "grantline_overdue_revocations 0.0" in text


@pytest.mark.parametrize("path", ["/healthz", "/READYZ/"])
async def test_health_needs_no_token(as_: Clients, path: str) -> None:
    assert (await as_(None).get(f"{BASE}{path}")).status_code == 200


class RelayWithALife:
    def __init__(self) -> None:
        self.log: list[str] = []

    def send(self, messages: object) -> None: ...

    async def run(self) -> None:
        self.log.append("runs")
        await asyncio.Event().wait()

    async def drain(self) -> None:
        self.log.append("drained")


async def test_the_relay_lives_as_long_as_the_app(
    settings: Settings, issuer: DevelopmentIssuer, sqlite_database: Database
) -> None:
    relay = RelayWithALife()
    app = create_app(settings=settings, database=sqlite_database, relay=relay, issuer=issuer)
    async with app.router.lifespan_context(app):
        await asyncio.sleep(0)
    assert relay.log == ["runs", "drained"]
