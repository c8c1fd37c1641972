"""Whom the API lets in."""

import base64
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import FastAPI
from sqlalchemy import delete, update

from api.app import create_app
from grantline.ambient import utc_now
from grantline.errors import Unavailable
from grantline.issuer import DevelopmentIssuer, Endpoints
from grantline.persistence.database import Database
from grantline.persistence.tables import people
from grantline.settings import Settings
from tests.api.conftest import V1, Clients, RecordingRelay
from tests.cast import ADA, DAN, EVE, LEO


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


def claims(issuer: DevelopmentIssuer, **changes: Any) -> dict[str, Any]:
    token = jwt.decode(issuer.token(LEO), options={"verify_signature": False})
    return {name: value for name, value in (token | changes).items() if value is not None}


def signed(issuer: DevelopmentIssuer, **changes: Any) -> str:
    return jwt.encode(claims(issuer, **changes), issuer._key(), algorithm="RS256", headers={"kid": issuer.key_id})


async def answer_to(as_: Clients, authorization: str | None) -> httpx2.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return await as_(None).get("/me", headers=headers)


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("story", "authorization"),
    [
        ("nothing", None),
        ("an empty header", ""),
        ("no scheme", "abc"),
        ("basic", "Basic bGVvOnBhc3N3b3Jk"),
        ("no token", "Bearer "),
        ("no JWT", "Bearer abc"),
        ("dots", "Bearer a.b.c"),
        ("only dots", "Bearer .."),
        ("not ASCII", "Bearer \xe9.\xe9.\xe9"),
        ("endless", "Bearer " + "a" * 20_000),
        ("unsigned", f"Bearer {part({'alg': 'none', 'typ': 'JWT'})}.{part({'sub': ADA.id})}."),
        ("no object", f"Bearer {part({'alg': 'RS256'})}.bnVsbA.AAAA"),
    ],
)
async def test_what_is_no_token_is_refused(as_: Clients, story: str, authorization: str | None) -> None:
    headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]
    answer = await as_(None).get("/me", headers=headers)
    challenge = "Bearer" if authorization is None else 'Bearer error="invalid_token"'
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, challenge), story
    assert answer.json()["error"]["code"] == "unauthenticated"


@pytest.mark.parametrize(
    ("story", "changes", "says"),
    [
        ("expired", {"exp": utc_now() - timedelta(minutes=2)}, "expired"),
        ("not yet", {"nbf": utc_now() + timedelta(hours=1)}, "not yet valid"),
        ("for somebody else", {"aud": "payroll"}, "audience"),
        ("by somebody else", {"iss": "https://evil.test"}, "issuer"),
        ("for ever", {"exp": None}, "exp"),
        ("without audience", {"aud": None}, "aud"),
        ("strange expiry", {"exp": "tomorrow"}, "not accepted"),
        ("names nobody", {"oid": None, "sub": None, "preferred_username": None, "upn": None}, "not in the directory"),
        ("names numbers", {"oid": 7, "sub": "7", "preferred_username": 7, "upn": [7]}, "for 7, who is not in"),
    ],
)
async def test_a_token_must_hold_in_every_part(
    as_: Clients, issuer: DevelopmentIssuer, story: str, changes: dict[str, Any], says: str
) -> None:
    answer = await answer_to(as_, f"Bearer {signed(issuer, **changes)}")
    assert answer.status_code == 401, story
    assert says in answer.json()["error"]["message"]


async def test_another_key_signs_for_nobody(as_: Clients, issuer: DevelopmentIssuer) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(claims(issuer), other, algorithm="RS256", headers={"kid": issuer.key_id})
    assert (await answer_to(as_, f"Bearer {forged}")).status_code == 401


async def test_a_public_key_is_no_secret(as_: Clients, issuer: DevelopmentIssuer) -> None:
    """The public key as HMAC secret: the classic confusion of algorithms."""
    secret = json.dumps(issuer.jwks()["keys"][0]).encode()
    signed_part = f"{part({'alg': 'HS256', 'kid': issuer.key_id})}.{part({**claims(issuer), 'oid': ADA.id})}"
    seal = base64.urlsafe_b64encode(hmac.digest(secret, signed_part.encode(), "sha256")).decode().rstrip("=")
    assert (await answer_to(as_, f"Bearer {signed_part}.{seal}")).status_code == 401


