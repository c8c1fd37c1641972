"""For operators and their machines: alive, ready, and how much of what. Needs no token."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from temporalio.client import Client
from temporalio.service import RPCError
from typing_extensions import TypedDict

from api.answers import Json, PlainText
from api.auth.door import Door
from api.dependencies import Db, Entrance, Temporal
from api.observability import Meters
from api.odata import present
from grantline.errors import Unavailable
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, outbox

PATIENCE_SECONDS = 2.0
MOST_COUNTED = 10_000

router = APIRouter(tags=["operations"])


class AliveOut(TypedDict):
    """That the process serves."""

    status: str


class ReadyOut(AliveOut):
    """How its parts are."""

    checks: dict[str, str]


@router.get("/healthz")
async def alive() -> Json[AliveOut]:
    """Tell that the process serves; asks nobody else."""
    return present.json_response({"status": "ok"})


@router.get("/readyz")
async def ready(db: Db, temporal: Temporal, door: Entrance) -> Json[ReadyOut]:
    """Tell whether requests can be answered: 503 without the database, `degraded` without Temporal or the provider.

    Without Temporal every call still has its definite answer; what workflows
    must hear waits in the outbox. Without the OpenID provider, tokens are checked
    with the keys it had, for a day.
    """
    record, workflows, issuer = await asyncio.gather(_database(db), _temporal(temporal), _issuer(door))
    checks = {"database": record, "temporal": workflows, "issuer": issuer}
    if record != "ok":
        return present.json_response({"status": "unavailable", "checks": checks}, status=503)
    is_whole = workflows == issuer == "ok"
    return present.json_response({"status": "ok" if is_whole else "degraded", "checks": checks})


@router.get("/metrics")
async def metrics(request: Request, db: Db) -> PlainText:
    """Show the metrics in Prometheus' text format; without the database, those of this process alone."""
    meters: Meters = request.app.state.meters
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _measure(db, meters)
    except (Unavailable, TimeoutError):
        meters.outbox.set(float("nan"))
        meters.overdue.set(float("nan"))
    return PlainText(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)


async def _database(db: Database) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await db.ping()
    except (Unavailable, TimeoutError):
        return "unavailable"
    return "ok"


async def _temporal(client: Client | None) -> str:
    if client is None:
        return "not configured"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await client.service_client.check_health()
    except (RPCError, RuntimeError, TimeoutError):
        return "unavailable"
    return "ok"


async def _issuer(door: Door) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await door.issuer.check()
    except (Unavailable, TimeoutError):
        return "unavailable"
    return "ok"


async def _measure(db: Database, meters: Meters) -> None:
    owed = select(outbox.c.id).limit(MOST_COUNTED)
    overdue = select(assignments.c.id).where(assignments.c.ending_at.is_not(None), assignments.c.ended_at.is_(None))
    async with db.read() as tx:
        meters.outbox.set(await tx.scalar(_number(owed)))
        meters.overdue.set(await tx.scalar(_number(overdue.limit(MOST_COUNTED))))


def _number(statement: Any) -> Any:
    return select(func.count()).select_from(statement.subquery())
