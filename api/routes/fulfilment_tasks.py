"""What people do by hand: their tasks, and who looks after which target. Plain JSON below /api."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from typing_extensions import TypedDict

from api import may
from api.answers import Json, Nothing, PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.base import Guid, Text
from api.wire.shapes import PartyOut
from api.wire.strict import StrictBody
from grantline.errors import NotFound
from grantline.model.fulfilment import FulfilmentTask, TaskState
from grantline.persistence import catalogs
from grantline.persistence import fulfilment as store
from grantline.persistence.fulfilment_tables import fulfilment_tasks
from grantline.persistence.listing import page
from grantline.rules.permissions import Task
from grantline.rules.permissions import may as allowed
from grantline.services.assignments import fulfilment

router = APIRouter(prefix="/api", tags=["fulfilment tasks"])


class TaskOut(TypedDict):
    """What somebody has to do by hand."""

    id: str
    act: str
    state: TaskState
    summary: str
    person: PartyOut
    resourceOriginId: str
    roleOriginId: str
    comment: str | None
    settledById: str | None
    createdDateTime: datetime
    settledDateTime: datetime | None


class FulfillersOut(TypedDict):
    """Who looks after a target, by id."""

    people: Sequence[str]
    groups: Sequence[str]


class SettleBody(StrictBody):
    """The body of complete and refuse."""

    comment: Text | None = None


class FulfillersBody(StrictBody):
    """Who looks after a target."""

    people: list[Guid] | None = None
    groups: list[Guid] | None = None


@router.get("/fulfilment-tasks")
async def list_tasks(
    actor: may.Fulfil,
    db: Db,
    paging: Paging,
    state: TaskState = TaskState.OPEN,
) -> PlainPage[TaskOut]:
    """List the tasks of the targets that the caller looks after, oldest first; administrators see all.

    `next`, if not null, is what `after` must be to go on.
    """
    mine = store.for_reader(None if allowed(actor, Task.FULFIL) else actor.id)
    async with db.read() as tx:
        statement = mine.where(fulfilment_tasks.c.state == state.value)
        found = await page(tx, statement, store.FIELDS, store.KEY, paging)
    items = [_shown(store.as_task(row), row.person_name) for row in found.rows]
    return present.plain_page(items, found)


@router.post("/fulfilment-tasks/{task_id}/complete", status_code=204)
async def complete(task_id: str, actor: may.Fulfil, db: Db, body: SettleBody | None = None) -> Nothing:
    """Say that a task was done."""
    comment = body.comment if body else None
    await fulfilment.settle(db, actor, task_id.lower(), TaskState.DONE, comment)
    return present.nothing()


@router.post("/fulfilment-tasks/{task_id}/refuse", status_code=204)
async def refuse(task_id: str, actor: may.Fulfil, db: Db, body: SettleBody) -> Nothing:
    """Say that something will not be given, and why."""
    await fulfilment.settle(db, actor, task_id.lower(), TaskState.REFUSED, body.comment)
    return present.nothing()


@router.get("/resources/{resource_id}/fulfillers")
async def read_fulfillers(resource_id: str, actor: may.ReadCatalog, db: Db) -> Json[FulfillersOut]:
    """Read who looks after a target; nobody named: administrators do."""
    del actor
    async with db.read() as tx:
        if resource_id.lower() not in await catalogs.resources_by_id(tx, [resource_id.lower()]):
            raise NotFound(f"There is no resource {resource_id}.")
        people, groups = await store.named_fulfillers(tx, resource_id.lower())
    return present.json_response({"people": people, "groups": groups})


@router.put("/resources/{resource_id}/fulfillers", status_code=204)
async def write_fulfillers(resource_id: str, actor: may.ChangeResources, db: Db, body: FulfillersBody) -> Nothing:
    """Write who looks after a target, whole."""
    await fulfilment.name_fulfillers(
        db, actor.id, resource_id.lower(), person_ids=body.people or [], group_ids=body.groups or []
    )
    return present.nothing()


def _shown(task: FulfilmentTask, person: str) -> TaskOut:
    return {
        "id": task.id,
        "act": task.act.value,
        "state": task.state,
        "summary": task.summary,
        "person": {"id": task.person_id, "displayName": person},
        "resourceOriginId": task.resource_origin_id,
        "roleOriginId": task.role_origin_id,
        "comment": task.comment,
        "settledById": task.settled_by_id,
        "createdDateTime": task.created_at,
        "settledDateTime": task.settled_at,
    }
