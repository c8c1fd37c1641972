"""What the record has at work and Temporal may have lost: found page by page, and begun again.

Temporal's database can be wiped, and an operator can terminate a workflow. What
is on record then waits for nobody. So everything open is walked now and then,
and whoever has no workflow gets one, from the record (workflows/courier.py).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import String, Table, literal, select, tuple_

from grantline.ambient import utc_now
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import RemoveSignal, Revival
from grantline.model.request import RequestState
from grantline.model.upkeep import Mark, Subject
from grantline.model.visibility import (
    assignment_workflow_id,
    change_workflow_id,
    correction_workflow_id,
    request_workflow_id,
)
from grantline.persistence import changes, grant_states, mail_outbox, outbox, requests
from grantline.persistence.database import Database, Transaction
from grantline.persistence.tables import Instant, assignments
from grantline.persistence.tables import outbox as outbox_table
from grantline.persistence.tables import requests as requests_table
from grantline.services.assignments import drift_correction, package_changes

PAGE = 100
"""How many are looked at in one go."""

YOUNG = timedelta(minutes=5)
"""What was made this recently has its start on the way."""

MOST_OWED = 300
"""Revivals that may wait in the outbox before the look does: others use it too."""

MAIL_AT_ONCE = 500
"""How many pieces of old mail one transaction throws away."""

# What must have a workflow: requests until their access is owed, assignments until the last of it is gone.
KINDS: tuple[tuple[Table, RequestState | AssignmentState], ...] = (
    (requests_table, RequestState.PENDING_APPROVAL),
    (requests_table, RequestState.SCHEDULED),
    *((assignments, state) for state in AssignmentState if state is not AssignmentState.EXPIRED),
)


async def page(db: Database, mark: Mark) -> tuple[list[Subject], Mark | None]:
    """Return the next things that must have a workflow and that no message is on the way to, and where to go on."""
    table, state = KINDS[mark.kind]
    statement = select(table.c.id, table.c.created_at).where(
        table.c.state == state.value, table.c.created_at < utc_now() - YOUNG
    )
    if mark.created_at is not None:
        here = tuple_(literal(mark.created_at, Instant()), literal(mark.id, String()))
        statement = statement.where(tuple_(table.c.created_at, table.c.id) > here)
    async with db.read() as tx:
        rows = await tx.all(statement.order_by(table.c.created_at, table.c.id).limit(PAGE))
        busy = await _spoken_to(tx, [row.id for row in rows])
    found = [_subject(row.id, is_assignment=table is assignments) for row in rows if row.id not in busy]
    if len(rows) == PAGE:
        return found, Mark(kind=mark.kind, created_at=rows[-1].created_at, id=rows[-1].id)
    return found, Mark(kind=mark.kind + 1) if mark.kind + 1 < len(KINDS) else None


async def unfinished_changes(db: Database) -> list[Subject]:
    """Return the changes of packages and the corrections that must have a workflow; there are few at any time."""
    before = utc_now() - YOUNG
    async with db.read() as tx:
        walked = await changes.unfinished(tx, before, PAGE)
        surplus = await grant_states.untaken(tx, before, PAGE)
    names = {one.id: change_workflow_id(one.id) for one in walked}
    names |= {one.id: correction_workflow_id(one.id) for one in surplus}
    return [Subject(id=id_, workflow_id=name, is_assignment=False) for id_, name in names.items()]


async def revive(db: Database, lost: Sequence[Subject]) -> None:
    """Have these begin again from the record. An assignment whose removal was asked for hears that once more."""
    if not lost:
        return
    async with db.write() as tx:
        for one in lost:
            removal_id = await requests.open_removal(tx, one.id) if one.is_assignment else None
            removal = await requests.find(tx, removal_id) if removal_id else None
            if removal is not None:
                tx.post(one.id, RemoveSignal(actor_id=removal.requestor_id, removal_id=removal.id))
            else:
                tx.post(one.id, Revival())


async def revive_changes(db: Database, lost: Sequence[Subject]) -> None:
    """Have these changes of packages walked on with, from where they are, and these corrections begin again."""
    async with db.write() as tx:
        for one in lost:
            change = await changes.load(tx, one.id)
            surplus = await grant_states.find(tx, one.id)
            if change is not None and change.completed_at is None:
                tx.post(change.id, package_changes.briefing_of(change))
            elif surplus is not None and not surplus.is_applied:
                tx.post(surplus.id, drift_correction.briefing_of(surplus))


async def is_crowded(db: Database) -> bool:
    """Tell whether the next page must wait until Temporal has taken more of what was found."""
    async with db.read() as tx:
        return await outbox.is_crowded(tx, Revival, MOST_OWED)


async def purge_mail(db: Database, settled_before: datetime) -> bool:
    """Throw away some of the mail that was settled before an instant; tell whether there may be more."""
    async with db.write() as tx:
        return await mail_outbox.purge(tx, settled_before, MAIL_AT_ONCE) == MAIL_AT_ONCE


async def _spoken_to(tx: Transaction, ids: Sequence[str]) -> set[str]:
    """Return to which of these a message is on its way: a start among them, perhaps."""
    if not ids:
        return set()
    waiting = select(outbox_table.c.subject_id).where(outbox_table.c.subject_id.in_(ids))
    return {row.subject_id for row in await tx.all(waiting)}


def _subject(id_: str, *, is_assignment: bool) -> Subject:
    name = assignment_workflow_id if is_assignment else request_workflow_id
    return Subject(id=id_, workflow_id=name(id_), is_assignment=is_assignment)
