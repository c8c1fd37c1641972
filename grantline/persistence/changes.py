"""Changes of packages on record, and a package's holders page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select, text, update

from grantline.model.assignment import AssignmentState
from grantline.model.change import ChangeKind, PackageChange
from grantline.persistence import listing
from grantline.persistence.change_tables import package_changes
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page, Within
from grantline.persistence.tables import assignments, packages
from grantline.rules.permissions import Realm

# In the words of the partial index, so that it is used.
IS_LIVE = text("assignments.state <> 'expired'")


@dataclass(frozen=True, slots=True)
class Holder:
    """An assignment of the package, and who has it."""

    assignment_id: str
    person_id: str


async def add(tx: Transaction, change: PackageChange) -> None:
    """Write a new change."""
    await tx.execute(
        insert(package_changes).values(
            id=change.id,
            package_id=change.package_id,
            kind=change.kind.value,
            role=change.role,
            reason=change.reason,
            actor_id=change.actor_id,
            created_at=change.created_at,
            holders=change.holders,
            seen=0,
            changed=0,
        )
    )


async def load(tx: Transaction, change_id: str, *, lock: bool = False) -> PackageChange | None:
    """Return a change; with `lock` nobody else walks on with it until this transaction ends."""
    statement = _changes().where(package_changes.c.id == change_id)
    row = await tx.first(statement.with_for_update(of=package_changes) if lock else statement)
    return _change(row) if row else None


async def save(tx: Transaction, change: PackageChange) -> None:
    """Write how far a loaded and locked change has come."""
    await tx.changed(
        update(package_changes)
        .where(package_changes.c.id == change.id)
        .values(
            seen=change.seen,
            changed=change.changed,
            cursor=change.cursor,
            completed_at=change.completed_at,
            superseded_by=change.superseded_by,
        )
    )


async def successor(tx: Transaction, change: PackageChange) -> str | None:
    """Return the id of the latest change that the same package has seen after this one, if any.

    Whether that one is done already makes no difference: it looked at everybody after this one was made.
    """
    is_later = or_(
        package_changes.c.created_at > change.created_at,
        and_(package_changes.c.created_at == change.created_at, package_changes.c.id > change.id),
    )
    return await tx.scalar(
        select(package_changes.c.id)
        .where(package_changes.c.package_id == change.package_id, is_later)
        .order_by(package_changes.c.created_at.desc(), package_changes.c.id.desc())
        .limit(1)
    )


async def last_made_at(tx: Transaction, package_id: str) -> datetime | None:
    """Return when a package was changed last, by the clock of whoever changed it."""
    statement = select(package_changes.c.created_at).where(package_changes.c.package_id == package_id)
    return await tx.scalar(statement.order_by(package_changes.c.created_at.desc()).limit(1))


async def retirement(tx: Transaction, package_id: str) -> PackageChange | None:
    """Return the walk that took a retired package from its holders, if there were any."""
    is_one = (package_changes.c.package_id == package_id, package_changes.c.kind == ChangeKind.RETIRED.value)
    row = await tx.first(_changes().where(*is_one))
    return _change(row) if row else None


async def unfinished(tx: Transaction, made_before: datetime, limit: int) -> list[PackageChange]:
    """Return changes made before an instant that have not come to their end, oldest first."""
    statement = (
        _changes()
        .where(package_changes.c.completed_at.is_(None), package_changes.c.created_at < made_before)
        .order_by(package_changes.c.created_at)
        .limit(limit)
    )
    return [_change(row) for row in await tx.all(statement)]


async def page(tx: Transaction, realm: Realm, query: ListQuery) -> Page[PackageChange]:
    """Return one page of changes of packages in a realm, newest first."""
    key = (package_changes.c.created_at, package_changes.c.id)
    within = Within(packages.c.catalog_id, realm)
    return (await listing.page(tx, _changes(), {}, key, query, within=within)).map(_change)


async def count_holders(tx: Transaction, package_id: str) -> int:
    """Return how many hold a package."""
    return int(await tx.scalar(select(func.count()).select_from(assignments).where(*_of(package_id))))


async def holders(tx: Transaction, package_id: str, after: str | None, limit: int) -> list[Holder]:
    """Return who holds a package, in the order of the people's ids, from behind `after` on."""
    statement = select(assignments.c.id, assignments.c.target_id).where(*_of(package_id))
    if after is not None:
        statement = statement.where(assignments.c.target_id > after)
    rows = await tx.all(statement.order_by(assignments.c.target_id).limit(limit))
    return [Holder(row.id, row.target_id) for row in rows]


def is_held(state: AssignmentState) -> bool:
    """Tell whether an assignment in this state gives what its package gives: not while it ends, nor once it failed."""
    return state in (AssignmentState.DELIVERING, AssignmentState.DELIVERED, AssignmentState.PARTIALLY_DELIVERED)


def _of(package_id: str) -> tuple[ColumnElement[bool], Any]:
    return assignments.c.package_id == package_id, IS_LIVE


def _changes() -> Select[Any]:
    return select(package_changes, packages.c.display_name.label("package_name")).join(
        packages, packages.c.id == package_changes.c.package_id
    )


def _change(row: Row[Any]) -> PackageChange:
    return PackageChange(
        id=row.id,
        package_id=row.package_id,
        package_name=row.package_name,
        kind=ChangeKind(row.kind),
        role=row.role,
        reason=row.reason,
        actor_id=row.actor_id,
        created_at=row.created_at,
        holders=row.holders,
        seen=row.seen,
        changed=row.changed,
        cursor=row.cursor,
        completed_at=row.completed_at,
        superseded_by=row.superseded_by,
    )
