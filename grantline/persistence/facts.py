"""The facts of a judgement, gathered in two reads however many policies and approvers there are.

The statements are built once; only their parameters differ.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import CTE, Integer, Row, Select, String, bindparam, literal, null, select, text, type_coerce, union_all

from grantline.ambient import utc_now
from grantline.model.catalog import OWN_GROUPS, AccessPackage, Catalog, CatalogState
from grantline.model.person import Person
from grantline.model.policy import Policy
from grantline.persistence import delegations, incompatibilities, policy_codec
from grantline.persistence.database import Transaction
from grantline.persistence.instants import Instant
from grantline.persistence.owner_tables import group_owners
from grantline.persistence.tables import (
    OPEN_ADD,
    assignments,
    catalogs,
    group_members,
    idempotency_keys,
    package_roles,
    packages,
    people,
    person_sponsors,
    policies,
    requests,
    resource_roles,
    resources,
)
from grantline.rules.approvers import People
from grantline.rules.case import LONGEST_LINE

PERSON = (
    people.c.id,
    people.c.user_principal_name,
    people.c.display_name,
    people.c.mail,
    people.c.job_title,
    people.c.department,
    people.c.employee_id,
    people.c.account_enabled,
    people.c.manager_id,
)

SPONSORS = "sponsors"
"""In place of a group's id: the target's sponsors."""

OWNERS = "owners"
"""In place of a group's id: who owns the groups that a package gives a role in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPackage:
    """A package with its catalog and policies, and what one target has of it or asks for.

    `is_exclusive` tells that it may not be held together with something else,
    `is_anybody_away` that somebody stands in for somebody now.
    `repeated_request_id` and `repeated_body_hash` are set when the caller used
    the idempotency key before.
    """

    package: AccessPackage
    catalog: Catalog
    policies: tuple[Policy, ...]
    is_exclusive: bool
    is_anybody_away: bool
    open_request_id: str | None
    live_assignment_id: str | None
    live_assignment_state: str | None
    repeated_request_id: str | None
    repeated_body_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Everybody a judgement looks at: by id, the target's line and sponsors, members of groups, owners of resources."""

    by_id: dict[str, Person] = field(default_factory=dict)
    line: tuple[Person, ...] = ()
    groups: dict[str, tuple[Person, ...]] = field(default_factory=dict)
    memberships: frozenset[tuple[str, str]] = frozenset()
    sponsors: tuple[Person, ...] = ()
    resource_owners: tuple[Person, ...] = ()

    def approver_facts(self, requestor_id: str, target_id: str, owners: Sequence[Person] = ()) -> People:
        """Return what the rules about approvers want to know."""
        return People(
            requestor_id=requestor_id,
            target_id=target_id,
            managers=self.line,
            named=self.by_id,
            groups=self.groups,
            owners=tuple(owners),
            sponsors=self.sponsors,
            resource_owners=self.resource_owners,
        )


async def about_package(
    tx: Transaction, package_id: str, target_id: str, *, actor_id: str = "", key: str = ""
) -> AboutPackage | None:
    """Read all about the package in one statement; None when there is none, or it was deleted."""
    parameters = {"package_id": package_id, "target_id": target_id, "actor_id": actor_id, "key": key}
    rows = (await tx.execute(_PACKAGE, parameters | {"now": utc_now()})).all()
    if not rows:
        return None
    row = rows[0]
    return AboutPackage(
        package=AccessPackage(
            id=row.id,
            catalog_id=row.catalog_id,
            display_name=row.display_name,
            description=row.description,
            is_hidden=row.is_hidden,
            created_at=row.created_at,
            modified_at=row.modified_at,
            retired_at=row.retired_at,
        ),
        catalog=Catalog(
            id=row.catalog_id,
            display_name=row.catalog_display_name,
            description=row.catalog_description,
            state=CatalogState(row.catalog_state),
            is_externally_visible=row.catalog_is_externally_visible,
            created_at=row.catalog_created_at,
            modified_at=row.catalog_modified_at,
        ),
        policies=tuple(policy_codec.decode(one, "policy_") for one in rows if one.policy_id is not None),
        is_exclusive=bool(row.is_exclusive),
        is_anybody_away=bool(row.is_anybody_away),
        open_request_id=row.open_request_id,
        live_assignment_id=row.live_assignment_id,
        live_assignment_state=row.live_assignment_state,
        repeated_request_id=row.repeated_request_id,
        repeated_body_hash=row.repeated_body_hash,
    )


