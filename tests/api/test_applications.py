"""Applications assign and remove directly, by a permission or a role, and every list and page shows that they did."""

import csv
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.models.access_package_assignment_request import AccessPackageAssignmentRequest
from msgraph.generated.models.access_package_subject_type import AccessPackageSubjectType

from grantline.persistence.database import Database
from tests.api.configured import error_of, message_of
from tests.api.conftest import V1, RecordingRelay
from tests.api.office import APPROVALS, ASSIGNMENTS, PAYROLL_ID, REQUESTS, open_office, user_add
from tests.api.openid import HandMadeProvider
from tests.api.test_permissions import app_with, lacks
from tests.api.test_roles import ASSIGNED, ASSIGNER, role
from tests.cast import ADA, BOB, EVE, LEO, MIA, fixed_id

READ, WRITE = "EntitlementManagement.Read.All", "EntitlementManagement.ReadWrite.All"
API = "http://grantline.test/api"
FINANCE = fixed_id("finance")
HR = {
    "id": "application:hr-sync",
    "objectId": "application:hr-sync",
    "displayName": "HR sync",
    "principalName": "hr-sync",
    "email": None,
    "subjectType": "servicePrincipal",
}

Caller = Callable[[str], httpx2.AsyncClient]


@pytest.fixture
def provider() -> HandMadeProvider:
    return HandMadeProvider()


@pytest.fixture
def app(provider: HandMadeProvider, database: Database, relay: RecordingRelay, tmp_path: Path) -> FastAPI:
    return app_with(provider, database, relay, tmp_path)


@pytest.fixture
async def with_token(app: FastAPI) -> AsyncIterator[Caller]:
    """Return a client for each token, that may be used in turn."""
    clients: list[httpx2.AsyncClient] = []

    def call(token: str) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"}
        clients.append(httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=V1, headers=headers))
        return clients[-1]

    yield call
    for one in clients:
        await one.aclose()


def admin_add(target: str = LEO.id, package_id: str = PAYROLL_ID) -> dict[str, Any]:
    """Return the body of a direct assignment."""
    return {"requestType": "adminAdd", "assignment": {"targetId": target, "accessPackageId": package_id}}


