"""Requests and assignments as CSV: all that a filter holds for, in the caller's catalogs, a page at a time."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from api import may
from api.dependencies import Db, Query
from api.odata.query import ODataQuery
from api.routes.assignment_requests import hidden_from
from api.wire import csv
from grantline.ambient import utc_now
from grantline.errors import InvalidInput
from grantline.persistence import exports
from grantline.persistence.exports import Exported, Pages
from grantline.persistence.listing import ListQuery
from grantline.rules.permissions import Task, realm

router = APIRouter(prefix="/api", tags=["exports"])

T = TypeVar("T")

FILE: dict[int | str, dict[str, Any]] = {200: {"content": {csv.MEDIA_TYPE: {"schema": {"type": "string"}}}}}


@router.get("/requests.csv", response_class=StreamingResponse, responses=FILE)
async def requests(actor: may.ListRequests, db: Db, query: Query) -> Response:
    """Write requests as CSV, those that `$filter` holds for, in the order of `$orderby`."""
    pages = exports.requests(db, realm(actor, Task.LIST_REQUESTS), _whole(query), utc_now())
    hides = hidden_from(actor)
    return await _file("requests", csv.REQUESTS, pages, lambda one: csv.request_row(one, is_hidden=hides(one.one)))


@router.get("/assignments.csv", response_class=StreamingResponse, responses=FILE)
async def assignments(actor: may.ListAssignments, db: Db, query: Query) -> Response:
    """Write assignments as CSV, those that `$filter` holds for, in the order of `$orderby`."""
    pages = exports.assignments(db, realm(actor, Task.LIST_ASSIGNMENTS), _whole(query))
    return await _file("assignments", csv.ASSIGNMENTS, pages, csv.assignment_row)


def _whole(query: ODataQuery) -> ListQuery:
    query.allow_expand()
    if query.top is not None or query.skip is not None or query.cursor is not None or query.select is not None:
        raise InvalidInput("An export is whole: it takes $filter and $orderby, and no other option.", target="$top")
    return query.listing()


async def _file(
    name: str, columns: Sequence[str], pages: Pages[T], row: Callable[[Exported[T]], csv.Row]
) -> StreamingResponse:
    # What is wrong with the query must be said before the first byte.
    first = await anext(pages)

    async def lines() -> AsyncIterator[str]:
        yield csv.written([columns, *map(row, first)])
        async for page in pages:
            yield csv.written(map(row, page))

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(lines(), media_type=csv.MEDIA_TYPE, headers=headers)