async def test_a_cached_token_expires_all_the_same(app: FastAPI, as_: Clients, issuer: DevelopmentIssuer) -> None:
    token = signed(issuer, exp=utc_now() - timedelta(seconds=28), nbf=None, iat=None)
    assert (await answer_to(as_, f"Bearer {token}")).status_code == 200
    ((until, subject),) = app.state.door.authenticator._known.values()
    assert until == subject.expires_at < utc_now().timestamp() + 30


async def test_what_a_token_said_is_not_remembered_for_longer_than_a_key_is_trusted(
    app: FastAPI, as_: Clients, issuer: DevelopmentIssuer
) -> None:
    assert (await answer_to(as_, f"Bearer {issuer.token(LEO)}")).status_code == 200
    ((until, subject),) = app.state.door.authenticator._known.values()
    assert until <= utc_now().timestamp() + 600 < subject.expires_at


async def test_only_so_many_tokens_are_remembered_and_none_in_clear(
    app: FastAPI, as_: Clients, issuer: DevelopmentIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.auth.bearer.REMEMBERED", 2)
    tokens = [issuer.token(LEO, lifetime=timedelta(hours=hours)) for hours in (1, 2, 3)]
    for token in tokens:
        assert (await answer_to(as_, f"Bearer {token}")).status_code == 200
    known = app.state.door.authenticator._known
    assert list(known) == [sha256(token.encode()).digest() for token in tokens[1:]]


async def test_a_name_is_enough_when_no_id_is_known(as_: Clients, issuer: DevelopmentIssuer) -> None:
    token = signed(
        issuer, oid="00000000-0000-0000-0000-000000000000", sub="pairwise", preferred_username="LEO@grantline.test"
    )
    assert (await answer_to(as_, f"Bearer {token}")).json()["id"] == LEO.id


async def test_a_disabled_account_stays_out(as_: Clients) -> None:
    answer = await as_(DAN).get("/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "accessDenied")
    assert "dan@grantline.test is disabled" in answer.json()["error"]["message"]


async def test_whoever_is_disabled_or_deleted_is_out_at_once(as_: Clients, database: Database) -> None:
    eve = as_(EVE)
    assert (await eve.get("/me")).status_code == 200
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id == EVE.id).values(account_enabled=False))
    assert (await eve.get("/me")).status_code == 403
    async with database.write() as tx:
        await tx.changed(delete(people).where(people.c.id == EVE.id))
    assert (await eve.get("/me")).status_code == 401


@pytest.mark.parametrize("path", ["/users", "/groups", "/me", f"/users/{LEO.id}"])
async def test_every_door_below_v1_asks_for_a_token(as_: Clients, path: str) -> None:
    assert (await as_(None).get(path)).status_code == 401


async def test_every_route_below_v1_asks_for_a_token(app: FastAPI, as_: Clients) -> None:
    """Even a route whose author forgot; asked by its template, for every method it has."""
    tried = 0
    for method, path in everything(app):
        answer = await as_(None).request(
            method, path.replace("{", "").replace("}", ""), json={} if method != "GET" else None
        )
        assert answer.status_code == 401, (method, path)
        tried += 1
    assert tried > 30


def everything(app: FastAPI) -> Iterator[tuple[str, str]]:
    for path, operations in app.openapi()["paths"].items():
        if path.startswith("/v1.0"):
            for method in operations:
                yield method.upper(), path.removeprefix("/v1.0")


class SilentProvider:
    name = "https://login.test"
    algorithms = ("RS256",)

    async def signing_key(self, token: str) -> jwt.PyJWK:
        raise Unavailable("The keys of https://login.test cannot be fetched; try again shortly.")

    async def endpoints(self) -> Endpoints:
        raise Unavailable("https://login.test does not answer.")

    async def check(self) -> None:
        raise Unavailable("https://login.test does not answer.")


async def test_a_provider_that_is_away_is_not_the_callers_fault(
    sqlite_database: Database, relay: RecordingRelay, tmp_path: Path, issuer: DevelopmentIssuer
) -> None:
    app = create_app(settings=Settings(home=tmp_path), database=sqlite_database, relay=relay, issuer=SilentProvider())
    headers = {"Authorization": f"Bearer {issuer.token(LEO)}"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1) as client:
        answer = await client.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "serviceNotAvailable")
    assert answer.headers["retry-after"] == "2"
