"""Grants as pages read them: what is wanted, what is known to be so, for which reasons, and what failed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, literal, select, text

from grantline.model.event import EventType
from grantline.model.person import Person
from grantline.persistence import assignment_lists, listing
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page, Within
from grantline.persistence.tables import (
    OVERDUE,
    assignments,
    audit_events,
    grant_reasons,
    grants,
    packages,
    people,
    resource_roles,
    resources,
)
from grantline.rules.permissions import Realm

# In the very words of the partial index, or SQLite does not use it.
IS_OVERDUE = text(re.sub(r"\b(is_wanted|applied_version|version)\b", r"grants.\1", OVERDUE))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonLine:
    """An assignment that needs a grant, or needed it until `ended_at`."""

    assignment_id: str
    package_id: str
    package_name: str
    added_at: datetime
    ended_at: datetime | None
    is_visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantLine:
    """One grant with everything that is known about it."""

    id: str
    person: Person
    role: str
    resource: str
    origin_system: str
    is_wanted: bool
    is_applied: bool
    existed_before: bool | None
    last_error: str | None
    changed_at: datetime
    reasons: tuple[ReasonLine, ...] = ()
    failures: int = 0
    drifted_at: datetime | None = None


async def of_assignment(tx: Transaction, assignment_id: str, viewer_id: str | None) -> list[GrantLine]:
    """Return the grants that an assignment needs or needed; None as viewer sees every reason."""
    of_it = select(grant_reasons.c.grant_id).where(grant_reasons.c.assignment_id == assignment_id)
    rows = await tx.all(_lines().where(grants.c.id.in_(of_it)).order_by(grants.c.role_id))
    return await _completed(tx, [_line(row) for row in rows], viewer_id)


async def overdue(tx: Transaction, realm: Realm, unwanted_before: datetime, query: ListQuery) -> Page[GrantLine]:
    """Return one page of grants that nobody needs since before an instant and that may still be there, oldest first."""
    base = _lines().where(IS_OVERDUE, grants.c.changed_at < unwanted_before)
    found = await listing.page(tx, base, {}, (grants.c.changed_at.asc(), grants.c.id), query, within=_within(realm))
    return replace(found.map(_line), rows=tuple(await _completed(tx, found.map(_line).rows, None)))


async def drifted(tx: Transaction, realm: Realm, query: ListQuery) -> Page[GrantLine]:
    """Return one page of grants that their target systems are known to show otherwise, longest first."""
    base = _lines().where(text("grants.drifted_at IS NOT NULL"))
    found = await listing.page(tx, base, {}, (grants.c.drifted_at.asc(), grants.c.id), query, within=_within(realm))
    return replace(found.map(_line), rows=tuple(await _completed(tx, found.map(_line).rows, None)))


async def _completed(tx: Transaction, lines: Sequence[GrantLine], viewer_id: str | None) -> list[GrantLine]:
    ids = [line.id for line in lines]
    if not ids:
        return []
    reasons = await _reasons(tx, ids, viewer_id)
    failures = await _failures(tx, ids)
    return [replace(line, reasons=tuple(reasons.get(line.id, ())), failures=failures.get(line.id, 0)) for line in lines]


async def _reasons(tx: Transaction, ids: Iterable[str], viewer_id: str | None) -> dict[str, list[ReasonLine]]:
    may_see = literal(value=True) if viewer_id is None else assignment_lists.may_see(viewer_id)
    statement = (
        select(
            grant_reasons,
            assignments.c.package_id,
            packages.c.display_name.label("package_name"),
            may_see.label("is_visible"),
        )
        .join(assignments, assignments.c.id == grant_reasons.c.assignment_id)
        .join(packages, packages.c.id == assignments.c.package_id)
        .where(grant_reasons.c.grant_id.in_(list(ids)))
        .order_by(grant_reasons.c.added_at, grant_reasons.c.assignment_id)
    )
    found: dict[str, list[ReasonLine]] = {}
    for row in await tx.all(statement):
        reason = ReasonLine(
            assignment_id=row.assignment_id,
            package_id=row.package_id,
            package_name=row.package_name,
            added_at=row.added_at,
            ended_at=row.ended_at,
            is_visible=bool(row.is_visible),
        )
        found.setdefault(row.grant_id, []).append(reason)
    return found


async def _failures(tx: Transaction, ids: Sequence[str]) -> dict[str, int]:
    statement = (
        select(audit_events.c.object_id, func.count().label("failures"))
        .where(audit_events.c.object_id.in_(ids), audit_events.c.type == EventType.GRANT_FAILED.value)
        .group_by(audit_events.c.object_id)
    )
    return {row.object_id: row.failures for row in await tx.all(statement)}


def _within(realm: Realm) -> Within:
    return Within(resources.c.catalog_id, realm)


def _lines() -> Select[Any]:
    return (
        select(
            grants,
            resource_roles.c.origin_system,
            resource_roles.c.display_name.label("role"),
            resources.c.display_name.label("resource"),
            people.c.user_principal_name,
            people.c.display_name.label("person"),
        )
        .join(people, people.c.id == grants.c.person_id)
        .join(resource_roles, resource_roles.c.id == grants.c.role_id)
        .join(resources, resources.c.id == resource_roles.c.resource_id)
    )


def _line(row: Row[Any]) -> GrantLine:
    return GrantLine(
        id=row.id,
        person=Person(id=row.person_id, user_principal_name=row.user_principal_name, display_name=row.person),
        role=row.role,
        resource=row.resource,
        origin_system=row.origin_system,
        is_wanted=row.is_wanted,
        is_applied=row.applied_version == row.version,
        existed_before=row.existed_before,
        last_error=row.last_error,
        changed_at=row.changed_at,
        drifted_at=row.drifted_at,
    )
