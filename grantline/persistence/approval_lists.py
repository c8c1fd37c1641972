"""Approvals as lists and pages read them. An approval's id is its request's id."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, select

from grantline.model.request import Stage, StageState, Verdict
from grantline.persistence import listing
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Fields, ListQuery, Page
from grantline.persistence.request_lists import awaits, may_see
from grantline.persistence.tables import requests, stage_approvers, stages


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


COLUMNS = (requests.c.id, requests.c.requestor_id, requests.c.target_id, requests.c.created_at)
FIELDS: Fields = {"id": requests.c.id, "createdDateTime": requests.c.created_at}
KEY = (requests.c.created_at, requests.c.id)


async def page(
    tx: Transaction, whose: ApprovalsOf, person_id: str, query: ListQuery, now: datetime
) -> Page[ApprovalLine]:
    """Return one page of approvals, newest request first; for `APPROVER` those to be decided on now."""
    base = select(*COLUMNS).where(_belonging(whose, person_id, now))
    found = await listing.page(tx, base, FIELDS, KEY, query)
    return found.map(_line)


async def visible(tx: Transaction, request_id: str, viewer_id: str | None) -> ApprovalLine | None:
    """Return the approval of a request that needs one, if the viewer may see it; None as viewer sees all."""
    statement = select(*COLUMNS).where(requests.c.id == request_id, _has_stages())
    if viewer_id is not None:
        statement = statement.where(may_see(viewer_id))
    row = await tx.first(statement)
    return _line(row) if row else None


async def stages_of(tx: Transaction, request_ids: Iterable[str]) -> dict[str, list[Stage]]:
    """Return the stages of these requests in order; approvers are those a stage waits for now."""
    wanted = set(request_ids)
    found: dict[str, list[Stage]] = {request_id: [] for request_id in wanted}
    if not wanted:
        return found
    waiting: dict[str, list[str]] = {}
    for row in await tx.all(
        select(stage_approvers.c.stage_id, stage_approvers.c.person_id)
        .where(stage_approvers.c.request_id.in_(wanted), stage_approvers.c.is_open)
        .order_by(stage_approvers.c.person_id)
    ):
        waiting.setdefault(row.stage_id, []).append(row.person_id)
    for row in await tx.all(
        select(stages).where(stages.c.request_id.in_(wanted)).order_by(stages.c.request_id, stages.c.number)
    ):
        found[row.request_id].append(_stage(row, tuple(waiting.get(row.id, ()))))
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


def _stage(row: Row[Any], approver_ids: tuple[str, ...]) -> Stage:
    return Stage(
        id=row.id,
        request_id=row.request_id,
        number=row.number,
        state=StageState(row.state),
        opened_at=row.opened_at,
        deadline_at=row.deadline_at,
        is_approver_justification_required=row.is_approver_justification_required,
        approver_ids=approver_ids,
        decided_by_id=row.decided_by_id,
        decided_at=row.decided_at,
        verdict=Verdict(row.verdict) if row.verdict else None,
        justification=row.justification,
    )
