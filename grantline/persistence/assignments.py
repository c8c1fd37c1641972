"""Assignments on record. As with requests, whoever changes one takes its row first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, insert, select, text, update

from grantline.model.assignment import Assignment, AssignmentState, EndCause
from grantline.model.person import Person
from grantline.model.policy import Policy
from grantline.model.request import RequestType
from grantline.persistence import controls, policy_codec, requestors
from grantline.persistence.catalogs import catalog_of_package
from grantline.persistence.database import Transaction
from grantline.persistence.requestors import ASKED, REQUESTOR, person_in, requestor_in
from grantline.persistence.tables import (
    HELD,
    Instant,
    assignments,
    grant_reasons,
    packages,
    people,
    policies,
    requests,
)

LONGEST_STATUS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentOnRecord:
    """An assignment with its holder, its package, and the request it came from.

    `is_direct`: an administrator assigned it. `is_mail_wanted`: its policy does
    not switch the mail about assignments off. `ending_at`: once its end is settled.
    `onlooker_id`: the holder's manager while managers look on.
    """

    assignment: Assignment
    request_id: str
    is_direct: bool
    requestor: Person
    target: Person
    package_name: str
    catalog_id: str
    is_mail_wanted: bool
    ending_at: datetime | None = None
    onlooker_id: str | None = None

    @property
    def requestor_id(self) -> str:
        """Return who asked for it."""
        return self.requestor.id


async def add(tx: Transaction, assignment: Assignment, request_id: str) -> None:
    """Insert a new assignment; a second live one for the same package and target is an IntegrityError."""
    await tx.execute(
        _INSERT,
        {
            "id": assignment.id,
            "request_id": request_id,
            "target_id": assignment.target_id,
            "package_id": assignment.package_id,
            "of_package": assignment.package_id,
            "policy_id": assignment.policy_id,
            "state": assignment.state.value,
            "status": assignment.status,
            "starts_at": assignment.starts_at,
            "ends_at": assignment.ends_at,
            "created_at": assignment.created_at,
        },
    )


async def load(tx: Transaction, assignment_id: str, *, lock: bool = False) -> AssignmentOnRecord | None:
    """Return an assignment; with `lock` nobody else changes it until this transaction ends."""
    row = (await tx.execute(_LOCK if lock else _LOAD, {"assignment_id": assignment_id})).first()
    return _on_record(row) if row else None


async def due(tx: Transaction, at: datetime, limit: int) -> list[AssignmentOnRecord]:
    """Return held assignments whose time is up, the longest overdue first.

    On PostgreSQL they are kept from changing until commit, and those that
    somebody is at already are left out.
    """
    ids = [row.id for row in await tx.all(_DUE, {"at": at, "limit": limit})]
    found = {row.id: _on_record(row) for row in await tx.all(_LOAD_MANY, {"ids": ids})} if ids else {}
    return [found[id_] for id_ in ids]


def _on_record(row: Row[Any]) -> AssignmentOnRecord:
    return AssignmentOnRecord(
        assignment=_assignment(row),
        request_id=row.request_id,
        is_direct=row.request_type == RequestType.ADMIN_ADD.value,
        requestor=requestor_in(row, _PERSON),
        target=person_in(row, "target", _PERSON),
        package_name=row.package_name,
        catalog_id=row.catalog_id,
        is_mail_wanted=not row.is_mail_off,
        ending_at=row.ending_at,
        onlooker_id=row.onlooker_id,
    )


async def save(tx: Transaction, *changed: Assignment, ending_at: datetime | None = None) -> None:
    """Write where loaded and locked assignments are now; `ending_at` when their end is settled with this."""
    values = [
        {
            "saved_id": one.id,
            "state": one.state.value,
            "status": one.status[:LONGEST_STATUS],
            "ends_at": one.ends_at,
            "delivered_at": one.delivered_at,
            "ended_at": one.ended_at,
            "end_cause": one.end_cause.value if one.end_cause else None,
            "ending_at": ending_at,
        }
        for one in changed
    ]
    await tx.execute(_SAVE, values)


async def policy_of(tx: Transaction, assignment: Assignment) -> Policy | None:
    """Return the policy an assignment is held under; None when it was deleted since."""
    row = await tx.first(select(policies).where(policies.c.id == assignment.policy_id))
    return policy_codec.decode(row) if row else None


async def needed_grants(tx: Transaction, assignment_id: str) -> set[str]:
    """Return the ids of the grants that the assignment has a reason for."""
    return {row.grant_id for row in await tx.all(_NEEDED, {"assignment_id": assignment_id})}


def _assignment(row: Row[Any]) -> Assignment:
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


_PERSON = ("user_principal_name", "display_name", "mail", "account_enabled", "manager_id")


def _load_statement() -> Select[Any]:
    target = people.alias("target")
    return (
        select(
            assignments,
            requests.c.requestor_id,
            requests.c.requestor_name,
            requests.c.type.label("request_type"),
            *requestors.selected(_PERSON),
            *(target.c[name].label(f"target_{name}") for name in _PERSON),
            packages.c.display_name.label("package_name"),
            policy_codec.IS_ASSIGNMENT_MAIL_OFF.label("is_mail_off"),
            case((controls.managers_look_on(), target.c.manager_id)).label("onlooker_id"),
        )
        .join(requests, requests.c.id == assignments.c.request_id)
        .outerjoin(REQUESTOR, ASKED)
        .join(target, target.c.id == assignments.c.target_id)
        .join(packages, packages.c.id == assignments.c.package_id)
        # A policy that was deleted switches nothing off.
        .outerjoin(policies, policies.c.id == assignments.c.policy_id)
    )


# Built once: building one costs more than running it.
_LOAD = _load_statement().where(assignments.c.id == bindparam("assignment_id"))
_LOAD_MANY = _load_statement().where(assignments.c.id.in_(bindparam("ids", expanding=True)))
_LOCK = _LOAD.with_for_update(of=assignments)
_DUE = (
    select(assignments.c.id)
    .where(text(HELD), assignments.c.ends_at <= bindparam("at", type_=Instant()))
    .order_by(assignments.c.ends_at, assignments.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_INSERT = insert(assignments).values(catalog_id=catalog_of_package)
_SAVE = (
    update(assignments)
    .where(assignments.c.id == bindparam("saved_id"))
    .values(
        state=bindparam("state"),
        status=bindparam("status"),
        ends_at=bindparam("ends_at"),
        delivered_at=bindparam("delivered_at"),
        ended_at=bindparam("ended_at"),
        end_cause=bindparam("end_cause"),
        ending_at=func.coalesce(bindparam("ending_at", type_=assignments.c.ending_at.type), assignments.c.ending_at),
    )
)
_NEEDED = select(grant_reasons.c.grant_id).where(
    grant_reasons.c.assignment_id == bindparam("assignment_id"), grant_reasons.c.ended_at.is_(None)
)
