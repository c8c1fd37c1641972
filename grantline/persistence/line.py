"""Who is below a manager: their reports, how these stand, and further down as far as policies let a manager ask."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, or_, select

from grantline.model.assignment import AssignmentState
from grantline.model.request import OPEN_STATES
from grantline.persistence import listing, people
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.people import Profile
from grantline.persistence.policies import REQUESTOR
from grantline.persistence.request_lists import reports_shown_to
from grantline.persistence.requestable import MOST_LEVELS, reports_below
from grantline.persistence.tables import assignments, policy_subjects, requests
from grantline.persistence.tables import people as people_table

DIRECT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMember:
    """Somebody below a manager: how many steps, and who is right above them."""

    profile: Profile
    level: int
    manager_id: str
    manager_name: str


async def page(
    tx: Transaction, manager_id: str, query: ListQuery, *, search: str = "", person_id: str | None = None
) -> Page[LineMember]:
    """Return one page of a manager's line by name; `search` is a part of name or job title.

    It is as deep as the furthest policy reaches, and blocked accounts are not in it. `person_id` asks for one alone.
    """
    near = reports_below(manager_id)
    above = people_table.alias("above")
    base = (
        select(*people.COLUMNS, near.c.depth, above.c.id.label("above_id"), above.c.display_name.label("above_name"))
        .join(near, near.c.person_id == people_table.c.id)
        .join(above, above.c.id == people_table.c.manager_id)
        .where(near.c.depth <= await _depth(tx))
    )
    if search:
        named = (people_table.c.display_name, people_table.c.job_title)
        base = base.where(or_(*(column.icontains(search, autoescape=True) for column in named)))
    if person_id is not None:
        base = base.where(people_table.c.id == person_id)
    return (await listing.page(tx, base, {}, people.KEY, query)).map(_member)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many assignments a direct report has, and how many requests about them are not over."""

    person_id: str
    assignments: int
    open_requests: int


async def standings(tx: Transaction, manager_id: str, query: ListQuery) -> Page[Standing]:
    """Return one page of what a manager's direct reports have, in numbers; of nobody while managers do not look on."""
    held = select(func.count()).where(
        assignments.c.target_id == people_table.c.id, assignments.c.state != AssignmentState.EXPIRED.value
    )
    waiting = select(func.count()).where(
        requests.c.target_id == people_table.c.id, requests.c.state.in_([state.value for state in OPEN_STATES])
    )
    base = select(
        people_table.c.id,
        held.scalar_subquery().label("assignments"),
        waiting.scalar_subquery().label("open_requests"),
    ).where(people_table.c.id.in_(reports_shown_to(manager_id)))
    found = await listing.page(tx, base, {}, people.KEY, query)
    return found.map(
        lambda row: Standing(person_id=row.id, assignments=row.assignments, open_requests=row.open_requests)
    )


async def _depth(tx: Transaction) -> int:
    """Return how many steps down policies let a manager ask; a manager's own reports are theirs in any case."""
    statement = select(func.max(policy_subjects.c.manager_level)).where(policy_subjects.c.part == REQUESTOR)
    return min(max(await tx.scalar(statement) or 0, DIRECT), MOST_LEVELS)


def _member(row: Row[Any]) -> LineMember:
    return LineMember(
        profile=people.profile(row), level=row.depth, manager_id=row.above_id, manager_name=row.above_name
    )
