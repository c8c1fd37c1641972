"""People find what they have to do by hand, and say what became of it."""

import pytest

from grantline.connectors.manual import ManualConnector
from grantline.errors import WaitsForPerson
from grantline.model.assignment import Entitlement
from grantline.persistence.database import Database
from grantline.services.assignments.fulfilment import ManualTasks
from tests.api.configured import CATALOGS, RESOURCE_REQUESTS, UNKNOWN_ID, a_catalog, error_of, made, message_of
from tests.api.conftest import BASE, Clients
from tests.cast import ADA, BOB, EVE, LEO, OWNERS

TASKS = f"{BASE}/api/fulfilment-tasks"


async def a_safe(as_: Clients, database: Database) -> str:
    """Bring a safe into a catalog, and let its key be owed to Leo; return the resource's id."""
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    resource = {"originId": "safe-3", "originSystem": "manual", "displayName": "Safe"}
    body = {"requestType": "adminAdd", "resource": resource, "catalog": {"id": catalog_id}}
    await made(ada, RESOURCE_REQUESTS, body)
    (found,) = (await ada.get(f"{CATALOGS}/{catalog_id}/resources")).json()["value"]
    assert found["originSystem"] == "Manual"
    connector = ManualConnector(ManualTasks(database, (ADA.user_principal_name,)))
    key = Entitlement(
        person_id=LEO.id,
        user_name=LEO.user_principal_name,
        display_name=LEO.display_name,
        mail=LEO.mail,
        origin_system="Manual",
        resource_origin_id="safe-3",
        role_origin_id="Member_safe-3",
    )
    with pytest.raises(WaitsForPerson):
        await connector.grant(key)
    return found["id"]


async def test_a_task_is_found_and_completed_by_whoever_looks_after_it(as_: Clients, database: Database) -> None:
    resource_id = await a_safe(as_, database)
    fulfillers = f"{BASE}/api/resources/{resource_id}/fulfillers"
    assert (await as_(BOB).get(TASKS)).json()["items"] == []
    assert (await as_(ADA).put(fulfillers, json={"people": [], "groups": [OWNERS.id]})).status_code == 204
    assert (await as_(ADA).get(fulfillers)).json() == {"people": [], "groups": [OWNERS.id]}
    (task,) = (await as_(BOB).get(TASKS)).json()["items"]
    assert (task["act"], task["state"], task["person"]["displayName"]) == ("grant", "open", "Leo Park")

    assert error_of(await as_(EVE).post(f"{TASKS}/{task['id']}/complete")) == (404, "itemNotFound")
    assert (await as_(BOB).post(f"{TASKS}/{task['id']}/complete", json={"comment": "Handed over"})).status_code == 204
    assert error_of(await as_(BOB).post(f"{TASKS}/{task['id']}/complete")) == (409, "alreadyDecided")
    assert (await as_(BOB).get(TASKS)).json()["items"] == []
    (done,) = (await as_(ADA).get(TASKS, params={"state": "done"})).json()["items"]
    assert (done["comment"], done["settledById"]) == ("Handed over", BOB.id)


async def test_a_refusal_needs_a_reason(as_: Clients, database: Database) -> None:
    await a_safe(as_, database)
    (task,) = (await as_(ADA).get(TASKS)).json()["items"]
    for body in ({}, {"comment": None}, {"comment": " "}):
        assert error_of(await as_(ADA).post(f"{TASKS}/{task['id']}/refuse", json=body)) == (
            400,
            "justificationRequired",
        )
    unknown = await as_(ADA).post(f"{TASKS}/{task['id']}/refuse", json={"reason": "full"})
    assert (unknown.status_code, "has no member 'reason'" in message_of(unknown)) == (400, True)
    assert (await as_(ADA).post(f"{TASKS}/{task['id']}/refuse", json={"comment": "full"})).status_code == 204


async def test_who_may_not_is_told_so(as_: Clients, database: Database) -> None:
    resource_id = await a_safe(as_, database)
    fulfillers = f"{BASE}/api/resources/{resource_id}/fulfillers"
    assert (await as_(None).get(TASKS)).status_code == 401
    assert (await as_(BOB).put(fulfillers, json={"people": [BOB.id]})).status_code == 404
    assert (await as_(BOB).get(fulfillers)).status_code == 404
    assert error_of(await as_(ADA).post(f"{TASKS}/{UNKNOWN_ID}/complete")) == (404, "itemNotFound")
    assert error_of(await as_(ADA).get(f"{BASE}/api/resources/{UNKNOWN_ID}/fulfillers")) == (404, "itemNotFound")
    wrong = await as_(ADA).put(fulfillers, json={"people": [UNKNOWN_ID]})
    assert (wrong.status_code, UNKNOWN_ID in message_of(wrong)) == (400, True)
    assert (await as_(ADA).get(TASKS, params={"state": "lost"})).status_code == 400
