"""Signing in to the portal at the development issuer, and what a session may and may not do."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from api.app import create_app
from grantline.ambient import utc_now
from grantline.issuer import DevelopmentIssuer, OpenIdProvider
from grantline.persistence.database import Database
from grantline.persistence.session_tables import sessions
from grantline.persistence.tables import people
from grantline.settings import Settings
from tests.api.conftest import RecordingRelay
from tests.cast import ADA, DAN, LEO, MIA

HERE = "http://127.0.0.1:8000"
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: the sessions' own tests run on both."""
    return sqlite_database


@pytest.fixture
def app(tmp_path: Path, database: Database, relay: RecordingRelay) -> FastAPI:
    return portal(database, relay, tmp_path, temporal_ui_url="https://temporal.example.com/ui/")


def portal(database: Database, relay: RecordingRelay, home: Path, **changes: object) -> FastAPI:
    """Return an app whose own token endpoint is reached without a socket."""
    settings = Settings.model_validate({"home": home, "administrators": (ADA.user_principal_name,), **changes})
    issuer = DevelopmentIssuer(home, address=settings.public_url)

    async def here(request: httpx2.Request) -> httpx2.Response:
        return await httpx2.ASGITransport(app=app).handle_async_request(request)

    app = create_app(
        settings=settings, database=database, relay=relay, issuer=issuer, transport=httpx2.MockTransport(here)
    )
    return app


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    async with browser_at(app) as client:
        yield client


def browser_at(app: FastAPI, base: str = HERE) -> httpx2.AsyncClient:
    """Return a browser: it keeps cookies, and follows no redirect without being told."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=base, headers=PAGE)


async def arrive(browser: httpx2.AsyncClient, who: str, return_to: str | None = None) -> httpx2.Response:
    """Go through login and the development issuer's page; return the answer of the callback."""
    begun = await browser.get("/auth/login", params={"returnTo": return_to} if return_to else {})
    assert begun.status_code == 302, begun.text
    chosen = await browser.get(begun.headers["location"], params=with_hint(begun.headers["location"], who))
    assert chosen.status_code == 303, chosen.text
    return await browser.get(chosen.headers["location"])


def with_hint(address: str, who: str) -> dict[str, str]:
    given = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return {**given, "login_hint": who}


async def token_of(browser: httpx2.AsyncClient) -> str:
    return (await browser.get("/api/session")).json()["csrfToken"]


async def test_a_person_picks_who_they_are_and_is_signed_in(browser: httpx2.AsyncClient) -> None:
    nobody = await browser.get("/api/session")
    assert nobody.json() == {"signedIn": False, "signInUrl": "/auth/login"}

    begun = await browser.get("/auth/login", params={"returnTo": "/approvals?all=1"})
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{HERE}/auth/callback"]
    assert {"state", "nonce", "code_challenge"} < set(asked)

    listed = await browser.get(begun.headers["location"])
    assert listed.status_code == 200
    assert "default-src 'none'" in listed.headers["content-security-policy"]
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', listed.text)
    assert [name for _, name in links] == sorted(name for _, name in links)
    assert "Mia Lind" in [name for _, name in links]
    assert "Dan Gone" not in listed.text
    assert "administrator" in listed.text

    (mia,) = (unescape(address) for address, name in links if name == "Mia Lind")
    chosen = await browser.get("/auth/development/authorize" + mia)
    back = await browser.get(chosen.headers["location"])
    assert (back.status_code, back.headers["location"]) == (303, "/approvals?all=1")

    told = (await browser.get("/api/session")).json()
    token = told.pop("csrfToken")
    assert len(token) == 64
    assert told == {
        "signedIn": True,
        "signInUrl": "/auth/login",
        "kind": "person",
        "id": MIA.id,
        "displayName": "Mia Lind",
        "userPrincipalName": MIA.user_principal_name,
        "mail": MIA.mail,
        "isAdministrator": False,
        "roles": [],
        "seesReportsAccess": True,
    }
    assert (await browser.get("/v1.0/me")).json()["id"] == MIA.id


