"""The same POST twice, with the same Idempotency-Key, makes one thing."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from grantline.ambient import utc_now
from grantline.errors import IdempotencyConflict
from grantline.persistence.answer_tables import kept_answers
from grantline.persistence.database import Database
from grantline.persistence.kept_answers import Answer
from grantline.persistence.tables import catalogs, groups, idempotency_keys, resources
from grantline.services import repetition
from grantline.services.requests.submitted import Idempotency
from tests.api.configured import CATALOGS, PACKAGES, POLICIES, RESOURCE_REQUESTS, a_catalog, a_package
from tests.api.conftest import Clients
from tests.api.test_resources import admin_add
from tests.cast import ADA, EVE, MIA, READERS

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


MEMBERS = f"/groups/{READERS.id}/members/$ref"
NORA = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{EVE.id}"}


async def test_an_act_is_done_once_and_answered_alike(database: Database, as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    acts = {MEMBERS: NORA, RESOURCE_REQUESTS: admin_add(catalog_id)}
    for number, (path, body) in enumerate(acts.items()):
        key = {"Idempotency-Key": f"act {number}"}
        answers = [await ada.post(path, json=body, headers=key) for _ in range(3)]
        assert len({(one.status_code, one.text, one.headers.get("content-type")) for one in answers}) == 1
        assert answers[0].is_success, answers[0].text
        other = await ada.post(path, json=body | {"note": "another body"}, headers=key)
        assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotencyConflict")
        elsewhere = await ada.post("/groups", json=body, headers=MONDAY | key)
        assert elsewhere.status_code in {400, 409}
    again = await ada.post(MEMBERS, json=NORA)
    assert again.status_code == 400
    assert await counted(database, resources) == 1


async def test_an_act_that_was_refused_leaves_the_key_free(database: Database, as_: Clients) -> None:
    nobody = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{READERS.id}"}
    assert (await as_(ADA).post(MEMBERS, json=nobody, headers=MONDAY)).status_code >= 400
    assert (await as_(MIA).post(MEMBERS, json=NORA, headers=MONDAY)).status_code == 403
    assert await counted(database, kept_answers) == 0
    assert (await as_(ADA).post(MEMBERS, json=NORA, headers=MONDAY)).status_code == 204


async def test_the_key_of_a_thing_that_was_made_is_no_key_of_an_act(as_: Clients) -> None:
    assert (await as_(ADA).post(CATALOGS, json={"displayName": "Finance"}, headers=MONDAY)).status_code == 201
    assert (await as_(ADA).post(MEMBERS, json=NORA, headers=MONDAY)).status_code == 409


async def test_an_act_under_way_is_waited_for_and_one_that_was_lost_is_done_again(
    database: Database, as_: Clients
) -> None:
    key = Idempotency(key="monday", body_hash="of this body")
    assert await repetition.begin(database, ADA.id, key) is None
    with pytest.raises(IdempotencyConflict, match="under way"):
        await repetition.begin(database, ADA.id, key)
    async with database.write() as tx:
        long_ago = utc_now() - 2 * repetition.STALE
        await tx.changed(update(kept_answers).values(began_at=long_ago))
    assert await repetition.begin(database, ADA.id, key) is None
    done = Answer(status=202, headers={"location": "/there"}, body="{}")
    await repetition.keep(database, ADA.id, key.key, done)
    assert await repetition.begin(database, ADA.id, key) == done
    await repetition.sweep(database)
    assert await counted(database, kept_answers) == 1
    async with database.write() as tx:
        await tx.changed(update(kept_answers).values(began_at=utc_now() - 2 * repetition.KEPT))
    await repetition.sweep(database)
    assert await counted(database, kept_answers) == 0
