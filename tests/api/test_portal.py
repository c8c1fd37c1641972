"""The portal's files beside the API: pages where no route is, never in the API's place, and told apart by caches."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.portal import EMPTY_STYLE, HEADERS, LETTER, LETTER_HEADERS, Portal

PAGE = b"<!doctype html><title>My Access</title>"
SCRIPT = b"document.title = 'My Access'"
TAKEN = ["/healthz", "/v1.0/users/{user_id}", "/api/packages"]


async def otherwise(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the API does where it serves nothing."""
    await PlainTextResponse("nothing here", status_code=404)(scope, receive, send)


def client_of(folder: Path) -> AsyncClient:
    portal = Portal(otherwise, taken=TAKEN, folder=folder)
    return AsyncClient(transport=ASGITransport(portal), base_url="http://grantline.test")


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """Browse a portal of two files."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(PAGE)
    (tmp_path / "assets" / "index-1a2b3c.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-1a2b3c.js.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (tmp_path / ".built-from").write_text("secret of the build", encoding="utf-8")
    async with client_of(tmp_path) as browser:
        yield browser


@pytest.mark.parametrize("path", ["/", "/packages", "/team/8bd5848b-b015-584e-beda-82a876d5a464", "/approvals/history"])
async def test_every_page_of_the_portal_is_the_one_page(browser: AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/v1.0/nothing", "/v1.0", "/api/none", "/scim/v2/Users", "/auth/login", "/healthz/deep", "/beta/users"],
)
async def test_what_is_the_apis_is_never_answered_with_a_page(browser: AsyncClient, path: str) -> None:
    assert (await browser.get(path)).text == "nothing here"


@pytest.mark.parametrize("path", ["/assets/index-old.js", "/favicon.ico", "/team/x.js", "/.built-from"])
async def test_a_file_that_is_not_there_is_not_a_page(browser: AsyncClient, path: str) -> None:
    assert (await browser.get(path)).text == "nothing here"


async def test_nothing_but_reading_is_answered(browser: AsyncClient) -> None:
    assert (await browser.post("/packages")).text == "nothing here"
    head = await browser.head("/packages")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(PAGE)))


async def test_scripts_are_kept_for_ever_and_come_squeezed_to_who_takes_it(browser: AsyncClient) -> None:
    squeezed = await browser.get("/assets/index-1a2b3c.js")
    plain = await browser.get("/assets/index-1a2b3c.js", headers={"Accept-Encoding": "identity"})
    assert (squeezed.content, plain.content) == (SCRIPT, SCRIPT)
    assert (squeezed.headers.get("content-encoding"), plain.headers.get("content-encoding")) == ("gzip", None)
    assert squeezed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert squeezed.headers["vary"] == "Accept-Encoding"


async def test_a_page_that_has_not_changed_is_not_sent_again(browser: AsyncClient) -> None:
    tag = (await browser.get("/")).headers["etag"]
    again = await browser.get("/requests", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_browsers_are_told_to_run_nothing_but_our_own_scripts(browser: AsyncClient) -> None:
    answer = await browser.get("/")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == f"'self' {EMPTY_STYLE}"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["frame-src"] == "'self'"
    assert {name: answer.headers[name] for name in HEADERS} == dict(HEADERS)


async def test_in_the_page_for_letters_there_are_styles_and_nothing_runs_and_only_we_frame_it(tmp_path: Path) -> None:
    (tmp_path / LETTER).write_bytes(PAGE)
    async with client_of(tmp_path) as browser:
        answer = await browser.get(f"/{LETTER}")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["style-src"]) == ("'none'", "'unsafe-inline'")
    assert (policy["frame-ancestors"], policy["sandbox"]) == ("'self'", "allow-same-origin")
    assert "script-src" not in policy
    assert {name: answer.headers[name] for name in LETTER_HEADERS} == dict(LETTER_HEADERS)


async def test_an_installation_without_the_portal_says_how_to_get_it(tmp_path: Path) -> None:
    async with client_of(tmp_path / "missing") as browser:
        answer = await browser.get("/")
        assert answer.status_code == 404
        assert "make portal" in answer.text
        assert (await browser.get("/packages")).text == "nothing here"
