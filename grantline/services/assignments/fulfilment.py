"""Tasks that people do by hand: asked for by the connector, settled by whoever looks after the target.

The row of the person is the lock: of two who ask about the same role one
makes the task, and the other finds it.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from grantline.ambient import new_id, utc_now
from grantline.connectors.manual import Told
from grantline.errors import AlreadyDecided, InvalidInput, JustificationRequired, NotFound, OwnRequest
from grantline.model.assignment import Entitlement
from grantline.model.briefing import LookSignal
from grantline.model.event import AuditEvent, EventType
from grantline.model.fulfilment import BY_HAND, FulfilmentTask, TaskAct, TaskState
from grantline.model.mail import Mail, MailKind
from grantline.model.message import Message
from grantline.model.person import Actor, Person
from grantline.persistence import catalogs, facts, policies
from grantline.persistence import fulfilment as store
from grantline.persistence.database import Database, Transaction
from grantline.persistence.fulfilment import AboutTask
from grantline.rules.permissions import Task, may
from grantline.rules.times import iso

LONGEST_COMMENT = 2000
SETTLED = {TaskState.DONE: "done", TaskState.REFUSED: "refused", TaskState.WITHDRAWN: "withdrawn"}


class ManualTasks:
    """The tasks of one database; what `connectors.manual.Tasks` asks for. Nobody named: administrators are asked."""

    def __init__(self, db: Database, administrators: Collection[str] = ()) -> None:
        self._db = db
        self._administrators = administrators

    async def has_resource(self, resource_origin_id: str) -> bool:
        """Tell whether there is such a target."""
        async with self._db.read() as tx:
            return await store.has_resource(tx, resource_origin_id)

    async def is_held(self, entitlement: Entitlement) -> bool:
        """Tell whether the role was given by hand, and not taken since."""
        async with self._db.read() as tx:
            return await store.is_held(tx, entitlement)

    async def ask(self, entitlement: Entitlement, act: TaskAct) -> Told:
        """Ask for it to be done, once, and tell how that stands."""
        async with self._db.write() as tx:
            now = utc_now()
            name = await store.lock_person(tx, entitlement.person_id)
            opened, is_held = await store.open_task(tx, entitlement), await store.is_held(tx, entitlement)
            if opened is not None and opened.act is not act:
                # What it asks for is wanted no more; whoever has begun it finds it withdrawn.
                await _settle(tx, opened, TaskState.WITHDRAWN, now)
                opened = None
            if is_held is (act is TaskAct.GRANT):
                return Told(state=TaskState.DONE)
            if opened is not None:
                return Told(state=TaskState.OPEN, says=_waits(opened))
            about = await store.about(tx, entitlement)
            if act is TaskAct.GRANT and (says := await _refusal(tx, entitlement, name, about)):
                return Told(state=TaskState.REFUSED, says=says)
            return await self._open(tx, entitlement, act, about, now)

    async def _open(
        self, tx: Transaction, entitlement: Entitlement, act: TaskAct, about: AboutTask, now: datetime
    ) -> Told:
        task = FulfilmentTask(
            id=new_id(),
            act=act,
            state=TaskState.OPEN,
            person_id=entitlement.person_id,
            resource_origin_id=entitlement.resource_origin_id,
            role_origin_id=entitlement.role_origin_id,
            summary=about.summary,
            created_at=now,
            grant_id=about.grant_id,
            assignment_id=about.assignment_id,
            grant_version=about.version,
        )
        await store.add(tx, task)
        asked = await self._asked(tx, task)
        details = {"asked": [one.id for one in asked]}
        tx.audit(_event(task, EventType.TASK_OPENED, now, request_id=about.request_id, details=details))
        await _tell(tx, task, about, entitlement, asked)
        return Told(state=TaskState.OPEN, says=_waits(task))

    async def _asked(self, tx: Transaction, task: FulfilmentTask) -> list[Person]:
        """Return who is asked: those who look after the target, else administrators; never the one it is about."""
        found = [one for one in await store.fulfillers_of(tx, task.resource_origin_id) if one.id != task.person_id]
        if not found and self._administrators:
            found = await facts.people_by_user_name(tx, self._administrators)
        return [one for one in found if one.id != task.person_id]


async def settle(
    db: Database, actor: Actor, task_id: str, state: TaskState, comment: str | None = None
) -> tuple[Message, ...]:
    """Record that a task was done or refused, and let whatever waits for it look again; or raise why not."""
    async with db.write() as tx:
        task = await store.find(tx, task_id, None if may(actor, Task.FULFIL) else actor.id)
        if task is None:
            raise NotFound(f"There is no fulfilment task {task_id} that you may see.")
        if actor.id == task.person_id:
            raise OwnRequest(f"{actor.person} may not settle task {task_id}: it is about their own access.")
        if task.state is not TaskState.OPEN:
            when = f" at {iso(task.settled_at)}" if task.settled_at else ""
            raise AlreadyDecided(f"Task {task_id} is {SETTLED[task.state]} since{when or ' a while'}; it stays so.")
        if state is TaskState.REFUSED and task.act is TaskAct.REVOKE:
            raise InvalidInput("Access that should be gone is not refused to be taken away; take it away and say so.")
        if state is TaskState.REFUSED and not (comment and comment.strip()):
            raise JustificationRequired("Say in comment why it is refused; the requestor reads it.", target="comment")
        cut = comment[:LONGEST_COMMENT] if comment else None
        await _settle(tx, task, state, utc_now(), by_id=actor.id, comment=cut)
        if task.grant_id is not None:
            for assignment_id in await store.waiting_assignments(tx, task.grant_id):
                tx.post(assignment_id, LookSignal(grant_id=task.grant_id))
    return tuple(tx.messages)


async def name_fulfillers(
    db: Database, actor_id: str | None, resource_id: str, *, person_ids: list[str], group_ids: list[str]
) -> None:
    """Write who looks after a target of people, or raise why not; nobody: administrators."""
    async with db.write() as tx:
        found = (await catalogs.resources_by_id(tx, [resource_id])).get(resource_id)
        if found is None:
            raise NotFound(f"There is no resource {resource_id}.")
        resource, _ = found
        if resource.origin_system != BY_HAND:
            raise InvalidInput(
                f"'{resource.display_name}' is of {resource.origin_system}, whose connector gives and takes; "
                f"fulfillers are for resources of {BY_HAND}."
            )
        no_users, no_groups = await policies.unknown_subjects(tx, person_ids, group_ids)
        for noun, unknown, path in (("user", no_users, "people"), ("group", no_groups, "groups")):
            if unknown:
                raise InvalidInput(f"There is no {noun} {min(unknown)}, which {path} names.", target=path)
        before = await store.named_fulfillers(tx, resource_id)
        await store.name_fulfillers(tx, resource_id, person_ids, group_ids)
        after = await store.named_fulfillers(tx, resource_id)
        if after != before:
            details = {"fulfillers": {"from": _listed(before), "to": _listed(after)}}
            kind = EventType.CONFIGURATION_CHANGED
            tx.audit(
                AuditEvent(
                    type=kind,
                    at=utc_now(),
                    actor_id=actor_id,
                    object_type="resource",
                    object_id=resource_id,
                    details={"changes": details},
                )
            )


async def _settle(
    tx: Transaction,
    task: FulfilmentTask,
    state: TaskState,
    at: datetime,
    *,
    by_id: str | None = None,
    comment: str | None = None,
) -> None:
    if not await store.settle(tx, task.id, state, at, by_id=by_id, comment=comment):
        raise AssertionError(f"task {task.id} was settled under its lock (this is a bug)")
    request_id, details = await store.request_of(tx, task), {"state": state.value}
    kind = EventType.TASK_SETTLED
    tx.audit(_event(task, kind, at, actor_id=by_id, reason=comment, request_id=request_id, details=details))


async def _refusal(tx: Transaction, entitlement: Entitlement, name: str | None, about: AboutTask) -> str | None:
    """Say why nobody needs to be asked to give it: there is no such target or person, or it was refused just now."""
    if name is None:
        return f"{entitlement.display_name} is not in the directory."
    if not await store.has_resource(tx, entitlement.resource_origin_id):
        return f"No catalog has a resource {entitlement.resource_origin_id!r} of {BY_HAND}."
    refused = await store.refusal(tx, about)
    return f"{about.summary}: refused by hand: {refused.comment}" if refused else None


async def _tell(
    tx: Transaction, task: FulfilmentTask, about: AboutTask, entitlement: Entitlement, asked: list[Person]
) -> None:
    requestor = await store.requestor_of(tx, about.request_id) if about.request_id else None
    tx.mail(
        Mail(
            kind=MailKind.TASK_OPENED,
            about=task.id,
            to=tuple(asked),
            details={
                "package": task.summary,
                "request_id": about.request_id or task.id,
                "requestor": requestor or entitlement.display_name,
                "target": entitlement.display_name,
                "target_id": entitlement.person_id,
                "is_on_behalf": True,
                "cause": task.act.value,
            },
        )
    )


def _waits(task: FulfilmentTask) -> str:
    return f"{task.summary}: waits for task {task.id}, open since {iso(task.created_at)}."


def _listed(named: tuple[list[str], list[str]]) -> dict[str, object]:
    people, groups = named
    return {"people": people, "groups": groups}


def _event(
    task: FulfilmentTask,
    kind: EventType,
    at: datetime,
    *,
    actor_id: str | None = None,
    reason: str | None = None,
    request_id: str | None = None,
    details: Mapping[str, object],
) -> AuditEvent:
    about: dict[str, object] = {
        "act": task.act.value,
        "summary": task.summary,
        "grant": task.grant_id,
        "personId": task.person_id,
    }
    return AuditEvent(
        type=kind,
        at=at,
        actor_id=actor_id,
        object_type="task",
        object_id=task.id,
        request_id=request_id,
        assignment_id=task.assignment_id,
        reason=reason,
        details=about | dict(details),
    )
