"""A stage for walking every route: two catalogs alike, Finance and Audit, with one of everything in each.

What Mia asks for Leo is in Finance; in Audit it is Bea, who asks for herself.
Bob approves in Finance, Max in Audit. Nothing that is called on this stage
leaves a trace: each transaction is rolled back at its end.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import FastAPI
from sqlalchemy import delete, insert, select, update

from grantline.model.person import Person
from grantline.model.roles import Held
from grantline.persistence.database import Database, Transaction
from grantline.persistence.links import GROUP_OWNERS
from grantline.persistence.role_tables import role_assignments
from grantline.persistence.tables import grants, package_roles, stages
from tests.api.configured import (
    CATALOGS,
    PACKAGES,
    POLICIES,
    RESOURCE_REQUESTS,
    a_catalog,
    a_package,
    give_role,
    made,
)
from tests.api.conftest import GOVERNANCE, Clients
from tests.api.office import APPROVALS, REQUESTS
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, LONG_AGO, MAX, MIA, OWNERS, READERS, WRITERS, fixed_id

TAKES_BACK = "POST /api/requests/{request_id}/takeBackApproval"
ROLES = "/roleManagement/entitlementManagement/roleAssignments"
READER_ID = "44272f93-9762-48e8-af59-1b5351b1d6b3"

EVERYBODYS = {
    "group_id": OWNERS.id,
    "user_id": CY.id,
    "object_id": CY.id,
    "subject_id": CY.id,
    "person_id": BOB.id,
    "sponsor_id": MAX.id,
    "report_id": MIA.id,
    "definition_id": READER_ID,
    "on": "target",
    "name": "endUserSettings",
    "message": "approval-needed",
}
"""What other parts of paths are filled with; it lies in no catalog."""

Things = Mapping[str, str]
"""Ids of one side, by the part of a path that names them."""


class _Undo(Exception):
    """Nothing is to stay."""


class UndoneDatabase(Database):
    """A database in which every change is made in full, and undone before anybody sees it."""

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Open a transaction that is settled and then rolled back."""
        with suppress(_Undo):
            async with super().write() as tx:
                yield tx
                await tx.settle()
                raise _Undo


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One catalog with everything in it, and the bodies that name something of it."""

    things: Things
    target: Person
    requestor: Person
    approver: Person

    def path(self, template: str) -> str:
        """Return a path with the ids of this side."""
        path = template
        for part, object_id in self.things.items():
            path = path.replace(f"{{{part}}}", object_id)
        return path

    def body(self, route: str) -> Any:
        """Return the body to send, such that nothing but who calls is against it."""
        things = self.things
        package, catalog = {"id": things["package_id"]}, {"id": things["catalog_id"]}
        bodies: dict[str, Any] = {
            f"POST {PACKAGES}": {"displayName": "Another", "catalog": catalog},
            f"POST {POLICIES}": {
                "displayName": "Another",
                "allowedTargetScope": "allMemberUsers",
                "accessPackage": package,
            },
            f"POST {RESOURCE_REQUESTS}": {
                "requestType": "adminAdd",
                "resource": {"originId": OWNERS.id, "originSystem": "AadGroup"},
                "catalog": catalog,
            },
            f"POST {ROLES}": {
                "principalId": LEO.id,
                "roleDefinitionId": READER_ID,
                "appScopeId": f"/AccessPackageCatalog/{things['catalog_id']}",
            },
            "POST /api/assignments/bulk": {"accessPackageId": things["package_id"], "targetIds": [CY.id]},
            "POST /api/assignments/reprocess": {"assignmentIds": [things["assignment_id"]]},
            f"POST {CATALOGS}": {"displayName": "Another"},
            f"POST {PACKAGES}/{{package_id}}/incompatibleAccessPackages/$ref": {
                "@odata.id": f"{GOVERNANCE}/accessPackages/{things['third_id']}"
            },
            f"PATCH {APPROVALS}/{{approval_id}}/stages/{{stage_id}}": {"reviewResult": "Deny", "justification": "No"},
            TAKES_BACK: {"justification": "A mistake"},
            "PATCH /api/requests/{request_id}/answers": {
                "answers": [{"answeredQuestion": {"id": things["policy_id"]}, "value": "Other"}]
            },
            "POST /api/requests/{request_id}/reassign": {"approvers": [CY.id], "reason": "Away"},
        }
        return bodies.get(route, {})


@asynccontextmanager
async def holding(database: Database, person: Person, *held: Held) -> AsyncIterator[None]:
    """Let somebody hold these roles and no others."""
    async with database.write() as tx:
        await tx.execute(delete(role_assignments).where(role_assignments.c.principal_id == person.id))
        for number, one in enumerate(held):
            await tx.execute(
                insert(role_assignments).values(
                    id=fixed_id(f"role {number}"),
                    role=one.role.value,
                    principal_kind="person",
                    principal_id=person.id,
                    catalog_id=one.catalog_id,
                    created_at=LONG_AGO,
                )
            )
    yield


async def call(app: FastAPI, method: str, path: str, token: str, body: Any) -> tuple[int, str]:
    """Call the application itself: three thousand calls are too many for a client of HTTP."""
    sent = json.dumps(body).encode() if method in {"POST", "PUT", "PATCH"} else b""
    plain, _, query = path.partition("?")
    headers = [(b"host", b"grantline.test"), (b"authorization", f"Bearer {token}".encode())]
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())] if sent else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": plain,
        "raw_path": plain.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("grantline.test", 80),
        "state": {},
    }
    answer: list[Any] = []
    coming = [{"type": "http.request", "body": sent, "more_body": False}]

    async def receive() -> dict[str, Any]:
        # A stream waits for whoever reads it to leave, which nobody does before it has ended.
        return coming.pop() if coming else await asyncio.Future()

    async def send(message: Any) -> None:
        answer.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in answer[1:]).decode()
    return answer[0]["status"], text


async def furnish(database: Database, as_: Clients) -> tuple[Side, Side]:
    """Build both sides as administrator, through the routes. The owners' group is Eve's to bring into a catalog."""
    async with database.write() as tx:
        await GROUP_OWNERS.add(tx, OWNERS.id, EVE.id, LONG_AGO)
    finance = await _side(database, as_, "Finance", READERS.id, requestor=MIA, target=LEO, approver=BOB)
    audit = await _side(database, as_, "Audit", WRITERS.id, requestor=BEA, target=BEA, approver=MAX)
    return finance, audit


async def _side(
    database: Database, as_: Clients, name: str, group_id: str, *, requestor: Person, target: Person, approver: Person
) -> Side:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada, name)
    resource_request_id, group = await _resource(ada, catalog_id, group_id)
    asked_for, held, third = [await a_package(ada, catalog_id, f"{name} {which}") for which in ("asked", "held", "too")]
    role_scope_id = await give_role(ada, asked_for, group)
    policy_id = await _policy(ada, asked_for, target, approver, asks=True)
    assignment = {"accessPackageId": asked_for, "target": {"objectId": target.id}}
    asked = await made(as_(requestor), REQUESTS, {"requestType": "userAdd", "assignment": assignment})
    for package_id in (held, third):
        await _policy(ada, package_id, target, approver, asks=False)
    assignment_id, _ = [await _assigned(ada, package_id, target) for package_id in (held, third)]
    await give_role(ada, held, group)
    await _exclude(ada, asked_for, held, third)
    role = {"principalId": CY.id, "roleDefinitionId": READER_ID, "appScopeId": f"/AccessPackageCatalog/{catalog_id}"}
    things = {
        "catalog_id": catalog_id,
        "resource_request_id": resource_request_id,
        "resource_id": group["id"],
        "package_id": asked_for,
        "held_id": held,
        "third_id": third,
        "other_id": third,
        "policy_id": policy_id,
        "role_scope_id": role_scope_id,
        "request_id": asked["id"],
        "approval_id": asked["id"],
        "stage_id": await _stage(database, asked["id"]),
        "assignment_id": assignment_id,
        "role_assignment_id": (await made(ada, ROLES, role))["id"],
        "extension_id": await _extension(ada, catalog_id),
        "grant_id": await _let_drift(database, asked_for, target),
    }
    return Side(things=EVERYBODYS | things, target=target, requestor=requestor, approver=approver)


async def _resource(ada: httpx2.AsyncClient, catalog_id: str, group_id: str) -> tuple[str, dict[str, Any]]:
    """Bring a group into the catalog; return the id of that request, and the resource."""
    resource = {"originId": group_id, "originSystem": "AadGroup"}
    body = {"requestType": "adminAdd", "resource": resource, "catalog": {"id": catalog_id}}
    request_id = (await made(ada, RESOURCE_REQUESTS, body))["id"]
    found = await ada.get(f"{CATALOGS}/{catalog_id}/resources", params={"$expand": "roles,scopes"})
    (group,) = found.json()["value"]
    return request_id, group


async def _exclude(ada: httpx2.AsyncClient, asked_for: str, held: str, third: str) -> None:
    """Let both packages exclude the third, and the first the owners' group."""
    other = {"@odata.id": f"{GOVERNANCE}/accessPackages/{third}"}
    owners = {"@odata.id": f"http://grantline.test/v1.0/groups/{OWNERS.id}"}
    for path, body in (
        (f"{PACKAGES}/{asked_for}/incompatibleAccessPackages/$ref", other),
        (f"{PACKAGES}/{held}/incompatibleAccessPackages/$ref", other),
        (f"{PACKAGES}/{asked_for}/incompatibleGroups/$ref", owners),
    ):
        answer = await ada.post(path, json=body)
        assert answer.status_code == 204, answer.text


