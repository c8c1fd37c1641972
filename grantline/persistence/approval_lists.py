"""Approvals as lists and pages read them. An approval's id is its request's id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, select

from grantline.model.person import Person
from grantline.model.request import Stage
from grantline.persistence import listing
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Fields, ListQuery, Page
from grantline.persistence.request_lists import awaits, may_see
from grantline.persistence.stages import stage_of
from grantline.persistence.tables import people, requests, stage_approvers, stages


class ApprovalsOf(StrEnum):
    """Which approvals, seen from one person."""

    APPROVER = "approver"
    TARGET = "target"
    CREATED_BY = "createdBy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLine:
    """One request's approval, and the two people who never decide in it."""

    request_id: str
    requestor_id: str
    target_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One stage, and whom it waits for now; `stage.approver_ids` are theirs."""

    stage: Stage
    approvers: tuple[Person, ...]


COLUMNS = (requests.c.id, requests.c.requestor_id, requests.c.target_id, requests.c.created_at)
APPROVER = (
    people.c.id.label("waits_for_id"),
    people.c.user_principal_name.label("approver_user_name"),
    people.c.display_name.label("approver_name"),
    people.c.mail.label("approver_mail"),
)
FIELDS: Fields = {"id": requests.c.id, "createdDateTime": requests.c.created_at}
KEY = (requests.c.created_at, requests.c.id)


async def page(
    tx: Transaction, whose: ApprovalsOf, person_id: str, query: ListQuery, now: datetime
) -> Page[ApprovalLine]:
    """Return one page of approvals, newest request first; for `APPROVER` those to be decided on now."""
    base = select(*COLUMNS).where(_belonging(whose, person_id, now))
    found = await listing.page(tx, base, FIELDS, KEY, query)
    return found.map(_line)


async def visible(
    tx: Transaction, request_id: str, viewer_id: str | None
) -> tuple[ApprovalLine, Sequence[StageLine]] | None:
    """Return the approval of a request with its stages, if the viewer may see it; None as viewer sees all.

    A request that needs no approval has none.
    """
    rows = await tx.all(_SEEN if viewer_id else _WHOLE, {"wanted_id": request_id, "viewer_id": viewer_id})
    if not rows:
        return None
    first = rows[0]
    line = ApprovalLine(request_id=request_id, requestor_id=first.requestor_id, target_id=first.target_id)
    waiting: dict[str, list[Person]] = {}
    for row in rows:
        if row.waits_for_id is not None:
            waiting.setdefault(row.id, []).append(_approver(row))
    by_id = {row.id: row for row in rows}
    return line, [_stage_line(row, waiting.get(row.id, [])) for row in by_id.values()]


async def stages_of(tx: Transaction, request_ids: Iterable[str]) -> dict[str, list[StageLine]]:
    """Return the stages of these requests in order."""
    wanted = set(request_ids)
    found: dict[str, list[StageLine]] = {request_id: [] for request_id in wanted}
    if not wanted:
        return found
    waiting: dict[str, list[Person]] = {}
    for row in await tx.all(
        select(stage_approvers.c.stage_id, *APPROVER)
        .join(people, people.c.id == stage_approvers.c.person_id)
        .where(stage_approvers.c.request_id.in_(wanted), stage_approvers.c.is_open)
        .order_by(people.c.id)
    ):
        waiting.setdefault(row.stage_id, []).append(_approver(row))
    for row in await tx.all(
        select(stages).where(stages.c.request_id.in_(wanted)).order_by(stages.c.request_id, stages.c.number)
    ):
        found[row.request_id].append(_stage_line(row, waiting.get(row.id, [])))
    return found


def _has_stages() -> ColumnElement[bool]:
    return exists().where(stages.c.request_id == requests.c.id)


def _belonging(whose: ApprovalsOf, person_id: str, now: datetime) -> ColumnElement[bool]:
    conditions: dict[ApprovalsOf, ColumnElement[bool]] = {
        ApprovalsOf.APPROVER: awaits(person_id, now),
        ApprovalsOf.TARGET: and_(requests.c.target_id == person_id, _has_stages()),
        ApprovalsOf.CREATED_BY: and_(requests.c.requestor_id == person_id, _has_stages()),
    }
    return conditions[whose]


def _line(row: Row[Any]) -> ApprovalLine:
    return ApprovalLine(request_id=row.id, requestor_id=row.requestor_id, target_id=row.target_id)


def _stage_line(row: Row[Any], waiting: Sequence[Person]) -> StageLine:
    return StageLine(stage=stage_of(row, tuple(one.id for one in waiting)), approvers=tuple(waiting))


def _approver(row: Row[Any]) -> Person:
    return Person(
        id=row.waits_for_id,
        user_principal_name=row.approver_user_name,
        display_name=row.approver_name,
        mail=row.approver_mail,
    )


def _visible_statement() -> Select[Any]:
    waiting = stage_approvers.alias("waiting")
    return (
        select(stages, requests.c.requestor_id, requests.c.target_id, *APPROVER)
        .join(requests, requests.c.id == stages.c.request_id)
        .outerjoin(waiting, and_(waiting.c.stage_id == stages.c.id, waiting.c.is_open))
        .outerjoin(people, people.c.id == waiting.c.person_id)
        .where(requests.c.id == bindparam("wanted_id"))
        .order_by(stages.c.number, people.c.id)
    )


# Built once: approvers look before every decision.
_WHOLE = _visible_statement()
_SEEN = _WHOLE.where(may_see(bindparam("viewer_id")))
