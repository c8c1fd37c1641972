"""What an assignment's package gives today, against what the assignment has a reason for.

Like all of the books it says what is wanted, not what was done: aligning twice
changes nothing the second time, and after any number of changes of the package
one look is enough.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select, update

from grantline.model.assignment import AssignmentState
from grantline.model.briefing import GrantReference
from grantline.persistence import grants as books
from grantline.persistence.database import Transaction
from grantline.persistence.tables import assignments, grant_reasons, grants

_STANDINGS = books.REFERENCES.add_columns(
    *(grants.c.is_wanted, grants.c.version, grants.c.applied_version, grants.c.last_error, grants.c.drifted_at),
    grant_reasons.c.ended_at.is_(None).label("is_needed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A grant of a live assignment. It is needed by this assignment, or by it no longer."""

    reference: GrantReference
    is_needed: bool
    is_wanted: bool
    is_applied: bool
    is_drifted: bool
    last_error: str | None


async def align(tx: Transaction, assignment_id: str, person_id: str, package_id: str, at: datetime) -> bool:
    """Give an assignment a reason for just what its package gives today; tell whether that changed anything.

    The assignment is live, and locked: a reason that ended with a role that came
    back begins anew, which after the assignment's own end it must not.
    """
    have = await _locked_reasons(tx, assignment_id, person_id)
    twins: dict[str, list[str]] = {}
    for row in await tx.all(books.SHARED_OF_PACKAGE, {"person_id": person_id, "package_id": package_id}):
        twins.setdefault(row.id, []).append(row.twin_id)
    missing = {each[0] for each in twins.values() if not have.keys() & set(each)}
    needed = {twin for each in twins.values() for twin in each}
    surplus = [grant_id for role_id, grant_id in have.items() if role_id not in needed]
    if missing:
        await _reopen(tx, assignment_id, person_id, missing, at)
        await books.give(tx, assignment_id, person_id, missing, at)
    if surplus:
        await books.drop(tx, [assignment_id], surplus, at)
    return bool(missing or surplus)


async def standings(tx: Transaction, assignment_id: str) -> list[Standing]:
    """Return where each grant of an assignment stands."""
    return [_standing(row) for row in await tx.all(_STANDINGS, {"assignment_id": assignment_id})]


async def held_for(tx: Transaction, grant_id: str) -> str | None:
    """Return the id of an assignment that needs a grant and is held: one whose workflow can give it again."""
    held = (AssignmentState.DELIVERED.value, AssignmentState.PARTIALLY_DELIVERED.value)
    statement = (
        select(assignments.c.id)
        .join(grant_reasons, grant_reasons.c.assignment_id == assignments.c.id)
        .where(grant_reasons.c.grant_id == grant_id, grant_reasons.c.ended_at.is_(None), assignments.c.state.in_(held))
    )
    return await tx.scalar(statement.order_by(assignments.c.created_at, assignments.c.id).limit(1))


async def forget_drift(tx: Transaction, ids: Sequence[str]) -> None:
    """Record that these grants, where they are applied, are as they should be again."""
    is_applied = grants.c.applied_version == grants.c.version
    is_noted = and_(grants.c.id.in_(ids), is_applied, grants.c.drifted_at.is_not(None))
    await tx.changed(update(grants).where(is_noted).values(drifted_at=None))


async def _locked_reasons(tx: Transaction, assignment_id: str, person_id: str) -> dict[str, str]:
    """Map role to grant where the assignment has a reason; all of the person's grants stay as they are until commit.

    All, since which of them come is not known yet, and locking more later would break the order.
    """
    everything = (
        select(grants.c.id).where(grants.c.person_id == person_id).order_by(*books.in_locking_order(tx.dialect))
    )
    await tx.all(everything.with_for_update(key_share=True))
    rows = await tx.all(
        select(grants.c.id, grants.c.role_id)
        .join(grant_reasons, grant_reasons.c.grant_id == grants.c.id)
        .where(grant_reasons.c.assignment_id == assignment_id, grant_reasons.c.ended_at.is_(None))
    )
    return {row.role_id: row.id for row in rows}


async def _reopen(tx: Transaction, assignment_id: str, person_id: str, role_ids: Collection[str], at: datetime) -> None:
    of_roles = select(grants.c.id).where(grants.c.person_id == person_id, grants.c.role_id.in_(role_ids))
    await tx.changed(
        update(grant_reasons)
        .where(
            grant_reasons.c.assignment_id == assignment_id,
            grant_reasons.c.grant_id.in_(of_roles),
            grant_reasons.c.ended_at.is_not(None),
        )
        .values(ended_at=None, added_at=at)
    )


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        reference=books.reference(row),
        is_needed=bool(row.is_needed),
        is_wanted=row.is_wanted,
        is_applied=row.applied_version == row.version,
        is_drifted=row.drifted_at is not None,
        last_error=row.last_error,
    )
