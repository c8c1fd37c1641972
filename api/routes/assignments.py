"""Assignments: who holds what. They begin and end through requests."""

from fastapi import APIRouter, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number, Refusal
from api.dependencies import Db, EntityQuery, ODataQuery, Query
from api.odata import present
from api.routes import expansion
from api.wire.assignments import AssignmentOut
from api.wire.base import Guid
from api.wire.choices import chosen
from grantline.errors import NotFound, NotSupported
from grantline.model.assignment import Assignment
from grantline.model.person import Actor
from grantline.persistence import assignment_lists, packages
from grantline.persistence.assignment_lists import AssignmentsOf
from grantline.persistence.database import Database
from grantline.persistence.whereabouts import Noun
from grantline.rules.permissions import Task, realm
from grantline.services import authority
from grantline.services.assignments import reprocessing

CONTEXT = "identityGovernance/entitlementManagement/assignments"
ONES_OWN = tuple(whose for whose in AssignmentsOf if whose is not AssignmentsOf.EVERYBODY)

router = APIRouter(prefix=f"/{CONTEXT}", tags=["assignments"])


@router.get("")
async def list_everybodys(
    request: Request, actor: may.ListAssignments, db: Db, query: Query
) -> Collection[AssignmentOut]:
    """List everybody's assignments; in the caller's catalogs."""
    return await _page(request, actor, db, query, AssignmentsOf.EVERYBODY)


@router.get("/$count")
async def count_everybodys(actor: may.ListAssignments, db: Db, query: Query) -> Number:
    """Count everybody's assignments; in the caller's catalogs."""
    async with db.read() as tx:
        page = await assignment_lists.page(
            tx, AssignmentsOf.EVERYBODY, actor.id, query.counting(), realm(actor, Task.LIST_ASSIGNMENTS)
        )
    return present.number(page.count or 0)


@router.get("/filterByCurrentUser(on='{on}')")
async def list_mine(request: Request, on: str, actor: may.SeeOwn, db: Db, query: Query) -> Collection[AssignmentOut]:
    """List the assignments that are the caller's in one way: `on` says which."""
    return await _page(request, actor, db, query, chosen(on, ONES_OWN))


@router.get("/additionalAccess()")
async def additional_access_of_everything(actor: may.ListAssignments) -> Refusal:
    """Refuse: Graph has no word for which packages; ours is the report of all overlaps."""
    del actor
    raise NotSupported(
        "Name the two packages: additionalAccess(accessPackageId='…',incompatibleAccessPackageId='…'). "
        "Everybody who holds what excludes each other is at /api/separation-of-duties."
    )


@router.get("/additionalAccess(incompatibleAccessPackageId='{other_id}',accessPackageId='{package_id}')")
@router.get("/additionalAccess(accessPackageId='{package_id}',incompatibleAccessPackageId='{other_id}')")
async def additional_access(
    *, request: Request, package_id: Guid, other_id: Guid, actor: may.ListAssignments, db: Db, query: Query
) -> Collection[AssignmentOut]:
    """List who holds a package together with another, whether or not these exclude each other yet."""
    await authority.require(db, actor, Task.LIST_ASSIGNMENTS, Noun.PACKAGE, other_id)
    async with db.read() as tx:
        known = await packages.packages_by_id(tx, [package_id, other_id])
        for wanted in (package_id, other_id):
            if wanted not in known:
                raise NotFound(f"There is no access package {wanted}.")
        page = await assignment_lists.additional_access(tx, package_id, other_id, query.listing())
        shown = await expansion.assignments(tx, page.rows, query, actor)
    return present.collection(request, CONTEXT, shown, page, query)


@router.get("/{assignment_id}")
async def read(
    request: Request, assignment_id: str, actor: may.ReadAssignment, db: Db, query: EntityQuery
) -> Entity[AssignmentOut]:
    """Read one assignment: the holder, their direct manager, whoever asked for it, who assigns in its catalog."""
    held = await must_see(assignment_id, actor, db)
    async with db.read() as tx:
        (shown,) = await expansion.assignments(tx, [held], query, actor)
    return present.entity(request, CONTEXT, shown, query)


@router.post("/{assignment_id}/reprocess", status_code=202)
async def reprocess(request: Request, assignment_id: Guid, actor: may.Reprocess, db: Db) -> Nothing:
    """Bring an assignment about once more: what failed, and what was changed in target systems."""
    held = await must_see(assignment_id, actor, db)
    done = await reprocessing.assignment(db, actor, held.id)
    return present.accepted(request, f"/v1.0/{CONTEXT}/{done.assignment_id}")


@router.delete("/{assignment_id}")
async def delete(assignment_id: str, actor: may.ReadAssignment, db: Db) -> Refusal:
    """Refuse: an assignment ends by a request."""
    held = await must_see(assignment_id, actor, db)
    raise NotSupported(
        "An assignment ends by a request: POST assignmentRequests with requestType userRemove or adminRemove "
        f"and assignment.id {held.id}."
    )


async def _page(
    request: Request, actor: Actor, db: Database, query: ODataQuery, whose: AssignmentsOf
) -> Collection[AssignmentOut]:
    async with db.read() as tx:
        page = await assignment_lists.page(tx, whose, actor.id, query.listing(), realm(actor, Task.LIST_ASSIGNMENTS))
        shown = await expansion.assignments(tx, page.rows, query, actor)
    return present.collection(request, CONTEXT, shown, page, query)


async def must_see(assignment_id: str, actor: Actor, db: Database) -> Assignment:
    """Return an assignment.

    Raises:
        NotFound: there is none that the caller may see.
    """
    async with db.read() as tx:
        held = await assignment_lists.visible(tx, assignment_id.lower(), actor.id, realm(actor, Task.READ_ASSIGNMENT))
    if held is None:
        raise NotFound(f"There is no assignment {assignment_id!r} that you may see.")
    return held
