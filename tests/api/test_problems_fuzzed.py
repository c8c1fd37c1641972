"""Whatever comes, the server answers: with a refusal perhaps, but never with a bug."""

import json
from typing import Any

import httpx2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Clients
from tests.cast import ADA, LEO, MIA, OWNERS

JSON = {"Content-Type": "application/json"}
ANY_NUMBER = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

WORDS = st.sampled_from(
    (
        *(
            "displayName",
            "mail",
            "accountEnabled",
            "createdDateTime",
            "employeeHireDate",
            "id",
            "manager/id",
            "nonsense",
        ),
        *("eq", "ne", "gt", "le", "in", "and", "or", "not", "(", ")", ",", "'x'", "'", "''", "null", "true", "5", "-1"),
        *("1e9", "2026-01-01", "2026-01-01T00:00:00Z", "contains(", "startswith(", "tolower(", "any(", "/", ":", "é"),
        *("'%_/\\'", LEO.id, "duration'P1D'", "99999999999999999999", "0001-01-01T00:00:00Z", "\u202e", "😀"),
    )
)
SOUP = st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=40)


@ANY_NUMBER
@given(filter_=SOUP, orderby=SOUP, select=SOUP, expand=SOUP, token=SOUP)
async def test_no_query_whatever_breaks_the_server(
    as_: Clients, filter_: str, orderby: str, select: str, expand: str, token: str
) -> None:
    for name, value in {
        "$filter": filter_,
        "$orderby": orderby,
        "$select": select,
        "$expand": expand,
        "$skiptoken": token,
        "$top": filter_,
        filter_: token,
    }.items():
        answer = await as_(MIA).get("/users", params={name: value})
        assert answer.status_code in {200, 400}, (name, value, answer.text)
        assert "error" in answer.json() or "value" in answer.json()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    (
        *(
            "displayName",
            "DISPLAYNAME",
            "userPrincipalName",
            "mail",
            "accountEnabled",
            "employeeHireDate",
            "employeeId",
        ),
        *(
            "manager@odata.bind",
            "@odata.id",
            "@odata.type",
            "description",
            "mailNickname",
            "groupIds",
            "displayname",
            "",
        ),
    )
)
BODIES = st.dictionaries(NAMES, VALUES, max_size=6)


@ANY_NUMBER
@given(body=BODIES)
async def test_no_body_whatever_breaks_the_server(as_: Clients, body: dict[str, Any]) -> None:
    ada = as_(ADA)
    content = json.dumps(body).encode()
    for method, path in (
        ("POST", "/users"),
        ("PATCH", f"/users/{LEO.id}"),
        ("PUT", f"/users/{LEO.id}/manager/$ref"),
        ("POST", "/groups"),
        ("PATCH", f"/groups/{OWNERS.id}"),
        ("POST", f"/groups/{OWNERS.id}/members/$ref"),
        ("POST", "/me/checkMemberGroups"),
    ):
        answer = await ada.request(method, path, content=content, headers=JSON)
        assert answer.status_code in {200, 201, 204, 400, 409}, (method, path, body, answer.text)


@ANY_NUMBER
@given(body=st.binary(max_size=60))
async def test_no_bytes_whatever_break_the_server(as_: Clients, body: bytes) -> None:
    answer = await as_(ADA).post("/groups", content=body, headers=JSON)
    assert answer.status_code in {201, 400}


@ANY_NUMBER
@given(path=st.text(max_size=30))
async def test_no_path_whatever_breaks_the_server(as_: Clients, path: str) -> None:
    try:
        url = httpx2.URL("http://grantline.test/v1.0/users/" + path.replace("?", "").replace("#", ""))
    except httpx2.InvalidURL:
        return
    answer = await as_(MIA).get(url)
    assert answer.status_code in {200, 400, 404, 405}, answer.text
