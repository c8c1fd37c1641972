"""Requests on record: written at submit, moved from state to state under the lock of their row.

Whoever changes a request, its stages or what follows from it takes the row
first (`load` with `lock`), so that a decision, a timeout and a withdrawal at
one instant come one after the other.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, Update, bindparam, case, insert, or_, select, text, update

from grantline.model.person import Person
from grantline.model.plan import Limit, Plan
from grantline.model.question import Answer
from grantline.model.request import Request, RequestState, RequestType, Schedule
from grantline.persistence import controls, incompatibilities, requestors
from grantline.persistence.catalogs import catalog_of_package
from grantline.persistence.codec import from_json, to_json
from grantline.persistence.database import Transaction
from grantline.persistence.requestors import ASKED, REQUESTOR, person_in, requestor_in
from grantline.persistence.tables import OPEN_REMOVAL, OPEN_UPDATE, idempotency_keys, packages, people, requests

LONGEST_STATUS = 256
Answers = tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOnRecord:
    """A request with the people and the package that it is about.

    `is_exclusive` tells that the package may not be held together with something else,
    `onlooker_id` is the target's manager while managers look on.
    """

    request: Request
    requestor: Person
    target: Person
    package_name: str
    catalog_id: str
    package_exists: bool = True
    is_exclusive: bool = False
    onlooker_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalOnRecord:
    """Who asked that an assignment ends, and why."""

    type: RequestType
    requestor: Person
    justification: str | None


async def add(tx: Transaction, request: Request) -> None:
    """Insert a new request; a second open one for the same package and target is an IntegrityError."""
    await tx.execute(
        _INSERT,
        {
            "id": request.id,
            "type": request.type.value,
            "state": request.state.value,
            "status": request.status[:LONGEST_STATUS],
            "requestor_id": request.requestor_id,
            "requestor_name": request.requestor_name,
            "target_id": request.target_id,
            "package_id": request.package_id,
            "of_package": request.package_id,
            "policy_id": request.policy_id,
            "assignment_id": request.assignment_id,
            "justification": request.justification,
            "schedule": to_json(Schedule, request.schedule),
            "answers": to_json(Answers, request.answers) if request.answers else None,
            "plan": to_json(Plan, request.plan),
            "shortened_to": None,
            "created_at": request.created_at,
            "completed_at": request.completed_at,
        },
    )


async def find(tx: Transaction, request_id: str) -> Request | None:
    """Return a request, if there is one."""
    row = await tx.first(select(requests).where(requests.c.id == request_id))
    return _request(row) if row else None


async def load(tx: Transaction, request_id: str, *, lock: bool = False) -> RequestOnRecord | None:
    """Return a request with its people; with `lock` nobody else changes it until this transaction ends."""
    row = (await tx.execute(_LOCK if lock else _LOAD, {"request_id": request_id})).first()
    if row is None:
        return None
    return RequestOnRecord(
        request=_request(row),
        requestor=requestor_in(row),
        target=person_in(row, "target"),
        package_name=row.package_name,
        catalog_id=row.catalog_id,
        package_exists=row.package_deleted_at is None and row.package_retired_at is None,
        is_exclusive=bool(row.is_exclusive),
        onlooker_id=row.onlooker_id,
    )


async def move(tx: Transaction, request: Request, *, was: Collection[RequestState]) -> bool:
    """Write the request's state, status, assignment and completion, if it is in one of `was`; tell whether it was."""
    values = {
        "moved_id": request.id,
        "state": request.state.value,
        "status": request.status[:LONGEST_STATUS],
        "assignment_id": request.assignment_id,
        "completed_at": request.completed_at,
    }
    return await tx.changed(_move_statement(frozenset(was)), values) == 1


async def write_plan(tx: Transaction, request: Request) -> None:
    """Write the plan anew: a custom extension said what it had left open."""
    await tx.changed(update(requests).where(requests.c.id == request.id).values(plan=to_json(Plan, request.plan)))


async def shorten(tx: Transaction, request: Request) -> None:
    """Write what the request's access is shortened to."""
    limit = to_json(Limit, request.limit) if request.limit else None
    await tx.changed(update(requests).where(requests.c.id == request.id).values(shortened_to=limit))


async def edit_answers(tx: Transaction, request: Request) -> None:
    """Write the request's answers anew."""
    answers = to_json(Answers, request.answers)
    await tx.changed(update(requests).where(requests.c.id == request.id).values(answers=answers))


async def open_removal(tx: Transaction, assignment_id: str) -> str | None:
    """Return the id of the removal request that is under way for an assignment."""
    return await tx.scalar(_REMOVALS, {"assignment_ids": [assignment_id]})


