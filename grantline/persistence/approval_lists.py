"""Approvals as lists and pages read them. An approval's id is its request's id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, or_, select

from grantline.model.delegation import StandIn
from grantline.model.person import Person
from grantline.model.request import Stage, StageState
from grantline.persistence import delegations, listing
from grantline.persistence.database import Transaction
from grantline.persistence.delegation_tables import approval_delegations
from grantline.persistence.instants import Instant
from grantline.persistence.listing import Fields, ListQuery, Page
from grantline.persistence.realms import inside
from grantline.persistence.request_lists import awaits, may_see
from grantline.persistence.stages import stage_of
from grantline.persistence.tables import people, requests, stage_approvers, stages
from grantline.rules.permissions import NOWHERE, Realm
from grantline.rules.voices import Voice, voice_of, voices


class ApprovalsOf(StrEnum):
    """Which approvals, seen from one person."""

    APPROVER = "approver"
    TARGET = "target"
    CREATED_BY = "createdBy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalLine:
    """One request's approval, where it lies, and the two people who never decide in it."""

    request_id: str
    requestor_id: str
    target_id: str
    catalog_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLine:
    """One stage, whom it waits for now, and who stands in for these; `stage.approver_ids` are the approvers'."""

    stage: Stage
    approvers: tuple[Person, ...]
    stand_ins: tuple[StandIn, ...] = ()

    def voice_of(self, person_id: str, line: ApprovalLine, now: datetime) -> Voice | None:
        """Return by what right somebody may decide the stage at the instant it was looked at; None: by none."""
        stage = self.stage
        if stage.state is not StageState.OPEN or stage.deadline_at is None or stage.deadline_at <= now:
            return None
        among = voices(self.approvers, self.stand_ins, requestor_id=line.requestor_id, target_id=line.target_id)
        return voice_of(person_id, among)


COLUMNS = (
    requests.c.id,
    requests.c.requestor_id,
    requests.c.target_id,
    requests.c.catalog_id,
    requests.c.created_at,
)
FIELDS: Fields = {"id": requests.c.id, "createdDateTime": requests.c.created_at}
KEY = (requests.c.created_at, requests.c.id)


async def page(
    tx: Transaction, whose: ApprovalsOf, person_id: str, query: ListQuery, now: datetime
) -> Page[ApprovalLine]:
    """Return one page of approvals, newest request first; for `APPROVER` those to be decided on now."""
    base = select(*COLUMNS).where(_belonging(whose, person_id, now))
    found = await listing.page(tx, base, FIELDS, KEY, query)
    return found.map(lambda row: _line(row.id, row))


async def visible(
    tx: Transaction, request_id: str, viewer_id: str, now: datetime, realm: Realm = NOWHERE
) -> tuple[ApprovalLine, Sequence[StageLine]] | None:
    """Return the approval of a request with its stages, if the viewer may see it now or the realm has it.

    A request that needs no approval has none.
    """
    parameters = {"wanted_id": request_id, "viewer_id": viewer_id, "now": now}
    rows = await tx.all(_WHOLE if realm.is_everything else _seen(realm), parameters)
    if not rows:
        return None
    return _line(request_id, rows[0]), _stage_lines(rows)


async def stages_of(tx: Transaction, request_ids: Iterable[str], now: datetime) -> dict[str, list[StageLine]]:
    """Return the stages of these requests in order."""
    wanted = set(request_ids)
    found: dict[str, list[StageLine]] = {request_id: [] for request_id in wanted}
    if not wanted:
        return found
    statement = _stages_statement().where(stages.c.request_id.in_(wanted))
    for line in _stage_lines(await tx.all(statement, {"now": now})):
        found[line.stage.request_id].append(line)
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


def _line(request_id: str, row: Row[Any]) -> ApprovalLine:
    return ApprovalLine(
        request_id=request_id, requestor_id=row.requestor_id, target_id=row.target_id, catalog_id=row.catalog_id
    )


def _stage_lines(rows: Sequence[Row[Any]]) -> list[StageLine]:
    by_stage: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_stage.setdefault(row.id, []).append(row)
    return [_stage_line(some) for some in by_stage.values()]


def _stage_line(rows: Sequence[Row[Any]]) -> StageLine:
    waiting = {row.approver_id: delegations.person_of(row, "approver") for row in rows if row.approver_id is not None}
    return StageLine(
        stage=stage_of(rows[0], tuple(waiting)),
        approvers=tuple(waiting.values()),
        stand_ins=tuple(
            StandIn(person=delegations.person_of(row, "delegate"), stands_in_for=waiting[row.approver_id])
            for row in rows
            if row.delegate_id is not None
        ),
    )


def _stages_statement() -> Select[Any]:
    # Under names of their own: conditions on who may see look into the same tables.
    waiting, delegation = stage_approvers.alias("waiting"), approval_delegations.alias("delegation")
    approver, delegate = people.alias("approver"), people.alias("delegate")
    stands_in = and_(
        delegation.c.delegator_id == approver.c.id,
        delegations.in_force(bindparam("now", type_=Instant()), delegation),
    )
    return (
        select(
            stages,
            requests.c.requestor_id,
            requests.c.target_id,
            requests.c.catalog_id,
            *delegations.person_columns(approver, "approver"),
            *delegations.person_columns(delegate, "delegate"),
        )
        .join(requests, requests.c.id == stages.c.request_id)
        .outerjoin(waiting, and_(waiting.c.stage_id == stages.c.id, waiting.c.is_open))
        .outerjoin(approver, approver.c.id == waiting.c.person_id)
        .outerjoin(delegation, stands_in)
        .outerjoin(delegate, delegate.c.id == delegation.c.delegate_id)
        .order_by(stages.c.request_id, stages.c.number, approver.c.id)
    )


# Built once: approvers look before every decision.
_WHOLE = _stages_statement().where(requests.c.id == bindparam("wanted_id"))
_MAY_SEE = may_see(bindparam("viewer_id"), bindparam("now", type_=Instant()))
_SEEN = _WHOLE.where(_MAY_SEE)


def _seen(realm: Realm) -> Select[Any]:
    return _SEEN if realm == NOWHERE else _WHOLE.where(or_(_MAY_SEE, inside(requests.c.catalog_id, realm)))