def requestor_in(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what of a requestor tells who it is."""
    return {name: shown["requestor"][name] for name in HR}


async def test_what_it_asked_for_is_shown_wherever_requests_are(with_token: Caller, provider: HandMadeProvider) -> None:
    robot = with_token(provider.application_token("hr-sync", WRITE, app_displayname="HR sync"))
    once = {"Idempotency-Key": "leo"}
    made = await robot.post(REQUESTS, json=admin_add(), headers=once)
    assert made.status_code == 201, made.text
    request_id = made.json()["id"]
    assert (await robot.post(REQUESTS, json=admin_add(), headers=once)).json()["id"] == request_id
    await with_token(provider.token(MIA)).post(REQUESTS, json=user_add(MIA))

    leo, bob, ada = (with_token(provider.token(one)) for one in (LEO, BOB, ADA))
    one = f"{REQUESTS}/{request_id}"
    assert requestor_in((await robot.get(f"{one}?$expand=requestor")).json()) == HR
    assert (await ada.get(f"{one}/requestor")).json()["objectId"] == HR["objectId"]
    for reader, path in (
        (leo, f"{REQUESTS}/filterByCurrentUser(on='target')"),
        (bob, f"{REQUESTS}/filterByCurrentUser(on='approver')"),
        (ada, REQUESTS),
    ):
        listed = await reader.get(path, params={"$expand": "requestor", "$filter": f"id eq '{request_id}'"})
        assert [requestor_in(shown) for shown in listed.json()["value"]] == [HR], path
    for wanted, count in (("eq 'application:hr-sync'", 1), (f"eq '{MIA.id.upper()}'", 1), ("eq 'hr-sync'", 0)):
        for path in ("requestor/objectId", "requestor/id"):
            found = (await ada.get(REQUESTS, params={"$filter": f"{path} {wanted}"})).json()["value"]
            assert len(found) == count, wanted
    file = csv.DictReader((await ada.get(f"{API}/requests.csv?$filter=id eq '{request_id}'")).text.splitlines())
    assert [(row["requestorId"], row["requestorDisplayName"]) for row in file] == [(HR["id"], HR["displayName"])]
    node = JsonParseNodeFactory().get_root_parse_node(
        "application/json", (await robot.get(f"{one}?$expand=requestor")).content
    )
    read = node.get_object_value(AccessPackageAssignmentRequest).requestor
    assert read is not None
    assert read.subject_type is AccessPackageSubjectType.ServicePrincipal


async def test_who_decides_and_who_gets_learn_that_it_asked_and_it_takes_back(
    with_token: Caller, provider: HandMadeProvider
) -> None:
    robot = with_token(provider.application_token("hr-sync", WRITE, app_displayname="HR sync"))
    leo, bob, ada = (with_token(provider.token(one)) for one in (LEO, BOB, ADA))
    request_id = (await robot.post(REQUESTS, json=admin_add())).json()["id"]
    (stage,) = (await bob.get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
    decided = {"reviewResult": "Approve", "justification": "Month end"}
    assert (await bob.patch(f"{APPROVALS}/{request_id}/stages/{stage['id']}", json=decided)).status_code == 204
    (line,) = (await bob.get(f"{API}/approvals/history")).json()["items"]
    assert line["requestor"] == {"id": HR["id"], "displayName": HR["displayName"]}
    explained = (await leo.get(f"{API}/requests/{request_id}/explain")).json()
    assert (explained["requestor"]["id"], explained["requestor"]["displayName"]) == (HR["id"], HR["displayName"])
    assert explained["timeline"][0]["says"].startswith("HR sync")
    (mine,) = (await leo.get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    ends = {"requestType": "adminRemove", "assignment": {"id": mine["id"]}}
    assert (await robot.post(REQUESTS, json=ends)).status_code == 201
    actors = (await ada.get(f"{API}/audit?actorId=application:hr-sync")).json()["items"]
    assert {"request.submitted", "removal.requested"} <= {line["event"] for line in actors}


async def test_it_assigns_many_at_once_and_rehearses_as_it_would_ask(
    with_token: Caller, provider: HandMadeProvider
) -> None:
    robot = with_token(provider.application_token("hr-sync", WRITE))
    rehearsed = (await robot.post(f"{API}/requests/validate", json=admin_add())).json()
    assert (rehearsed["isAccepted"], rehearsed["requestor"]["id"]) == (True, HR["id"])
    many = {"accessPackageId": PAYROLL_ID, "targetIds": [LEO.id, EVE.id]}
    lines = (await robot.post(f"{API}/assignments/bulk", json=many)).json()["items"]
    assert [line["isAccepted"] for line in lines] == [True, True], lines
    rows = (await with_token(provider.token(ADA)).get(f"{API}/requests.csv")).text.splitlines()
    assert [",application:hr-sync,hr-sync,hr-sync,," in row for row in rows] == [False, True, True]
    refused = await robot.post(REQUESTS, json=user_add(LEO))
    assert error_of(refused) == (403, "accessDenied")
    assert message_of(refused).startswith("The application hr-sync is an application, and requestType userAdd")
    told = (await robot.post(f"{API}/requests/validate", json=user_add(LEO))).json()
    assert [one["message"] for one in told["refusals"]] == [message_of(refused)]


async def test_without_a_permission_it_takes_a_role_and_the_role_is_for_its_catalog(
    with_token: Caller, provider: HandMadeProvider
) -> None:
    ada = with_token(provider.token(ADA))
    for given in ((), (READ,)):
        robot = with_token(provider.application_token("robot", *given))
        assert lacks(await robot.post(REQUESTS, json=admin_add()), WRITE), given
    other = (await ada.post("/identityGovernance/entitlementManagement/catalogs", json={"displayName": "Other"})).json()
    assert (await ada.post(ASSIGNED, json=role("application:robot", ASSIGNER, other["id"]))).status_code == 201
    outside, absent = admin_add(), admin_add(package_id=fixed_id("no such package"))
    said = [error_of(await robot.post(REQUESTS, json=body)) for body in (outside, absent)]
    assert said == [(404, "itemNotFound")] * 2
    assert (await ada.post(ASSIGNED, json=role("application:robot", ASSIGNER, FINANCE))).status_code == 201
    made = await robot.post(REQUESTS, json=admin_add())
    assert made.status_code == 201, made.text
    shown = (await robot.get(f"{REQUESTS}/{made.json()['id']}?$expand=requestor")).json()
    assert (shown["requestor"]["id"], shown["requestor"]["displayName"]) == ("application:robot", "robot")
    assert (await with_token(provider.application_token("stranger")).get(REQUESTS)).status_code == 403


@pytest.fixture(autouse=True)
async def office(database: Database) -> None:
    """Open the office: Payroll, which Bob or Bea approves."""
    await open_office(database)
