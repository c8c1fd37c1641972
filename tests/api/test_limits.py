"""What one caller can do to the rest: call too often, send slowly built answers, frame a page."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from api import problems
from api.app import create_app
from api.guard import Guard
from api.observability import Meters, Observation
from api.rates import MOST_CALLERS, Rates
from grantline.errors import TooManyRequests
from grantline.issuer import DevelopmentIssuer
from grantline.persistence.database import Database
from grantline.settings import Settings
from tests.api.conftest import BASE, V1, Clients, RecordingRelay
from tests.cast import ADA, LEO, MIA


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


def test_a_bucket_holds_a_minute_and_fills_evenly() -> None:
    rates = Rates(60)
    for _ in range(60):
        rates.take("mia", 100.0)
    with pytest.raises(TooManyRequests) as refused:
        rates.take("mia", 100.5)
    assert refused.value.retry_after == 1
    rates.take("mia", 101.0)
    rates.take("leo", 100.0)
    with pytest.raises(TooManyRequests):
        rates.take("mia", 101.0)
    rates.take("mia", 1_000.0)


def test_a_slow_bucket_says_how_long_to_wait() -> None:
    rates = Rates(2)
    rates.take("mia", 0.0)
    rates.take("mia", 0.0)
    with pytest.raises(TooManyRequests, match="try again in 30 s") as refused:
        rates.take("mia", 0.0)
    assert refused.value.retry_after == 30


def test_nobody_fills_the_memory_with_callers() -> None:
    rates = Rates(5)
    for n in range(MOST_CALLERS + 50):
        rates.take(str(n), 0.0)
    assert len(rates._buckets) == MOST_CALLERS


def test_without_a_limit_nobody_is_counted() -> None:
    rates = Rates(0)
    for _ in range(1_000):
        rates.take("mia", 0.0)


@pytest.fixture
def strict(settings: Settings, database: Database, relay: RecordingRelay, issuer: DevelopmentIssuer) -> FastAPI:
    """Return an app that takes three requests a minute of each."""
    chosen = settings.model_copy(update={"rate_limit_per_minute": 3})
    return create_app(settings=chosen, database=database, relay=relay, issuer=issuer)


def client(app: FastAPI, token: str | None) -> httpx2.AsyncClient:
    """Return a client of an app."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1, headers=headers)


async def test_who_calls_too_often_is_told_when_to_come_back(strict: FastAPI, issuer: DevelopmentIssuer) -> None:
    async with client(strict, issuer.token(MIA)) as mia, client(strict, issuer.token(LEO)) as leo:
        answers = [await mia.get("/me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 20
        assert answers[-1].json()["error"]["code"] == "activityLimitReached"
        assert (await leo.get("/me")).status_code == 200
        assert {(await mia.get(f"{BASE}/healthz")).status_code for _ in range(10)} == {200}


async def test_a_batch_is_as_many_requests_as_it_holds(strict: FastAPI, issuer: DevelopmentIssuer) -> None:
    parts = [{"id": str(n), "method": "GET", "url": "/me"} for n in range(4)]
    async with client(strict, issuer.token(MIA)) as mia:
        answer = await mia.post("/$batch", json={"requests": parts})
    assert [one["status"] for one in answer.json()["responses"]] == [200, 200, 429, 429]
    assert "Retry-After" in answer.json()["responses"][-1]["headers"]


async def slow() -> None:
    """Never answer."""
    await asyncio.sleep(30)


async def streamed() -> StreamingResponse:
    """Begin to answer at once, and take longer than the app waits."""

    async def lines() -> AsyncIterator[str]:
        yield "a"
        await asyncio.sleep(1.3)
        yield "b"

    return StreamingResponse(lines())


@pytest.mark.parametrize(("route", "status", "text"), [(slow, 504, "within 1 s"), (streamed, 200, "ab")])
async def test_an_answer_begins_in_time_or_is_given_up(
    app: FastAPI, route: Callable[[], Awaitable[object]], status: int, text: str
) -> None:
    app.add_api_route("/test", route, response_model=None)
    hurried = Guard(app, seconds=1)
    outer = Observation(hurried, meters=Meters(), answer=problems.of, unexpected=problems.unexpected)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=outer)) as anybody:
        answer = await anybody.get(f"{BASE}/test")
    assert answer.status_code == status
    assert text in answer.text
    assert "request-id" in answer.headers


async def test_no_answer_is_kept_framed_or_run(as_: Clients) -> None:
    for path in ("/me", "/nowhere", f"{BASE}/healthz"):
        headers = (await as_(ADA).get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in headers
    # Nor a refusal that no route has seen.
    refused = await as_(ADA).post("/users", content=b"<user/>", headers={"Content-Type": "text/xml"})
    assert (refused.status_code, refused.headers["x-content-type-options"]) == (415, "nosniff")


async def test_over_https_browsers_keep_to_it(
    settings: Settings, database: Database, relay: RecordingRelay, issuer: DevelopmentIssuer
) -> None:
    chosen = settings.model_copy(update={"public_url": "https://access.example.com"})
    app = create_app(settings=chosen, database=database, relay=relay, issuer=issuer)
    async with client(app, issuer.token(MIA)) as mia:
        assert (await mia.get("/me")).headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/identityGovernance/entitlementManagement/connectedOrganizations", "connected organizations"),
        (
            "/identityGovernance/entitlementManagement/accessPackageSuggestions/filterByCurrentUser(on='x')",
            "suggestions",
        ),
        (f"{BASE}/beta/me", "beta"),
    ],
)
async def test_what_graph_has_and_we_have_not_is_said(as_: Clients, path: str, says: str) -> None:
    answer = await as_(ADA).get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "notSupported"), answer.text
    assert says in answer.json()["error"]["message"]
