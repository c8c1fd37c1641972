"""Resources come into catalogs, and their roles into packages."""

from typing import Any

from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select

from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events
from tests.api.configured import (
    CATALOGS,
    PACKAGES,
    RESOURCE_REQUESTS,
    UNKNOWN_ID,
    a_catalog,
    a_package,
    a_resource,
    error_of,
    give_role,
    message_of,
    names,
)
from tests.api.conftest import Clients
from tests.cast import ADA, MIA, READERS, WRITERS


def admin_add(catalog_id: str, **resource: Any) -> dict[str, Any]:
    return {
        "requestType": "adminAdd",
        "resource": {"originId": READERS.id, "originSystem": "AadGroup", **resource},
        "catalog": {"id": catalog_id},
    }


def admin_remove(catalog_id: str, resource_id: str) -> dict[str, Any]:
    return {"requestType": "adminRemove", "resource": {"id": resource_id}, "catalog": {"id": catalog_id}}


async def test_a_group_comes_into_a_catalog_with_its_role_and_scope(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    answer = await ada.post(RESOURCE_REQUESTS, json=admin_add(catalog_id))
    assert answer.status_code == 201
    done = answer.json()
    assert (done["requestType"], done["state"]) == ("adminAdd", "delivered")

    path = f"{CATALOGS}/{catalog_id}/resources?$expand=roles,scopes,environment&$filter=originId eq '{READERS.id}'"
    (resource,) = (await ada.get(path)).json()["value"]
    assert (resource["displayName"], resource["originId"]) == ("Payroll readers", READERS.id)
    assert resource["originSystem"] == "AadGroup"
    (role,), (scope,) = resource["roles"], resource["scopes"]
    assert (role["displayName"], role["originId"]) == ("Member", f"Member_{READERS.id}")
    assert (scope["isRootScope"], scope["originId"], scope["displayName"]) == (True, READERS.id, "Root")

    roles = f"{CATALOGS}/{catalog_id}/resourceRoles"
    query = f"$filter=(originSystem eq 'AadGroup' and resource/id eq '{resource['id']}')&$expand=resource"
    (found,) = (await ada.get(f"{roles}?{query}")).json()["value"]
    assert (found["id"], found["resource"]["id"]) == (role["id"], resource["id"])
    assert names(await ada.get(f"{roles}?$filter=resource/id eq '{UNKNOWN_ID}'")) == []
    assert (await ada.get(f"{CATALOGS}/{catalog_id}/resources/{resource['id']}")).json()["id"] == resource["id"]

    (listed,) = (await ada.get(f"{RESOURCE_REQUESTS}?$expand=catalog,resource")).json()["value"]
    assert (listed["id"], listed["catalog"]["id"], listed["resource"]["id"]) == (
        done["id"],
        catalog_id,
        resource["id"],
    )
    assert (await ada.get(f"{RESOURCE_REQUESTS}/{done['id']}")).json()["createdDateTime"] == done["createdDateTime"]


async def test_a_resource_is_in_a_catalog_once(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id, other = await a_catalog(ada), await a_catalog(ada, "Other")
    resource = await a_resource(ada, catalog_id)
    again = await ada.post(RESOURCE_REQUESTS, json=admin_add(catalog_id, displayName="Another name"))
    assert error_of(again) == (409, "nameAlreadyExists")
    assert resource["id"] in message_of(again)
    assert (await ada.post(RESOURCE_REQUESTS, json=admin_add(other))).status_code == 201


async def test_a_resource_leaves_when_no_package_gives_its_role(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    resource = await a_resource(ada, catalog_id)
    package_id = await a_package(ada, catalog_id, "Payroll")
    held = await give_role(ada, package_id, resource)
    refused = await ada.post(RESOURCE_REQUESTS, json=admin_remove(catalog_id, resource["id"]))
    assert error_of(refused) == (409, "inUse")
    assert "'Payroll'" in message_of(refused)

    assert (await ada.delete(f"{PACKAGES}/{package_id}/resourceRoleScopes/{held}")).status_code == 204
    gone = await ada.post(RESOURCE_REQUESTS, json=admin_remove(catalog_id, resource["id"].upper()))
    assert (gone.status_code, gone.json()["requestType"]) == (201, "adminRemove")
    assert names(await ada.get(f"{CATALOGS}/{catalog_id}/resources")) == []
    assert names(await ada.get(f"{CATALOGS}/{catalog_id}/resourceRoles")) == []
    assert error_of(await ada.post(RESOURCE_REQUESTS, json=admin_remove(catalog_id, resource["id"]))) == (
        404,
        "itemNotFound",
    )
    newest = (await ada.get(f"{RESOURCE_REQUESTS}?$top=1&$expand=resource")).json()["value"][0]
    assert (newest["requestType"], newest["resource"]["displayName"]) == ("adminRemove", "Payroll readers")
    again = await a_resource(ada, catalog_id)
    assert again["id"] != resource["id"]
    async with database.read() as tx:
        rows = await tx.all(select(audit_events).order_by(audit_events.c.number))
    assert [(row.type, row.object_type) for row in rows] == [
        ("configuration.created", "catalog"),
        ("role.assigned", "roleAssignment"),
        ("configuration.created", "resource"),
        ("configuration.created", "accessPackage"),
        ("configuration.created", "resourceRoleScope"),
        ("configuration.deleted", "resourceRoleScope"),
        ("configuration.deleted", "resource"),
        ("configuration.created", "resource"),
    ]
    assert {row.actor_id for row in rows} == {ADA.id}


async def test_a_scim_resource_comes_in_where_scim_is_set_up(as_: Clients, app: FastAPI) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    body = admin_add(catalog_id, originSystem="scim", originId="File share", displayName="Files")
    refused = await ada.post(RESOURCE_REQUESTS, json=body)
    assert error_of(refused) == (400, "invalidRequest")
    assert "known are AadGroup" in message_of(refused)
    with_scim = {"scim_base_url": "https://scim.example/v2", "scim_token": SecretStr("a token")}
    app.state.settings = app.state.settings.model_copy(update=with_scim)
    assert (await ada.post(RESOURCE_REQUESTS, json=body)).status_code == 201
    (resource,) = (await ada.get(f"{CATALOGS}/{catalog_id}/resources?$expand=roles")).json()["value"]
    assert (resource["originSystem"], resource["displayName"]) == ("Scim", "Files")
    assert resource["roles"][0]["originId"] == "Member_File share"


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("no type", {"requestType": None}, 400, "adminAdd or adminRemove"),
    ("a type of requests", {"requestType": "userAdd"}, 400, "adminAdd or adminRemove"),
    ("an update", {"requestType": "adminUpdate"}, 501, "adminRemove and adminAdd"),
    ("no resource", {"resource": None}, 400, "resource.originSystem"),
    ("no origin", {"resource": {"originSystem": "AadGroup"}}, 400, "resource.originId"),
    ("no system", {"resource": {"originId": READERS.id}}, 400, "resource.originSystem"),
    ("an unknown system", {"resource": {"originId": "x", "originSystem": "AadApplication"}}, 400, "AadGroup"),
    ("no such group", {"resource": {"originId": UNKNOWN_ID, "originSystem": "AadGroup"}}, 400, UNKNOWN_ID),
    ("a group that is no id", {"resource": {"originId": "readers", "originSystem": "AadGroup"}}, 400, "readers"),
    ("no catalog", {"catalog": None}, 400, "catalog.id"),
    ("no such catalog", {"catalog": {"id": UNKNOWN_ID}}, 400, UNKNOWN_ID),
    ("a catalog that is no id", {"catalog": {"id": "sales"}}, 400, "GUID"),
    (
        "attributes",
        {"resource": {"originId": "x", "originSystem": "AadGroup", "attributes": [{"name": "office"}]}},
        501,
        "attributes",
    ),
    ("a removal of nothing", {"requestType": "adminRemove"}, 400, "resource.id"),
    ("a list for a resource", {"resource": []}, 400, "resource"),
]


async def test_what_cannot_come_in_or_leave_is_refused(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    for story, change, expected, says in WRONG:
        answer = await ada.post(RESOURCE_REQUESTS, json=admin_add(catalog_id) | change)
        assert (answer.status_code, says in message_of(answer)) == (expected, True), f"{story}: {answer.text}"


async def test_a_role_is_named_by_id_or_by_origin(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    readers, writers = await a_resource(ada, catalog_id), await a_resource(ada, catalog_id, WRITERS.id)
    package_id = await a_package(ada, catalog_id)
    path = f"{PACKAGES}/{package_id}/resourceRoleScopes"
    by_origin = {
        "role": {
            "originId": f"Member_{WRITERS.id}",
            "originSystem": "AadGroup",
            "resource": {"id": writers["id"], "originId": WRITERS.id, "originSystem": "AadGroup"},
        },
        "scope": {"originId": WRITERS.id, "originSystem": "AadGroup", "isRootScope": True},
    }
    first = await ada.post(path, json=by_origin)
    assert first.status_code == 201, first.text
    assert first.json()["id"] == f"{writers['roles'][0]['id']}_{writers['scopes'][0]['id']}"
    assert first.json()["createdDateTime"].endswith("Z")
    assert (await ada.post(path, json={"role": {"id": readers["roles"][0]["id"]}})).status_code == 201
    twice = await ada.post(path, json=by_origin)
    assert error_of(twice) == (409, "conflict")
    assert first.json()["id"] in message_of(twice)
    listed = (await ada.get(f"{path}?$expand=role($expand=resource),scope")).json()["value"]
    assert [one["role"]["resource"]["displayName"] for one in listed] == ["Payroll writers", "Payroll readers"]
    assert [one["scope"]["isRootScope"] for one in listed] == [True, True]
    nested = "$expand=resourceRoleScopes($expand=role,scope),catalog"
    package = (await ada.get(f"{PACKAGES}/{package_id}?{nested}")).json()
    assert [one["role"]["displayName"] for one in package["resourceRoleScopes"]] == ["Member", "Member"]
    assert package["catalog"]["displayName"] == "Finance"


async def test_a_role_that_is_not_the_packages_to_give_is_refused(as_: Clients) -> None:
    ada = as_(ADA)
    here, elsewhere = await a_catalog(ada), await a_catalog(ada, "Elsewhere")
    resource, foreign = await a_resource(ada, here), await a_resource(ada, elsewhere)
    package_id = await a_package(ada, here)
    path = f"{PACKAGES}/{package_id}/resourceRoleScopes"
    role = {"id": resource["roles"][0]["id"]}
    for story, body, says in [
        ("nothing named", {}, "role.id"),
        ("a role of another catalog", {"role": {"id": foreign["roles"][0]["id"]}}, "no such role"),
        ("an unknown role", {"role": {"id": UNKNOWN_ID}}, "no such role"),
        ("the id of one, the origin of another", {"role": role | {"originId": "Owner_x"}}, "no such role"),
        ("another resource's role", {"role": role | {"resource": {"id": foreign["id"]}}}, "no such role"),
        ("no such scope", {"role": role, "scope": {"id": UNKNOWN_ID}}, "one scope"),
        ("a foreign scope", {"role": role, "scope": {"originId": WRITERS.id}}, "one scope"),
        ("a part of it", {"role": role, "scope": {"isRootScope": False}}, "isRootScope"),
    ]:
        answer = await ada.post(path, json=body)
        assert (error_of(answer), says in message_of(answer)) == ((400, "invalidRequest"), True), story
    assert error_of(await ada.delete(f"{path}/{role['id']}_{UNKNOWN_ID}")) == (404, "itemNotFound")
    assert error_of(await ada.post(f"{PACKAGES}/{UNKNOWN_ID}/resourceRoleScopes", json={"role": role}))[0] == 404


async def test_only_administrators_move_resources(as_: Clients) -> None:
    ada, mia = as_(ADA), as_(MIA)
    catalog_id = await a_catalog(ada)
    package_id = await a_package(ada, catalog_id)
    for answer in (
        await mia.get(RESOURCE_REQUESTS),
        await mia.post(RESOURCE_REQUESTS, json=admin_add(catalog_id)),
    ):
        assert error_of(answer) == (403, "accessDenied")
    for answer in (
        await mia.post(f"{PACKAGES}/{package_id}/resourceRoleScopes", json={"role": {"id": UNKNOWN_ID}}),
        await mia.delete(f"{PACKAGES}/{package_id}/resourceRoleScopes/{UNKNOWN_ID}_{UNKNOWN_ID}"),
    ):
        assert error_of(answer) == (404, "itemNotFound")
