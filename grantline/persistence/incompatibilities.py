"""Which packages exclude which packages and groups, and who has both.

One way, as in Entra: a package lists what its holders may not have besides.
For mutual exclusion both list each other.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    String,
    Table,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    null,
    or_,
    select,
    text,
    type_coerce,
    union_all,
)

from grantline.model.assignment import AssignmentState
from grantline.model.catalog import AccessPackage
from grantline.model.duties import Collision, CollisionKind
from grantline.model.person import Person
from grantline.persistence import groups as group_store
from grantline.persistence import listing
from grantline.persistence.catalogs import as_package
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.realms import inside
from grantline.persistence.tables import (
    OPEN_ADD,
    Instant,
    assignments,
    group_members,
    groups,
    incompatible_groups,
    incompatible_packages,
    packages,
    people,
    requests,
)
from grantline.rules.permissions import Realm


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Somebody who holds a package together with what it excludes.

    `other_assignment_id` is None when the other is a group.
    """

    target: Person
    package_id: str
    package_name: str
    assignment_id: str
    kind: CollisionKind
    other_id: str
    other_name: str
    other_assignment_id: str | None


def is_exclusive() -> ColumnElement[bool]:
    """Hold, in a statement that reads `packages`, for those that exclude anything."""
    return or_(
        exists().where(incompatible_packages.c.package_id == packages.c.id),
        exists().where(incompatible_groups.c.package_id == packages.c.id),
    )


async def hold_target(tx: Transaction, target_id: str) -> None:
    """Let nobody else judge this target's duties until commit. SQLite has one writer anyway."""
    if tx.dialect != "sqlite":
        await tx.execute(_HOLD, {"target_id": target_id})


async def collisions(
    tx: Transaction, package_id: str, target_id: str, *, asked_before: tuple[datetime, str] | None = None
) -> tuple[Collision, ...]:
    """Return what the target has, or asks for, that the package excludes.

    With `asked_before` (a request's instant and id) open requests count only if they are older.
    """
    rows = (await tx.execute(_COLLISIONS, {"package_id": package_id, "target_id": target_id})).all()
    held = {row.id for row in rows if row.kind == CollisionKind.HELD}
    return tuple(
        Collision(kind=CollisionKind(row.kind), name=row.name, object_id=row.object_id)
        for row in sorted(rows, key=lambda row: (row.kind != CollisionKind.HELD, row.kind, row.name))
        if row.kind != CollisionKind.ASKED or (row.id not in held and _is_older(row, asked_before))
    )


async def packages_held_still(tx: Transaction, ids: Collection[str]) -> dict[str, AccessPackage]:
    """Return these packages and keep them from being deleted until commit; always in the same order, so none wait."""
    statement = select(packages).where(packages.c.id.in_(sorted(ids)), packages.c.deleted_at.is_(None))
    rows = await tx.all(statement.order_by(packages.c.id).with_for_update())
    return {row.id: as_package(row) for row in rows}


def excluded_packages(package_id: str) -> Select[Any]:
    """Select the packages that a package excludes, for a list."""
    return _packages_joined(incompatible_packages.c.incompatible_id, incompatible_packages.c.package_id == package_id)


def excluding_packages(package_id: str) -> Select[Any]:
    """Select the packages that exclude a package, for a list."""
    return _packages_joined(incompatible_packages.c.package_id, incompatible_packages.c.incompatible_id == package_id)


def excluded_groups(package_id: str) -> Select[Any]:
    """Select the groups whose members may not have a package, for a list."""
    joined = select(*group_store.COLUMNS).join(incompatible_groups, incompatible_groups.c.group_id == groups.c.id)
    return joined.where(incompatible_groups.c.package_id == package_id)


async def has_package(tx: Transaction, package_id: str, other_id: str) -> bool:
    """Tell whether the package excludes the other."""
    return await _has(tx, incompatible_packages, package_id=package_id, incompatible_id=other_id)


async def has_group(tx: Transaction, package_id: str, group_id: str) -> bool:
    """Tell whether the package excludes members of the group."""
    return await _has(tx, incompatible_groups, package_id=package_id, group_id=group_id)


async def add_package(tx: Transaction, package_id: str, other_id: str, at: datetime) -> None:
    """Let a package exclude another."""
    values = {"package_id": package_id, "incompatible_id": other_id, "created_at": at}
    await tx.execute(insert(incompatible_packages).values(**values))


async def add_group(tx: Transaction, package_id: str, group_id: str, at: datetime) -> None:
    """Let a package exclude the members of a group."""
    await tx.execute(insert(incompatible_groups).values(package_id=package_id, group_id=group_id, created_at=at))


async def remove_package(tx: Transaction, package_id: str, other_id: str) -> None:
    """Let a package exclude another no more."""
    await _remove(tx, incompatible_packages, package_id=package_id, incompatible_id=other_id)


async def remove_group(tx: Transaction, package_id: str, group_id: str) -> None:
    """Let a package exclude the members of a group no more."""
    await _remove(tx, incompatible_groups, package_id=package_id, group_id=group_id)


async def forget_package(tx: Transaction, package_id: str) -> None:
    """Take a package that is deleted off every list, and with it its own."""
    pair = incompatible_packages.c
    either = or_(pair.package_id == package_id, pair.incompatible_id == package_id)
    await tx.changed(delete(incompatible_packages).where(either))
    await tx.changed(delete(incompatible_groups).where(incompatible_groups.c.package_id == package_id))


async def package_excluding(tx: Transaction, group_id: str) -> str | None:
    """Return the name of a package that excludes the members of the group, if there is one."""
    joined = select(packages.c.display_name).join(
        incompatible_groups, incompatible_groups.c.package_id == packages.c.id
    )
    return await tx.scalar(joined.where(incompatible_groups.c.group_id == group_id).limit(1))


