"""Assignments as a file has them: with names, a page at a time, so that no export holds them all."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from grantline.model.assignment import Assignment
from grantline.persistence import assignment_lists, related
from grantline.persistence.assignment_lists import AssignmentsOf
from grantline.persistence.database import Database
from grantline.persistence.listing import ListQuery
from grantline.persistence.related import Related, Wanted
from grantline.rules.permissions import Realm

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAssignment:
    """One assignment with whom and what it is about."""

    assignment: Assignment
    related: Related


async def export(db: Database, realm: Realm, query: ListQuery) -> AsyncIterator[list[ExportedAssignment]]:
    """Return all assignments of a realm that fit the query, a list for each page; the transaction ends with the page.

    Raises:
        InvalidInput: the filter or the order does not fit; before the first page.
    """
    at: ListQuery | None = replace(query, top=PAGE, skip=0, count=False)
    while at is not None:
        async with db.read() as tx:
            page = await assignment_lists.page(tx, AssignmentsOf.EVERYBODY, "", at, realm)
            found = await related.load(tx, _wanted(page.rows))
        yield [ExportedAssignment(assignment=one, related=found) for one in page.rows]
        at = replace(at, cursor=page.next_cursor) if page.next_cursor else None


def _wanted(held: tuple[Assignment, ...]) -> Wanted:
    return Wanted(
        people=frozenset(one.target_id for one in held),
        packages=frozenset(one.package_id for one in held),
        policies=frozenset(one.policy_id for one in held),
    )
