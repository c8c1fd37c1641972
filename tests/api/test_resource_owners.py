"""Owners of groups, and the owners of what a package gives as its approvers."""

from dataclasses import replace
from typing import Any

import httpx2

from grantline.model.subjects import ResourceOwners
from grantline.persistence.database import Database
from tests.api.configured import ALL_ASK, UNKNOWN_ID, a_catalog, a_package, a_policy, error_of, message_of
from tests.api.conftest import Clients
from tests.api.office import open_office, stage, with_stages
from tests.api.test_approvals import ask, decide, stages_of
from tests.api.test_policies import POLICIES
from tests.api.test_sponsors import reference
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MIA, READERS, WRITERS
from tests.services.scene import events

OWNERS = f"/groups/{READERS.id}/owners"
RESOURCE_OWNERS = {"@odata.type": "#grantline.resourceOwners"}
DECIDED_BY_OWNERS = with_stages(replace(stage(BEA), primary_approvers=(ResourceOwners(),), fallback_approvers=()))


async def names(client: httpx2.AsyncClient, path: str = OWNERS) -> list[str]:
    """Return the owners' names, in the order of the list."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return [one["displayName"] for one in answer.json()["value"]]


async def owned_by(client: httpx2.AsyncClient, *people: Any, path: str = OWNERS) -> None:
    """Make people owners of a group."""
    for person in people:
        assert (await client.post(f"{path}/$ref", json=reference(person.id))).status_code == 204


async def test_owners_are_added_listed_counted_and_removed(database: Database, as_: Clients) -> None:
    await open_office(database)
    ada = as_(ADA)
    await owned_by(ada, EVE, CY)
    assert await names(as_(BOB)) == ["Cy Frost", "Eve Wolf"]
    assert (await as_(BOB).get(f"{OWNERS}/$count")).text == "2"
    refs = (await as_(BOB).get(f"{OWNERS}/$ref")).json()["value"]
    assert [one["@odata.id"].rpartition("/")[2] for one in refs] == [CY.id, EVE.id]
    assert (await ada.delete(f"{OWNERS}/{EVE.id}/$ref")).status_code == 204
    url = f"http://grantline.test/v1.0/users/{CY.id}"
    assert (await ada.delete(f"{OWNERS}/$ref", params={"@id": url})).status_code == 204
    assert await names(ada) == []
    assert [one.details["action"] for one in await events(database, "directory.changed")] == [
        "ownerAdded",
        "ownerAdded",
        "ownerRemoved",
        "ownerRemoved",
    ]


async def test_what_makes_no_owner_is_refused(database: Database, as_: Clients) -> None:
    await open_office(database)
    ada = as_(ADA)
    await owned_by(ada, EVE)
    unknown = await ada.post(f"{OWNERS}/$ref", json=reference(UNKNOWN_ID))
    assert (error_of(unknown), "no user" in message_of(unknown)) == ((400, "invalidRequest"), True)
    again = await ada.post(f"{OWNERS}/$ref", json=reference(EVE.id))
    assert (error_of(again), "owner of Payroll readers already" in message_of(again)) == ((400, "invalidRequest"), True)
    assert error_of(await ada.delete(f"{OWNERS}/{CY.id}/$ref")) == (404, "itemNotFound")
    assert error_of(await ada.get(f"/groups/{UNKNOWN_ID}/owners")) == (404, "itemNotFound")
    assert error_of(await as_(MIA).post(f"{OWNERS}/$ref", json=reference(CY.id))) == (403, "accessDenied")
    assert error_of(await as_(MIA).delete(f"{OWNERS}/{EVE.id}/$ref")) == (403, "accessDenied")


async def test_owners_of_what_the_package_gives_approve(database: Database, as_: Clients) -> None:
    await open_office(database, DECIDED_BY_OWNERS)
    await owned_by(as_(ADA), CY, LEO)
    await owned_by(as_(ADA), EVE, path=f"/groups/{WRITERS.id}/owners")
    request_id = await ask(as_(MIA), LEO)
    (shown,) = await stages_of(as_(CY), request_id)
    assert [one["displayName"] for one in shown["approvers"]] == ["Cy Frost"]
    assert (await as_(EVE).get(f"/identityGovernance/entitlementManagement/assignmentRequests/{request_id}")).is_error
    assert (await decide(as_(CY), request_id)).status_code == 204


async def test_without_owners_it_goes_on_as_without_anybody(database: Database, as_: Clients) -> None:
    await open_office(database, DECIDED_BY_OWNERS)
    request_id = await ask(as_(MIA), LEO)
    (shown,) = await stages_of(as_(ADA), request_id)
    assert [one["displayName"] for one in shown["approvers"]] == ["Ada King"]


async def test_the_set_is_written_and_read_back_and_means_nothing_elsewhere(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await a_package(ada, await a_catalog(ada))
    settings = {"isApprovalRequiredForAdd": True, "stages": [{"primaryApprovers": [RESOURCE_OWNERS]}]}
    policy_id = await a_policy(ada, package_id, requestApprovalSettings=settings)
    read = (await ada.get(f"{POLICIES}/{policy_id}")).json()
    assert read["requestApprovalSettings"]["stages"][0]["primaryApprovers"] == [RESOURCE_OWNERS]
    refused = await ada.post(
        POLICIES,
        json={
            "displayName": "Odd",
            "accessPackage": {"id": package_id},
            "allowedTargetScope": "specificDirectoryUsers",
            "specificAllowedTargets": [RESOURCE_OWNERS],
            "requestorSettings": ALL_ASK,
        },
    )
    assert error_of(refused) == (400, "invalidRequest")
    assert "resourceOwners means nothing there" in message_of(refused)
