"""Calls to custom extensions: owed with the event they tell of, and what became of each.

Two things are on record of a call, and each has a conditional update of its
own: whether it was delivered (under the sender's lease), and, where a request
waits for it, whether that waiting is over (under the request's lock).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, insert, select, text, update

from grantline.model.callout import Callout, CalloutPoint, DeliveryState, DueCallout, HoldState, OnTimeout
from grantline.persistence import leases
from grantline.persistence.callout_tables import callouts, custom_extensions
from grantline.persistence.database import Transaction

LONGEST_ERROR = 2000


async def is_owed(tx: Transaction, key: str) -> bool:
    """Tell whether this very call is on record already."""
    return await tx.scalar(select(callouts.c.id).where(callouts.c.key == key)) is not None


async def add(tx: Transaction, **values: Any) -> None:
    """Owe a call. The same key twice is an IntegrityError."""
    await tx.execute(insert(callouts).values(delivery=DeliveryState.WAITING.value, attempts=0, **values))


async def open_hold(tx: Transaction, request_id: str) -> Callout | None:
    """Return the call whose answer a request waits for, if it waits for one."""
    row = await tx.first(_all().where(callouts.c.request_id == request_id, text("callouts.hold = 'open'")))
    return _callout(row) if row else None


async def find(tx: Transaction, request_id: str, callout_id: str) -> Callout | None:
    """Return a call about a request, if there is one."""
    row = await tx.first(_all().where(callouts.c.id == callout_id, callouts.c.request_id == request_id))
    return _callout(row) if row else None


async def of_requests(tx: Transaction, request_ids: Collection[str]) -> dict[str, list[Callout]]:
    """Return all calls about these requests, oldest first."""
    found: dict[str, list[Callout]] = {request_id: [] for request_id in request_ids}
    if not found:
        return found
    order = (callouts.c.created_at, callouts.c.id)
    for row in await tx.all(_all().where(callouts.c.request_id.in_(sorted(found))).order_by(*order)):
        found[row.request_id].append(_callout(row))
    return found


async def end_hold(
    tx: Transaction,
    callout_id: str,
    state: HoldState,
    at: datetime,
    *,
    detail: str | None = None,
    answered_by_id: str | None = None,
) -> bool:
    """Write how the waiting ended, if it had not; tell whether so. Without an answer, an unsent call is not made."""
    is_answer = state in (HoldState.RESUMED, HoldState.DENIED)
    values = {
        "hold": state.value,
        "detail": detail,
        "answered_by_id": answered_by_id,
        "answered_at": at if is_answer else None,
    }
    is_open = (callouts.c.id == callout_id, callouts.c.hold == HoldState.OPEN.value)
    if await tx.changed(update(callouts).where(*is_open).values(**values)) != 1:
        return False
    if not is_answer:
        unsent = (callouts.c.id == callout_id, callouts.c.delivery == DeliveryState.WAITING.value)
        why = "nobody waits for the answer any more"
        gone = {"delivery": DeliveryState.FAILED.value, "last_error": why, "settled_at": at, "lease_id": None}
        await tx.changed(update(callouts).where(*unsent).values(**gone))
    return True


async def is_any_due(tx: Transaction, now: datetime) -> bool:
    """Tell whether there is a call to make."""
    return await leases.is_any_due(tx, callouts, _due(now))


async def take(tx: Transaction, now: datetime, *, limit: int, hold: timedelta) -> list[DueCallout]:
    """Take what is due, oldest first; nobody else gets it while the hold lasts."""
    rows = await leases.take(tx, callouts, _due(now), now=now, limit=limit, hold=hold)
    ids = {row.extension_id for row in rows}
    columns = (custom_extensions.c.id, custom_extensions.c.url)
    found = await tx.all(select(*columns).where(custom_extensions.c.id.in_(ids))) if ids else []
    urls = {row.id: row.url for row in found}
    return [_due_callout(row, urls[row.extension_id]) for row in rows]


async def settle(
    tx: Transaction, one: DueCallout, state: DeliveryState, now: datetime, *, error: str | None = None
) -> bool:
    """Record that a call was taken or given up; tell whether it was still this sender's."""
    values = {"delivery": state.value, "settled_at": now, "attempts": one.attempts + 1, "last_error": _cut(error)}
    return await leases.change(tx, callouts, one.id, one.lease_id, values)


async def put_off(tx: Transaction, one: DueCallout, until: datetime, error: str, *, counts: bool = True) -> bool:
    """Let a call wait; it `counts` as an attempt when it was made."""
    values = {"next_attempt_at": until, "attempts": one.attempts + counts, "last_error": _cut(error)}
    return await leases.change(tx, callouts, one.id, one.lease_id, values)


def _due(now: datetime) -> tuple[Any, Any, Any]:
    # In the very words of the partial index, so that it is used.
    # What a newer release owes is left to it.
    is_known = callouts.c.point.in_([point.value for point in CalloutPoint])
    return text("delivery = 'waiting'"), callouts.c.next_attempt_at <= now, is_known


def _all() -> Select[Any]:
    return select(callouts, custom_extensions.c.display_name.label("extension_name")).join(
        custom_extensions, custom_extensions.c.id == callouts.c.extension_id
    )


def _callout(row: Row[Any]) -> Callout:
    return Callout(
        id=row.id,
        extension_id=row.extension_id,
        extension_name=row.extension_name,
        request_id=row.request_id,
        point=CalloutPoint(row.point),
        stage_number=row.stage_number,
        delivery=DeliveryState(row.delivery),
        hold=HoldState(row.hold) if row.hold else None,
        on_timeout=OnTimeout(row.on_timeout),
        times_out_at=row.times_out_at,
        detail=row.detail,
        answered_at=row.answered_at,
        created_at=row.created_at,
    )


def _due_callout(row: Row[Any], url: str) -> DueCallout:
    return DueCallout(
        id=row.id,
        extension_id=row.extension_id,
        request_id=row.request_id,
        point=CalloutPoint(row.point),
        url=url,
        payload=row.payload,
        needs_answer=row.hold is not None,
        attempts=row.attempts,
        gives_up_at=row.gives_up_at,
        created_at=row.created_at,
        lease_id=row.lease_id,
    )


def _cut(error: str | None) -> str | None:
    return error[:LONGEST_ERROR] if error else None
