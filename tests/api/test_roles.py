"""Delegating: roles are given and taken as Graph has it, and each is good for what the table says."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from api.app import create_app
from grantline.persistence.database import Database
from grantline.settings import Settings
from tests.api.configured import (
    CATALOGS,
    PACKAGES,
    POLICIES,
    RESOURCE_REQUESTS,
    UNKNOWN_ID,
    a_catalog,
    a_package,
    a_policy,
    error_of,
    made,
    message_of,
    names,
)
from tests.api.conftest import BASE, V1, Clients, RecordingRelay
from tests.api.office import ASSIGNMENTS, REQUESTS
from tests.api.openid import AUDIENCE, ISSUER, HandMadeProvider
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MIA, OWNERS, READERS, Person
from tests.services.scene import events, join

ROLES = "/roleManagement/entitlementManagement"
ASSIGNED = f"{ROLES}/roleAssignments"
CREATOR = "ba92d953-d8e0-4e39-a797-0cbedb0a89e8"
OWNER = "ae79f266-94d4-4dab-b730-feca7e132178"
READER = "44272f93-9762-48e8-af59-1b5351b1d6b3"
MANAGER = "7f480852-ebdc-47d4-87de-0d8498384a83"
ASSIGNER = "e2182095-804a-4656-ae11-64734e9b7ae5"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Return one database; that roles are kept on either is told by the journey of delegation."""
    return sqlite_database


def role(principal: str | Person, definition: str, catalog_id: str | None = None) -> dict[str, Any]:
    """Return the body that gives a role."""
    scope = f"/AccessPackageCatalog/{catalog_id}" if catalog_id else "/"
    principal_id = principal if isinstance(principal, str) else principal.id
    return {
        "principalId": principal_id,
        "roleDefinitionId": definition,
        "directoryScopeId": "/",
        "appScopeId": scope,
    }


async def give(client: httpx2.AsyncClient, who: str | Person, definition: str, catalog_id: str | None = None) -> str:
    """Give a role; return the assignment's id."""
    return (await made(client, ASSIGNED, role(who, definition, catalog_id)))["id"]


async def roles_of(client: httpx2.AsyncClient) -> list[tuple[str, str | None]]:
    """Return what the portal is told that one holds."""
    told = (await client.get(f"{BASE}/api/session")).json()
    return [(one["role"], one["catalogId"]) for one in told["roles"]]


async def test_one_is_told_what_one_may_do_and_where_and_it_ends_with_the_role(as_: Clients) -> None:
    ada, eve = as_(ADA), as_(EVE)
    catalog_id = await a_catalog(ada)
    path = f"{BASE}/api/me/permissions"
    assert (await eve.get(path)).json() == {"everywhere": ["lookUp", "ask", "seeOwn"], "catalogs": []}
    role_id = await give(ada, EVE, READER, catalog_id)
    (there,) = (await eve.get(path)).json()["catalogs"]
    assert there == {"id": catalog_id, "tasks": ["listCatalogs", "readCatalog", "readPackage"]}
    assert (await ada.delete(f"{ASSIGNED}/{role_id}")).status_code == 204
    assert (await eve.get(path)).json()["catalogs"] == []
    assert "govern" in (await ada.get(path)).json()["everywhere"]


async def test_the_roles_are_graphs_and_are_found_by_name(as_: Clients) -> None:
    found = await as_(EVE).get(f"{ROLES}/roleDefinitions", params={"$filter": "displayName eq 'catalog owner'"})
    (owner,) = found.json()["value"]
    assert (owner["id"], owner["isBuiltIn"], owner["isEnabled"]) == (OWNER, True, True)
    every = await as_(EVE).get(f"{ROLES}/roleDefinitions", params={"$count": "true"})
    assert every.json()["@odata.count"] == 5
    assert {one["id"] for one in every.json()["value"]} == {CREATOR, OWNER, READER, MANAGER, ASSIGNER}
    assert (await as_(EVE).get(f"{ROLES}/roleDefinitions/{READER}")).json()["displayName"] == "Catalog reader"
    assert error_of(await as_(EVE).get(f"{ROLES}/roleDefinitions/{UNKNOWN_ID}")) == (404, "itemNotFound")


