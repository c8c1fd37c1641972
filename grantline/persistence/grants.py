"""Grants: who is to have which resource role, and for which assignments.

A grant row per (person, resource role), a reason row per assignment that needs
it. A grant is wanted exactly while it has a reason that has not ended; each
change of that raises its version, which services/provisioning.py then brings
to the target system.

One thing in a target system may be a resource of several catalogs, and so have
several role rows. They share one grant: two grants for one membership would
take it away from under each other.

Rows are locked in the order of their role ids, so that two transactions about
one person wait for each other instead of deadlocking.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from grantline.ambient import new_id
from grantline.model.briefing import GrantReference
from grantline.model.catalog import OWN_GROUPS
from grantline.persistence.database import Transaction
from grantline.persistence.tables import Instant, grant_reasons, grants, people, resource_roles, resources


async def owe(tx: Transaction, assignment_id: str, person_id: str, role_ids: Sequence[str], at: datetime) -> list[str]:
    """Give an assignment's person these roles, in the books; return the grants' ids.

    Safe to repeat, also after `release`: a reason that has ended stays ended. A
    grant that turns wanted after its access was fully taken back forgets whether
    the access existed before, since somebody may have given it by hand meanwhile.
    """
    if not role_ids:
        return []
    shared = await _shared_roles(tx, person_id, role_ids)
    wanted = sorted({shared[role_id] for role_id in role_ids})
    statement = _insertion(tx).values([_fresh(person_id, role_id, at) for role_id in wanted])
    statement = statement.on_conflict_do_update(
        index_elements=["person_id", "role_id"], set_=_turned_on(assignment_id, at)
    ).returning(grants.c.role_id, grants.c.id)
    ids = {row.role_id: row.id for row in await tx.all(statement)}
    reasons = [{"grant_id": ids[role_id], "assignment_id": assignment_id, "added_at": at} for role_id in wanted]
    await tx.execute(_reason_insertion(tx).values(reasons).on_conflict_do_nothing())
    return list(dict.fromkeys(ids[shared[role_id]] for role_id in role_ids))


async def release(tx: Transaction, assignment_id: str, at: datetime) -> list[str]:
    """End an assignment's reasons; grants without another reason turn unwanted.

    Returns the ids of all grants of the assignment, also when it is repeated:
    the caller brings each to the target system again, which takes nothing from
    those that are still wanted.
    """
    ids = [row.id for row in await tx.all(_locked(tx, assignment_id))]
    if not ids:
        return []
    await tx.changed(
        update(grant_reasons)
        .where(grant_reasons.c.assignment_id == assignment_id, grant_reasons.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    needed = exists().where(grant_reasons.c.grant_id == grants.c.id, grant_reasons.c.ended_at.is_(None))
    await tx.changed(
        update(grants)
        .where(grants.c.id.in_(ids), grants.c.is_wanted, ~needed)
        .values(is_wanted=False, version=grants.c.version + 1, changed_at=at)
    )
    return ids


async def references(tx: Transaction, assignment_id: str) -> list[GrantReference]:
    """Return every grant the assignment needs or needed, with a line for operators."""
    rows = await tx.all(
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
        .where(grant_reasons.c.assignment_id == assignment_id)
        .order_by(grants.c.role_id)
    )
    return [
        GrantReference(
            grant_id=row.id,
            origin_system=row.origin_system,
            summary=f"{row.person}: {row.role} of {row.resource}",
            is_kept_here=row.origin_system == OWN_GROUPS,
        )
        for row in rows
    ]


async def _shared_roles(tx: Transaction, person_id: str, role_ids: Sequence[str]) -> dict[str, str]:
    """Map each role to the one whose grant stands for all roles of the same thing in the target system.

    That is the role the person has a grant of already, else the one whose
    resource came first: two transactions at once choose the same.
    """
    twin, own, home = resource_roles.alias("twin"), resources.alias("own"), resources.alias("home")
    statement = (
        select(resource_roles.c.id, twin.c.id.label("twin_id"))
        .join(own, own.c.id == resource_roles.c.resource_id)
        .join(
            twin,
            and_(
                twin.c.origin_id == resource_roles.c.origin_id,
                twin.c.origin_system == resource_roles.c.origin_system,
            ),
        )
        .join(home, and_(home.c.id == twin.c.resource_id, home.c.origin_id == own.c.origin_id))
        .outerjoin(grants, and_(grants.c.role_id == twin.c.id, grants.c.person_id == person_id))
        .where(resource_roles.c.id.in_(set(role_ids)))
        .order_by(grants.c.id.is_(None), home.c.created_at, twin.c.id)
    )
    shared: dict[str, str] = {}
    for row in await tx.all(statement):
        shared.setdefault(row.id, row.twin_id)
    missing = sorted(set(role_ids) - shared.keys())
    if missing:
        raise AssertionError(f"resource roles {missing} do not exist (this is a bug)")
    return shared


def _insertion(tx: Transaction) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(grants) if tx.dialect == "postgresql" else sqlite.insert(grants)


def _reason_insertion(tx: Transaction) -> "postgresql.Insert | sqlite.Insert":
    return postgresql.insert(grant_reasons) if tx.dialect == "postgresql" else sqlite.insert(grant_reasons)


def _fresh(person_id: str, role_id: str, at: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "person_id": person_id,
        "role_id": role_id,
        "is_wanted": True,
        "version": 1,
        "changed_at": at,
    }


def _turned_on(assignment_id: str, at: datetime) -> dict[str, ColumnElement[Any]]:
    """Return what becomes of a grant that exists: nothing, unless it was unwanted and the reason is new."""
    ended = select(grant_reasons.c.grant_id).where(
        grant_reasons.c.assignment_id == assignment_id, grant_reasons.c.ended_at.is_not(None)
    )
    is_new = grants.c.id.not_in(ended)
    turns_on = and_(~grants.c.is_wanted, is_new)
    was_taken_back = grants.c.applied_version == grants.c.version
    return {
        "is_wanted": or_(grants.c.is_wanted, is_new),
        "version": grants.c.version + case((turns_on, 1), else_=0),
        "existed_before": case((and_(turns_on, was_taken_back), None), else_=grants.c.existed_before),
        "changed_at": case((turns_on, literal(at, Instant())), else_=grants.c.changed_at),
    }


def _locked(tx: Transaction, assignment_id: str) -> Select[tuple[str]]:
    by_role = grants.c.role_id.collate("C") if tx.dialect == "postgresql" else grants.c.role_id
    return (
        select(grants.c.id)
        .join(grant_reasons, grant_reasons.c.grant_id == grants.c.id)
        .where(grant_reasons.c.assignment_id == assignment_id)
        .order_by(by_role)
        .with_for_update(of=grants, key_share=True)
    )
