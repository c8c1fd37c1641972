"""Administrators keep catalogs; nobody else sees them."""

from typing import Any

from sqlalchemy import select

from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events
from tests.api.configured import CATALOGS, UNKNOWN_ID, a_catalog, a_package, error_of, message_of, names
from tests.api.conftest import Clients
from tests.cast import ADA, MIA


async def events(database: Database) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    async with database.read() as tx:
        rows = await tx.all(select(audit_events).order_by(audit_events.c.number))
    return [(row.type, row.object_type, row.actor_id, row.details) for row in rows]


async def test_a_catalog_is_made_as_documented(as_: Clients) -> None:
    ada = as_(ADA)
    body = {
        "displayName": "sales",
        "description": "for employees working with sales and outside sales partners",
        "state": "published",
        "isExternallyVisible": True,
    }
    answer = await ada.post(CATALOGS, json=body)
    made = answer.json()
    assert answer.status_code == 201
    assert {name: made[name] for name in body} == body
    assert made["catalogType"] == "userManaged"
    assert made["createdDateTime"] == made["modifiedDateTime"]
    assert made["createdDateTime"].endswith("Z")
    assert made["@odata.context"].endswith("/catalogs/$entity")
    assert answer.headers["location"].endswith(f"{CATALOGS}/{made['id']}")
    read = (await ada.get(f"{CATALOGS}/{made['id'].upper()}")).json()
    assert read == made


async def test_a_catalog_changes_only_where_it_is_said(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada, "Old", description="kept")
    assert (await ada.patch(f"{CATALOGS}/{catalog_id}", json={"displayName": "New"})).status_code == 204
    assert (await ada.patch(f"{CATALOGS}/{catalog_id}", json={"displayName": "New"})).status_code == 204
    assert (await ada.patch(f"{CATALOGS}/{catalog_id}", json={"STATE": "UnPublished"})).status_code == 204
    read = (await ada.get(f"{CATALOGS}/{catalog_id}")).json()
    assert (read["displayName"], read["description"], read["state"]) == ("New", "kept", "unpublished")
    created, owned, renamed, withdrawn = await events(database)
    assert created[:3] == ("configuration.created", "catalog", ADA.id)
    assert owned[:3] == ("role.assigned", "roleAssignment", ADA.id)
    assert renamed == (
        "configuration.changed",
        "catalog",
        ADA.id,
        {"changes": {"display_name": {"from": "Old", "to": "New"}}},
    )
    assert withdrawn[3] == {"changes": {"state": {"from": "published", "to": "unpublished"}}}


async def test_the_name_of_a_catalog_is_its_own_until_it_is_deleted(as_: Clients) -> None:
    ada = as_(ADA)
    first, second = await a_catalog(ada, "One"), await a_catalog(ada, "Two")
    refused = await ada.post(CATALOGS, json={"displayName": "One"})
    assert error_of(refused) == (409, "nameAlreadyExists")
    assert "'One'" in message_of(refused)
    assert error_of(await ada.patch(f"{CATALOGS}/{second}", json={"displayName": "One"})) == (409, "nameAlreadyExists")
    assert (await ada.delete(f"{CATALOGS}/{first}")).status_code == 204
    assert (await ada.patch(f"{CATALOGS}/{second}", json={"displayName": "One"})).status_code == 204
    assert error_of(await ada.get(f"{CATALOGS}/{first}")) == (404, "itemNotFound")
    assert names(await ada.get(CATALOGS)) == ["One"]


