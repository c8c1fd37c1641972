"""What an administrator makes through the API, for stories about what comes after."""

from typing import Any

import httpx2
from sqlalchemy import insert

from grantline.persistence import whereabouts
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, requests
from grantline.persistence.whereabouts import Noun
from tests.cast import LEO, LONG_AGO, MIA, READERS, fixed_id

CATALOGS = "/identityGovernance/entitlementManagement/catalogs"
PACKAGES = "/identityGovernance/entitlementManagement/accessPackages"
POLICIES = "/identityGovernance/entitlementManagement/assignmentPolicies"
RESOURCE_REQUESTS = "/identityGovernance/entitlementManagement/resourceRequests"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"

MANAGERS_ASK = {
    "enableTargetsToSelfAddAccess": False,
    "enableOnBehalfRequestorsToAddAccess": True,
    "onBehalfRequestors": [{"@odata.type": "#microsoft.graph.targetManager", "managerLevel": 1}],
}
ALL_ASK = {"enableTargetsToSelfAddAccess": True}


async def made(client: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST and return what was made."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def a_catalog(client: httpx2.AsyncClient, name: str = "Finance", **more: Any) -> str:
    """Make a catalog; return its id."""
    return (await made(client, CATALOGS, {"displayName": name, **more}))["id"]


async def a_package(client: httpx2.AsyncClient, catalog_id: str, name: str = "Payroll", **more: Any) -> str:
    """Make a package; return its id."""
    return (await made(client, PACKAGES, {"displayName": name, "catalog": {"id": catalog_id}, **more}))["id"]


async def a_policy(client: httpx2.AsyncClient, package_id: str, **more: Any) -> str:
    """Make a policy under which everybody may ask for themselves, unless `more` says otherwise; return its id."""
    body = {
        "displayName": "Everybody",
        "allowedTargetScope": "allMemberUsers",
        "requestorSettings": ALL_ASK,
        "accessPackage": {"id": package_id},
    }
    return (await made(client, POLICIES, body | more))["id"]


async def a_resource(client: httpx2.AsyncClient, catalog_id: str, origin_id: str = READERS.id) -> dict[str, Any]:
    """Bring a group into a catalog; return the resource with its roles and scopes."""
    resource = {"originId": origin_id, "originSystem": "AadGroup"}
    body = {"requestType": "adminAdd", "resource": resource, "catalog": {"id": catalog_id}}
    await made(client, RESOURCE_REQUESTS, body)
    found = await client.get(
        f"{CATALOGS}/{catalog_id}/resources",
        params={"$filter": f"originId eq '{origin_id}'", "$expand": "roles,scopes"},
    )
    (one,) = found.json()["value"]
    return one


async def give_role(client: httpx2.AsyncClient, package_id: str, resource: dict[str, Any]) -> str:
    """Put the resource's one role into a package; return the role scope's id."""
    role = resource["roles"][0] | {"resource": {"id": resource["id"]}}
    body = {"role": role, "scope": resource["scopes"][0]}
    return (await made(client, f"{PACKAGES}/{package_id}/resourceRoleScopes", body))["id"]


def error_of(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and code of a failure."""
    return answer.status_code, answer.json()["error"]["code"]


def message_of(answer: httpx2.Response) -> str:
    """Return what a failure says."""
    return answer.json()["error"]["message"]


def names(answer: httpx2.Response) -> list[str]:
    """Return the display names of a list."""
    assert answer.status_code == 200, answer.text
    return [one["displayName"] for one in answer.json()["value"]]


async def enter_request(
    database: Database, package_id: str, *, state: str, assignment: str | None = None, policy_id: str = UNKNOWN_ID
) -> None:
    """Enter a request of Mia's for Leo in a state, and an assignment in another."""
    common: dict[str, Any] = {
        "target_id": LEO.id,
        "package_id": package_id,
        "policy_id": policy_id,
        "status": "x",
        "created_at": LONG_AGO,
    }
    request_id = fixed_id(f"request {package_id}")
    async with database.write() as tx:
        common["catalog_id"] = await whereabouts.catalog_of(tx, Noun.PACKAGE, package_id)
        await tx.execute(
            insert(requests).values(
                id=request_id, type="userAdd", state=state, requestor_id=MIA.id, schedule={}, plan={}, **common
            )
        )
        if assignment is not None:
            await tx.execute(
                insert(assignments).values(id=fixed_id("held"), request_id=request_id, state=assignment, **common)
            )