async def person_id_by_mail(tx: Transaction, mail: str) -> str | None:
    """Return the id of the one person with this mail address; sign-in names count when nobody has it as mail."""
    key = mail.strip().lower()
    rows = await tx.all(select(people.c.id).where(people.c.mail_key == key).limit(2))
    if len(rows) == 1:
        return rows[0].id
    return await tx.scalar(select(people.c.id).where(people.c.user_key == key))


async def person(tx: Transaction, person_id: str) -> Person | None:
    """Return a person, if there is one."""
    row = await tx.first(select(*PERSON).where(people.c.id == person_id))
    return _person(row) if row else None


async def crowd(
    tx: Transaction,
    target_id: str,
    *,
    people_ids: Collection[str] = (),
    member_groups: Collection[str] = (),
    asked_groups: Collection[str] = (),
    asked_people: Collection[str] = (),
    sponsors: bool = False,
    owners_of: str | None = None,
) -> Crowd:
    """Read the target with its line, the people named, and group members, in one statement.

    Of `member_groups` everybody is read, of `asked_groups` only who of
    `asked_people` is in them. `owners_of` is a package: the owners of the
    groups that it gives a role in are read. Groups, sponsors and owners cost nothing where none is named.
    """
    statement = _crowd_statement(
        bool(people_ids), bool(member_groups), bool(asked_groups), sponsors, owners_of is not None
    )
    parameters: dict[str, Any] = {"target_id": target_id}
    if people_ids:
        parameters["people_ids"] = sorted(people_ids)
    if member_groups:
        parameters["member_groups"] = sorted(member_groups)
    if asked_groups:
        parameters |= {"asked_groups": sorted(asked_groups), "asked_people": sorted(asked_people)}
    if owners_of is not None:
        parameters["owned_package"] = owners_of
    return _crowd_of((await tx.execute(statement, parameters)).all())


async def people_by_user_name(tx: Transaction, user_names: Collection[str]) -> list[Person]:
    """Return the people with these sign-in names, in the order of the names."""
    keys = sorted({name.lower() for name in user_names})
    if not keys:
        return []
    rows = await tx.all(select(*PERSON).where(people.c.user_key.in_(keys)).order_by(people.c.user_key))
    return [_person(row) for row in rows]


def _crowd_of(rows: Sequence[Row[Any]]) -> Crowd:
    by_id: dict[str, Person] = {}
    depths: dict[int, Person] = {}
    groups: dict[str, list[Person]] = {}
    for row in rows:
        person = by_id.setdefault(row.id, _person(row))
        if row.depth is not None:
            depths[row.depth] = person
        if row.group_id is not None:
            groups.setdefault(row.group_id, []).append(person)
    sponsors, owners = groups.pop(SPONSORS, []), groups.pop(OWNERS, [])
    return Crowd(
        by_id=by_id,
        line=_line(depths),
        groups={group_id: tuple(members) for group_id, members in groups.items()},
        memberships=frozenset((group_id, member.id) for group_id, members in groups.items() for member in members),
        sponsors=tuple(sponsors),
        resource_owners=tuple(owners),
    )


def _line(depths: dict[int, Person]) -> tuple[Person, ...]:
    """Order the target's managers; a line that comes back to somebody ends there."""
    line: list[Person] = []
    seen = {depths[0].id} if 0 in depths else set()
    for depth in sorted(depths)[1:]:
        if depths[depth].id in seen:
            break
        seen.add(depths[depth].id)
        line.append(depths[depth])
    return tuple(line)


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        user_principal_name=row.user_principal_name,
        display_name=row.display_name,
        mail=row.mail,
        job_title=row.job_title,
        department=row.department,
        employee_id=row.employee_id,
        account_enabled=row.account_enabled,
        manager_id=row.manager_id,
    )


