"""Against a certified OpenID provider over the network: signing in and out, and both kinds of bearer tokens."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from fastapi import FastAPI

from api.app import create_app
from grantline.issuer import OpenIdProvider
from grantline.persistence.database import Database
from grantline.settings import Settings
from tests.api.conftest import RecordingRelay
from tests.cast import ADA, MIA
from tests.ports import free_port
from tests.provider.running import running, sign_in_at

PORTAL = "http://127.0.0.1:8000"
AUDIENCE = "urn:grantline"
CATALOGS = f"{PORTAL}/v1.0/identityGovernance/entitlementManagement/catalogs"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with running(free_port(), PORTAL) as issuer:
        yield issuer


@pytest.fixture
def app(issuer: str, sqlite_database: Database, relay: RecordingRelay, tmp_path: Path) -> FastAPI:
    settings = Settings.model_validate(
        {
            "home": tmp_path,
            "administrators": ADA.user_principal_name,
            "oidc_issuer": issuer,
            "oidc_audience": AUDIENCE,
            "oidc_client_id": "portal",
            "oidc_client_secret": "portal-secret",
        }
    )
    return create_app(settings=settings, database=sqlite_database, relay=relay, issuer=OpenIdProvider(issuer))


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a browser that reaches the portal in this process and everything else over the network."""
    async with httpx2.AsyncClient(mounts={PORTAL: httpx2.ASGITransport(app=app)}, timeout=30) as client:
        yield client


async def test_a_manager_signs_in_works_and_signs_out(browser: httpx2.AsyncClient, issuer: str) -> None:
    """The provider names people only when it is asked for more than the ID token: by its userinfo."""
    back = await sign_in_at(browser, f"{PORTAL}/auth/login?returnTo=/team", "mia", until=f"{PORTAL}/auth/callback")
    arrived = await browser.get(back)
    assert (arrived.status_code, arrived.headers.get("location")) == (303, "/team"), arrived.text

    told = (await browser.get(f"{PORTAL}/api/session")).json()
    assert (told["signedIn"], told["userPrincipalName"]) == (True, MIA.user_principal_name)
    assert (await browser.get(f"{PORTAL}/v1.0/me")).json()["id"] == MIA.id

    headers = {"Origin": PORTAL, "X-CSRF-Token": told["csrfToken"]}
    out = await browser.post(f"{PORTAL}/auth/logout", headers=headers)
    leaving = out.json()["signOutUrl"]
    asked = parse_qs(urlsplit(leaving).query)
    assert leaving.startswith(f"{issuer}/session/end?")
    assert asked == {"client_id": ["portal"], "post_logout_redirect_uri": [f"{PORTAL}/"]}
    assert (await browser.get(leaving)).status_code == 200
    assert (await browser.get(f"{PORTAL}/v1.0/me")).status_code == 401


async def test_who_the_directory_does_not_know_is_not_signed_in(browser: httpx2.AsyncClient) -> None:
    back = await sign_in_at(browser, f"{PORTAL}/auth/login", "stranger", until=f"{PORTAL}/auth/callback")
    arrived = await browser.get(back, headers={"Accept": "text/html"})
    assert (arrived.status_code, "stranger@grantline.test, who is not in the directory" in arrived.text) == (401, True)


async def test_a_program_reads_in_the_name_of_an_administrator(browser: httpx2.AsyncClient, issuer: str) -> None:
    async with AsyncOAuth2Client(  # pyright: ignore[reportGeneralTypeIssues]  (its base is chosen at run time)
        client_id="cli",
        token_endpoint_auth_method="none",
        redirect_uri="http://127.0.0.1/done",
        scope="openid EntitlementManagement.Read.All",
        code_challenge_method="S256",
    ) as oauth:
        verifier = "a" * 48
        address, _ = oauth.create_authorization_url(f"{issuer}/auth", code_verifier=verifier, resource=AUDIENCE)
        back = await sign_in_at(browser, address, "ada", until="http://127.0.0.1/done")
        tokens = await oauth.fetch_token(f"{issuer}/token", authorization_response=back, code_verifier=verifier)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await browser.get(CATALOGS, headers=headers)).status_code == 200
    refused = await browser.post(CATALOGS, json={"displayName": "HR"}, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "permissionMissing")
    identity = {"Authorization": f"Bearer {tokens['id_token']}"}
    assert (await browser.get(CATALOGS, headers=identity)).status_code == 401


async def test_an_application_acts_for_itself(browser: httpx2.AsyncClient, issuer: str) -> None:
    for scope, status in (("EntitlementManagement.ReadWrite.All", 201), ("EntitlementManagement.Read.All", 403)):
        given = await browser.post(
            f"{issuer}/token",
            data={"grant_type": "client_credentials", "scope": scope},
            auth=("hr-sync", "hr-sync-secret"),
        )
        headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
        told = (await browser.get(f"{PORTAL}/api/session", headers=headers)).json()
        assert told["id"] == "application:hr-sync"
        made = await browser.post(CATALOGS, json={"displayName": "HR", "description": "People"}, headers=headers)
        assert made.status_code == status, made.text