async def test_whoever_makes_a_catalog_owns_it(as_: Clients, database: Database) -> None:
    ada, eve = as_(ADA), as_(EVE)
    assert error_of(await eve.post(CATALOGS, json={"displayName": "Mine"})) == (403, "accessDenied")
    await give(ada, EVE, CREATOR)
    assert (await eve.get(CATALOGS)).json()["value"] == []
    catalog_id = await a_catalog(eve, "Mine")
    assert names(await eve.get(CATALOGS)) == ["Mine"]
    assert await roles_of(eve) == [("catalogCreator", None), ("catalogOwner", catalog_id)]
    others = await a_catalog(ada, "Others")
    assert error_of(await eve.get(f"{CATALOGS}/{others}")) == (404, "itemNotFound")
    assert error_of(await eve.post(ASSIGNED, json=role(CY, CREATOR))) == (403, "accessDenied")
    assert [one.details["role"] for one in await events(database, "role.assigned")] == [
        "catalogCreator",
        "catalogOwner",
        "catalogOwner",
    ]


async def test_an_owner_says_who_does_what_in_their_catalog_and_the_last_one_may_go(
    as_: Clients, database: Database
) -> None:
    ada, eve, cy = as_(ADA), as_(EVE), as_(CY)
    catalog_id, other_id = await a_catalog(ada), await a_catalog(ada, "Audit")
    await give(ada, EVE, OWNER, catalog_id)
    reader_id = await give(eve, CY, READER, catalog_id)
    assert error_of(await eve.post(ASSIGNED, json=role(CY, READER, other_id))) == (400, "invalidRequest")
    assert error_of(await cy.post(ASSIGNED, json=role(CY, OWNER, catalog_id))) == (403, "accessDenied")
    assert error_of(await cy.delete(f"{ASSIGNED}/{reader_id}")) == (403, "accessDenied")
    listed = await cy.get(
        ASSIGNED, params={"$expand": "principal,roleDefinition", "$filter": f"principalId eq '{CY.id}'"}
    )
    (mine,) = listed.json()["value"]
    assert (mine["appScopeId"], mine["directoryScopeId"]) == (f"/AccessPackageCatalog/{catalog_id}", "/")
    assert (mine["principal"]["@odata.type"], mine["principal"]["displayName"]) == ("#microsoft.graph.user", "Cy Frost")
    assert mine["roleDefinition"]["displayName"] == "Catalog reader"
    assert int((await cy.get(f"{ASSIGNED}/$count")).text) == 3
    for one in (await eve.get(ASSIGNED, params={"$filter": f"roleDefinitionId eq '{OWNER}'"})).json()["value"]:
        assert (await ada.delete(f"{ASSIGNED}/{one['id']}")).status_code == 204
    assert error_of(await eve.get(f"{CATALOGS}/{catalog_id}")) == (404, "itemNotFound")
    assert error_of(await eve.get(f"{ASSIGNED}/{reader_id}")) == (404, "itemNotFound")
    assert (await ada.get(f"{CATALOGS}/{catalog_id}")).status_code == 200
    withdrawn = await events(database, "role.withdrawn")
    assert {one.details["principal"] for one in withdrawn} == {ADA.id, EVE.id}


WRONG = [
    (role(UNKNOWN_ID, CREATOR), "principalId", "There is no user and no group"),
    (role(EVE, UNKNOWN_ID), "roleDefinitionId", "There is no role definition"),
    (role(EVE, OWNER), "appScopeId", "is a role in a catalog"),
    (role(EVE, OWNER, UNKNOWN_ID), "appScopeId", "There is no catalog"),
    (role(EVE, CREATOR, UNKNOWN_ID), "appScopeId", "is a role of no single catalog"),
    (role(EVE, OWNER) | {"appScopeId": "/Elsewhere"}, "appScopeId", "not '/Elsewhere'"),
    (role(EVE, CREATOR) | {"directoryScopeId": "/x"}, "directoryScopeId", "the catalog stands in appScopeId"),
    (role("application:", CREATOR), "principalId", "Behind 'application:' stands the id"),
]