async def _stage(database: Database, request_id: str) -> str:
    async with database.read() as tx:
        return str(await tx.scalar(select(stages.c.id).where(stages.c.request_id == request_id)))


async def _policy(ada: httpx2.AsyncClient, package_id: str, target: Person, approver: Person, *, asks: bool) -> str:
    """Make a policy for one person alone, with an approver if anybody may ask under it."""
    stage = {
        "durationBeforeAutomaticDenial": "P7D",
        "primaryApprovers": [{"@odata.type": "#microsoft.graph.singleUser", "userId": approver.id}],
    }
    body = {
        "displayName": "One person",
        "allowedTargetScope": "specificDirectoryUsers",
        "specificAllowedTargets": [{"@odata.type": "#microsoft.graph.singleUser", "userId": target.id}],
        "requestorSettings": {
            "enableTargetsToSelfAddAccess": asks,
            "enableOnBehalfRequestorsToAddAccess": asks,
            "onBehalfRequestors": [{"@odata.type": "#microsoft.graph.targetManager", "managerLevel": 1}],
        },
        "requestApprovalSettings": {"isApprovalRequiredForAdd": asks, "stages": [stage] if asks else []},
        "accessPackage": {"id": package_id},
    }
    return (await made(ada, POLICIES, body))["id"]


