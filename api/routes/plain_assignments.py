"""What Graph has no word for about assignments: why each grant is there, and what is overdue.

Plain JSON below /api; failures look as they do below /v1.0.
"""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.dependencies import Administrator, CurrentActor, Db
from api.odata import present
from grantline.model.explanation import shown
from grantline.persistence.listing import DEFAULT_TOP, ListQuery
from grantline.services import explanation

LARGEST_LIMIT = 999

router = APIRouter(prefix="/api", tags=["assignments, explained"])


@router.get("/assignments/{assignment_id}/explain")
async def explain(assignment_id: str, actor: CurrentActor, db: Db) -> Response:
    """Say why each grant of an assignment is there, since when, and when it goes."""
    return present.json_response(shown(await explanation.of_assignment(db, actor, assignment_id.lower())))


@router.get("/revocations/overdue")
async def list_overdue(
    actor: Administrator,
    db: Db,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_TOP,
    after: str | None = None,
) -> Response:
    """List the grants that nobody needs for over a minute and that are not known to be gone, oldest first.

    `next`, if not null, is what `after` must be to go on.
    """
    del actor
    found = await explanation.overdue_revocations(db, ListQuery(top=limit, cursor=after))
    return present.json_response({"items": shown(found.rows), "next": found.next_cursor})