async def test_a_name_is_searched_for(browser: httpx2.AsyncClient) -> None:
    begun = await browser.get("/auth/login")
    found = await browser.get(
        begun.headers["location"], params={**with_hint(begun.headers["location"], ""), "q": "LIND"}
    )
    assert found.status_code == 404  # an empty hint is nobody's name
    query = {name: value for name, value in with_hint(begun.headers["location"], "").items() if name != "login_hint"}
    found = await browser.get("/auth/development/authorize", params={**query, "q": "LIND"})
    assert re.findall(r">([^<]+)</a>", found.text) == ["Mia Lind"]
    found = await browser.get("/auth/development/authorize", params={**query, "q": "<script>%"})
    assert "Nobody has such a name." in found.text
    assert "<script>" not in found.text


async def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(
    database: Database, relay: RecordingRelay, tmp_path: Path
) -> None:
    secure = "https://127.0.0.1:8443"
    async with browser_at(portal(database, relay, tmp_path, public_url=secure), secure) as browser:
        answer = await arrive(browser, MIA.user_principal_name)
        kept = SimpleCookie(answer.headers.get_list("set-cookie")[0])["__Host-grantline-session"]
        assert (kept["secure"], kept["httponly"], kept["samesite"], kept["path"], kept["domain"]) == (
            True,
            True,
            "lax",
            "/",
            "",
        )
        assert kept["max-age"] == str(12 * 3600)
        assert (await browser.get("/v1.0/me")).status_code == 200


async def test_over_plain_http_on_loopback_the_cookie_is_not_secure(browser: httpx2.AsyncClient) -> None:
    answer = await arrive(browser, MIA.user_principal_name)
    kept = SimpleCookie(answer.headers.get_list("set-cookie")[0])["grantline-session"]
    assert (kept["secure"], kept["httponly"], kept["samesite"]) == ("", True, "lax")


async def test_each_sign_in_is_a_session_of_its_own_and_ends_the_one_before(
    browser: httpx2.AsyncClient, database: Database
) -> None:
    await arrive(browser, MIA.user_principal_name)
    first = browser.cookies["grantline-session"]
    await arrive(browser, LEO.user_principal_name)
    assert browser.cookies["grantline-session"] != first
    async with database.read() as tx:
        assert [row.person_id for row in await tx.all(select(sessions.c.person_id))] == [LEO.id]
    browser.cookies.set("grantline-session", first, domain="127.0.0.1")
    assert (await browser.get("/v1.0/me")).status_code == 401


@pytest.mark.parametrize(
    ("story", "headers"),
    [
        ("no token", {"Origin": HERE}),
        ("another's token", {"Origin": HERE, "X-CSRF-Token": "0" * 64}),
        ("no origin", {"X-CSRF-Token": "right"}),
        ("another site", {"Origin": "https://evil.test", "X-CSRF-Token": "right"}),
        ("another port", {"Origin": "http://127.0.0.1:9000", "X-CSRF-Token": "right"}),
        ("a sandbox", {"Origin": "null", "X-CSRF-Token": "right"}),
    ],
)
async def test_what_changes_something_must_come_from_our_own_page(
    browser: httpx2.AsyncClient, story: str, headers: dict[str, str]
) -> None:
    await arrive(browser, ADA.user_principal_name)
    token = await token_of(browser)
    sent = {name: token if value == "right" else value for name, value in headers.items()}
    for method, path in (("POST", "/v1.0/groups"), ("POST", "/auth/logout")):
        refused = await browser.request(method, path, json={"displayName": story}, headers=sent)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "accessDenied"), story
    groups = (await browser.get("/v1.0/groups")).json()["value"]
    assert story not in {group["displayName"] for group in groups}


async def test_our_own_page_changes_what_its_person_may(browser: httpx2.AsyncClient) -> None:
    await arrive(browser, ADA.user_principal_name)
    headers = {"Origin": HERE, "X-CSRF-Token": await token_of(browser)}
    made = await browser.post("/v1.0/groups", json={"displayName": "Portal", "mailEnabled": False}, headers=headers)
    assert made.status_code == 201, made.text