async def _assigned(ada: httpx2.AsyncClient, package_id: str, target: Person) -> str:
    assignment = {"accessPackageId": package_id, "targetId": target.id}
    asked = await made(ada, REQUESTS, {"requestType": "adminAdd", "assignment": assignment})
    answer = await ada.get(f"{REQUESTS}/{asked['id']}", params={"$expand": "assignment"})
    return str(answer.json()["assignment"]["id"])


async def _extension(ada: httpx2.AsyncClient, catalog_id: str) -> str:
    body = {
        "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestWorkflowExtension",
        "displayName": "Risk desk",
        "endpointConfiguration": {
            "@odata.type": "#microsoft.graph.httpRequestEndpoint",
            "targetUrl": "https://risk.example.com/",
        },
    }
    return (await made(ada, f"{CATALOGS}/{catalog_id}/customWorkflowExtensions", body))["id"]


async def _let_drift(database: Database, package_id: str, target: Person) -> str:
    """Enter a grant of the package's role that drifted, and that nobody needs for long; return its id."""
    async with database.write() as tx:
        role_id = await tx.scalar(select(package_roles.c.role_id).where(package_roles.c.package_id == package_id))
        known = await tx.scalar(select(grants.c.id).where(grants.c.person_id == target.id, grants.c.role_id == role_id))
        if known is None:
            known = fixed_id(f"grant {package_id}")
            values = {"id": known, "person_id": target.id, "role_id": role_id, "version": 1}
            await tx.execute(insert(grants).values(**values, is_wanted=False, changed_at=LONG_AGO))
        await tx.changed(
            update(grants).where(grants.c.id == known).values(is_wanted=False, changed_at=LONG_AGO, drifted_at=LONG_AGO)
        )
    return str(known)
