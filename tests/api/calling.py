"""A custom extension made through the API, and a policy that has it called."""

from typing import Any

import httpx2

from tests.api.configured import CATALOGS, a_catalog, a_package, a_policy, a_resource, give_role, made
from tests.cast import BOB

PLAIN = "#microsoft.graph.customExtensionCallbackConfiguration"
NAMING = "#microsoft.graph.accessPackageRequestApprovalStageCallbackConfiguration"
BOB_DECIDES = {
    "isApprovalRequiredForAdd": True,
    "stages": [{"primaryApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": BOB.id}]}],
}


def body(name: str = "Risk desk", **more: Any) -> dict[str, Any]:
    """Return the body of a new extension that nobody waits for, with changes."""
    usual = {
        "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension",
        "displayName": name,
        "description": "Asks the risk desk",
        "endpointConfiguration": {
            "@odata.type": "#microsoft.graph.httpRequestEndpoint",
            "targetUrl": "https://risk.example.com/hooks",
        },
    }
    return usual | more


def waiting(timeout: str = "PT1H", kind: str = PLAIN, **more: Any) -> dict[str, Any]:
    """Return the member that makes an extension one that is waited for."""
    return {"callbackConfiguration": {"@odata.type": kind, "timeoutDuration": timeout, **more}}


def path_of(catalog_id: str) -> str:
    """Return where a catalog's extensions are."""
    return f"{CATALOGS}/{catalog_id}/customWorkflowExtensions"


async def an_extension(client: httpx2.AsyncClient, catalog_id: str, name: str = "Risk desk", **more: Any) -> str:
    """Make an extension; return its id."""
    return (await made(client, path_of(catalog_id), body(name, **more)))["id"]


def at(point: str, extension_id: str) -> dict[str, Any]:
    """Return one of customExtensionStageSettings."""
    return {"stage": point, "customExtension": {"id": extension_id}}


async def an_office(client: httpx2.AsyncClient, *, point: str, **more: Any) -> tuple[str, str]:
    """Make a package that everybody may ask for and Bob approves, with an extension at a point; return both ids."""
    catalog_id = await a_catalog(client)
    package_id = await a_package(client, catalog_id)
    await give_role(client, package_id, await a_resource(client, catalog_id))
    extension_id = await an_extension(client, catalog_id, **more)
    await a_policy(
        client,
        package_id,
        requestApprovalSettings=BOB_DECIDES,
        customExtensionStageSettings=[at(point, extension_id)],
    )
    return package_id, extension_id