async def test_what_is_wrong_about_a_role_is_named(as_: Clients) -> None:
    for body, target, says in WRONG:
        answer = await as_(ADA).post(ASSIGNED, json=body)
        assert error_of(answer) == (400, "invalidRequest"), body
        assert answer.json()["error"]["target"] == target
        assert says in message_of(answer)
    await give(as_(ADA), EVE, CREATOR)
    twice = await as_(ADA).post(ASSIGNED, json=role(EVE, CREATOR))
    assert (twice.status_code, "is Catalog creator there already" in message_of(twice)) == (409, True)


async def test_a_catalog_owner_brings_in_only_groups_of_their_own(as_: Clients) -> None:
    ada, eve = as_(ADA), as_(EVE)
    catalog_id = await a_catalog(ada)
    await give(ada, EVE, OWNER, catalog_id)

    async def bring(origin_id: str, system: str = "AadGroup") -> httpx2.Response:
        resource = {"originId": origin_id, "originSystem": system}
        body = {"requestType": "adminAdd", "resource": resource, "catalog": {"id": catalog_id}}
        return await eve.post(RESOURCE_REQUESTS, json=body)

    async def owned(options: str = "") -> list[dict[str, Any]]:
        return (await eve.get(f"/me/ownedObjects/graph.group{options}")).json()["value"]

    refused = await bring(READERS.id)
    assert error_of(refused) == (403, "accessDenied")
    assert f"does not own the group {READERS.display_name};" in message_of(refused)
    assert error_of(await bring("safe", "Manual")) == (403, "accessDenied")
    assert await owned() == []
    owner = {"@odata.id": f"{V1}/users/{EVE.id}"}
    assert (await ada.post(f"/groups/{READERS.id}/owners/$ref", json=owner)).status_code == 204
    (mine,) = await owned(f"?$select=id&$filter=startswith(displayName,'{READERS.display_name[:3]}')")
    assert mine == {"@odata.type": "#microsoft.graph.group", "id": READERS.id}
    assert await owned("?$filter=displayName eq 'Payroll owners'") == []
    assert (await ada.get(f"/users/{EVE.id}/ownedObjects/$count")).text == "1"
    assert (await bring(READERS.id)).status_code == 201


async def test_an_assignment_manager_assigns_and_waits_for_approval(as_: Clients) -> None:
    ada, eve = as_(ADA), as_(EVE)
    catalog_id = await a_catalog(ada)
    free, guarded = await a_package(ada, catalog_id, "Free"), await a_package(ada, catalog_id, "Guarded")
    elsewhere = await a_package(ada, await a_catalog(ada, "Audit"), "Elsewhere", isHidden=True)
    await a_policy(ada, free)
    approver = {"@odata.type": "#microsoft.graph.singleUser", "userId": BOB.id}
    stage = {"durationBeforeAutomaticDenial": "P7D", "primaryApprovers": [approver]}
    settings = {"isApprovalRequiredForAdd": True, "stages": [stage]}
    await a_policy(ada, guarded, requestApprovalSettings=settings)
    await give(ada, EVE, ASSIGNER, catalog_id)

    def assign(package_id: str) -> dict[str, Any]:
        return {"requestType": "adminAdd", "assignment": {"accessPackageId": package_id, "targetId": LEO.id}}

    given = await made(eve, REQUESTS, assign(free))
    asked = await made(eve, REQUESTS, assign(guarded))
    assert (await eve.get(f"{REQUESTS}/{given['id']}")).json()["state"] == "delivering"
    assert (await eve.get(f"{REQUESTS}/{asked['id']}")).json()["state"] == "pendingApproval"
    assert error_of(await eve.post(REQUESTS, json=assign(elsewhere))) == (404, "itemNotFound")
    assert error_of(await eve.post(REQUESTS, json=assign(UNKNOWN_ID))) == (404, "itemNotFound")
    assert error_of(await as_(MIA).post(REQUESTS, json=assign(free))) == (403, "accessDenied")
    assert error_of(await eve.post(POLICIES, json={"displayName": "Mine", "accessPackage": {"id": free}})) == (
        403,
        "accessDenied",
    )
    assert (await eve.post(f"{REQUESTS}/{asked['id']}/cancel")).status_code == 204
    (held,) = (await eve.get(ASSIGNMENTS)).json()["value"]
    removal = {"requestType": "adminRemove", "assignment": {"id": held["id"]}}
    assert (await eve.post(REQUESTS, json=removal)).status_code == 201


