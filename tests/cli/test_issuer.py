"""The development issuer's key and tokens, and where a provider's keys come from."""

import asyncio
import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest

from grantline.errors import SetupError, Unauthenticated, Unavailable
from grantline.issuer import DEVELOPMENT_ISSUER, DevelopmentIssuer, OpenIdProvider
from tests.cast import MIA


def claims_of(token: str, issuer: DevelopmentIssuer) -> dict[str, Any]:
    key = asyncio.run(issuer.signing_key(token))
    return jwt.decode(token, key, algorithms=list(issuer.algorithms), audience="grantline", issuer=issuer.name)


def test_a_token_says_who_for_whom_and_how_long(tmp_path: Path) -> None:
    issuer = DevelopmentIssuer(tmp_path)

    claims = claims_of(issuer.token(MIA, lifetime=timedelta(hours=2)), issuer)

    assert claims["exp"] - claims["iat"] == 7200
    assert {name: claims[name] for name in claims if name not in {"exp", "iat", "nbf"}} == {
        "iss": DEVELOPMENT_ISSUER,
        "aud": "grantline",
        "sub": MIA.id,
        "oid": MIA.id,
        "name": MIA.display_name,
        "preferred_username": MIA.user_principal_name,
        "upn": MIA.user_principal_name,
        "scp": "EntitlementManagement.ReadWrite.All Directory.ReadWrite.All",
    }


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    token = DevelopmentIssuer(tmp_path / "home").token(MIA)

    assert claims_of(token, DevelopmentIssuer(tmp_path / "home"))["sub"] == MIA.id
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["issuer.pem"]
    assert stat.S_IMODE((tmp_path / "home" / "issuer.pem").stat().st_mode) == 0o600


def test_processes_that_make_the_key_at_once_end_up_with_one(tmp_path: Path) -> None:
    issuers = [DevelopmentIssuer(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(len(issuers)) as pool:
        key_ids = set(pool.map(lambda issuer: issuer.key_id, issuers))
    assert len(key_ids) == 1


def test_the_token_of_another_home_is_refused(tmp_path: Path) -> None:
    foreign = DevelopmentIssuer(tmp_path / "a").token(MIA)
    with pytest.raises(Unauthenticated, match="was not signed by the development issuer of"):
        claims_of(foreign, DevelopmentIssuer(tmp_path / "b"))


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.é.é"])
def test_what_is_no_token_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(Unauthenticated, match="not a JSON Web Token"):
        asyncio.run(DevelopmentIssuer(tmp_path).signing_key(token))


@pytest.mark.parametrize("content", ["", "nonsense"])
def test_a_broken_key_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "issuer.pem").write_text(content)
    with pytest.raises(SetupError, match=r"issuer\.pem is not a private key; delete it"):
        DevelopmentIssuer(tmp_path).token(MIA)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[tuple[str, DevelopmentIssuer]]:
    """Serve discovery and keys as a provider does; the keys are a development issuer's."""
    signer = DevelopmentIssuer(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages: dict[str, Any] = {
                "/tenant/.well-known/openid-configuration": {"issuer": f"{root}/tenant", "jwks_uri": f"{root}/keys"},
                "/keys": signer.jwks(),
                "/odd/.well-known/openid-configuration": {"issuer": f"{root}/odd"},
                "/other/.well-known/openid-configuration": {"issuer": "https://evil.test", "jwks_uri": f"{root}/keys"},
                "/in-clear/.well-known/openid-configuration": {
                    "issuer": f"{root}/in-clear",
                    "jwks_uri": "http://keys.example.com",
                },
                "/keyless/.well-known/openid-configuration": {
                    "issuer": f"{root}/keyless",
                    "jwks_uri": f"{root}/keyless/keys",
                },
                "/keyless/keys": {
                    "keys": [{"kty": "oct", "k": "c2VjcmV0"}, {**signer.jwks()["keys"][0], "use": "enc"}]
                },
            }
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.end_headers()
            self.wfile.write(json.dumps(page).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    root = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield root, signer
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("ending", ["", "/"])
async def test_a_providers_key_is_found_by_discovery(provider: tuple[str, DevelopmentIssuer], ending: str) -> None:
    root, signer = provider

    key = await OpenIdProvider(f"{root}/tenant{ending}").signing_key(signer.token(MIA))

    assert key.key_id == signer.key_id


async def test_a_key_the_provider_does_not_have_is_the_tokens_fault(
    provider: tuple[str, DevelopmentIssuer], tmp_path: Path
) -> None:
    foreign = DevelopmentIssuer(tmp_path / "other").token(MIA)
    with pytest.raises(Unauthenticated, match="names a key that"):
        await OpenIdProvider(f"{provider[0]}/tenant").signing_key(foreign)


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("/odd", "names no jwks_uri"),
        ("/nowhere", "does not answer as a provider would"),
        ("/other", "is of another issuer, 'https://evil.test'; set GRANTLINE_OIDC_ISSUER"),
        ("/in-clear", "names no jwks_uri that begins with https://"),
        ("/keyless", "has no key that signs"),
    ],
)
async def test_a_provider_that_is_away_is_no_fault_of_the_token(
    provider: tuple[str, DevelopmentIssuer], place: str, says: str
) -> None:
    root, signer = provider
    with pytest.raises(Unavailable, match=says):
        await OpenIdProvider(root + place).signing_key(signer.token(MIA))
