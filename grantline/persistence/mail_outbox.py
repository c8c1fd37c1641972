"""Mail that is owed: a row per recipient, written with the event it tells of.

    waiting ──► sent
       │  └───► bounced     refused for good, no address, or refused for too long
       └─ put off, to be tried again

A sender takes rows for a time (`take`), and says what became of each. When it
dies in between, its time runs out and another sends the row again: mail goes
out at least once, and twice only then.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, text

from grantline.ambient import new_id, utc_now
from grantline.model.mail import Mail, MailItem, MailKind, MailState
from grantline.model.person import Person
from grantline.persistence import leases
from grantline.persistence.insertion import ignoring_known
from grantline.persistence.tables import mail_outbox

if TYPE_CHECKING:
    from grantline.persistence.database import Transaction

LONGEST_ERROR = 2000


def insertion(owed: list[Mail]) -> tuple[Any, list[dict[str, Any]]]:
    """Return the INSERT and its rows, one for each recipient; what is owed once more is there, and stays as it is."""
    now = utc_now()
    rows = {(mail.kind, mail.about, person.id): _row(mail, person, now) for mail in owed for person in mail.to}
    return ignoring_known(mail_outbox, next(iter(rows.values()))), list(rows.values())


def _row(mail: Mail, person: Person, now: datetime) -> dict[str, Any]:
    has_address = bool(person.mail)
    return {
        "id": new_id(),
        "key": f"{mail.kind.value}/{mail.about}/{person.id}",
        "kind": mail.kind.value,
        "person_id": person.id,
        "name": person.display_name,
        "address": person.mail or "",
        "details": {name: value for name, value in mail.details.items() if value is not None},
        "state": (MailState.WAITING if has_address else MailState.BOUNCED).value,
        "created_at": now,
        "next_attempt_at": now,
        "attempts": 0,
        "last_error": None if has_address else "the directory has no mail address",
        "settled_at": None if has_address else now,
    }


async def is_any_due(tx: "Transaction", now: datetime) -> bool:
    """Tell whether there is something to send."""
    return await leases.is_any_due(tx, mail_outbox, _due(now))


async def take(tx: "Transaction", now: datetime, *, limit: int, hold: timedelta) -> list[MailItem]:
    """Take what is due, oldest first; nobody else gets it while the hold lasts."""
    rows = await leases.take(tx, mail_outbox, _due(now), now=now, limit=limit, hold=hold)
    return [_item(row) for row in rows]


async def settle(tx: "Transaction", item: MailItem, state: MailState, now: datetime, *, error: str | None) -> bool:
    """Record that an item was sent or given up; tell whether it was still this sender's."""
    values = {"state": state.value, "settled_at": now, "attempts": item.attempts + 1}
    return await leases.change(tx, mail_outbox, item.id, item.lease_id, values | {"last_error": _cut(error)})


async def put_off(tx: "Transaction", item: MailItem, until: datetime, error: str, *, counts: bool = True) -> bool:
    """Let an item wait; it `counts` as an attempt when the server looked at it."""
    values = {"next_attempt_at": until, "attempts": item.attempts + counts}
    return await leases.change(tx, mail_outbox, item.id, item.lease_id, values | {"last_error": _cut(error)})


async def purge(tx: "Transaction", settled_before: datetime, limit: int) -> int:
    """Throw away mail that was sent, or given up, before an instant: as much as `limit`; return how much it was."""
    # In the very words of the partial index, so that it is used.
    settled = text("state <> 'waiting'"), mail_outbox.c.settled_at < settled_before
    oldest = select(mail_outbox.c.id).where(*settled).order_by(mail_outbox.c.settled_at).limit(limit)
    return await tx.changed(delete(mail_outbox).where(mail_outbox.c.id.in_(oldest)))


def _due(now: datetime) -> tuple[Any, Any, Any]:
    # In the very words of the partial index, so that it is used.
    # What a newer release owes is left to it.
    is_known = mail_outbox.c.kind.in_([kind.value for kind in MailKind])
    return text("state = 'waiting'"), mail_outbox.c.next_attempt_at <= now, is_known


def _item(row: Any) -> MailItem:
    return MailItem(
        id=row.id,
        kind=MailKind(row.kind),
        person_id=row.person_id,
        name=row.name,
        address=row.address,
        details=row.details,
        attempts=row.attempts,
        created_at=row.created_at,
        lease_id=row.lease_id,
    )


def _cut(error: str | None) -> str | None:
    return error[:LONGEST_ERROR] if error else None
