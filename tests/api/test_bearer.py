"""Bearer tokens of an OpenID provider: what is forged, stale or meant for others stays out; what is good comes in."""

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from fastapi import FastAPI

from api.app import create_app
from grantline.ambient import utc_now
from grantline.persistence.database import Database
from grantline.settings import Settings
from tests.api.conftest import BASE, RecordingRelay
from tests.api.openid import AUDIENCE, DISCOVERY_AND_KEYS, ISSUER, HandMadeProvider, private_key
from tests.cast import ADA, DAN, LEO, Person


@pytest.fixture
def provider() -> HandMadeProvider:
    return HandMadeProvider()


@pytest.fixture
def app(provider: HandMadeProvider, sqlite_database: Database, relay: RecordingRelay, tmp_path: Path) -> FastAPI:
    settings = Settings(home=tmp_path, oidc_issuer=ISSUER, oidc_audience=f"another, {AUDIENCE}")
    return create_app(settings=settings, database=sqlite_database, relay=relay, issuer=provider.issuer())


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE) as client:
        yield client


async def me(client: httpx2.AsyncClient, token: str) -> httpx2.Response:
    return await client.get("/v1.0/me", headers={"Authorization": f"Bearer {token}"})


def part(value: dict[str, Any]) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps(value, default=lambda at: int(at.timestamp())).encode())
        .decode()
        .rstrip("=")
    )


def sealed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """Return a token with a seal of HMAC, made by hand: no library makes one with a public key."""
    signed = f"{part(header)}.{part(claims)}"
    return f"{signed}.{base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), 'sha256')).decode().rstrip('=')}"