async def complete_removals(tx: Transaction, assignment_ids: list[str], at: datetime) -> Mapping[str, RemovalOnRecord]:
    """Close the removal requests of assignments whose access is gone, and return them by assignment."""
    rows = await tx.all(_REMOVALS, {"assignment_ids": assignment_ids})
    if rows:
        done = update(requests).where(requests.c.id.in_([row.id for row in rows]))
        await tx.changed(done.values(state=RequestState.DELIVERED.value, status="Delivered", completed_at=at))
    return {
        row.assignment_id: RemovalOnRecord(
            type=RequestType(row.type), requestor=requestor_in(row), justification=row.justification
        )
        for row in rows
    }


async def open_updates(tx: Transaction, assignment_ids: list[str]) -> Mapping[str, str]:
    """Return, by assignment, the id of the request to move its end that is under way, where there is one."""
    rows = await tx.all(_OPEN_UPDATES, {"assignment_ids": assignment_ids})
    return {row.assignment_id: row.id for row in rows}


async def remembered(tx: Transaction, actor_id: str, key: str) -> tuple[str, str] | None:
    """Return the request id and body hash of an idempotency key that the actor used before."""
    row = await tx.first(
        select(idempotency_keys.c.request_id, idempotency_keys.c.body_hash).where(
            idempotency_keys.c.actor_id == actor_id, idempotency_keys.c.key == key
        )
    )
    return (row.request_id, row.body_hash) if row else None


async def remember(tx: Transaction, actor_id: str, key: str, body_hash: str, request: Request) -> None:
    """Keep an idempotency key with what came of it; the same key twice is an IntegrityError."""
    await tx.execute(
        _REMEMBER,
        {
            "actor_id": actor_id,
            "key": key,
            "body_hash": body_hash,
            "request_id": request.id,
            "created_at": request.created_at,
        },
    )


def answers_in(row: Row[Any]) -> Answers:
    """Read the column `answers` of a request's row."""
    return from_json(Answers, row.answers) if row.answers else ()


def limit_in(row: Row[Any]) -> Limit | None:
    """Read the column `shortened_to` of a request's or a stage's row."""
    return from_json(Limit, row.shortened_to) if row.shortened_to else None


def _request(row: Row[Any]) -> Request:
    return Request(
        id=row.id,
        type=RequestType(row.type),
        state=RequestState(row.state),
        status=row.status,
        requestor_id=row.requestor_id,
        requestor_name=row.requestor_name,
        target_id=row.target_id,
        package_id=row.package_id,
        policy_id=row.policy_id,
        assignment_id=row.assignment_id,
        justification=row.justification,
        schedule=from_json(Schedule, row.schedule),
        plan=from_json(Plan, row.plan),
        created_at=row.created_at,
        completed_at=row.completed_at,
        answers=answers_in(row),
        limit=limit_in(row),
    )


def _load_statement() -> Select[Any]:
    target = people.alias("target")
    return (
        select(
            requests,
            *requestors.selected(),
            *(target.c[name].label(f"target_{name}") for name in requestors.COLUMNS),
            packages.c.display_name.label("package_name"),
            packages.c.deleted_at.label("package_deleted_at"),
            packages.c.retired_at.label("package_retired_at"),
            incompatibilities.is_exclusive().label("is_exclusive"),
            case((controls.managers_look_on(), target.c.manager_id)).label("onlooker_id"),
        )
        .outerjoin(REQUESTOR, ASKED)
        .join(target, target.c.id == requests.c.target_id)
        .join(packages, packages.c.id == requests.c.package_id)
        .where(requests.c.id == bindparam("request_id"))
    )


def _removals_statement() -> Select[Any]:
    return (
        select(
            requests.c.id,
            requests.c.assignment_id,
            requests.c.type,
            requests.c.requestor_id,
            requests.c.requestor_name,
            requests.c.justification,
            *requestors.selected(),
        )
        .outerjoin(REQUESTOR, ASKED)
        .where(_OF_ASSIGNMENTS, text(OPEN_REMOVAL))
    )


@cache
def _move_statement(was: frozenset[RequestState]) -> Update:
    is_one = or_(*(requests.c.state == state.value for state in sorted(was)))
    return update(requests).where(requests.c.id == bindparam("moved_id"), is_one)


# Built once: building one costs more than running it.
_LOAD = _load_statement()
_LOCK = _LOAD.with_for_update(of=requests)
_OF_ASSIGNMENTS = requests.c.assignment_id.in_(bindparam("assignment_ids", expanding=True))
_REMOVALS = _removals_statement()
_OPEN_UPDATES = select(requests.c.assignment_id, requests.c.id).where(_OF_ASSIGNMENTS, text(OPEN_UPDATE))
_INSERT = insert(requests).values(catalog_id=catalog_of_package)
_REMEMBER = insert(idempotency_keys)
