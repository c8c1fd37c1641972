"""The audit trail as a list: narrowed, newest first, with the names of what its events are about.

Each way to narrow it has an index that ends in the list's order
(`audit_tables.LISTED_BY`), so a page costs what is on it, however long the trail
is. Names cost a query for each kind of thing on the page, never one for each event.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, select

from grantline.persistence import listing
from grantline.persistence.audit_tables import audit_events
from grantline.persistence.callout_tables import custom_extensions
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.tables import assignments, catalogs, groups, packages, people, policies, requests, resources

KEY = (audit_events.c.at, audit_events.c.number)
NAMED: Mapping[str, Table] = {
    "accessPackage": packages,
    "catalog": catalogs,
    "customExtension": custom_extensions,
    "group": groups,
    "person": people,
    "policy": policies,
    "resource": resources,
}
"""Where the name of an object is found, by its kind; others are told by the request or assignment they belong to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Which events; what is None narrows nothing. An `actor_id` that is empty is Grantline itself."""

    type: str | None = None
    object_type: str | None = None
    object_id: str | None = None
    actor_id: str | None = None
    request_id: str | None = None
    assignment_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a request or an assignment is about."""

    package_id: str
    package_name: str
    target_id: str
    target_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """One event as it is on record, and what the things in it are called today."""

    number: int
    type: str
    at: datetime
    actor_id: str | None
    on_behalf_of_id: str | None
    object_type: str
    object_id: str
    request_id: str | None
    assignment_id: str | None
    reason: str | None
    details: Mapping[str, Any]
    hash: str
    names: Mapping[str, str] = field(default_factory=dict)
    access: Access | None = None


async def page(tx: Transaction, wanted: Trail, query: ListQuery) -> Page[TrailLine]:
    """Return one page of the trail, newest first."""
    base = select(audit_events).where(*_conditions(wanted))
    found = await listing.page(tx, base, {}, KEY, query)
    names, accesses = await _names(tx, found.rows), await _accesses(tx, found.rows)
    return found.map(lambda row: _line(row, names, accesses))


def _conditions(wanted: Trail) -> Iterable[ColumnElement[bool]]:
    events = audit_events.c
    exact = (
        (events.type, wanted.type),
        (events.object_type, wanted.object_type),
        (events.object_id, wanted.object_id),
        (events.request_id, wanted.request_id),
        (events.assignment_id, wanted.assignment_id),
    )
    yield from (column == value for column, value in exact if value is not None)
    if wanted.actor_id is not None:
        yield events.actor_id == wanted.actor_id if wanted.actor_id else events.actor_id.is_(None)
    if wanted.since is not None:
        yield events.at >= wanted.since
    if wanted.until is not None:
        yield events.at < wanted.until


async def _names(tx: Transaction, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """Return what everybody and everything with a name of its own is called, by id."""
    wanted: dict[str, set[str]] = {
        "person": {id_ for row in rows for id_ in (row.actor_id, row.on_behalf_of_id) if id_}
    }
    for row in rows:
        if row.object_type in NAMED:
            wanted.setdefault(row.object_type, set()).add(row.object_id)
    found: dict[str, str] = {}
    for kind, ids in wanted.items():
        if ids:
            table = NAMED[kind]
            named = await tx.all(select(table.c.id, table.c.display_name).where(table.c.id.in_(ids)))
            found |= {row.id: row.display_name for row in named}
    return found


async def _accesses(tx: Transaction, rows: Sequence[Row[Any]]) -> dict[str, Access]:
    """Return what the requests and assignments in these events are about, by their ids."""
    found: dict[str, Access] = {}
    for table, name in ((requests, "request_id"), (assignments, "assignment_id")):
        ids = {getattr(row, name) for row in rows} - {None}
        if ids:
            statement = (
                select(
                    table.c.id,
                    packages.c.id.label("package_id"),
                    packages.c.display_name.label("package_name"),
                    people.c.id.label("target_id"),
                    people.c.display_name.label("target_name"),
                )
                .join(packages, packages.c.id == table.c.package_id)
                .join(people, people.c.id == table.c.target_id)
                .where(table.c.id.in_(ids))
            )
            found |= {row.id: _access(row) for row in await tx.all(statement)}
    return found


def _access(row: Row[Any]) -> Access:
    return Access(
        package_id=row.package_id,
        package_name=row.package_name,
        target_id=row.target_id,
        target_name=row.target_name,
    )


def _line(row: Row[Any], names: Mapping[str, str], accesses: Mapping[str, Access]) -> TrailLine:
    return TrailLine(
        number=row.number,
        type=row.type,
        at=row.at,
        actor_id=row.actor_id,
        on_behalf_of_id=row.on_behalf_of_id,
        object_type=row.object_type,
        object_id=row.object_id,
        request_id=row.request_id,
        assignment_id=row.assignment_id,
        reason=row.reason,
        details=row.details,
        hash=row.hash,
        names={id_: names[id_] for id_ in (row.actor_id, row.on_behalf_of_id, row.object_id) if id_ in names},
        access=accesses.get(row.request_id) or accesses.get(row.assignment_id),
    )
