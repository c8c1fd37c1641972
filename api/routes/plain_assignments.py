"""What Graph has no word for about assignments: why each grant is there, and what is overdue.

Plain JSON below /api; failures look as they do below /v1.0.
"""

from typing import Annotated, NotRequired

from fastapi import APIRouter, Request
from pydantic import Field
from typing_extensions import TypedDict

from api import may
from api.answers import Items, Json, PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.base import Body, Guid, Text
from grantline.errors import Refused
from grantline.model.explanation import AssignmentExplained, GrantExplained, shown
from grantline.services.assignments import reprocessing
from grantline.services.assignments.reprocessing import Reprocessed
from grantline.services.requests import explanation

MOST_AT_ONCE = 100
GRAPH = "/v1.0/identityGovernance/entitlementManagement/assignments"

router = APIRouter(prefix="/api", tags=["assignments, explained"])


@router.get("/assignments/{assignment_id}/explain")
async def explain(assignment_id: str, actor: may.ReadAssignment, db: Db) -> Json[AssignmentExplained]:
    """Say why each grant of an assignment is there, since when, and when it goes."""
    return present.json_response(shown(await explanation.of_assignment(db, actor, assignment_id.lower())))


class ReprocessErrorOut(TypedDict):
    """Why an assignment is not brought about once more."""

    code: str
    message: str


class ReprocessedOut(TypedDict):
    """What came of one: where to see how it goes, or why it was refused."""

    assignmentId: str
    location: NotRequired[str]
    error: NotRequired[ReprocessErrorOut]


class SeveralBody(Body):
    """Assignments to be brought about once more, and why."""

    assignment_ids: Annotated[list[Guid], Field(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Text | None = None


@router.post("/assignments/reprocess", status_code=202)
async def reprocess(*, request: Request, body: SeveralBody, actor: may.Reprocess, db: Db) -> Items[ReprocessedOut]:
    """Bring several assignments about once more. Each is judged by itself; the answer says what came of each."""
    done = await reprocessing.several(db, actor, body.assignment_ids, body.reason)
    items = [_outcome(request, *one) for one in zip(body.assignment_ids, done, strict=True)]
    return present.plain_list(items, status=202)


def _outcome(request: Request, assignment_id: str, result: Reprocessed | Refused) -> ReprocessedOut:
    if isinstance(result, Refused):
        return {"assignmentId": assignment_id, "error": {"code": result.code, "message": result.message}}
    return {"assignmentId": assignment_id, "location": f"{present.base_url(request)}{GRAPH}/{assignment_id}"}


@router.get("/revocations/overdue")
async def list_overdue(
    actor: may.ListAssignments,
    db: Db,
    paging: Paging,
) -> PlainPage[GrantExplained]:
    """List the grants that nobody needs for over a minute and that are not known to be gone, oldest first.

    `next`, if not null, is what `after` must be to go on.
    """
    found = await explanation.overdue_revocations(db, actor, paging)
    return present.plain_page(shown(found.rows), found)
