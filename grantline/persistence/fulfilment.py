"""Tasks that people do by hand, and who may.

Of one person's one role at most one task is open. What the target shows is what
the last task that was done says: there is nobody else to ask.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, insert, or_, select, update

from grantline.model.assignment import AssignmentState, Entitlement
from grantline.model.fulfilment import BY_HAND, FulfilmentTask, TaskAct, TaskState
from grantline.model.person import Person
from grantline.persistence import requestors
from grantline.persistence.database import Transaction
from grantline.persistence.fulfilment_tables import fulfilment_tasks as tasks
from grantline.persistence.fulfilment_tables import resource_fulfillers as fulfillers
from grantline.persistence.listing import Field, Fields
from grantline.persistence.requestors import ASKED, REQUESTOR
from grantline.persistence.tables import (
    assignments,
    grant_reasons,
    grants,
    group_members,
    people,
    requests,
    resource_roles,
    resources,
)

PERSON, GROUP = "person", "group"
FIELDS: Fields = {
    "id": tasks.c.id,
    "state": Field(column=tasks.c.state, members={state.value: state.value for state in TaskState}),
    "act": Field(column=tasks.c.act, members={act.value: act.value for act in TaskAct}),
    "createdDateTime": tasks.c.created_at,
}
KEY = (tasks.c.created_at.asc(), tasks.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutTask:
    """What a task would be about: the grant, if there is one, and in whose words it is told."""

    grant_id: str | None
    version: int
    summary: str
    assignment_id: str | None
    request_id: str | None


async def has_resource(tx: Transaction, origin_id: str) -> bool:
    """Tell whether a catalog has such a target."""
    return await tx.first(select(resources.c.id).where(*_is_resource(origin_id)).limit(1)) is not None


async def lock_person(tx: Transaction, person_id: str) -> str | None:
    """Keep others from asking about the same person until commit; return the person's name, if there is one."""
    statement = select(people.c.display_name).where(people.c.id == person_id).with_for_update(key_share=True)
    return await tx.scalar(statement)


async def is_held(tx: Transaction, entitlement: Entitlement) -> bool:
    """Tell whether the last task that was done gave the role."""
    statement = (
        select(tasks.c.act)
        .where(*_is_about(entitlement), tasks.c.state == TaskState.DONE.value)
        .order_by(tasks.c.settled_at.desc(), tasks.c.created_at.desc(), tasks.c.id.desc())
        .limit(1)
    )
    return await tx.scalar(statement) == TaskAct.GRANT.value


async def open_task(tx: Transaction, entitlement: Entitlement) -> FulfilmentTask | None:
    """Return the open task about a person's role, if there is one."""
    statement = select(tasks).where(*_is_about(entitlement), tasks.c.state == TaskState.OPEN.value)
    row = await tx.first(statement.with_for_update())
    return as_task(row) if row else None


async def refusal(tx: Transaction, about: AboutTask) -> FulfilmentTask | None:
    """Return the refused task to do just what is wanted of a grant now, if it was refused."""
    if about.grant_id is None:
        return None
    row = await tx.first(
        select(tasks).where(
            tasks.c.grant_id == about.grant_id,
            tasks.c.grant_version == about.version,
            tasks.c.state == TaskState.REFUSED.value,
        )
    )
    return as_task(row) if row else None


async def about(tx: Transaction, entitlement: Entitlement) -> AboutTask:
    """Find the grant that an entitlement is the object of, and the assignment it was last wanted for."""
    row = await tx.first(
        select(
            *(grants.c.id, grants.c.version, assignments.c.request_id),
            assignments.c.id.label("assignment_id"),
            resources.c.display_name.label("resource"),
            resource_roles.c.display_name.label("role"),
        )
        .join(resource_roles, resource_roles.c.id == grants.c.role_id)
        .join(resources, resources.c.id == resource_roles.c.resource_id)
        .join(grant_reasons, grant_reasons.c.grant_id == grants.c.id)
        .join(assignments, assignments.c.id == grant_reasons.c.assignment_id)
        .where(
            grants.c.person_id == entitlement.person_id,
            resource_roles.c.origin_id == entitlement.role_origin_id,
            *_is_resource(entitlement.resource_origin_id),
        )
        .order_by(grant_reasons.c.added_at.desc())
        .limit(1)
    )
    if row is None:
        what = f"{entitlement.role_origin_id} of {entitlement.resource_origin_id}"
        summary = f"{entitlement.display_name}: {what}"
        return AboutTask(grant_id=None, version=0, summary=summary, assignment_id=None, request_id=None)
    summary = f"{entitlement.display_name}: {row.role} of {row.resource}"
    return AboutTask(
        grant_id=row.id,
        version=row.version,
        summary=summary,
        assignment_id=row.assignment_id,
        request_id=row.request_id,
    )


async def add(tx: Transaction, task: FulfilmentTask) -> None:
    """Insert a task; a second open one about the same is an IntegrityError."""
    await tx.execute(
        insert(tasks).values(
            id=task.id,
            act=task.act.value,
            state=task.state.value,
            person_id=task.person_id,
            resource_origin_id=task.resource_origin_id,
            role_origin_id=task.role_origin_id,
            grant_id=task.grant_id,
            assignment_id=task.assignment_id,
            grant_version=task.grant_version,
            summary=task.summary[:600],
            created_at=task.created_at,
        )
    )


async def settle(
    tx: Transaction, task_id: str, state: TaskState, at: datetime, *, by_id: str | None, comment: str | None
) -> bool:
    """Write what became of a task, if it was open; tell whether it was."""
    values = {"state": state.value, "settled_at": at, "settled_by_id": by_id, "comment": comment}
    is_open = (tasks.c.id == task_id, tasks.c.state == TaskState.OPEN.value)
    return await tx.changed(update(tasks).where(*is_open).values(**values)) == 1


