"""The same POST twice, with the same Idempotency-Key, makes one thing."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from grantline.persistence.database import Database
from grantline.persistence.tables import catalogs, groups, idempotency_keys
from tests.api.configured import CATALOGS, PACKAGES, POLICIES, a_catalog, a_package
from tests.api.conftest import Clients
from tests.cast import ADA, MIA

MONDAY = {"Idempotency-Key": "monday"}
PERSON = {
    "displayName": "Nora Neu",
    "userPrincipalName": "nora.neu@example.com",
    "accountEnabled": True,
    "employeeId": "9001",
}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CATALOGS, {"displayName": "Finance"}),
        (PACKAGES, {"displayName": "Payroll"}),
        (POLICIES, {"displayName": "Everybody", "allowedTargetScope": "allMemberUsers"}),
        ("/groups", {"displayName": "Readers two", "mailNickname": "two", "mailEnabled": False}),
        ("/users", PERSON),
    ],
)
async def test_what_was_made_is_answered_again(as_: Clients, path: str, body: dict[str, Any]) -> None:
    ada = as_(ADA)
    if path == PACKAGES:
        body = body | {"catalog": {"id": await a_catalog(ada)}}
    if path == POLICIES:
        body = body | {"accessPackage": {"id": await a_package(ada, await a_catalog(ada))}}
    answers = [await ada.post(path, json=body, headers=MONDAY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201], answers[-1].text
    assert len({answer.text for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    other = await ada.post(path, json=body | {"displayName": "Other"}, headers=MONDAY)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotencyConflict")


async def test_the_same_key_at_one_instant_makes_one_group(database: Database, as_: Clients) -> None:
    before = await counted(database, groups)
    body = {"displayName": "Twins", "mailNickname": "twins"}
    answers = await asyncio.gather(*(as_(ADA).post("/groups", json=body, headers=MONDAY) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await counted(database, groups) == before + 1


async def test_the_same_key_for_another_path_is_another_body(as_: Clients) -> None:
    body = {"displayName": "Same"}
    assert (await as_(ADA).post(CATALOGS, json=body, headers=MONDAY)).status_code == 201
    assert (await as_(ADA).post("/groups", json=body, headers=MONDAY)).status_code == 409


async def test_what_was_refused_leaves_the_key_free(database: Database, as_: Clients) -> None:
    ada = as_(ADA)
    await a_catalog(ada, "Finance")
    body = {"displayName": "Finance"}
    assert (await ada.post(CATALOGS, json=body, headers=MONDAY)).status_code == 409
    assert (await as_(MIA).post(CATALOGS, json=body, headers=MONDAY)).status_code == 403
    assert await counted(database, idempotency_keys) == 0
    assert (await ada.post(CATALOGS, json={"displayName": "Travel"}, headers=MONDAY)).status_code == 201
    assert await counted(database, catalogs) == 2


async def test_what_was_deleted_since_is_not_made_again(as_: Clients) -> None:
    ada = as_(ADA)
    made = (await ada.post(CATALOGS, json={"displayName": "Finance"}, headers=MONDAY)).json()["id"]
    await ada.delete(f"{CATALOGS}/{made}")
    again = await ada.post(CATALOGS, json={"displayName": "Finance"}, headers=MONDAY)
    assert again.status_code == 404
    assert made in again.json()["error"]["message"]


@pytest.mark.parametrize("key", ["", "   ", "x" * 101])
async def test_a_key_has_a_length(as_: Clients, key: str) -> None:
    answer = await as_(ADA).post(CATALOGS, json={"displayName": "Finance"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, "Idempotency-Key")


async def counted(database: Database, table: Any) -> int:
    """Count the rows of a table."""
    async with database.read() as tx:
        return await tx.scalar(select(func.count()).select_from(table))
