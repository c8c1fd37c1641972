"""Several requests in one call, each served as if it had come alone."""

from typing import Any

import httpx2
import pytest

from grantline.persistence.database import Database
from tests.api.configured import CATALOGS
from tests.api.conftest import V1, Clients
from tests.cast import ADA, LEO, MIA


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


def part(id_: str, url: str, method: str = "GET", **more: Any) -> dict[str, Any]:
    """Return one request of a batch."""
    return {"id": id_, "method": method, "url": url, **more}


async def sent(client: httpx2.AsyncClient, *parts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Send a batch and return the answers by their ids."""
    answer = await client.post("/$batch", json={"requests": parts})
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["responses"]}


async def test_mia_reads_three_things_at_once(as_: Clients) -> None:
    answers = await sent(
        as_(MIA),
        part("a", "me?$select=id"),
        part("b", "/v1.0/users/me-token-to-replace/directReports/$count", headers={"ConsistencyLevel": "eventual"}),
        part("c", "/me/directReports?$filter=startswith(displayName,%27Leo%27)&$select=id"),
        part("d", "/users/nobody@example.com"),
    )
    assert list(answers) == ["a", "b", "c", "d"]
    assert {one["status"] for one in answers.values()} == {200, 404}
    assert answers["a"]["body"]["id"] == MIA.id
    assert answers["a"]["headers"]["Content-Type"].startswith("application/json")
    assert int(answers["b"]["body"]) >= 1
    assert [one["id"] for one in answers["c"]["body"]["value"]] == [LEO.id]
    assert answers["d"]["body"]["error"]["code"] == "itemNotFound"
    ids = {one["headers"]["Request-Id"] for one in answers.values()}
    assert len(ids) == 4, "each request has an id of its own in the log"


async def test_what_depends_on_a_failure_is_not_begun(as_: Clients) -> None:
    body = {"displayName": "Finance"}
    answers = await sent(
        as_(ADA),
        part("1", CATALOGS, "POST", body=body),
        part("2", CATALOGS, "post", body=body, dependsOn=["1"]),
        part("3", CATALOGS, "POST", body={"displayName": "Never"}, dependsOn=["2"]),
        part("4", f"{CATALOGS}/$count", dependsOn=["1"]),
    )
    assert [answers[n]["status"] for n in "1234"] == [201, 409, 424, 200]
    assert answers["1"]["headers"]["Location"].startswith(f"{V1}{CATALOGS}/")
    assert "2" in answers["3"]["body"]["error"]["message"]
    assert answers["4"]["body"] == "1"


async def test_a_batch_lends_nobody_anything(as_: Clients) -> None:
    ada = as_(ADA).headers["authorization"]
    answers = await sent(
        as_(MIA), part("1", CATALOGS, headers={"Authorization": ada}), part("2", "/me", headers={"authorization": ada})
    )
    assert answers["1"]["status"] == 403
    assert answers["2"]["body"]["id"] == MIA.id
    assert (await as_(None).post("/$batch", json={"requests": [part("1", "/me")]})).status_code == 401


async def test_nothing_beside_graphs_paths_is_reached(as_: Clients) -> None:
    answers = await sent(as_(ADA), part("1", "/api/session"), part("2", "/../healthz"), part("3", "/%00"))
    assert [answers[n]["status"] for n in "123"] == [404, 404, 400]


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ([], "1 to 20"),
        ([part(str(n), "/me") for n in range(21)], "1 to 20"),
        ([part("1", "/me"), part("1", "/me")], "stands at two requests"),
        ([part("1", "/me", dependsOn=["2"]), part("2", "/me")], "does not stand before it"),
        ([part("1", "/me", dependsOn=["1"])], "does not stand before it"),
        ([part("1", "/me", "TRACE")], "use GET, POST, PUT, PATCH, DELETE"),
        ([part("1", "https://elsewhere.example/v1.0/me")], "is relative"),
        ([part("1", "//elsewhere.example/me")], "is relative"),
        ([part("1", "/users?$filter=id eq 'x'")], "percent-encode"),
        ([part("1", "/$batch", "POST", body={"requests": []})], "holds no batches"),
        ([part("1", "/v1.0/%24BATCH", "POST", body={"requests": []})], "holds no batches"),
        ([{"id": "1", "method": "GET"}], "requests[0].url is required"),
        ([{"method": "GET", "url": "/me"}], "requests[0].id is required"),
        ("all", "requests"),
    ],
)
async def test_a_batch_that_is_none_is_refused_whole(as_: Clients, parts: Any, says: str) -> None:
    answer = await as_(MIA).post("/$batch", json={"requests": parts})
    assert answer.status_code == 400
    assert says in answer.json()["error"]["message"]