async def test_a_bearer_token_goes_before_the_session_and_needs_no_page(
    browser: httpx2.AsyncClient, tmp_path: Path
) -> None:
    await arrive(browser, LEO.user_principal_name)
    headers = {"Authorization": f"Bearer {DevelopmentIssuer(tmp_path).token(ADA)}"}
    assert (await browser.get("/v1.0/me", headers=headers)).json()["id"] == ADA.id
    told = (await browser.get("/api/session", headers=headers)).json()
    assert (told["id"], told["isAdministrator"], "csrfToken" in told) == (ADA.id, True, False)
    assert told["workflowsUrl"] == "https://temporal.example.com/ui/namespaces/default/workflows/"
    assert (await browser.get("/v1.0/me", headers={"Authorization": "Bearer nonsense"})).status_code == 401


async def test_who_signs_out_is_out(browser: httpx2.AsyncClient) -> None:
    await arrive(browser, MIA.user_principal_name)
    secret = browser.cookies["grantline-session"]
    headers = {"Origin": HERE, "X-CSRF-Token": await token_of(browser)}
    out = await browser.post("/auth/logout", headers=headers)
    assert (out.status_code, out.json()) == (200, {"signOutUrl": f"{HERE}/"})
    assert "grantline-session" not in browser.cookies
    browser.cookies.set("grantline-session", secret, domain="127.0.0.1")
    over = await browser.get("/v1.0/me")
    assert (over.status_code, over.headers["www-authenticate"]) == (401, "Bearer")
    assert "sign in again" in over.json()["error"]["message"]
    assert (await browser.get("/api/session")).json()["signedIn"] is False
    browser.cookies.clear()
    assert (await browser.post("/auth/logout")).status_code == 200


async def test_a_session_that_nobody_used_for_too_long_is_over(browser: httpx2.AsyncClient, database: Database) -> None:
    await arrive(browser, MIA.user_principal_name)
    async with database.write() as tx:
        await tx.changed(update(sessions).values(idle_until=utc_now() - timedelta(seconds=1)))
    assert (await browser.get("/v1.0/me")).status_code == 401


async def test_a_blocked_account_is_out_at_once_and_stays_out(browser: httpx2.AsyncClient, database: Database) -> None:
    await arrive(browser, MIA.user_principal_name)
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id == MIA.id).values(account_enabled=False))
    out = await browser.get("/v1.0/me")
    assert (out.status_code, out.json()["error"]["code"]) == (403, "accessDenied")
    again = await arrive(browser, DAN.user_principal_name)
    assert again.status_code == 403
    assert "The account dan@grantline.test is disabled." in again.text


async def test_a_code_is_good_once_and_only_in_the_browser_that_asked(
    app: FastAPI, browser: httpx2.AsyncClient
) -> None:
    begun = await browser.get("/auth/login")
    hinted = with_hint(begun.headers["location"], ADA.user_principal_name)
    chosen = (await browser.get("/auth/development/authorize", params=hinted)).headers["location"]
    async with browser_at(app) as other:
        lured = await other.get(chosen)
        assert (lured.status_code, "not begun in this browser" in lured.text) == (401, True)
        await other.get("/auth/login")
        lured = await other.get(chosen)
        assert (lured.status_code, "not begun in this browser" in lured.text) == (401, True)
        assert "grantline-session" not in other.cookies
    pending = browser.cookies["grantline-sign-in"]
    assert (await browser.get(chosen)).status_code == 303
    assert "grantline-sign-in" not in browser.cookies
    browser.cookies.set("grantline-sign-in", pending, domain="127.0.0.1")
    replayed = await browser.get(chosen)
    assert (replayed.status_code, "did not take the code" in replayed.text) == (401, True)


async def test_what_the_provider_refuses_is_a_page_and_for_programs_an_error(browser: httpx2.AsyncClient) -> None:
    for accept, kind in (("text/html", "text/html; charset=utf-8"), ("*/*", "application/json; charset=utf-8")):
        begun = await browser.get("/auth/login")
        state = with_hint(begun.headers["location"], "")["state"]
        answer = {"error": "access_denied", "error_description": "<b>no</b>", "state": state}
        refused = await browser.get("/auth/callback", params=answer, headers={"Accept": accept})
        assert (refused.status_code, refused.headers["content-type"]) == (401, kind)
        assert "access_denied" in refused.text
        assert kind.startswith("application") or "<b>" not in refused.text


