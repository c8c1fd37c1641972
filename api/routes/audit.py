"""The audit trail: its events, newest first, and whether anybody has tampered with it. Administrators only."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as Parameter
from pydantic import AfterValidator
from typing_extensions import TypedDict

from api import may
from api.answers import Json, PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.base import Guid, Instant, one_of
from api.wire.shapes import NamedOut, PartyOut
from grantline.errors import InvalidInput, NotFound
from grantline.model.event import EventType
from grantline.model.person import actor_id
from grantline.persistence import audit, audit_lists
from grantline.persistence.audit_lists import Trail, TrailLine

router = APIRouter(prefix="/api/audit", tags=["audit trail"])

ITSELF = "grantline"
MOST_WALKS = 10
"""Pages of the chain that one call follows; the caller comes back for the rest."""


def _actor(value: str) -> str:
    if value.lower() == ITSELF:
        return ""
    return actor_id(value)


class AuditedOut(TypedDict):
    """What an event is about."""

    type: str
    id: str
    displayName: str | None


class AuditEventOut(TypedDict):
    """One event of the trail."""

    number: int
    at: datetime
    event: str
    actor: PartyOut | None
    onBehalfOf: PartyOut | None
    object: AuditedOut
    accessPackage: NamedOut | None
    target: NamedOut | None
    requestId: str | None
    assignmentId: str | None
    reason: str | None
    details: Mapping[str, Any]
    hash: str


class ChainPartOut(TypedDict):
    """A part of the trail's chain of hashes, followed as far as one call goes."""

    isWhole: bool
    fault: str | None
    lastNumber: int
    lastHash: str
    next: int | None


Kind = Annotated[str, Parameter(pattern=r"^[A-Za-z]{1,32}$")]
Actor = Annotated[str, AfterValidator(_actor), Parameter(max_length=128)]


@router.get("")
async def trail(  # noqa: PLR0913  (each is a part of the query)
    *,
    actor: may.Govern,
    db: Db,
    paging: Paging,
    event: Annotated[EventType, one_of(EventType), Parameter()] | None = None,
    object_type: Annotated[Kind | None, Parameter(alias="objectType")] = None,
    object_id: Annotated[str | None, Parameter(alias="objectId", max_length=128)] = None,
    actor_id: Annotated[Actor | None, Parameter(alias="actorId")] = None,
    request_id: Annotated[Guid | None, Parameter(alias="requestId")] = None,
    assignment_id: Annotated[Guid | None, Parameter(alias="assignmentId")] = None,
    since: Annotated[Instant | None, Parameter(alias="from")] = None,
    until: Instant | None = None,
) -> PlainPage[AuditEventOut]:
    """List events, newest first; what is given narrows the list. `actorId=grantline` is what nobody did by hand.

    `next`, if not null, is what `after` must be to go on.
    """
    del actor
    if since is not None and until is not None and since >= until:
        raise InvalidInput("'from' is not before 'until'; nothing can be between them.", target="from")
    wanted = Trail(
        type=event.value if event else None,
        object_type=object_type,
        object_id=object_id.lower() if object_id else None,
        actor_id=actor_id,
        request_id=request_id,
        assignment_id=assignment_id,
        since=since,
        until=until,
    )
    async with db.read() as tx:
        page = await audit_lists.page(tx, wanted, paging)
    return present.plain_page([_shown(one) for one in page.rows], page)


@router.get("/chain")
async def chain(actor: may.Govern, db: Db, after: Annotated[int, Parameter(ge=0)] = 0) -> Json[ChainPartOut]:
    """Follow the chain of hashes for some events beyond the event `after`, which is 0 for the beginning.

    `next`, if not null, is what `after` must be to go on; the chain is whole when every part of it is.
    """
    del actor
    async with db.read() as tx:
        walked = await audit.start(tx, after)
    if walked is None:
        raise NotFound(f"There is no event {after} to go on from; begin again with after=0.")
    for _ in range(MOST_WALKS):
        async with db.read() as tx:
            await tx.hold_still()
            walked = await audit.walk(tx, walked)
        if walked.is_end:
            break
        # The hashing is all ours; others may have their turn between two pages.
        await asyncio.sleep(0)
    return present.json_response(
        {
            "isWhole": walked.fault is None,
            "fault": walked.fault,
            "lastNumber": walked.number,
            "lastHash": walked.hash,
            "next": None if walked.is_end else walked.number,
        }
    )


def _shown(one: TrailLine) -> AuditEventOut:
    access = one.access
    return {
        "number": one.number,
        "at": one.at,
        "event": one.type,
        "actor": _named(one.actor_id, one),
        "onBehalfOf": _named(one.on_behalf_of_id, one),
        "object": {"type": one.object_type, "id": one.object_id, "displayName": one.names.get(one.object_id)},
        "accessPackage": {"id": access.package_id, "displayName": access.package_name} if access else None,
        "target": {"id": access.target_id, "displayName": access.target_name} if access else None,
        "requestId": one.request_id,
        "assignmentId": one.assignment_id,
        "reason": one.reason,
        "details": one.details,
        "hash": one.hash,
    }


def _named(id_: str | None, one: TrailLine) -> PartyOut | None:
    return None if id_ is None else {"id": id_, "displayName": one.names.get(id_)}