async def test_a_good_token_comes_in_and_the_provider_is_asked_once(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    for token in (provider.token(LEO), provider.token(LEO, aud=[AUDIENCE, "more"]), provider.token(LEO, aud="another")):
        answer = await me(client, token)
        assert (answer.status_code, answer.json().get("id")) == (200, LEO.id)
    assert provider.asked == DISCOVERY_AND_KEYS


async def test_a_token_type_as_rfc_9068_writes_it_comes_in(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    for kind in ("at+jwt", "application/at+jwt", "JWT", "jwt"):
        assert (await me(client, provider.token(LEO, header={"typ": kind}))).status_code == 200, kind
    assert (await me(client, provider.token(LEO, typ="Bearer", nonce="an old Keycloak's"))).status_code == 200


@pytest.mark.parametrize(
    ("story", "header", "changes", "says"),
    [
        ("expired", {}, {"exp": utc_now() - timedelta(minutes=2)}, "has expired"),
        ("not yet valid", {}, {"nbf": utc_now() + timedelta(hours=1)}, "not yet valid"),
        ("from the future", {}, {"iat": utc_now() + timedelta(hours=1)}, "not yet valid"),
        ("never expiring", {}, {"exp": None}, '"exp"'),
        ("infinite", {}, {"exp": float("inf")}, "not accepted"),
        ("as good as infinite", {}, {"exp": 10**400}, "never expires"),
        ("expiring in words", {}, {"exp": "4102444800"}, "never expires"),
        ("expired before there was time", {}, {"exp": -1}, "has expired"),
        ("of another audience", {}, {"aud": "payroll"}, f"should be for another or {AUDIENCE}"),
        ("of no audience", {}, {"aud": None}, '"aud"'),
        ("of another issuer", {}, {"iss": "https://evil.test"}, f"should be of {ISSUER}"),
        ("of another tenant", {}, {"iss": f"{ISSUER}2"}, f"should be of {ISSUER}"),
        ("to sign out with", {"typ": "logout+jwt"}, {}, "of type 'logout+jwt'"),
        ("bound to a key", {"typ": "dpop+jwt"}, {}, "of type 'dpop+jwt'"),
        ("bound to a key, by its claims", {}, {"cnf": {"jkt": "x"}}, "bound to a key"),
        ("an ID token", {}, {"at_hash": "x"}, "not an access token"),
        ("an ID token of a sign-in with a nonce, as ours are", {}, {"nonce": "x"}, "not an access token"),
        ("an ID token of Keycloak", {}, {"typ": "ID"}, "not an access token"),
        ("a refresh token of Keycloak", {}, {"typ": "Refresh"}, "not an access token"),
        ("with extensions", {"crit": ["b64"], "b64": True}, {}, "not a JSON Web Token"),
        ("with unknown extensions", {"crit": ["magic"], "magic": 1}, {}, "not a JSON Web Token"),
    ],
)
async def test_a_token_that_is_not_for_us_now_is_refused(
    client: httpx2.AsyncClient,
    provider: HandMadeProvider,
    story: str,
    header: dict[str, Any],
    changes: dict[str, Any],
    says: str,
) -> None:
    answer = await me(client, provider.token(LEO, header=header, **changes))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"'), story
    assert answer.json()["error"]["code"] == "unauthenticated"
    assert says in answer.json()["error"]["message"], story


async def test_what_somebody_else_signed_is_refused(client: httpx2.AsyncClient, provider: HandMadeProvider) -> None:
    header, claims = {"alg": "RS256", "kid": "first"}, provider.claims(ADA)
    good = provider.token(LEO)
    public = private_key("first").public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    forged = {
        "with another key": provider.token(ADA, "evil", header={"kid": "first"}),
        "with no signature": f"{part({'alg': 'none', 'kid': 'first'})}.{part(claims)}.",
        "with no signature, in capitals": f"{part({'alg': 'NONE', 'kid': 'first'})}.{part(claims)}.",
        "with another's signature": f"{part(header)}.{part(claims)}.{good.rpartition('.')[2]}",
        "with the public key as a secret": sealed({"alg": "HS256", "kid": "first"}, claims, pem),
        "the same, as a key set has it": sealed(
            {"alg": "HS256", "kid": "first"}, claims, json.dumps(provider.public("first")).encode()
        ),
        "as if by RSA": sealed(header, claims, pem),
        "with a key it brings along": provider.token(
            ADA, "evil", header={"kid": "evil", "jwk": provider.public("evil"), "jku": "https://evil.test/keys"}
        ),
    }
    for story, token in forged.items():
        answer = await me(client, token)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated"), story
    assert (await me(client, good)).status_code == 200
    assert set(provider.asked) == set(DISCOVERY_AND_KEYS)


async def test_a_key_is_for_the_algorithm_it_is_published_for(
    client: httpx2.AsyncClient, provider: HandMadeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await me(client, provider.token(LEO, header={"alg": "PS384"}))).status_code == 200
    published = provider.public("first") | {"alg": "RS256"}
    monkeypatch.setattr(provider, "public", lambda key: published)
    provider.later(minutes=11)
    await me(client, provider.token(LEO))
    await asyncio.sleep(0)
    provider.later(minutes=11)
    while len(provider.asked) < 4:
        await asyncio.sleep(0)
    assert (await me(client, provider.token(LEO, header={"alg": "RS384"}))).status_code == 401
    assert (await me(client, provider.token(LEO, iat=None))).status_code == 200


async def test_a_token_may_leave_its_key_unnamed_while_there_is_only_one(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    assert (await me(client, provider.token(LEO, header={"kid": None}))).status_code == 200
    provider.keys.append("second")
    provider.later(minutes=1)
    assert (await me(client, provider.token(LEO, "second"))).status_code == 200
    assert (await me(client, provider.token(LEO, header={"kid": None}, iat=None))).status_code == 401


async def test_a_huge_token_is_not_even_read(client: httpx2.AsyncClient, provider: HandMadeProvider) -> None:
    answer = await me(client, provider.token(LEO, groups=["g" * 36] * 1000))
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "The bearer token is not a JSON Web Token.")
    assert provider.asked == []


async def test_a_deeply_nested_token_is_refused(client: httpx2.AsyncClient) -> None:
    nested = base64.urlsafe_b64encode(b'{"alg":"RS256","x":' + b"[" * 5_000).decode().rstrip("=")
    assert (await me(client, f"{nested}.{part({})}.AAAA")).status_code == 401


@pytest.mark.parametrize(
    ("person", "changes", "status", "says"),
    [
        (DAN, {}, 403, "The account dan@grantline.test is disabled."),
        (
            LEO,
            {"oid": ADA.id[:-1] + "z", "preferred_username": "zoe@grantline.test"},
            401,
            "zoe@grantline.test, who is",
        ),
        (LEO, {"oid": None, "preferred_username": None}, 401, "pairwise-leo@grantline.test, who is not in the dir"),
        (LEO, {"oid": None, "sub": None, "preferred_username": None}, 401, "somebody without a name"),
        (LEO, {"oid": "\0", "preferred_username": "a" * 400}, 401, "pairwise-leo@grantline.test"),
        (LEO, {"oid": "\ud800", "preferred_username": "\ud800@grantline.test"}, 401, "pairwise-leo@grantline.test"),
    ],
)
async def test_a_good_token_of_somebody_who_may_not_come_in(
    client: httpx2.AsyncClient,
    provider: HandMadeProvider,
    person: Person,
    changes: dict[str, Any],
    status: int,
    says: str,
) -> None:
    answer = await me(client, provider.token(person, **changes))
    assert answer.status_code == status
    assert says in answer.json()["error"]["message"]


async def test_new_keys_are_found_when_a_token_names_them(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    assert (await me(client, provider.token(LEO))).status_code == 200
    provider.keys = ["second"]
    provider.later(minutes=1)
    assert (await me(client, provider.token(LEO, "second"))).status_code == 200
    assert provider.asked == DISCOVERY_AND_KEYS * 2
    gone = await me(client, provider.token(LEO, "first", iat=None))
    assert (gone.status_code, "a key that" in gone.json()["error"]["message"]) == (401, True)


async def test_a_flood_of_unknown_keys_does_not_reach_the_provider(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    good = provider.token(LEO)
    assert (await me(client, good)).status_code == 200
    provider.later(minutes=1)
    flood = [provider.token(ADA, "evil", header={"kid": f"unknown-{number}"}) for number in range(50)]
    answers = await asyncio.gather(*(me(client, token) for token in flood), me(client, good))
    assert [answer.status_code for answer in answers] == [401] * 50 + [200]
    assert provider.asked == DISCOVERY_AND_KEYS * 2


async def test_many_who_come_at_once_make_one_question(client: httpx2.AsyncClient, provider: HandMadeProvider) -> None:
    answers = await asyncio.gather(*(me(client, provider.token(LEO, jti=f"{number}")) for number in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert provider.asked == DISCOVERY_AND_KEYS


async def test_known_keys_go_on_counting_while_the_provider_is_away_for_a_day(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    assert (await me(client, provider.token(LEO))).status_code == 200
    provider.is_down = True
    provider.later(hours=23)
    assert (await me(client, provider.token(LEO, jti="a day"))).status_code == 200
    unknown = await me(client, provider.token(LEO, "second"))
    assert (unknown.status_code, unknown.headers["retry-after"]) == (503, "2")
    provider.later(hours=2)
    assert (await me(client, provider.token(LEO, jti="too long"))).status_code == 503
    provider.is_down = False
    provider.later(seconds=11)
    assert (await me(client, provider.token(LEO, jti="back"))).status_code == 200


async def test_a_provider_that_is_down_at_the_start_stops_nothing(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    provider.is_down = True
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"], ready.json()["checks"]["issuer"]) == (
        200,
        "degraded",
        "unavailable",
    )
    for number in range(5):
        away = await me(client, provider.token(LEO, jti=f"{number}"))
        assert (away.status_code, away.json()["error"]["code"]) == (503, "serviceNotAvailable")
    assert provider.asked == DISCOVERY_AND_KEYS[:1]
    provider.is_down = False
    provider.later(seconds=11)
    assert (await me(client, provider.token(LEO))).status_code == 200
    assert (await client.get("/readyz")).json()["checks"]["issuer"] == "ok"


async def test_a_discovery_page_of_another_issuer_is_believed_nothing(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    provider.discovery = {"issuer": "https://evil.test"}
    answer = await me(client, provider.token(LEO))
    assert answer.status_code == 503
    assert "another issuer, 'https://evil.test'; set GRANTLINE_OIDC_ISSUER" in answer.json()["error"]["message"]
    assert provider.asked == DISCOVERY_AND_KEYS[:1]


async def test_a_provider_that_keeps_us_waiting_keeps_nobody_else_waiting(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    answers_now = asyncio.Event()
    provider.before_answering = answers_now.wait
    waiting = asyncio.create_task(me(client, provider.token(LEO)))
    while not provider.asked:
        await asyncio.sleep(0)
    assert (await client.get("/healthz")).status_code == 200
    assert not waiting.done()
    answers_now.set()
    assert (await waiting).status_code == 200


async def test_stale_keys_are_looked_at_again_behind_the_callers_back(
    client: httpx2.AsyncClient, provider: HandMadeProvider
) -> None:
    assert (await me(client, provider.token(LEO))).status_code == 200
    answers_now = asyncio.Event()
    provider.before_answering = answers_now.wait
    provider.keys = ["second"]
    provider.later(minutes=11)
    assert (await me(client, provider.token(LEO, jti="meanwhile"))).status_code == 200
    answers_now.set()
    while provider.asked != DISCOVERY_AND_KEYS * 2:
        await asyncio.sleep(0)
    assert (await me(client, provider.token(LEO, jti="withdrawn"))).status_code == 401


async def test_an_endless_answer_is_not_read_to_its_end(client: httpx2.AsyncClient, provider: HandMadeProvider) -> None:
    provider.discovery = {"padding": "x" * 600_000}
    answer = await me(client, provider.token(LEO))
    assert (answer.status_code, "more than a provider would" in answer.json()["error"]["message"]) == (503, True)
