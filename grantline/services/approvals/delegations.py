"""Delegating: naming, changing and ending who stands in for an approver.

Nothing is moved when a delegation begins or ends. Who may decide is read from
it whenever that is asked, so it covers what waits already and ends to the instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from grantline.ambient import new_id, utc_now
from grantline.errors import Conflict, InvalidInput, NotAllowed, NotFound
from grantline.model.delegation import Delegation
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import Actor, Person
from grantline.persistence import delegations, people
from grantline.persistence.database import Database, Transaction
from grantline.rules.permissions import Part, Task, may
from grantline.rules.times import iso
from grantline.services.sending import mailing

KEEP = "keep"
"""In a change: leave this time as it is. None as end means: until it is ended by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be otherwise with a delegation."""

    delegate_id: str | None = None
    begins_at: datetime | None = None
    ends_at: datetime | str | None = KEEP


async def delegate(
    db: Database,
    actor: Actor,
    delegate_id: str,
    *,
    delegator_id: str | None = None,
    begins_at: datetime | None = None,
    ends_at: datetime | None = None,
) -> Delegation:
    """Let somebody stand in for the actor, or, by an administrator, for another; a start that is past means now.

    Raises:
        NotAllowed: only administrators do it for others.
        InvalidInput: no such person, themselves, a disabled account, or times that contradict each other.
        Conflict: somebody else stands in at that time already.
    """
    now = utc_now()
    async with db.write() as tx:
        delegator = await _delegator(tx, actor, delegator_id)
        new = Delegation(
            id=new_id(),
            delegator=delegator,
            delegate=await _delegate(tx, delegator, delegate_id),
            begins_at=max(begins_at or now, now),
            ends_at=ends_at,
            created_at=now,
        )
        await _require_fit(tx, new, now)
        await delegations.add(tx, new)
        mailing.named_as_delegate(tx, new)
        _record(tx, actor, EventType.DELEGATION_CREATED, new)
        return new


async def of_person(db: Database, actor: Actor, person_id: str | None = None) -> Sequence[Delegation]:
    """Return what is in force or coming for the actor, on either side; another person's for administrators.

    Raises:
        NotAllowed: it is not the actor's, who is no administrator.
        InvalidInput: there is no such person.
    """
    async with db.read() as tx:
        person = await _delegator(tx, actor, person_id)
        return await delegations.of_person(tx, person.id, utc_now())


async def read(db: Database, actor: Actor, delegation_id: str) -> Delegation:
    """Return a delegation to either side of it, and to administrators.

    Raises:
        NotFound: there is none, or not for the actor.
    """
    async with db.read() as tx:
        return await _seen(tx, actor, delegation_id)


async def change(db: Database, actor: Actor, delegation_id: str, wanted: Change) -> Delegation:
    """Change delegate or times of a delegation that is not over.

    Raises:
        NotFound, NotAllowed: it is not there, or not the actor's.
        InvalidInput, Conflict: as for a new one; and what has begun does not begin again.
    """
    now = utc_now()
    async with db.write() as tx:
        old = await _own(tx, actor, delegation_id, now)
        new = replace(
            old,
            delegate=await _delegate(tx, old.delegator, wanted.delegate_id) if wanted.delegate_id else old.delegate,
            begins_at=_begins(old, wanted.begins_at, now),
            ends_at=old.ends_at if isinstance(wanted.ends_at, str) else wanted.ends_at,
        )
        if new == old:
            return old
        await _require_fit(tx, new, now)
        await delegations.save(tx, new)
        mailing.named_as_delegate(tx, new)
        _record(tx, actor, EventType.DELEGATION_CHANGED, new, before=_told(old))
        return new


async def end(db: Database, actor: Actor, delegation_id: str) -> None:
    """End a delegation now; one that has not begun is forgotten.

    Raises:
        NotFound, NotAllowed: it is not there, or not the actor's.
    """
    now = utc_now()
    async with db.write() as tx:
        old = await _own(tx, actor, delegation_id, now)
        if old.begins_at < now:
            await delegations.save(tx, replace(old, ends_at=now))
        else:
            await delegations.remove(tx, old.id)
        _record(tx, actor, EventType.DELEGATION_ENDED, replace(old, ends_at=now))


async def _delegator(tx: Transaction, actor: Actor, person_id: str | None) -> Person:
    if person_id is None or person_id == actor.id:
        return actor.person
    if not may(actor, Task.DELEGATE):
        raise NotAllowed(
            f"{actor.person} may only delegate and look up their own approvals; an administrator may do it for others.",
            target="delegatorId",
        )
    found = await people.find(tx, person_id)
    if found is None:
        raise InvalidInput(f"There is no user {person_id!r} who could delegate.", target="delegatorId")
    return found.person


async def _delegate(tx: Transaction, delegator: Person, person_id: str) -> Person:
    found = await people.find(tx, person_id)
    if found is None:
        raise InvalidInput(f"There is no user {person_id!r} who could stand in.", target="delegateId")
    person = found.person
    if person.id == delegator.id:
        raise InvalidInput(f"{delegator} cannot stand in for themselves; name somebody else.", target="delegateId")
    if not person.account_enabled:
        raise InvalidInput(f"The account of {person} is disabled; name somebody else.", target="delegateId")
    return person


def _begins(old: Delegation, wanted: datetime | None, now: datetime) -> datetime:
    if wanted is None or wanted == old.begins_at:
        return old.begins_at
    if old.begins_at <= now:
        raise InvalidInput(
            f"The delegation has been in force since {iso(old.begins_at)}; end it and name somebody anew.",
            target="startDateTime",
        )
    return max(wanted, now)


async def _require_fit(tx: Transaction, new: Delegation, now: datetime) -> None:
    if new.ends_at is not None and new.ends_at <= max(new.begins_at, now):
        raise InvalidInput(
            f"endDateTime {iso(new.ends_at)} must be after {iso(max(new.begins_at, now))}, from when on it holds; "
            "leave it out for no end.",
            target="endDateTime",
        )
    await delegations.hold(tx, new.delegator.id)
    other = await delegations.overlapping(tx, new.delegator.id, new.begins_at, new.ends_at, but=new.id)
    if other is not None:
        until = f" until {iso(other.ends_at)}" if other.ends_at else ", without an end"
        raise Conflict(
            f"{other.delegate} stands in for {new.delegator} from {iso(other.begins_at)}{until}, by delegation "
            f"{other.id}; one person at a time does. Change or end that one first."
        )


async def _seen(tx: Transaction, actor: Actor, delegation_id: str) -> Delegation:
    found = await delegations.find(tx, delegation_id)
    if found is None or not may(actor, Task.SEE_DELEGATION, parts=_parts(actor, found)):
        raise NotFound(f"There is no delegation {delegation_id!r} that you may see.")
    return found


def _parts(actor: Actor, found: Delegation) -> set[Part]:
    sides = {Part.DELEGATOR: found.delegator.id, Part.DELEGATE: found.delegate.id}
    return {part for part, person_id in sides.items() if person_id == actor.id}


async def _own(tx: Transaction, actor: Actor, delegation_id: str, now: datetime) -> Delegation:
    found = await _seen(tx, actor, delegation_id)
    if not may(actor, Task.DELEGATE, parts=_parts(actor, found)):
        raise NotAllowed(
            f"{actor.person} may not change what {found.delegator} delegated; they or an administrator may."
        )
    # Under this lock, so that two changes at one instant come one after the other.
    await delegations.hold(tx, found.delegator.id)
    found = await _seen(tx, actor, delegation_id)
    if found.is_over(now):
        raise Conflict(f"The delegation {found.id} has ended; nothing about it can change. Name somebody anew.")
    return found


def _record(tx: Transaction, actor: Actor, kind: EventType, told: Delegation, **more: Any) -> None:
    delegator_id = told.delegator.id
    tx.audit(
        AuditEvent(
            type=kind,
            at=utc_now(),
            actor_id=actor.id,
            on_behalf_of_id=delegator_id if delegator_id != actor.id else None,
            object_type="delegation",
            object_id=told.id,
            details={"delegator": delegator_id, **_told(told), **more},
        )
    )


def _told(one: Delegation) -> dict[str, Any]:
    return {
        "delegate": one.delegate.id,
        "beginsAt": one.begins_at.isoformat(),
        "endsAt": one.ends_at.isoformat() if one.ends_at else None,
    }
