"""Requests: submit, read, list, cancel.

Without a role that reaches its catalog one reads what one asked for, gets, decides
on, or what is about a direct report; another's id answers as one that does not exist.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Request

from api import may
from api.answers import Collection, Entity, Nothing, Number, Refusal
from api.dependencies import Config, Db, EntityQuery, ODataQuery, Query
from api.odata import present
from api.routes import expansion
from api.routes.expansion import Shower
from api.wire.base import Guid
from api.wire.choices import chosen
from api.wire.idempotency import idempotency_of
from api.wire.languages import languages
from api.wire.requests import RequestBody, RequestOut, accepted_out, request_out
from grantline.ambient import utc_now
from grantline.errors import NotFound, NotSupported
from grantline.model.person import Actor
from grantline.model.request import RequestType
from grantline.persistence import request_lists
from grantline.persistence.database import Database
from grantline.persistence.request_lists import RequestLine, RequestsOf
from grantline.rules.permissions import Task, realm
from grantline.services.assignments import reprocessing
from grantline.services.requests import cancellation, submission

CONTEXT = "identityGovernance/entitlementManagement/assignmentRequests"
ONES_OWN = tuple(whose for whose in RequestsOf if whose is not RequestsOf.EVERYBODY)

router = APIRouter(prefix=f"/{CONTEXT}", tags=["assignmentRequests"])


@router.post("", status_code=201)
async def submit(
    *,
    request: Request,
    body: RequestBody,
    actor: may.Ask,
    db: Db,
    config: Config,
    idempotency_key: Annotated[str | None, Header()] = None,
    client_request_id: Annotated[str | None, Header()] = None,
) -> Entity[RequestOut]:
    """Ask for a package, for oneself or a report, or ask for an assignment to end or to last longer.

    The same `Idempotency-Key`, or the same body with the same `client-request-id`,
    answers with the same request.
    """
    ask = body.read()
    submitted = await submission.submit(
        db,
        actor,
        ask,
        idempotency=idempotency_of(body, idempotency_key, client_request_id),
        administrators=config.administrators,
    )
    shown = accepted_out(submitted.request, languages(request.headers))
    return present.entity(request, CONTEXT, shown, status=201, location=f"/v1.0/{CONTEXT}/{submitted.request.id}")


@router.get("")
async def list_everybodys(request: Request, actor: may.ListRequests, db: Db, query: Query) -> Collection[RequestOut]:
    """List everybody's requests; in the caller's catalogs."""
    return await _page(request, actor, db, query, RequestsOf.EVERYBODY)


@router.get("/$count")
async def count_everybodys(actor: may.ListRequests, db: Db, query: Query) -> Number:
    """Count everybody's requests; in the caller's catalogs."""
    async with db.read() as tx:
        page = await request_lists.page(
            tx, RequestsOf.EVERYBODY, actor.id, query.counting(), utc_now(), realm=realm(actor, Task.LIST_REQUESTS)
        )
    return present.number(page.count or 0)


@router.get("/filterByCurrentUser(on='{on}')")
async def list_mine(request: Request, on: str, actor: may.SeeOwn, db: Db, query: Query) -> Collection[RequestOut]:
    """List the requests that are the caller's in one way: `on` says which."""
    return await _page(request, actor, db, query, chosen(on, ONES_OWN))


@router.get("/{request_id}")
async def read(
    request: Request, request_id: str, actor: may.ReadRequest, db: Db, query: EntityQuery
) -> Entity[RequestOut]:
    """Read one request."""
    line = await must_see(request_id, actor, db)
    async with db.read() as tx:
        (shown,) = await expansion.requests(tx, [line], query, actor, show=shown_to(request), hides=hidden_from(actor))
    return present.entity(request, CONTEXT, shown, query)


@router.post("/{request_id}/cancel", status_code=204)
async def cancel(request_id: str, actor: may.Cancel, db: Db) -> Nothing:
    """Withdraw a request that waits for approval or for its start."""
    await cancellation.cancel(db, actor, request_id.lower())
    return present.nothing()


@router.delete("/{request_id}")
async def delete(request_id: str, actor: may.ReadRequest, db: Db) -> Refusal:
    """Refuse: requests are evidence."""
    await must_see(request_id, actor, db)
    raise NotSupported(
        "Requests are kept as evidence for audits and are not deleted; to withdraw one, POST its /cancel."
    )


@router.post("/{request_id}/reprocess", status_code=202)
async def reprocess(*, request: Request, request_id: Guid, actor: may.Reprocess, db: Db, config: Config) -> Nothing:
    """Deliver a request once more that was delivered in part or not at all."""
    line = await must_see(request_id, actor, db)
    window = timedelta(days=config.reprocess_days)
    await reprocessing.request(db, actor, line.id, window=window)
    return present.accepted(request, f"/v1.0/{CONTEXT}/{line.id}")


async def _page(
    request: Request, actor: Actor, db: Database, query: ODataQuery, whose: RequestsOf
) -> Collection[RequestOut]:
    async with db.read() as tx:
        page = await request_lists.page(
            tx, whose, actor.id, query.listing(), utc_now(), realm=realm(actor, Task.READ_REQUEST)
        )
        shown = await expansion.requests(tx, page.rows, query, actor, show=shown_to(request), hides=hidden_from(actor))
    return present.collection(request, CONTEXT, shown, page, query)


def shown_to(request: Request) -> Shower:
    """Show requests in the language of whoever reads."""
    wanted = languages(request.headers)
    return lambda line: request_out(line, wanted)


def hidden_from(actor: Actor) -> Callable[[RequestLine], bool]:
    """Hide who took back an approval from all but themselves and who may know: it would tell who approved."""
    known = realm(actor, Task.KNOW_APPROVERS)
    return lambda line: (
        line.type is RequestType.APPROVER_REMOVE and line.requestor_id != actor.id and not known.has(line.catalog_id)
    )


async def must_see(request_id: str, actor: Actor, db: Database) -> RequestLine:
    """Return a request.

    Raises:
        NotFound: there is none that the caller may see.
    """
    async with db.read() as tx:
        line = await request_lists.visible(tx, request_id.lower(), actor.id, utc_now(), realm(actor, Task.READ_REQUEST))
    if line is None:
        raise NotFound(f"There is no assignment request {request_id!r} that you may see.")
    return line
