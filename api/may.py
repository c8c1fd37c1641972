"""What a route lets its caller do: `actor: may.ChangePackage`. Each route says one thing, and the table says who may.

Where the caller is let in by a role, it is asked here, before the route runs:
of what the path names, or, where it names nothing, of the caller's roles anywhere.
A body that names something is asked about by the route (`authority.require_named`).
Where a part in the matter lets one in as well, the service asks, since it has
the matter at hand.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.dependencies import actor_or_token, current_actor
from grantline.model.person import Actor
from grantline.model.roles import Role
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task, holds_any, refusal
from grantline.rules.permissions.table import TABLE
from grantline.services import authority

NOUNS: Mapping[str, Noun] = {
    "catalog_id": Noun.CATALOG,
    "package_id": Noun.PACKAGE,
    "policy_id": Noun.POLICY,
    "resource_id": Noun.RESOURCE,
    "resource_request_id": Noun.RESOURCE_REQUEST,
    "grant_id": Noun.GRANT,
}
"""Parts of paths that name what lies in a catalog; the first of a path's is where the route's matter lies."""

ASKED_BY_SERVICES = frozenset({"request_id", "assignment_id", "role_assignment_id"})
"""Parts of paths that name what one can have a part in, or what says itself where it lies."""

TENANT_WIDE = frozenset({Role.ADMINISTRATOR, Role.CATALOG_CREATOR})


@dataclass(frozen=True, slots=True)
class Asking:
    """A dependency that lets in who may do a task."""

    task: Task

    async def __call__(self, request: Request, actor: Annotated[Actor, Depends(current_actor)]) -> Actor:
        """Return who is asking.

        Raises:
            NotAllowed: they may not, and no object is to be kept from them.
            NotFound: there is no such object for them.
        """
        row, named = TABLE[self.task], request.path_params
        if row.parts or not ASKED_BY_SERVICES.isdisjoint(named):
            return actor
        part = next((part for part in NOUNS if part in named), None)
        if part is not None:
            await authority.require(request.app.state.database, actor, self.task, NOUNS[part], named[part].lower())
        elif named and not row.roles <= TENANT_WIDE:
            raise AssertionError(f"nobody asks where {request.url.path} lies (this is a bug)")
        elif not holds_any(actor, self.task):
            raise refusal(actor.person, self.task)
        return actor


def task_of(route: APIRoute) -> Task:
    """Return what a route lets its caller do; looking something up, which everybody may, is not told."""
    calls = set(_calls(route.dependant))
    if actor_or_token in calls:
        return Task.ANSWER_CALLOUT
    tasks = {call.task for call in calls if isinstance(call, Asking)} - {Task.LOOK_UP}
    if len(tasks) > 1:
        raise AssertionError(f"{route.path} lets one do {len(tasks)} things (this is a bug)")
    return next(iter(tasks), Task.LOOK_UP)


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


Ask = Annotated[Actor, Depends(Asking(Task.ASK))]
Assign = Annotated[Actor, Depends(Asking(Task.ASSIGN))]
AssignRoles = Annotated[Actor, Depends(Asking(Task.ASSIGN_ROLES))]
Cancel = Annotated[Actor, Depends(Asking(Task.CANCEL))]
ChangeCatalog = Annotated[Actor, Depends(Asking(Task.CHANGE_CATALOG))]
ChangeDirectory = Annotated[Actor, Depends(Asking(Task.CHANGE_DIRECTORY))]
ChangeExtensions = Annotated[Actor, Depends(Asking(Task.CHANGE_EXTENSIONS))]
ChangePackage = Annotated[Actor, Depends(Asking(Task.CHANGE_PACKAGE))]
ChangePolicy = Annotated[Actor, Depends(Asking(Task.CHANGE_POLICY))]
ChangeResources = Annotated[Actor, Depends(Asking(Task.CHANGE_RESOURCES))]
Decide = Annotated[Actor, Depends(Asking(Task.DECIDE))]
Delegate = Annotated[Actor, Depends(Asking(Task.DELEGATE))]
Fulfil = Annotated[Actor, Depends(Asking(Task.FULFIL))]
Govern = Annotated[Actor, Depends(Asking(Task.GOVERN))]
ListAssignments = Annotated[Actor, Depends(Asking(Task.LIST_ASSIGNMENTS))]
ListCatalogs = Annotated[Actor, Depends(Asking(Task.LIST_CATALOGS))]
ListRequests = Annotated[Actor, Depends(Asking(Task.LIST_REQUESTS))]
LookUp = Annotated[Actor, Depends(Asking(Task.LOOK_UP))]
MakeCatalog = Annotated[Actor, Depends(Asking(Task.MAKE_CATALOG))]
ReadAssignment = Annotated[Actor, Depends(Asking(Task.READ_ASSIGNMENT))]
ReadCatalog = Annotated[Actor, Depends(Asking(Task.READ_CATALOG))]
ReadPackage = Annotated[Actor, Depends(Asking(Task.READ_PACKAGE))]
ReadRequest = Annotated[Actor, Depends(Asking(Task.READ_REQUEST))]
Reassign = Annotated[Actor, Depends(Asking(Task.REASSIGN))]
Reprocess = Annotated[Actor, Depends(Asking(Task.REPROCESS))]
Resubmit = Annotated[Actor, Depends(Asking(Task.RESUBMIT))]
SeeDelegation = Annotated[Actor, Depends(Asking(Task.SEE_DELEGATION))]
SeeOwn = Annotated[Actor, Depends(Asking(Task.SEE_OWN))]