async def test_lists_of_several_catalogs_are_one_list_page_by_page(as_: Clients) -> None:
    ada, eve = as_(ADA), as_(EVE)
    ids = [await a_catalog(ada, name) for name in ("A", "B", "C")]
    for number in range(6):
        await a_package(ada, ids[number % 3], f"Package {number}")
    for catalog_id in ids[:2]:
        await give(ada, EVE, READER, catalog_id)
    found, path = [], f"{PACKAGES}?$top=3&$count=true"
    for _ in range(2):
        answer = (await eve.get(path)).json()
        found += [one["displayName"] for one in answer["value"]]
        assert answer["@odata.count"] == 4
        path = answer.get("@odata.nextLink", "")
    assert found == ["Package 0", "Package 1", "Package 3", "Package 4"]
    assert path == ""
    skipped = await eve.get(PACKAGES, params={"$skip": "3", "$orderby": "displayName desc"})
    assert names(skipped) == ["Package 0"]
    assert names(await eve.get(PACKAGES, params={"$filter": f"catalog/id eq '{ids[2]}'"})) == []


async def test_groups_and_applications_hold_roles(
    as_: Clients, database: Database, relay: RecordingRelay, settings: Settings
) -> None:
    ada, cy = as_(ADA), as_(CY)
    catalog_id = await a_catalog(ada)
    await give(ada, OWNERS.id, OWNER, catalog_id)
    assert (await as_(BEA).patch(f"{CATALOGS}/{catalog_id}", json={"description": "Ours"})).status_code == 204
    assert await roles_of(cy) == []
    await join(database, OWNERS.id, CY)
    assert await roles_of(cy) == [("catalogOwner", catalog_id)]
    provider = HandMadeProvider()
    app: FastAPI = create_app(
        settings=Settings(home=settings.home, oidc_issuer=ISSUER, oidc_audience=AUDIENCE),
        database=database,
        relay=relay,
        issuer=provider.issuer(),
    )
    token = provider.application_token("robot")
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url=V1, headers={"Authorization": f"Bearer {token}"}
    ) as robot:
        assert error_of(await robot.get(CATALOGS)) == (403, "permissionMissing")
        await give(ada, "application:robot", READER, catalog_id)
        assert names(await robot.get(CATALOGS)) == ["Finance"]
        body = {"displayName": "Mine", "catalog": {"id": catalog_id}}
        assert error_of(await robot.post(PACKAGES, json=body)) == (403, "accessDenied")


async def test_roles_go_with_who_held_them_and_with_the_catalog(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    group = (await made(ada, "/groups", {"displayName": "Keepers", "mailNickname": "keepers"}))["id"]
    await give(ada, group, READER, catalog_id)
    await give(ada, EVE, MANAGER, catalog_id)
    assert (await ada.delete(f"/groups/{group}")).status_code == 204
    assert (await ada.delete(f"/users/{EVE.id}")).status_code == 204
    assert (await ada.delete(f"{CATALOGS}/{catalog_id}")).status_code == 204
    gone = [(one.details["principal"], one.reason) for one in await events(database, "role.withdrawn")]
    assert gone == [
        (group, "whoever held it was deleted"),
        (EVE.id, "whoever held it was deleted"),
        (ADA.id, "its catalog was deleted"),
    ]
