"""Many assignments at once, from a list; in the caller's catalogs."""

from typing import Annotated

from fastapi import APIRouter, Header

from api import may
from api.answers import Json
from api.dependencies import Config, Db
from api.odata import present
from api.wire.bulk import BulkBody, BulkOut, bulk_out
from api.wire.idempotency import idempotency_of
from grantline.services.assignments import bulk_assignment

router = APIRouter(prefix="/api", tags=["assignments, many at once"])


@router.post("/assignments/bulk")
async def assign(
    *,
    body: BulkBody,
    actor: may.Assign,
    db: Db,
    config: Config,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Json[BulkOut]:
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