async def overlaps(tx: Transaction, realm: Realm, query: ListQuery) -> Page[Overlap]:
    """Return one page of those who hold what excludes each other, by their names; both packages are in the realm."""
    found = union_all(_overlapping_packages(realm), _overlapping_groups(realm)).subquery("overlaps")
    key = (found.c.display_name, found.c.assignment_id, found.c.other_id)
    return (await listing.page(tx, select(found), {}, key, query)).map(_overlap)


def _is_older(row: Row[Any], asked_before: tuple[datetime, str] | None) -> bool:
    return asked_before is None or (row.since, row.object_id) < asked_before


def _overlap(row: Row[Any]) -> Overlap:
    return Overlap(
        target=Person(
            id=row.target_id,
            user_principal_name=row.user_principal_name,
            display_name=row.display_name,
            mail=row.mail,
            account_enabled=row.account_enabled,
        ),
        package_id=row.package_id,
        package_name=row.package_name,
        assignment_id=row.assignment_id,
        kind=CollisionKind(row.kind),
        other_id=row.other_id,
        other_name=row.other_name,
        other_assignment_id=row.other_assignment_id,
    )


def _packages_joined(listed: ColumnElement[str], of: ColumnElement[bool]) -> Select[Any]:
    return select(packages).join(incompatible_packages, listed == packages.c.id).where(of)


async def _has(tx: Transaction, table: Table, **pair: str) -> bool:
    return bool(await tx.scalar(select(exists().where(*_is(table, pair)))))


async def _remove(tx: Transaction, table: Table, **pair: str) -> None:
    await tx.changed(delete(table).where(*_is(table, pair)))


def _is(table: Table, pair: dict[str, str]) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in pair.items()]


def _collisions_statement() -> CompoundSelect[Any]:
    """Say "open" and "live" in the very words of the partial unique indexes, so that these are used."""
    pair, member = incompatible_packages.c, incompatible_groups.c
    package_id, target_id = bindparam("package_id"), bindparam("target_id")
    by_pair = select(packages.c.id, packages.c.display_name.label("name")).join(
        incompatible_packages, pair.incompatible_id == packages.c.id
    )
    held = (
        by_pair.add_columns(
            literal(CollisionKind.HELD.value).label("kind"),
            assignments.c.id.label("object_id"),
            assignments.c.created_at.label("since"),
        )
        .join(assignments, assignments.c.package_id == pair.incompatible_id)
        .where(pair.package_id == package_id, assignments.c.target_id == target_id, text("state <> 'expired'"))
    )
    asked = (
        by_pair.add_columns(
            literal(CollisionKind.ASKED.value), requests.c.id.label("object_id"), requests.c.created_at.label("since")
        )
        .join(requests, requests.c.package_id == pair.incompatible_id)
        .where(pair.package_id == package_id, requests.c.target_id == target_id, text(OPEN_ADD))
    )
    inside = (
        select(
            groups.c.id,
            groups.c.display_name,
            literal(CollisionKind.MEMBER.value),
            type_coerce(null(), String(36)),
            type_coerce(null(), Instant()),
        )
        .join(incompatible_groups, member.group_id == groups.c.id)
        .join(group_members, group_members.c.group_id == groups.c.id)
        .where(member.package_id == package_id, group_members.c.person_id == target_id)
    )
    return union_all(held, asked, inside)


def _holders(listed: Table, realm: Realm) -> Select[Any]:
    """Select who holds a package of the realm that has something on this list."""
    return (
        select(
            people.c.id.label("target_id"),
            people.c.user_principal_name,
            people.c.display_name,
            people.c.mail,
            people.c.account_enabled,
            packages.c.id.label("package_id"),
            packages.c.display_name.label("package_name"),
            assignments.c.id.label("assignment_id"),
        )
        .select_from(listed)
        .join(packages, packages.c.id == listed.c.package_id)
        .join(assignments, assignments.c.package_id == listed.c.package_id)
        .join(people, people.c.id == assignments.c.target_id)
        .where(assignments.c.state != AssignmentState.EXPIRED.value, inside(packages.c.catalog_id, realm))
    )


def _overlapping_packages(realm: Realm) -> Select[Any]:
    other, theirs = packages.alias("other"), assignments.alias("theirs")
    both = and_(
        theirs.c.package_id == incompatible_packages.c.incompatible_id,
        theirs.c.target_id == assignments.c.target_id,
        theirs.c.state != AssignmentState.EXPIRED.value,
    )
    return (
        _holders(incompatible_packages, realm)
        .add_columns(
            literal(CollisionKind.HELD.value).label("kind"),
            other.c.id.label("other_id"),
            other.c.display_name.label("other_name"),
            theirs.c.id.label("other_assignment_id"),
        )
        .join(theirs, both)
        .join(other, other.c.id == theirs.c.package_id)
        .where(inside(other.c.catalog_id, realm))
    )


def _overlapping_groups(realm: Realm) -> Select[Any]:
    member = and_(
        group_members.c.group_id == incompatible_groups.c.group_id,
        group_members.c.person_id == assignments.c.target_id,
    )
    return (
        _holders(incompatible_groups, realm)
        .add_columns(
            literal(CollisionKind.MEMBER.value), groups.c.id, groups.c.display_name, type_coerce(null(), String(36))
        )
        .join(group_members, member)
        .join(groups, groups.c.id == group_members.c.group_id)
    )


# Built once: building one costs more than running it.
_COLLISIONS = _collisions_statement()
# As weak as it can be and still exclude itself: new rows that name the person do not wait for it.
_HOLD = select(people.c.id).where(people.c.id == bindparam("target_id")).with_for_update(key_share=True)
