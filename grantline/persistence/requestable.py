"""Who may ask for which package, answered by the database in one statement.

The same question that `rules` judges at submit, asked the other way round: not
"may she?" but "what may she?", for a page of a list. A policy opens a package to
somebody who may ask for themselves, or for at least one person in its scope.

Every way of naming people ends in an id that stands in `policy_subjects`: a
person's own, a group's, or the empty one for everyone. So a person is compared
by their *marks*: the ids that stand for them.
"""

from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Select, and_, func, literal, or_, select, union_all

from grantline.model.catalog import CatalogState
from grantline.persistence.database import Transaction
from grantline.persistence.packages import all_packages
from grantline.persistence.policies import REQUESTOR, SELF, TARGET
from grantline.persistence.tables import catalogs, group_members, packages, people, policies, policy_subjects

MOST_LEVELS = 4
"""Steps up the line that a policy can name."""

ONCE = "MATERIALIZED"
"""Have a part of the statement worked out once: both databases would otherwise do it again per row."""


def requestable_packages(actor_id: str, *, for_id: str | None = None, within: str | None = None) -> Select[Any]:
    """Select the packages a person may ask for: for anybody, or only for one person, who may be themselves.

    Hidden packages are among them: whoever has the link may ask. `within` spares
    looking further than one package.
    """
    ids = requestable_policies(actor_id, for_id=for_id, within=within)
    opened = select(policies.c.package_id).where(policies.c.id.in_(ids))
    published = select(catalogs.c.id).where(
        catalogs.c.state == CatalogState.PUBLISHED.value, catalogs.c.deleted_at.is_(None)
    )
    return all_packages().where(
        packages.c.id.in_(opened), packages.c.catalog_id.in_(published), packages.c.retired_at.is_(None)
    )


async def is_requestable(tx: Transaction, actor_id: str, package_id: str) -> bool:
    """Tell whether a person may ask for a package, for anybody."""
    statement = requestable_packages(actor_id, within=package_id).where(packages.c.id == package_id)
    return bool(await tx.scalar(select(statement.exists())))


def listed_packages(actor_id: str, *, for_id: str | None = None) -> Select[Any]:
    """Select what a person finds in the list: what they may ask for, less what is hidden."""
    return requestable_packages(actor_id, for_id=for_id).where(packages.c.is_hidden.is_(False))


def requestable_policies(
    actor_id: str, *, for_id: str | None = None, within: str | None = None
) -> Select[Any] | CompoundSelect[Any]:
    """Select the ids of the policies under which a person may ask, as for `requestable_packages`."""
    if for_id == actor_id:
        ways = [_for_themselves(actor_id)]
    elif for_id is not None:
        ways = [_on_behalf_of(actor_id, for_id)]
    else:
        ways = [_for_themselves(actor_id), _on_behalf_of_reports(actor_id), _on_behalf_of_anybody(actor_id)]
    if within is not None:
        of_package = select(policies.c.id).where(policies.c.package_id == within)
        ways = [way.where(policy_subjects.c.policy_id.in_(of_package)) for way in ways]
    return ways[0] if len(ways) == 1 else union_all(*ways)


def _marks(person_id: str) -> ColumnElement[bool]:
    """Match subjects that stand for a person by name: themselves or a group they are in."""
    in_groups = select(group_members.c.group_id).where(group_members.c.person_id == person_id)
    return or_(policy_subjects.c.subject_id == person_id, policy_subjects.c.subject_id.in_(in_groups))


def _for_themselves(actor_id: str) -> Select[Any]:
    enabled = select(people.c.id).where(people.c.id == actor_id, people.c.account_enabled).exists()
    return select(policy_subjects.c.policy_id).where(
        policy_subjects.c.part == SELF, or_(policy_subjects.c.subject_id == "", _marks(actor_id)), enabled
    )


