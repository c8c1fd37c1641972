"""What a page of requests or assignments is about: one query per relation, however long the page."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import select

from grantline.model.assignment import Assignment
from grantline.model.catalog import AccessPackage
from grantline.model.person import Person, application_named, is_application
from grantline.model.policy import Policy
from grantline.model.request import Request
from grantline.persistence import assignment_lists, packages, people, policy_codec, requestors
from grantline.persistence.database import Transaction
from grantline.persistence.request_lists import RequestLine
from grantline.persistence.tables import people as people_table
from grantline.persistence.tables import policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The ids of what a page refers to."""

    people: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    assignments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """What was found, by id. A deleted policy is not there; its id alone is on record."""

    people: dict[str, Person] = field(default_factory=dict)
    packages: dict[str, AccessPackage] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)

    def requestor(self, asked: Request | RequestLine) -> Person:
        """Return who asked: one of the people wanted, or the application that the request itself names."""
        if is_application(asked.requestor_id):
            return application_named(asked.requestor_id, asked.requestor_name)
        return self.people[asked.requestor_id]


async def load(tx: Transaction, wanted: Wanted) -> Related:
    """Return everything wanted; nothing is asked for what nobody wants."""
    return Related(
        people=await people_by_id(tx, wanted.people),
        packages=await packages.packages_by_id(tx, sorted(wanted.packages)),
        policies=await _policies(tx, wanted.policies),
        assignments=await assignment_lists.many(tx, wanted.assignments),
    )


async def actors_by_id(tx: Transaction, ids: Collection[str]) -> dict[str, Person]:
    """Return the people and the applications with these ids."""
    return await people_by_id(tx, ids) | await requestors.applications(tx, ids)


async def people_by_id(tx: Transaction, ids: Iterable[str]) -> dict[str, Person]:
    """Return the people with these ids."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = await tx.all(select(*people.COLUMNS).where(people_table.c.id.in_(wanted)))
    return {row.id: people.profile(row).person for row in rows}


async def _policies(tx: Transaction, ids: frozenset[str]) -> dict[str, Policy]:
    if not ids:
        return {}
    rows = await tx.all(select(policies).where(policies.c.id.in_(ids)))
    return {row.id: policy_codec.decode(row) for row in rows}
