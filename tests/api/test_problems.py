"""Failures: each with its status, in Graph's form, and none with our inside in it."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from grantline.errors import TargetRefused, Unavailable
from grantline.persistence.database import Database
from tests.api.conftest import BASE, Clients
from tests.cast import ADA, LEO, MIA, fixed_id

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    body = answer.json()
    assert set(body) == {"error"}
    assert {"code", "message", "innerError"} <= set(body["error"]) <= {"code", "message", "innerError", "target"}
    assert set(body["error"]["innerError"]) == {"date", "request-id", "client-request-id"}
    assert body["error"]["innerError"]["request-id"] == answer.headers["request-id"]
    return body["error"]


async def test_an_answer_names_itself(as_: Clients) -> None:
    answer = await as_(LEO).get("/nowhere", headers={"client-request-id": "mine-1"})
    assert answer.headers["client-request-id"] == "mine-1"
    assert GUID.fullmatch(answer.headers["request-id"])
    assert answer.headers["date"].endswith("GMT")
    assert error_of(answer) == {
        "code": "itemNotFound",
        "message": "Nothing is served at '/v1.0/nowhere'.",
        "innerError": {
            "date": error_of(answer)["innerError"]["date"],
            "request-id": answer.headers["request-id"],
            "client-request-id": "mine-1",
        },
    }


@pytest.mark.parametrize("sent", ["x" * 200, "a b", ""])
async def test_a_strange_client_request_id_is_not_echoed(as_: Clients, sent: str) -> None:
    answer = await as_(LEO).get("/me", headers={"client-request-id": sent})
    assert answer.status_code == 200
    assert "client-request-id" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/users", "GET, POST"),
        ("POST", "/me", "GET, PATCH"),
        ("PUT", f"/users/{LEO.id}", "DELETE, GET, PATCH"),
        ("GET", "/me/checkMemberGroups", "POST"),
        ("OPTIONS", "/groups", "GET, POST"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(as_: Clients, method: str, path: str, allowed: str) -> None:
    answer = await as_(LEO).request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert error_of(answer)["code"] == "notAllowed"


@pytest.mark.parametrize(
    ("story", "body", "headers", "status", "says"),
    [
        ("a form", b"displayName=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "application/json"),
        ("text", b"{}", {"Content-Type": "text/plain"}, 415, "application/json"),
        ("unsaid", b"{}", {}, 415, "application/json"),
        ("nothing at all", b"", JSON, 400, "JSON object"),
        ("half an object", b'{"displayName": ', JSON, 400, "line 1, column 17"),
        ("a list", b"[]", JSON, 400, "JSON object"),
        ("a text", b'"x"', JSON, 400, "JSON object"),
        ("null", b"null", JSON, 400, "JSON object"),
        ("NaN", b'{"displayName": NaN}', JSON, 400, "NaN"),
        ("infinity", b'{"x": -Infinity}', JSON, 400, "Infinity"),
        ("not UTF-8", b'{"displayName": "\xff"}', JSON, 400, "UTF-8"),
        ("UTF-16", '{"displayName": "x"}'.encode("utf-16"), JSON, 400, "UTF-8"),
        ("a byte order mark", b'\xef\xbb\xbf{"displayName": "x"}', JSON, 400, "JSON"),
        ("a NUL", rb'{"displayName": "a\u0000b"}', JSON, 400, "NUL"),
        ("a raw NUL", b'{"displayName": "a\x00b"}', JSON, 400, "JSON"),
        ("a NUL as a name", rb'{"displayName": "x", "\u0000": 1}', JSON, 400, "NUL"),
        ("half a surrogate pair", rb'{"displayName": "\ud83d"}', JSON, 400, "surrogate"),
        ("deep", b'{"x":' * 40 + b"1" + b"}" * 40, JSON, 400, "nested"),
        ("very deep", b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, 400, "nested"),
        ("endless digits", b'{"x": ' + b"9" * 5_000 + b"}", JSON, 400, "JSON"),
        ("large", b'{"displayName": "' + b"x" * 1_100_000 + b'"}', JSON, 413, "larger"),
        ("no name", b"{}", JSON, 400, "displayName is required"),
        ("an empty name", b'{"displayName": "  "}', JSON, 400, "displayName"),
        ("a number as name", b'{"displayName": 5}', JSON, 400, "displayName"),
        ("a list as name", b'{"displayName": ["x"]}', JSON, 400, "displayName"),
        ("a long name", b'{"displayName": "' + b"x" * 257 + b'"}', JSON, 400, "256"),
        ("long text", b'{"displayName": "x", "description": "' + b"x" * 10_001 + b'"}', JSON, 400, "description"),
    ],
)
async def test_a_bad_body_is_told_what_is_wrong(
    as_: Clients, story: str, body: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    answer = await as_(ADA).post("/groups", content=body, headers=headers)
    assert answer.status_code == status, (story, answer.text)
    assert says in error_of(answer)["message"], story


async def test_a_large_body_without_a_length_is_refused_too(as_: Clients) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    answer = await as_(ADA).post("/groups", content=chunks(), headers=JSON)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        {"displayName": "X"},
        {"userPrincipalName": "x@grantline.test"},
        {"displayName": "X", "userPrincipalName": "no at sign"},
        {"displayName": "X", "userPrincipalName": "x y@grantline.test"},
        {"displayName": "X", "userPrincipalName": "x/y@grantline.test"},
        {"displayName": "X", "userPrincipalName": "x" * 330 + "@t"},
        {"displayName": "X", "userPrincipalName": "x@t", "mail": "nothing"},
        {"displayName": "X", "userPrincipalName": "x@t", "accountEnabled": "perhaps"},
        {"displayName": "X", "userPrincipalName": "x@t", "accountEnabled": 1},
        {"displayName": "X", "userPrincipalName": "x@t", "employeeHireDate": "soon"},
        {"displayName": "X", "userPrincipalName": "x@t", "employeeHireDate": 5},
        {"displayName": "X", "userPrincipalName": "x@t", "employeeId": "e" * 65},
        {
            "displayName": "X",
            "userPrincipalName": "x@t",
            "manager@odata.bind": f"{BASE}/v1.0/users/{fixed_id('nobody')}",
        },
        {"displayName": "X", "userPrincipalName": "x@t", "manager@odata.bind": 5},
    ],
)
async def test_a_bad_user_is_refused_whole(as_: Clients, body: dict[str, Any]) -> None:
    answer = await as_(ADA).post("/users", json=body)
    assert answer.status_code == 400, answer.text
    assert error_of(answer)["code"] == "invalidRequest"
    assert (await as_(ADA).get("/users?$filter=displayName eq 'X'")).json()["value"] == []


@pytest.mark.parametrize(
    "body", [{}, {"@odata.id": 5}, {"@odata.id": ""}, {"id": LEO.id}, {"@odata.id": "https://x.test/"}]
)
async def test_a_reference_must_lead_to_somebody(as_: Clients, body: dict[str, Any]) -> None:
    answer = await as_(ADA).put(f"/users/{LEO.id}/manager/$ref", json=body)
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/groups/not-a-guid", 400),
        (f"/groups/{fixed_id('no group')}", 404),
        (f"/users/{fixed_id('nobody')}", 404),
        ("/users/nobody@grantline.test", 404),
        ("/users/%00", 400),
        ("/users?$filter=displayName eq '%00'", 400),
        ("/users/%ED%A0%80", 404),
        ("/users/" + "x" * 5_000, 404),
        ("/users/..%2F..%2Fetc", 404),
    ],
)
async def test_ids_that_are_none(as_: Clients, path: str, status: int) -> None:
    answer = await as_(MIA).get(path)
    assert answer.status_code == status, answer.text
    error_of(answer)


@pytest.fixture
def raising(app: FastAPI) -> FastAPI:
    async def bug() -> None:
        raise KeyError("password=hunter2")

    async def away() -> None:
        raise Unavailable("The database is not available; nothing was changed. Try again shortly.")

    async def refused() -> None:
        raise TargetRefused("SCIM said no.")

    for name, route in (("bug", bug), ("away", away), ("refused", refused)):
        app.add_api_route(f"/{name}", route, methods=["GET", "POST"])
    return app


async def test_a_bug_is_answered_without_our_inside_and_logged_with_it(raising: FastAPI, as_: Clients) -> None:
    with capture_logs() as logs:
        answer = await as_(MIA).get(f"{BASE}/bug")
    assert (answer.status_code, error_of(answer)["code"]) == (500, "generalException")
    assert "hunter2" not in answer.text
    assert "KeyError" not in answer.text
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["bug"]


async def test_what_is_away_says_when_to_come_back(raising: FastAPI, as_: Clients) -> None:
    answer = await as_(MIA).get(f"{BASE}/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert error_of(answer)["code"] == "serviceNotAvailable"
    assert (await as_(MIA).get(f"{BASE}/refused")).status_code == 502