def _on_behalf_of(actor_id: str, target_id: str) -> Select[Any]:
    """Policies with the target in scope and the actor among those who may ask for this target."""
    in_scope = select(policy_subjects.c.policy_id).where(
        policy_subjects.c.part == TARGET, or_(policy_subjects.c.subject_id == "", _marks(target_id))
    )
    line = _line_above(target_id)
    steps = select(func.min(line.c.depth)).where(line.c.person_id == actor_id).scalar_subquery()
    enabled = select(people.c.id).where(people.c.id == target_id, people.c.account_enabled).exists()
    return select(policy_subjects.c.policy_id).where(
        policy_subjects.c.part == REQUESTOR,
        or_(and_(policy_subjects.c.subject_id == "", policy_subjects.c.manager_level >= steps), _marks(actor_id)),
        policy_subjects.c.policy_id.in_(in_scope),
        enabled,
    )


def _on_behalf_of_reports(actor_id: str) -> Select[Any]:
    """Policies that let managers ask, with at least one report near enough in scope."""
    near = reports_below(actor_id)
    marks = union_all(
        select(literal("").label("subject_id"), func.min(near.c.depth).label("depth")).having(func.count() > 0),
        select(near.c.person_id, near.c.depth),
        select(group_members.c.group_id, func.min(near.c.depth))
        .join(near, near.c.person_id == group_members.c.person_id)
        .group_by(group_members.c.group_id),
    ).cte("marks")
    marks = marks.prefix_with(ONCE)
    target = policy_subjects.alias("target")
    reached = (
        select(target.c.policy_id, func.min(marks.c.depth).label("depth"))
        .join(marks, marks.c.subject_id == target.c.subject_id)
        .where(target.c.part == TARGET)
        .group_by(target.c.policy_id)
        .cte("reached")
        .prefix_with(ONCE)
    )
    return (
        select(policy_subjects.c.policy_id)
        .join(reached, reached.c.policy_id == policy_subjects.c.policy_id)
        .where(
            policy_subjects.c.part == REQUESTOR,
            policy_subjects.c.subject_id == "",
            reached.c.depth <= policy_subjects.c.manager_level,
        )
    )


def _on_behalf_of_anybody(actor_id: str) -> Select[Any]:
    """Policies that name the actor as one who may ask, with anybody else in scope."""
    target = policy_subjects.alias("target")
    somebody_in = select(group_members.c.person_id).where(
        group_members.c.group_id == target.c.subject_id, group_members.c.person_id.in_(_others(actor_id))
    )
    return (
        select(policy_subjects.c.policy_id)
        .join(target, and_(target.c.policy_id == policy_subjects.c.policy_id, target.c.part == TARGET))
        .where(
            policy_subjects.c.part == REQUESTOR,
            _marks(actor_id),
            or_(target.c.subject_id == "", target.c.subject_id.in_(_others(actor_id)), somebody_in.exists()),
        )
    )


def _others(actor_id: str) -> Select[Any]:
    return select(people.c.id).where(people.c.id != actor_id, people.c.account_enabled)


def reports_below(manager_id: str) -> CTE:
    """Everybody up to four steps below a manager, with the steps; blocked accounts pass a line on, but do not count."""
    first = select(people.c.id, literal(1).label("depth"), people.c.account_enabled).where(
        people.c.manager_id == manager_id
    )
    steps = first.cte("reports", recursive=True)
    steps = steps.union_all(
        select(people.c.id, steps.c.depth + 1, people.c.account_enabled)
        .join(steps, people.c.manager_id == steps.c.id)
        .where(steps.c.depth < MOST_LEVELS)
    )
    return (
        select(steps.c.id.label("person_id"), func.min(steps.c.depth).label("depth"))
        .where(steps.c.account_enabled, steps.c.id != manager_id)
        .group_by(steps.c.id)
        .cte("reports_below")
        .prefix_with(ONCE)
    )


def _line_above(person_id: str) -> CTE:
    """The managers up to four steps above a person, with the steps."""
    line = (
        select(people.c.manager_id.label("person_id"), literal(1).label("depth"))
        .where(people.c.id == person_id)
        .cte("line", recursive=True)
    )
    return line.union_all(
        select(people.c.manager_id, line.c.depth + 1)
        .join(line, people.c.id == line.c.person_id)
        .where(line.c.depth < MOST_LEVELS)
    )
