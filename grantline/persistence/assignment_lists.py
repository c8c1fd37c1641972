"""Assignments as lists and pages read them: who holds what, and who may see it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, false, or_, select

from grantline.model.assignment import Assignment, AssignmentState, EndCause
from grantline.persistence import listing, names
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Field, Fields, ListQuery, Page, Within
from grantline.persistence.realms import inside
from grantline.persistence.request_lists import reports_shown_to
from grantline.persistence.tables import assignments, requests
from grantline.rules.permissions import NOWHERE, Realm


class AssignmentsOf(StrEnum):
    """Which assignments, seen from one person."""

    EVERYBODY = "everybody"
    TARGET = "target"
    CREATED_BY = "createdBy"
    TARGET_MANAGER = "targetManager"
    AGENTS = "targetAgentIdentitySponsorOrOwner"


STATES: dict[str, str | tuple[str, ...]] = {
    **{state.value: state.value for state in AssignmentState if state is not AssignmentState.ENDING},
    AssignmentState.DELIVERED.value: (AssignmentState.DELIVERED.value, AssignmentState.ENDING.value),
}
"""Which states of ours a `state` on the wire means: while access is being taken back it is still there."""

FIELDS: Fields = {
    "id": assignments.c.id,
    "state": Field(column=assignments.c.state, members=STATES),
    "assignmentState": Field(column=assignments.c.state, members=STATES),
    "status": assignments.c.status,
    "expiredDateTime": assignments.c.ended_at,
    "schedule/startDateTime": assignments.c.starts_at,
    "schedule/expiration/endDateTime": assignments.c.ends_at,
    "accessPackage/id": assignments.c.package_id,
    "accessPackageId": assignments.c.package_id,
    "assignmentPolicy/id": assignments.c.policy_id,
    "assignmentPolicyId": assignments.c.policy_id,
    "target/objectId": assignments.c.target_id,
    "target/id": assignments.c.target_id,
    "targetId": assignments.c.target_id,
    "createdDateTime": assignments.c.created_at,
}
NAMED: Fields = {
    **FIELDS,
    "accessPackage/displayName": names.of_package(assignments.c.package_id),
    "target/displayName": names.of_person(assignments.c.target_id),
}
"""As well by name, where a list is one person's: among everybody's, a part of a name would be looked for in all."""

KEY = (assignments.c.created_at, assignments.c.id)


async def page(
    tx: Transaction, whose: AssignmentsOf, person_id: str, query: ListQuery, realm: Realm = NOWHERE
) -> Page[Assignment]:
    """Return one page of assignments, newest first unless the query says otherwise; `EVERYBODY` is the realm's."""
    base = select(assignments).where(_belonging(whose, person_id))
    within = Within(assignments.c.catalog_id, realm) if whose is AssignmentsOf.EVERYBODY else None
    fields = FIELDS if whose is AssignmentsOf.EVERYBODY else NAMED
    found = await listing.page(tx, base, fields, KEY, query, within=within)
    return found.map(line)


async def additional_access(tx: Transaction, package_id: str, other_id: str, query: ListQuery) -> Page[Assignment]:
    """Return one page of the assignments of a package whose holders hold the other as well, newest first."""
    theirs = assignments.alias("theirs")
    has_both = exists().where(
        theirs.c.package_id == other_id,
        theirs.c.target_id == assignments.c.target_id,
        theirs.c.state != AssignmentState.EXPIRED.value,
    )
    base = select(assignments).where(
        assignments.c.package_id == package_id, assignments.c.state != AssignmentState.EXPIRED.value, has_both
    )
    return (await listing.page(tx, base, FIELDS, KEY, query)).map(line)


async def visible(tx: Transaction, assignment_id: str, viewer_id: str, realm: Realm = NOWHERE) -> Assignment | None:
    """Return an assignment if the viewer may see it: by a part in it, or because the realm has it."""
    statement = select(assignments).where(assignments.c.id == assignment_id)
    if not realm.is_everything:
        statement = statement.where(or_(may_see(viewer_id), inside(assignments.c.catalog_id, realm)))
    row = await tx.first(statement)
    return line(row) if row else None


async def many(tx: Transaction, ids: Iterable[str]) -> dict[str, Assignment]:
    """Return the assignments with these ids, by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    return {row.id: line(row) for row in await tx.all(select(assignments).where(assignments.c.id.in_(wanted)))}


def may_see(person_id: str) -> ColumnElement[bool]:
    """Hold for the holder, the holder's direct manager, and whoever asked for it."""
    return or_(
        assignments.c.target_id == person_id,
        assignments.c.target_id.in_(reports_shown_to(person_id)),
        _was_asked_for_by(person_id),
    )


def line(row: Row[Any]) -> Assignment:
    """Read one row of `assignments`."""
    return Assignment(
        id=row.id,
        target_id=row.target_id,
        package_id=row.package_id,
        policy_id=row.policy_id,
        state=AssignmentState(row.state),
        status=row.status,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        delivered_at=row.delivered_at,
        ended_at=row.ended_at,
        end_cause=EndCause(row.end_cause) if row.end_cause else None,
        created_at=row.created_at,
    )


def _was_asked_for_by(person_id: str) -> ColumnElement[bool]:
    return exists().where(requests.c.id == assignments.c.request_id, requests.c.requestor_id == person_id)


def _belonging(whose: AssignmentsOf, person_id: str) -> ColumnElement[bool]:
    conditions: dict[AssignmentsOf, ColumnElement[bool]] = {
        AssignmentsOf.EVERYBODY: assignments.c.id.is_not(None),
        AssignmentsOf.TARGET: assignments.c.target_id == person_id,
        AssignmentsOf.CREATED_BY: assignments.c.request_id.in_(
            select(requests.c.id).where(requests.c.requestor_id == person_id)
        ),
        AssignmentsOf.TARGET_MANAGER: assignments.c.target_id.in_(reports_shown_to(person_id)),
        AssignmentsOf.AGENTS: false(),
    }
    return conditions[whose]
