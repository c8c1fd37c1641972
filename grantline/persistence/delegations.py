"""Who stands in for whom, on record, and as conditions of other questions.

A delegate has no row of their own in a stage: whether somebody stands in is
read from the delegation at the instant that matters. So one that begins or ends
by time does so exactly, and one that ends leaves nothing behind.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from grantline.model.delegation import Delegation, StandIn
from grantline.model.person import Person
from grantline.persistence.database import Transaction
from grantline.persistence.delegation_tables import approval_delegations
from grantline.persistence.instants import Instant
from grantline.persistence.tables import people, requests, stage_approvers, stages

At = datetime | BindParameter[datetime]

_PERSON = ("user_principal_name", "display_name", "mail", "account_enabled")


def in_force(at: At, delegations: Any = approval_delegations) -> ColumnElement[bool]:
    """Hold for delegations that are in force at an instant."""
    ends_at = delegations.c.ends_at
    return and_(delegations.c.begins_at <= at, or_(ends_at.is_(None), ends_at > at))


def in_whose_place(person_id: str | BindParameter[str], at: At) -> Select[tuple[str]]:
    """Select the ids of those in whose place a person may decide: approvers whose own word counts."""
    return (
        select(approval_delegations.c.delegator_id)
        .join(people, people.c.id == approval_delegations.c.delegator_id)
        .where(approval_delegations.c.delegate_id == person_id, in_force(at), people.c.account_enabled)
    )


def was_open_since(at: At, delegations: Any = approval_delegations) -> ColumnElement[bool]:
    """Hold for stages that were still open when a delegation began; `requests` must be joined."""
    closed_at = func.coalesce(stages.c.decided_at, requests.c.completed_at, _instant(at))
    return closed_at >= delegations.c.begins_at


def sees_in_place(person_id: str | BindParameter[str], at: At) -> ColumnElement[bool]:
    """Hold for `requests` that somebody sees because they stand in for one who was asked, or decided in it so.

    What was settled before the delegation began is not theirs to see.
    """
    asked = (
        select(approval_delegations.c.id)
        .join(stage_approvers, stage_approvers.c.person_id == approval_delegations.c.delegator_id)
        .join(stages, stages.c.id == stage_approvers.c.stage_id)
        .where(
            stage_approvers.c.request_id == requests.c.id,
            approval_delegations.c.delegate_id == person_id,
            in_force(at),
            was_open_since(at),
        )
        .correlate(requests)
    )
    decided = (
        select(stages.c.id)
        .where(
            stages.c.request_id == requests.c.id,
            stages.c.decided_by_id == person_id,
            stages.c.decided_for_id.is_not(None),
        )
        .correlate(requests)
    )
    return or_(asked.exists(), decided.exists())


def is_anybody_away(at: At) -> ColumnElement[bool]:
    """Hold when anybody stands in for anybody, so that nothing is looked up where nobody does."""
    return select(approval_delegations.c.id).where(in_force(at)).exists()


async def stand_ins(tx: Transaction, delegator_ids: Collection[str], at: datetime) -> tuple[StandIn, ...]:
    """Return who stands in for these people at an instant."""
    if not delegator_ids:
        return ()
    statement = _whole().where(approval_delegations.c.delegator_id.in_(sorted(delegator_ids)), in_force(at))
    found = [_delegation(row) for row in await tx.all(statement)]
    return tuple(StandIn(person=one.delegate, stands_in_for=one.delegator) for one in found)


async def find(tx: Transaction, delegation_id: str) -> Delegation | None:
    """Return a delegation, if there is one."""
    row = await tx.first(_whole().where(approval_delegations.c.id == delegation_id))
    return _delegation(row) if row else None


async def of_person(tx: Transaction, person_id: str, at: datetime) -> list[Delegation]:
    """Return what a person has delegated and what was delegated to them, in force or coming, soonest first."""
    concerns = or_(
        approval_delegations.c.delegator_id == person_id,
        approval_delegations.c.delegate_id == person_id,
    )
    statement = (
        _whole().where(concerns, _lasts_past(at)).order_by(approval_delegations.c.begins_at, approval_delegations.c.id)
    )
    return [_delegation(row) for row in await tx.all(statement)]


async def overlapping(
    tx: Transaction, delegator_id: str, begins_at: datetime, ends_at: datetime | None, *, but: str = ""
) -> Delegation | None:
    """Return another delegation of the same person that holds at some instant of this time, if there is one."""
    begins_before = approval_delegations.c.begins_at < ends_at if ends_at else literal(value=True)
    statement = _whole().where(
        approval_delegations.c.delegator_id == delegator_id,
        approval_delegations.c.id != but,
        _lasts_past(begins_at),
        begins_before,
    )
    row = await tx.first(statement.limit(1))
    return _delegation(row) if row else None


async def hold(tx: Transaction, delegator_id: str) -> None:
    """Let nobody else change what this person delegates until commit. SQLite has one writer anyway."""
    if tx.dialect != "sqlite":
        await tx.execute(select(people.c.id).where(people.c.id == delegator_id).with_for_update(key_share=True))


async def add(tx: Transaction, new: Delegation) -> None:
    """Insert a delegation."""
    await tx.execute(
        insert(approval_delegations).values(
            id=new.id,
            delegator_id=new.delegator.id,
            delegate_id=new.delegate.id,
            begins_at=new.begins_at,
            ends_at=new.ends_at,
            created_at=new.created_at,
        )
    )


async def save(tx: Transaction, changed: Delegation) -> None:
    """Write a changed delegation; whose it is never changes."""
    await tx.changed(
        update(approval_delegations)
        .where(approval_delegations.c.id == changed.id)
        .values(delegate_id=changed.delegate.id, begins_at=changed.begins_at, ends_at=changed.ends_at)
    )


async def remove(tx: Transaction, delegation_id: str) -> None:
    """Forget a delegation that never was in force."""
    await tx.changed(delete(approval_delegations).where(approval_delegations.c.id == delegation_id))


def person_columns(one: Any, prefix: str) -> Sequence[Any]:
    """Return a person's columns as `person_of` reads them, and their id."""
    return (one.c.id.label(f"{prefix}_id"), *(one.c[name].label(f"{prefix}_{name}") for name in _PERSON))


def person_of(row: Row[Any], prefix: str) -> Person:
    """Read a person from the columns of `person_columns`."""
    return Person(id=getattr(row, f"{prefix}_id"), **{name: getattr(row, f"{prefix}_{name}") for name in _PERSON})


def _lasts_past(at: datetime) -> ColumnElement[bool]:
    return or_(approval_delegations.c.ends_at.is_(None), approval_delegations.c.ends_at > at)


def _instant(at: At) -> ColumnElement[Any]:
    return at if isinstance(at, BindParameter) else literal(at, Instant())


def _whole() -> Select[Any]:
    delegator, delegate = people.alias("delegator"), people.alias("delegate")
    return (
        select(
            approval_delegations.c.id,
            approval_delegations.c.begins_at,
            approval_delegations.c.ends_at,
            approval_delegations.c.created_at,
            *person_columns(delegator, "delegator"),
            *person_columns(delegate, "delegate"),
        )
        .join(delegator, delegator.c.id == approval_delegations.c.delegator_id)
        .join(delegate, delegate.c.id == approval_delegations.c.delegate_id)
    )


def _delegation(row: Row[Any]) -> Delegation:
    return Delegation(
        id=row.id,
        delegator=person_of(row, "delegator"),
        delegate=person_of(row, "delegate"),
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
    )