def _package_statement() -> Select[Any]:
    """Say "open" and "live" in the very words of the partial unique indexes, so that these are used."""
    is_open = (
        (requests.c.package_id == packages.c.id) & (requests.c.target_id == bindparam("target_id")) & text(OPEN_ADD)
    )
    is_live = (
        (assignments.c.package_id == packages.c.id)
        & (assignments.c.target_id == bindparam("target_id"))
        & text("state <> 'expired'")
    )
    is_repeat = (idempotency_keys.c.actor_id == bindparam("actor_id")) & (idempotency_keys.c.key == bindparam("key"))
    return (
        select(
            packages,
            *(column.label(f"catalog_{column.name}") for column in catalogs.c if column.name != "id"),
            *(column.label(f"policy_{column.name}") for column in policies.c),
            incompatibilities.is_exclusive().label("is_exclusive"),
            delegations.is_anybody_away(bindparam("now", type_=Instant())).label("is_anybody_away"),
            select(requests.c.id).where(is_open).scalar_subquery().label("open_request_id"),
            select(assignments.c.id).where(is_live).scalar_subquery().label("live_assignment_id"),
            select(assignments.c.state).where(is_live).scalar_subquery().label("live_assignment_state"),
            select(idempotency_keys.c.request_id).where(is_repeat).scalar_subquery().label("repeated_request_id"),
            select(idempotency_keys.c.body_hash).where(is_repeat).scalar_subquery().label("repeated_body_hash"),
        )
        .join(catalogs, catalogs.c.id == packages.c.catalog_id)
        .outerjoin(policies, policies.c.package_id == packages.c.id)
        .where(packages.c.id == bindparam("package_id"), packages.c.deleted_at.is_(None))
        .order_by(policies.c.created_at, policies.c.id)
    )


def _line_of_target() -> CTE:
    """The target at depth 0, then manager by manager; the limit also ends a circle."""
    line = (
        select(people.c.id, literal(0).label("depth"))
        .where(people.c.id == bindparam("target_id"))
        .cte("line", recursive=True)
    )
    return line.union_all(
        select(people.c.manager_id, line.c.depth + 1)
        .join(line, people.c.id == line.c.id)
        .where(people.c.manager_id.is_not(None), line.c.depth < LONGEST_LINE)
    )


@cache
def _crowd_statement(
    names_people: bool,  # noqa: FBT001  (a shape)
    names_members: bool,  # noqa: FBT001
    asks_groups: bool,  # noqa: FBT001
    asks_sponsors: bool,  # noqa: FBT001
    asks_owners: bool,  # noqa: FBT001
) -> Any:
    no_depth, no_group = type_coerce(null(), Integer).label("depth"), type_coerce(null(), String(36)).label("group_id")
    line = _line_of_target()
    arms = [select(*PERSON, line.c.depth, no_group).join(line, line.c.id == people.c.id)]
    if names_people:
        arms.append(select(*PERSON, no_depth, no_group).where(people.c.id.in_(_many("people_ids"))))
    members = select(*PERSON, no_depth, group_members.c.group_id).join(
        group_members, group_members.c.person_id == people.c.id
    )
    if names_members:
        arms.append(members.where(group_members.c.group_id.in_(_many("member_groups"))))
    if asks_groups:
        arms.append(
            members.where(
                group_members.c.group_id.in_(_many("asked_groups")),
                group_members.c.person_id.in_(_many("asked_people")),
            )
        )
    if asks_sponsors:
        arms.append(
            select(*PERSON, no_depth, literal(SPONSORS).label("group_id"))
            .join(person_sponsors, person_sponsors.c.sponsor_id == people.c.id)
            .where(person_sponsors.c.person_id == bindparam("target_id"))
        )
    if asks_owners:
        arms.append(
            select(*PERSON, no_depth, literal(OWNERS).label("group_id")).where(people.c.id.in_(_owners_of_package()))
        )
    return union_all(*arms)


def _owners_of_package() -> Select[Any]:
    """Select the ids of who owns a group that the package gives a role in."""
    return (
        select(group_owners.c.person_id)
        .join(resources, resources.c.origin_id == group_owners.c.group_id)
        .join(resource_roles, resource_roles.c.resource_id == resources.c.id)
        .join(package_roles, package_roles.c.role_id == resource_roles.c.id)
        .where(
            package_roles.c.package_id == bindparam("owned_package"),
            resources.c.origin_system == OWN_GROUPS,
            resources.c.deleted_at.is_(None),
        )
    )


def _many(name: str) -> Any:
    return bindparam(name, expanding=True)


_PACKAGE = _package_statement()
