"""What is owed to Temporal. A row lives from the change it tells of until it was delivered."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Row, bindparam, delete, func, insert, select, update

from grantline.ambient import new_id, utc_now
from grantline.model.briefing import (
    AnsweredSignal,
    ApproversChangedSignal,
    AssignmentBriefing,
    CancelSignal,
    DecideSignal,
    ExtendSignal,
    LookSignal,
    RemoveSignal,
    ReprocessSignal,
    RequestBriefing,
    Revival,
)
from grantline.model.change import ChangeBriefing
from grantline.model.message import Message, MessageBody, Unreadable
from grantline.model.upkeep import CorrectionBriefing
from grantline.persistence.codec import from_json, to_json
from grantline.persistence.tables import outbox

if TYPE_CHECKING:
    from grantline.persistence.database import Transaction

KINDS: dict[str, type[MessageBody]] = {
    "start": RequestBriefing,
    "hold": AssignmentBriefing,
    "decide": DecideSignal,
    "cancel": CancelSignal,
    "answered": AnsweredSignal,
    "approversChanged": ApproversChangedSignal,
    "remove": RemoveSignal,
    "extend": ExtendSignal,
    "reprocess": ReprocessSignal,
    "look": LookSignal,
    "change": ChangeBriefing,
    "correct": CorrectionBriefing,
    "revive": Revival,
}
NAMES: dict[type[Any], str] = {kind: name for name, kind in KINDS.items()}

GRACE = timedelta(seconds=2)
"""How long whoever wrote the row has to deliver it before a sweep takes it up."""

LONGEST_PAUSE = timedelta(seconds=30)

_INSERT = insert(outbox)
_DUE = (
    select(outbox)
    # What a newer release owes is left to it.
    .where(outbox.c.next_attempt_at <= bindparam("now"), outbox.c.kind.in_(list(KINDS)))
    .order_by(outbox.c.created_at)
    .limit(bindparam("most", type_=Integer))
)
_DELIVERED = delete(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True)))


def new_message(subject_id: str, body: MessageBody) -> Message:
    """Make a message for the request or assignment `subject_id`."""
    return Message(id=new_id(), subject_id=subject_id, body=body)


def insertion(messages: list[Message]) -> tuple[Any, list[dict[str, Any]]]:
    """Return the INSERT and its rows."""
    now = utc_now()
    rows = [
        {
            "id": message.id,
            "subject_id": message.subject_id,
            "kind": NAMES[type(message.body)],
            "body": to_json(type(message.body), message.body),
            "created_at": now,
            "next_attempt_at": now + GRACE,
            "attempts": 0,
        }
        for message in messages
    ]
    return _INSERT, rows


async def due(tx: "Transaction", now: datetime, limit: int) -> list[Message]:
    """Return the messages whose time has come, oldest first."""
    return [
        Message(id=row.id, subject_id=row.subject_id, body=_body(row), attempts=row.attempts)
        for row in await tx.all(_DUE, {"now": now, "most": limit})
    ]


def _body(row: Row[Any]) -> MessageBody | Unreadable:
    """Read a message's body; one that cannot be read must not keep back the others."""
    try:
        return from_json(KINDS[row.kind], row.body)
    except ValueError as error:
        return Unreadable(fault=f"{row.kind}: {error}")


async def is_crowded(tx: "Transaction", kind: type[MessageBody], most: int) -> bool:
    """Tell whether more than `most` messages of one kind wait."""
    waiting = select(outbox.c.id).where(outbox.c.kind == NAMES[kind]).limit(most + 1).subquery()
    return int(await tx.scalar(select(func.count()).select_from(waiting))) > most


async def delivered(tx: "Transaction", ids: list[str]) -> None:
    """Forget messages that Temporal has."""
    await tx.changed(_DELIVERED, {"ids": ids})


async def postpone(tx: "Transaction", message: Message, *, error: str, now: datetime) -> None:
    """Try again later: after 1, 2, 4 … seconds, at most `LONGEST_PAUSE`."""
    pause = min(timedelta(seconds=2 ** min(message.attempts, 6)), LONGEST_PAUSE)
    await tx.changed(
        update(outbox)
        .where(outbox.c.id == message.id)
        .values(attempts=outbox.c.attempts + 1, next_attempt_at=now + pause, last_error=error[:2000])
    )
