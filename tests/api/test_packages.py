"""Packages are kept by administrators, and found by whoever may ask for them."""

from typing import Any

import pytest
from sqlalchemy import select

from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, packages
from tests.api.configured import (
    CATALOGS,
    PACKAGES,
    POLICIES,
    UNKNOWN_ID,
    a_catalog,
    a_package,
    a_policy,
    a_resource,
    enter_request,
    error_of,
    give_role,
    message_of,
    names,
)
from tests.api.conftest import Clients
from tests.cast import ADA, MIA

MINE = f"{PACKAGES}/filterByCurrentUser(on='allowedRequestor')"


async def test_a_package_is_made_read_and_changed_as_documented(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    body = {"displayName": "Access package for testing", "description": "Sample", "catalog": {"id": catalog_id}}
    answer = await ada.post(PACKAGES, json=body)
    assert answer.status_code == 201
    new = answer.json()
    assert (new["displayName"], new["description"], new["isHidden"]) == ("Access package for testing", "Sample", False)
    assert answer.headers["location"].endswith(f"{PACKAGES}/{new['id']}")
    change = {"displayName": "New name", "isHidden": True, "catalog": {"id": catalog_id, "displayName": "Finance"}}
    assert (await ada.patch(f"{PACKAGES}/{new['id']}", json=change)).status_code == 204
    read = (await ada.get(f"{PACKAGES}/{new['id']}?$expand=catalog")).json()
    assert (read["displayName"], read["description"], read["isHidden"]) == ("New name", "Sample", True)
    assert read["catalog"]["id"] == catalog_id
    async with database.read() as tx:
        rows = await tx.all(select(audit_events).order_by(audit_events.c.number))
    assert (rows[-1].type, rows[-1].object_id, rows[-1].actor_id) == ("configuration.changed", new["id"], ADA.id)
    assert rows[-1].details["changes"]["is_hidden"] == {"from": False, "to": True}


async def test_packages_are_listed_and_found(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id, other = await a_catalog(ada), await a_catalog(ada, "Other")
    for name, where in (("Team", catalog_id), ("Audit team", other), ("Payroll", catalog_id)):
        await a_package(ada, where, name)
    assert names(await ada.get(PACKAGES)) == ["Audit team", "Payroll", "Team"]
    assert names(await ada.get(f"{PACKAGES}?$filter=contains(tolower(displayName),'team')")) == ["Audit team", "Team"]
    assert names(await ada.get(f"{PACKAGES}?$filter=catalog/id eq '{catalog_id}'&$orderby=displayName desc")) == [
        "Team",
        "Payroll",
    ]
    first = (await ada.get(f"{PACKAGES}?$top=2")).json()
    assert names(await ada.get(first["@odata.nextLink"])) == ["Team"]
    assert error_of(await ada.get(f"{PACKAGES}?$expand=incompatibleGroups")) == (400, "invalidRequest")


WRONG: list[tuple[str, dict[str, Any], int, str]] = [
    ("no name", {"displayName": None}, 400, "displayName cannot be null"),
    ("an empty name", {"displayName": ""}, 400, "displayName"),
    ("too long a name", {"displayName": "x" * 257}, 400, "256"),
    ("a null catalog", {"catalog": None}, 400, "catalog cannot be null"),
    ("no such catalog", {"catalog": {"id": UNKNOWN_ID}}, 400, UNKNOWN_ID),
    ("two catalogs", {"catalogId": UNKNOWN_ID}, 400, "differ"),
    ("a catalog by name", {"catalog": {"id": "Finance"}}, 400, "GUID"),
    ("hidden perhaps", {"isHidden": "perhaps"}, 400, "true or false"),
    ("a misspelt member", {"hidden": True}, 400, "hidden"),
    ("policies inside", {"assignmentPolicies": [{"displayName": "x"}]}, 501, "assignmentPolicies"),
    ("roles inside", {"resourceRoleScopes": [{}]}, 501, "resourceRoleScopes"),
]


async def test_what_no_package_can_be_is_refused(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    for story, change, expected, says in WRONG:
        answer = await ada.post(PACKAGES, json={"displayName": "x", "catalog": {"id": catalog_id}} | change)
        assert (answer.status_code, says in message_of(answer)) == (expected, True), f"{story}: {answer.text}"
    nameless = await ada.post(PACKAGES, json={"catalog": {"id": catalog_id}})
    assert (nameless.status_code, message_of(nameless)) == (400, "An access package needs displayName.")
    homeless = await ada.post(PACKAGES, json={"displayName": "x"})
    assert (homeless.status_code, message_of(homeless)) == (400, "Name the catalog: catalog.id.")
    package_id = await a_package(ada, catalog_id, "Payroll")
    await a_package(ada, catalog_id, "Other")
    other = await a_catalog(ada, "Other")
    assert (await ada.post(PACKAGES, json={"displayName": "Payroll", "catalog": {"id": other}})).status_code == 201
    for taken in (
        await ada.post(PACKAGES, json={"displayName": "Payroll", "catalog": {"id": catalog_id}}),
        await ada.patch(f"{PACKAGES}/{package_id}", json={"displayName": "Other"}),
    ):
        assert error_of(taken) == (409, "nameAlreadyExists")
    moved = await ada.patch(f"{PACKAGES}/{package_id}", json={"catalog": {"id": other}})
    assert error_of(moved) == (501, "notSupported")
    assert error_of(await ada.patch(f"{PACKAGES}/{UNKNOWN_ID}", json={"displayName": "x"})) == (404, "itemNotFound")


@pytest.mark.parametrize(
    ("story", "state", "assignment"),
    [
        ("somebody waits for approval", "pendingApproval", None),
        ("somebody waits for the start", "scheduled", None),
        ("somebody has it", "delivered", "delivered"),
        ("access is being taken back", "delivered", "ending"),
        ("delivery failed, and may have given something", "deliveryFailed", "deliveryFailed"),
    ],
)
async def test_what_is_held_or_asked_for_is_not_deleted(
    as_: Clients, database: Database, story: str, state: str, assignment: str | None
) -> None:
    ada = as_(ADA)
    package_id = await a_package(ada, await a_catalog(ada))
    policy_id = await a_policy(ada, package_id)
    await enter_request(database, package_id, state=state, assignment=assignment, policy_id=policy_id)
    for path in (f"{PACKAGES}/{package_id}", f"{POLICIES}/{policy_id}"):
        assert error_of(await ada.delete(path)) == (409, "inUse"), story
    assert (await ada.get(f"{PACKAGES}/{package_id}")).status_code == 200


async def test_a_deleted_package_is_gone_but_its_closed_requests_keep_its_name(
    as_: Clients, database: Database
) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    package_id = await a_package(ada, catalog_id, "Payroll")
    policy_id = await a_policy(ada, package_id)
    await give_role(ada, package_id, await a_resource(ada, catalog_id))
    await enter_request(database, package_id, state="delivered", assignment="expired", policy_id=policy_id)
    assert (await ada.delete(f"{PACKAGES}/{package_id}")).status_code == 204
    for client in (ada, as_(MIA)):
        assert error_of(await client.get(f"{PACKAGES}/{package_id}")) == (404, "itemNotFound")
    assert error_of(await ada.delete(f"{PACKAGES}/{package_id}")) == (404, "itemNotFound")
    assert error_of(await ada.get(f"{POLICIES}/{policy_id}")) == (404, "itemNotFound")
    assert names(await ada.get(PACKAGES)) == names(await as_(MIA).get(MINE)) == []
    assert names(await ada.get(f"{CATALOGS}/{catalog_id}/accessPackages")) == []
    async with database.read() as tx:
        assert await tx.scalar(select(packages.c.display_name).where(packages.c.id == package_id)) == "Payroll"
    await a_package(ada, catalog_id, "Payroll")