async def test_an_answer_of_another_provider_is_refused(browser: httpx2.AsyncClient) -> None:
    begun = await browser.get("/auth/login")
    chosen = await browser.get(
        begun.headers["location"], params=with_hint(begun.headers["location"], MIA.user_principal_name)
    )
    answer = with_hint(chosen.headers["location"], "") | {"iss": "https://evil.test"}
    refused = await browser.get("/auth/callback", params=answer)
    assert (refused.status_code, "another provider" in refused.text) == (401, True)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test", "//evil.test", "/\\evil.test", "/a\r\nX: y", "", "/auth/login", "/" + "a" * 2000]
)
async def test_nobody_is_sent_elsewhere_after_signing_in(browser: httpx2.AsyncClient, elsewhere: str) -> None:
    assert (await arrive(browser, MIA.user_principal_name, elsewhere)).headers["location"] == "/"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("redirect_uri", "https://evil.test/auth/callback"),
        ("client_id", "another"),
        ("response_type", "token"),
        ("code_challenge_method", "plain"),
    ],
)
async def test_the_development_issuer_answers_our_own_portal_alone(
    browser: httpx2.AsyncClient, name: str, value: str
) -> None:
    begun = await browser.get("/auth/login")
    asked = with_hint(begun.headers["location"], ADA.user_principal_name) | {name: value}
    refused = await browser.get("/auth/development/authorize", params=asked)
    assert (refused.status_code, refused.json()["error"]["target"]) == (400, name)


async def test_the_development_issuer_is_for_this_machine_alone(app: FastAPI) -> None:
    far = httpx2.ASGITransport(app=app, client=("192.0.2.7", 5000))
    async with httpx2.AsyncClient(transport=far, base_url=HERE) as client:
        assert (await client.get("/auth/development/authorize")).status_code == 403
        assert (await client.post("/auth/development/token", data={"code": "x"})).status_code == 403
    async with browser_at(app, "http://rebound.evil.test:8000") as client:
        assert (await client.get("/auth/development/authorize")).status_code == 403


async def test_a_code_goes_to_nobody_else(app: FastAPI, browser: httpx2.AsyncClient) -> None:
    begun = await browser.get("/auth/login")
    hinted = with_hint(begun.headers["location"], ADA.user_principal_name)
    chosen = (await browser.get("/auth/development/authorize", params=hinted)).headers["location"]
    stolen = {
        "grant_type": "authorization_code",
        "code": with_hint(chosen, "")["code"],
        "client_id": "grantline-portal",
        "redirect_uri": f"{HERE}/auth/callback",
        "code_verifier": "guessed",
    }
    for changes, says in (
        ({}, "made for somebody else"),
        ({"client_id": "other"}, "made for somebody else"),
        ({"code": DevelopmentIssuer(Path("/nowhere")).name}, "not accepted"),
        ({"grant_type": "password"}, "authorization_code"),
    ):
        refused = await browser.post("/auth/development/token", data={**stolen, **changes})
        assert (refused.status_code, says in refused.json()["error"]["message"]) == (400, True), refused.text
    nobody = {"Authorization": f"Bearer {stolen['code']}"}
    assert (await browser.get("/v1.0/me", headers=nobody)).status_code == 401


async def test_without_a_client_id_nobody_signs_in_with_a_browser(
    database: Database, relay: RecordingRelay, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, oidc_issuer="https://login.test")
    app = create_app(settings=settings, database=database, relay=relay, issuer=OpenIdProvider("https://login.test"))
    async with browser_at(app) as browser:
        refused = await browser.get("/auth/login")
        assert (refused.status_code, "GRANTLINE_OIDC_CLIENT_ID is not set" in refused.text) == (501, True)
        assert (await browser.get("/api/session")).json() == {"signedIn": False, "signInUrl": None}
        assert (await browser.get("/auth/development/authorize")).status_code == 404
