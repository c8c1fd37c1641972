"""Many assignments at once: given from a list, or written into a file. In the caller's catalogs."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response, StreamingResponse

from api import may
from api.dependencies import Config, Db, Query
from api.odata import present
from api.wire import csv
from api.wire.bulk import BulkBody, bulk_out
from api.wire.idempotency import idempotency_of
from grantline.errors import InvalidInput
from grantline.persistence import assignment_export
from grantline.persistence.assignment_export import ExportedAssignment
from grantline.rules.permissions import Task, realm
from grantline.services.assignments import bulk_assignment

router = APIRouter(prefix="/api", tags=["assignments, many at once"])

HEADERS = {"Content-Disposition": 'attachment; filename="assignments.csv"', "Cache-Control": "no-store"}


@router.post("/assignments/bulk")
async def assign(
    *,
    body: BulkBody,
    actor: may.Assign,
    db: Db,
    config: Config,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Assign a package to everybody listed; each is judged alone, and the answer says what became of each.

    The same `Idempotency-Key` with the same body goes on where the first call was.
    """
    each = bulk_assignment.assign(
        db,
        actor,
        body.read(),
        idempotency=idempotency_of(body, idempotency_key, None),
        administrators=config.administrators,
    )
    lines = [line async for line in each]
    return present.json_response(bulk_out(lines))


@router.get("/assignments.csv")
async def export(actor: may.ListAssignments, db: Db, query: Query) -> Response:
    """Write assignments as CSV, those that `$filter` holds for, in the order of `$orderby`; a page at a time."""
    query.allow_expand()
    if query.top is not None or query.skip is not None or query.cursor is not None or query.select is not None:
        raise InvalidInput("An export is whole: it takes $filter and $orderby, and no other option.", target="$top")
    pages = assignment_export.export(db, realm(actor, Task.LIST_ASSIGNMENTS), query.listing())
    # What is wrong with the query must be said before the first byte.
    first = await anext(pages)
    return StreamingResponse(_lines(first, pages), media_type=csv.MEDIA_TYPE, headers=HEADERS)


async def _lines(
    first: list[ExportedAssignment], others: AsyncIterator[list[ExportedAssignment]]
) -> AsyncIterator[str]:
    yield csv.written([csv.ASSIGNMENTS, *(csv.assignment_row(one) for one in first)])
    async for page in others:
        yield csv.written(csv.assignment_row(one) for one in page)