def for_reader(person_id: str | None) -> Select[Any]:
    """Select the tasks that somebody may see: all (None), or those of the targets they look after."""
    statement = select(tasks, people.c.display_name.label("person_name")).join(people, people.c.id == tasks.c.person_id)
    return statement if person_id is None else statement.where(_looked_after_by(person_id))


async def find(tx: Transaction, task_id: str, reader_id: str | None) -> FulfilmentTask | None:
    """Return a task that somebody may see, and keep it from changing until commit."""
    row = await tx.first(for_reader(reader_id).where(tasks.c.id == task_id).with_for_update(of=tasks))
    return as_task(row) if row else None


async def fulfillers_of(tx: Transaction, resource_origin_id: str) -> list[Person]:
    """Return who looks after a target, in whichever catalogs it is; nobody with a disabled account."""
    named = (
        select(fulfillers.c.kind, fulfillers.c.subject_id)
        .join(resources, resources.c.id == fulfillers.c.resource_id)
        .where(*_is_resource(resource_origin_id))
    )
    rows = await tx.all(named)
    persons = {row.subject_id for row in rows if row.kind == PERSON}
    groups = {row.subject_id for row in rows if row.kind == GROUP}
    is_one = or_(
        people.c.id.in_(sorted(persons)),
        people.c.id.in_(select(group_members.c.person_id).where(group_members.c.group_id.in_(sorted(groups)))),
    )
    columns = [people.c[name] for name in Person.__dataclass_fields__]
    found = await tx.all(select(*columns).where(is_one, people.c.account_enabled).order_by(people.c.id))
    return [Person(**row._mapping) for row in found]


async def named_fulfillers(tx: Transaction, resource_id: str) -> tuple[list[str], list[str]]:
    """Return the people and the groups that a resource names to look after it."""
    rows = await tx.all(
        select(fulfillers).where(fulfillers.c.resource_id == resource_id).order_by(fulfillers.c.subject_id)
    )
    return (
        [row.subject_id for row in rows if row.kind == PERSON],
        [row.subject_id for row in rows if row.kind == GROUP],
    )


async def name_fulfillers(
    tx: Transaction, resource_id: str, person_ids: Collection[str], group_ids: Collection[str]
) -> None:
    """Write who looks after a resource."""
    await tx.changed(delete(fulfillers).where(fulfillers.c.resource_id == resource_id))
    rows = [
        {"resource_id": resource_id, "kind": kind, "subject_id": subject_id}
        for kind, ids in ((PERSON, person_ids), (GROUP, group_ids))
        for subject_id in sorted(set(ids))
    ]
    if rows:
        await tx.execute(insert(fulfillers), rows)


async def waiting_assignments(tx: Transaction, grant_id: str) -> list[str]:
    """Return the assignments whose workflow may wait for a grant: beside holding what is held, too."""
    rows = await tx.all(
        select(assignments.c.id)
        .join(grant_reasons, grant_reasons.c.assignment_id == assignments.c.id)
        .where(grant_reasons.c.grant_id == grant_id, assignments.c.state != AssignmentState.EXPIRED.value)
        .order_by(assignments.c.id)
    )
    return [row.id for row in rows]


async def request_of(tx: Transaction, task: FulfilmentTask) -> str | None:
    """Return the id of the request that a task is done for."""
    if task.assignment_id is None:
        return None
    return await tx.scalar(select(assignments.c.request_id).where(assignments.c.id == task.assignment_id))


async def requestor_of(tx: Transaction, request_id: str) -> str | None:
    """Return the name of who asked."""
    statement = select(requestors.NAME).select_from(requests).outerjoin(REQUESTOR, ASKED)
    return await tx.scalar(statement.where(requests.c.id == request_id))


def as_task(row: Row[Any]) -> FulfilmentTask:
    """Read a row of fulfilment_tasks."""
    return FulfilmentTask(
        id=row.id,
        act=TaskAct(row.act),
        state=TaskState(row.state),
        person_id=row.person_id,
        resource_origin_id=row.resource_origin_id,
        role_origin_id=row.role_origin_id,
        summary=row.summary,
        created_at=row.created_at,
        grant_id=row.grant_id,
        assignment_id=row.assignment_id,
        grant_version=row.grant_version,
        comment=row.comment,
        settled_by_id=row.settled_by_id,
        settled_at=row.settled_at,
    )


def _is_about(entitlement: Entitlement) -> Sequence[ColumnElement[bool]]:
    return (
        tasks.c.person_id == entitlement.person_id,
        tasks.c.resource_origin_id == entitlement.resource_origin_id,
        tasks.c.role_origin_id == entitlement.role_origin_id,
    )


def _is_resource(origin_id: str) -> Sequence[ColumnElement[bool]]:
    return (
        resources.c.origin_system == BY_HAND,
        resources.c.origin_id == origin_id,
        resources.c.deleted_at.is_(None),
    )


def _looked_after_by(person_id: str) -> ColumnElement[bool]:
    groups = select(group_members.c.group_id).where(group_members.c.person_id == person_id)
    is_named = or_(
        and_(fulfillers.c.kind == PERSON, fulfillers.c.subject_id == person_id),
        and_(fulfillers.c.kind == GROUP, fulfillers.c.subject_id.in_(groups)),
    )
    return exists().where(
        resources.c.id == fulfillers.c.resource_id,
        resources.c.origin_system == BY_HAND,
        resources.c.origin_id == tasks.c.resource_origin_id,
        is_named,
    )
