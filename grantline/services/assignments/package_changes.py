"""A change of a package's roles reaches everybody who holds the package.

The change is put on record with the configuration it changes, while the
package is locked: whoever is given the package later finds the new roles in it,
and whoever had it before is among the holders that are walked.

`advance` looks at one page of holders in one transaction: their reasons come to
match what the package gives today, and whoever has something to be brought to a
target system gets a message to their own workflow. It reads what is so now, not
what this change was, so any number of changes may walk at once, a page may be
walked twice, and a later change does the work of an earlier one. Only a package
that is retired is taken from its holders, by a removal for each (services/assignments/retirement.py).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from grantline.ambient import new_id, utc_now
from grantline.errors import AssignmentEnded, NotFound
from grantline.model.briefing import RemoveSignal, ReprocessSignal
from grantline.model.catalog import AccessPackage
from grantline.model.change import ChangeBriefing, ChangeKind, ChangeStep, PackageChange
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import Actor
from grantline.model.request import RequestType
from grantline.persistence import assignments, changes, outbox, package_grants, related
from grantline.persistence.changes import Holder
from grantline.persistence.database import Database, Transaction
from grantline.services.requests import removal
from grantline.services.requests.briefings import shortened

PAGE = 50
"""How many holders one transaction looks at; on SQLite nobody else writes meanwhile, for an eighth of a second."""

MOST_OWED = 300
"""Messages of this kind that may wait in the outbox before the walk does: others use it too."""

WORDS = {ChangeKind.ROLE_ADDED: "gives", ChangeKind.ROLE_REMOVED: "no longer gives", ChangeKind.RETIRED: "is retired"}


async def announce(
    tx: Transaction,
    package: AccessPackage,
    kind: ChangeKind,
    role: str,
    actor_id: str | None,
    *,
    reason: str | None = None,
) -> PackageChange | None:
    """Put a change on record, and have it walked, if anybody holds the package. The caller has the package locked."""
    holders = await changes.count_holders(tx, package.id)
    if not holders:
        return None
    # Which of two changes is the later one, clocks do not say that differ; the package's lock does.
    last_at, now = await changes.last_made_at(tx, package.id), utc_now()
    change = PackageChange(
        id=new_id(),
        package_id=package.id,
        package_name=package.display_name,
        kind=kind,
        role=role,
        actor_id=actor_id,
        created_at=now if last_at is None else max(now, last_at + timedelta(microseconds=1)),
        holders=holders,
        reason=reason,
    )
    await changes.add(tx, change)
    tx.post(change.id, briefing_of(change))
    return change


def briefing_of(change: PackageChange) -> ChangeBriefing:
    """Brief the workflow that walks a change."""
    return ChangeBriefing(
        change_id=change.id,
        package_id=change.package_id,
        summary=shortened(f"{change.package_name} {WORDS[change.kind]} {change.role}".rstrip()),
        holders=change.holders,
    )


async def is_crowded(db: Database) -> bool:
    """Tell whether the next page must wait until Temporal has taken more of what the last ones owe."""
    async with db.read() as tx:
        kinds = (ReprocessSignal, RemoveSignal)
        return any([await outbox.is_crowded(tx, kind, MOST_OWED) for kind in kinds])


async def advance(db: Database, change_id: str) -> ChangeStep:
    """Look at the next page of holders; say how far that is."""
    at = utc_now()
    async with db.write() as tx:
        change = await changes.load(tx, change_id, lock=True)
        if change is None:
            raise NotFound(f"There is no change {change_id} of a package.")
        if change.completed_at is None:
            change = await _walked(tx, change, at)
            await changes.save(tx, change)
            if change.completed_at is not None:
                tx.audit(_told(change, at))
        return ChangeStep(
            seen=change.seen,
            changed=change.changed,
            holders=change.holders,
            is_done=change.completed_at is not None,
            superseded_by=change.superseded_by,
        )


async def _walked(tx: Transaction, change: PackageChange, at: datetime) -> PackageChange:
    is_retired = change.kind is ChangeKind.RETIRED
    # Whoever walks later aligns what is held; only a retirement takes it away.
    if not is_retired and (later := await changes.successor(tx, change)):
        return replace(change, completed_at=at, superseded_by=later)
    actor = await _retiring(tx, change) if is_retired else None
    page = await changes.holders(tx, change.package_id, change.cursor, PAGE)
    reached = [
        await (_reach(tx, change, holder, at) if actor is None else _take(tx, change, holder, actor)) for holder in page
    ]
    return replace(
        change,
        seen=change.seen + len(page),
        changed=change.changed + sum(reached),
        cursor=page[-1].person_id if page else change.cursor,
        completed_at=at if len(page) < PAGE else None,
    )


async def _reach(tx: Transaction, change: PackageChange, holder: Holder, at: datetime) -> bool:
    """Bring one holder's reasons up to date; tell whether there was anything to do."""
    held = await assignments.load(tx, holder.assignment_id, lock=True)
    # It may have ended since the page was read; what ends is taken back whole.
    if held is None or not changes.is_held(held.assignment.state):
        return False
    if not await package_grants.align(tx, holder.assignment_id, holder.person_id, change.package_id, at):
        return False
    tx.post(holder.assignment_id, ReprocessSignal(actor_id=change.actor_id or "", reprocess_id=change.id, looks=False))
    return True


async def _retiring(tx: Transaction, change: PackageChange) -> Actor:
    """Return who retired the package, in whose name it is taken from its holders."""
    actor_id = change.actor_id or ""
    found = await related.actors_by_id(tx, [actor_id])
    if actor_id not in found:
        raise AssertionError(f"{actor_id}, who retired package {change.package_id}, is gone (this is a bug)")
    return Actor(person=found[actor_id], is_administrator=True, is_application=found[actor_id].is_application)


async def _take(tx: Transaction, change: PackageChange, holder: Holder, actor: Actor) -> bool:
    """Remove one holder's assignment; tell whether there was anything to do: it may be ending already."""
    try:
        await removal.ask_for(tx, actor, RequestType.ADMIN_REMOVE, holder.assignment_id, change.reason)
    except AssignmentEnded:
        return False
    return True


def _told(change: PackageChange, at: datetime) -> AuditEvent:
    details = {
        "change": change.id,
        "kind": change.kind.value,
        "role": change.role,
        "seen": change.seen,
        "changed": change.changed,
        "supersededBy": change.superseded_by,
    }
    return AuditEvent(
        type=EventType.PACKAGE_CHANGED,
        at=at,
        actor_id=change.actor_id,
        object_type="accessPackage",
        object_id=change.package_id,
        details=details,
    )
