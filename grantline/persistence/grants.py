"""Grants: who is to have which resource role, and for which assignments.

A grant row per (person, resource role), a reason row per assignment that needs
it. A grant is wanted exactly while it has a reason that has not ended; each
change of that raises its version, which services/assignments/provisioning.py then brings
to the target system.

One thing in a target system may be a resource of several catalogs, and so have
several role rows. They share one grant: two grants for one membership would
take it away from under each other.

Rows are locked in the order of their role ids, and of one role in that of their
own, so that two transactions wait for each other instead of deadlocking.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, select, text, update

from grantline.ambient import new_id
from grantline.model.briefing import GrantReference
from grantline.model.catalog import OWN_GROUPS
from grantline.model.fulfilment import BY_HAND
from grantline.model.person import Person
from grantline.persistence.database import Transaction
from grantline.persistence.tables import (
    Instant,
    grant_reasons,
    grants,
    package_roles,
    people,
    resource_roles,
    resources,
)

REFERENCES = (
    select(
        grants.c.id,
        resource_roles.c.origin_system,
        people.c.display_name.label("person"),
        resource_roles.c.display_name.label("role"),
        resources.c.display_name.label("resource"),
    )
    .join(grant_reasons, grant_reasons.c.grant_id == grants.c.id)
    .join(people, people.c.id == grants.c.person_id)
    .join(resource_roles, resource_roles.c.id == grants.c.role_id)
    .join(resources, resources.c.id == resource_roles.c.resource_id)
    .where(grant_reasons.c.assignment_id == bindparam("assignment_id"))
    .order_by(grants.c.role_id)
)
"""Every grant that an assignment needs or needed, for `reference`."""


async def owe(tx: Transaction, assignment_id: str, person_id: str, role_ids: Sequence[str], at: datetime) -> list[str]:
    """Give an assignment's person these roles, in the books; return the grants' ids.

    Safe to repeat, also after `release`: a reason that has ended stays ended. A
    grant that turns wanted after its access was fully taken back forgets whether
    the access existed before, since somebody may have given it by hand meanwhile.
    """
    if not role_ids:
        return []
    shared = await _shared_roles(tx, _SHARED_OF_ROLES, person_id, role_ids=sorted(set(role_ids)))
    missing = sorted(set(role_ids) - shared.keys())
    if missing:
        raise AssertionError(f"resource roles {missing} do not exist (this is a bug)")
    ids = await give(tx, assignment_id, person_id, {row.twin_id for row in shared.values()}, at)
    return list(dict.fromkeys(ids[shared[role_id].twin_id] for role_id in role_ids))


async def owe_package(
    tx: Transaction, assignment_id: str, person: Person, package_id: str, at: datetime
) -> list[GrantReference]:
    """Owe every role that a package gives today, like `owe`; return what `references` would."""
    shared = await _shared_roles(tx, SHARED_OF_PACKAGE, person.id, package_id=package_id)
    standing = {row.twin_id: row for row in shared.values()}
    if not standing:
        return []
    ids = await give(tx, assignment_id, person.id, standing, at)
    return [_reference(ids[role_id], person.display_name, standing[role_id]) for role_id in sorted(standing)]


async def release(tx: Transaction, assignment_ids: list[str], at: datetime) -> list[str]:
    """End the reasons of assignments; grants without another reason turn unwanted.

    Returns the ids of all grants of the assignments, also when it is repeated:
    the caller brings each to the target system again, which takes nothing from
    those that are still wanted.
    """
    rows = await tx.all(_LOCKED[tx.dialect], {"assignment_ids": assignment_ids})
    ids = list(dict.fromkeys(row.id for row in rows))
    if ids:
        await drop(tx, assignment_ids, ids, at)
    return ids


async def drop(tx: Transaction, assignment_ids: list[str], ids: list[str], at: datetime) -> None:
    """End the reasons of assignments for these grants, which are locked; those without another turn unwanted."""
    await tx.changed(_END_REASONS, {"assignment_ids": assignment_ids, "grant_ids": ids, "now": at})
    await tx.changed(_UNWANT, {"grant_ids": ids, "now": at})


async def references(tx: Transaction, assignment_id: str) -> list[GrantReference]:
    """Return every grant the assignment needs or needed, with a line for operators."""
    return [reference(row) for row in await tx.all(REFERENCES, {"assignment_id": assignment_id})]


def reference(row: Row[Any]) -> GrantReference:
    """Read one row of `REFERENCES`."""
    return _reference(row.id, row.person, row)


def _reference(grant_id: str, person: str, row: Row[Any]) -> GrantReference:
    return GrantReference(
        grant_id=grant_id,
        origin_system=row.origin_system,
        summary=f"{person}: {row.role} of {row.resource}",
        is_kept_here=row.origin_system == OWN_GROUPS,
        is_by_hand=row.origin_system == BY_HAND,
    )


async def _shared_roles(tx: Transaction, statement: Select[Any], person_id: str, **among: Any) -> dict[str, Row[Any]]:
    """Map each role to the one whose grant stands for all roles of the same thing in the target system.

    That is the role the person has a grant of already, else the one whose
    resource came first: two transactions at once choose the same.
    """
    shared: dict[str, Row[Any]] = {}
    for row in await tx.all(statement, {"person_id": person_id, **among}):
        shared.setdefault(row.id, row)
    return shared


async def give(
    tx: Transaction, assignment_id: str, person_id: str, role_ids: Iterable[str], at: datetime
) -> dict[str, str]:
    """Write that the assignment is a reason for these grants; return their ids by role."""
    about = {"person_id": person_id, "assignment_id": assignment_id, "at": at}
    ids: dict[str, str] = {}
    for role_id in sorted(role_ids):
        ids[role_id] = await tx.scalar(_TURN_ON, {"id": new_id(), "role_id": role_id, **about})
    await tx.execute(_ADD_REASON, [{"grant_id": id_, "assignment_id": assignment_id, "at": at} for id_ in ids.values()])
    return ids


def in_locking_order(dialect: str) -> tuple[ColumnElement[str], ...]:
    """Return what grants are sorted by before they are locked; PostgreSQL sorts text by its locale otherwise."""
    return grants.c.role_id.collate("C") if dialect == "postgresql" else grants.c.role_id, grants.c.id


def _locked(dialect: str) -> Select[tuple[str]]:
    return (
        select(grants.c.id)
        .join(grant_reasons, grant_reasons.c.grant_id == grants.c.id)
        .where(grant_reasons.c.assignment_id.in_(bindparam("assignment_ids", expanding=True)))
        .order_by(*in_locking_order(dialect))
        .with_for_update(of=grants, key_share=True)
    )


def _shared_statement(among: ColumnElement[bool]) -> Select[Any]:
    twin, own, home = resource_roles.alias("twin"), resources.alias("own"), resources.alias("home")
    is_twin = and_(
        twin.c.origin_id == resource_roles.c.origin_id,
        twin.c.origin_system == resource_roles.c.origin_system,
    )
    is_given = and_(grants.c.role_id == twin.c.id, grants.c.person_id == bindparam("person_id"))
    return (
        select(
            resource_roles.c.id,
            twin.c.id.label("twin_id"),
            twin.c.origin_system,
            twin.c.display_name.label("role"),
            home.c.display_name.label("resource"),
        )
        .join(own, own.c.id == resource_roles.c.resource_id)
        .join(twin, is_twin)
        .join(home, and_(home.c.id == twin.c.resource_id, home.c.origin_id == own.c.origin_id))
        .outerjoin(grants, is_given)
        .where(among)
        .order_by(grants.c.id.is_(None), home.c.created_at, twin.c.id)
    )


# Built once: building one costs more than running it.
_SHARED_OF_ROLES = _shared_statement(resource_roles.c.id.in_(bindparam("role_ids", expanding=True)))
SHARED_OF_PACKAGE = _shared_statement(
    resource_roles.c.id.in_(
        select(package_roles.c.role_id).where(package_roles.c.package_id == bindparam("package_id"))
    )
)

# As text: SQLAlchemy compiles its own ON CONFLICT anew each time, and both databases have the same words for it.
# A grant that exists stays as it is, unless it was unwanted and the reason is new.
# Built once: building one costs more than running it.
_LOCKED = {dialect: _locked(dialect) for dialect in ("sqlite", "postgresql")}
_END_REASONS = (
    update(grant_reasons)
    .where(
        grant_reasons.c.assignment_id.in_(bindparam("assignment_ids", expanding=True)),
        grant_reasons.c.grant_id.in_(bindparam("grant_ids", expanding=True)),
        grant_reasons.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("now", type_=Instant()))
)
_IS_NEEDED = exists().where(grant_reasons.c.grant_id == grants.c.id, grant_reasons.c.ended_at.is_(None))
_UNWANT = (
    update(grants)
    .where(grants.c.id.in_(bindparam("grant_ids", expanding=True)), grants.c.is_wanted, ~_IS_NEEDED)
    .values(is_wanted=False, version=grants.c.version + 1, changed_at=bindparam("now", type_=Instant()))
)
_IS_NEW = """NOT EXISTS (
    SELECT 1 FROM grant_reasons WHERE grant_id = grants.id AND assignment_id = :assignment_id AND ended_at IS NOT NULL
)"""
_TURNS_ON = f"NOT grants.is_wanted AND {_IS_NEW}"
_TURN_ON = text(f"""
    INSERT INTO grants (id, person_id, role_id, is_wanted, version, changed_at)
    VALUES (:id, :person_id, :role_id, true, 1, :at)
    ON CONFLICT (person_id, role_id) DO UPDATE SET
        is_wanted = grants.is_wanted OR {_IS_NEW},
        version = grants.version + CASE WHEN {_TURNS_ON} THEN 1 ELSE 0 END,
        existed_before = CASE WHEN {_TURNS_ON} AND grants.applied_version = grants.version
            THEN NULL ELSE grants.existed_before END,
        changed_at = CASE WHEN {_TURNS_ON} THEN excluded.changed_at ELSE grants.changed_at END
    RETURNING id
""").bindparams(bindparam("at", type_=Instant()))  # noqa: S608  (put together from our own words only)
_ADD_REASON = text("""
    INSERT INTO grant_reasons (grant_id, assignment_id, added_at) VALUES (:grant_id, :assignment_id, :at)
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("at", type_=Instant()))