async def test_a_catalog_with_packages_is_not_deleted(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    package_id = await a_package(ada, catalog_id, "Payroll")
    refused = await ada.delete(f"{CATALOGS}/{catalog_id}")
    assert error_of(refused) == (409, "inUse")
    assert "'Payroll'" in message_of(refused)
    await ada.delete(f"/identityGovernance/entitlementManagement/accessPackages/{package_id}")
    assert (await ada.delete(f"{CATALOGS}/{catalog_id}")).status_code == 204
    assert [(kind, noun) for kind, noun, _, _ in await events(database)][-3:] == [
        ("configuration.deleted", "accessPackage"),
        ("role.withdrawn", "roleAssignment"),
        ("configuration.deleted", "catalog"),
    ]


async def test_catalogs_are_listed_found_and_expanded_as_documented(as_: Clients) -> None:
    ada = as_(ADA)
    staff = await a_catalog(ada, "Staff portal")
    await a_catalog(ada, "Audit")
    await a_package(ada, staff, "Badge")
    assert names(await ada.get(CATALOGS)) == ["Audit", "Staff portal"]
    assert names(await ada.get(f"{CATALOGS}?$filter=contains(tolower(displayName),'staff')")) == ["Staff portal"]
    assert names(await ada.get(f"{CATALOGS}?$filter=displayName eq 'Audit'")) == ["Audit"]
    expanded = (await ada.get(f"{CATALOGS}/{staff}?$expand=accessPackages&$select=displayName")).json()
    assert [package["displayName"] for package in expanded["accessPackages"]] == ["Badge"]
    first = (await ada.get(f"{CATALOGS}?$top=1&$count=true")).json()
    assert (first["@odata.count"], [one["displayName"] for one in first["value"]]) == (2, ["Audit"])
    assert names(await ada.get(first["@odata.nextLink"])) == ["Staff portal"]
    assert names(await ada.get(f"{CATALOGS}/{staff}/accessPackages")) == ["Badge"]


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("no name", {}, 400, "needs displayName"),
    ("a null name", {"displayName": None}, 400, "displayName cannot be null"),
    ("an empty name", {"displayName": "  "}, 400, "displayName"),
    ("a number for a name", {"displayName": 5}, 400, "displayName"),
    ("too long a name", {"displayName": "x" * 257}, 400, "256"),
    ("too long a description", {"displayName": "x", "description": "x" * 10_001}, 400, "10000"),
    ("a NUL", {"displayName": "x\0y"}, 400, "NUL"),
    ("no such state", {"displayName": "x", "state": "open"}, 400, "unpublished, published"),
    ("neither true nor false", {"displayName": "x", "isExternallyVisible": "perhaps"}, 400, "true or false"),
    ("a misspelt member", {"displayName": "x", "isExternalyVisible": True}, 400, "isExternalyVisible"),
    ("the same twice", {"displayName": "x", "DISPLAYNAME": "y"}, 400, "twice"),
    ("another type", {"displayName": "x", "catalogType": "serviceDefault"}, 501, "userManaged"),
    ("packages inside", {"displayName": "x", "accessPackages": [{}]}, 501, "accessPackages"),
]


async def test_what_no_catalog_can_be_is_refused(as_: Clients) -> None:
    for story, body, expected, says in WRONG:
        answer = await as_(ADA).post(CATALOGS, json=body)
        assert (answer.status_code, says in message_of(answer)) == (expected, True), f"{story}: {answer.text}"


async def test_only_administrators_come_near_catalogs(as_: Clients) -> None:
    here = f"{CATALOGS}/{await a_catalog(as_(ADA))}"
    body = {"displayName": "Mine"}
    for method, path, sent in [
        ("GET", CATALOGS, None),
        ("POST", CATALOGS, body),
        ("GET", here, None),
        ("PATCH", here, body),
        ("DELETE", here, None),
        ("GET", f"{here}/resources", None),
        ("GET", f"{here}/resources/{UNKNOWN_ID}", None),
        ("GET", f"{here}/resourceRoles", None),
        ("GET", f"{here}/accessPackages", None),
    ]:
        # A catalog that is not hers is not there for her.
        refused = (403, "accessDenied") if path == CATALOGS else (404, "itemNotFound")
        assert error_of(await as_(MIA).request(method, path, json=sent)) == refused, path
        assert error_of(await as_(None).request(method, path, json=sent)) == (401, "unauthenticated"), path


async def test_a_catalog_that_is_not_there_is_not_found(as_: Clients) -> None:
    ada = as_(ADA)
    for catalog_id in (UNKNOWN_ID, "none", "'", "%20"):
        for answer in (
            await ada.get(f"{CATALOGS}/{catalog_id}"),
            await ada.patch(f"{CATALOGS}/{catalog_id}", json={"displayName": "x"}),
            await ada.delete(f"{CATALOGS}/{catalog_id}"),
            await ada.get(f"{CATALOGS}/{catalog_id}/resources"),
        ):
            assert error_of(answer) == (404, "itemNotFound"), catalog_id
