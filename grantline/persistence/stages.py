"""Stages and their approvers on record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Update, and_, bindparam, delete, insert, select, update

from grantline.ambient import new_id, utc_now
from grantline.model.delegation import StandIn
from grantline.model.person import Person
from grantline.model.plan import Limit, PlannedStage
from grantline.model.policy import ApproverVisibility
from grantline.model.request import Stage, StageState, Verdict
from grantline.persistence import delegations
from grantline.persistence.codec import to_json
from grantline.persistence.database import Transaction
from grantline.persistence.delegation_tables import approval_delegations
from grantline.persistence.instants import Instant
from grantline.persistence.requests import limit_in
from grantline.persistence.tables import people, requests, stage_approvers, stages
from grantline.rules.approvers import ALTERNATES, Approver
from grantline.rules.voices import Voice, voices


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOnRecord:
    """A stage with everybody who was asked in it, as they are today, and who decided it.

    `alternate_ids` are those who were asked late, `waiting_ids` those it waits
    for now; `routes` say by approver how they came to be asked. `stand_ins` are
    the delegates of those who were asked, at the instant of the look. Whom a
    re-routing took the stage from is not in it.
    """

    stage: Stage
    approvers: tuple[Person, ...]
    decided_by: Person | None
    alternate_ids: frozenset[str] = frozenset()
    waiting_ids: frozenset[str] = frozenset()
    stand_ins: tuple[StandIn, ...] = ()
    routes: Mapping[str, str] = field(default_factory=dict)
    decided_for: Person | None = None

    @property
    def waiting(self) -> tuple[Person, ...]:
        """Return the approvers whom the stage waits for."""
        return tuple(one for one in self.approvers if one.id in self.waiting_ids)

    @property
    def party_ids(self) -> frozenset[str]:
        """Return everybody who sees the request because of this stage: asked, standing in, or having decided."""
        decided = {self.stage.decided_by_id} if self.stage.decided_by_id else set[str]()
        return frozenset(self.stage.approver_ids) | {one.person.id for one in self.stand_ins} | decided

    def voices(self, requestor_id: str, target_id: str) -> tuple[Voice, ...]:
        """Return everybody who may decide the stage at the instant of the look; nobody unless it is open."""
        waiting = self.waiting if self.stage.state is StageState.OPEN else ()
        return voices(waiting, self.stand_ins, requestor_id=requestor_id, target_id=target_id)


def waiting(request_id: str, planned: PlannedStage) -> Stage:
    """Make the stage as it is before its turn comes."""
    return Stage(
        id=new_id(),
        request_id=request_id,
        number=planned.number,
        state=StageState.WAITING,
        opened_at=None,
        deadline_at=None,
        is_approver_justification_required=planned.is_approver_justification_required,
        approver_visibility=planned.approver_visibility,
    )


async def add(tx: Transaction, new: Sequence[Stage]) -> None:
    """Insert the stages of a new request."""
    if new:
        await tx.execute(_INSERT, [_row(stage) for stage in new])


async def add_approvers(
    tx: Transaction, stage: Stage, approvers: Sequence[Approver], *, at: datetime | None = None
) -> None:
    """Put on record whom an open stage waits for, from its opening or from `at`."""
    rows = [
        {
            "stage_id": stage.id,
            "person_id": approver.person.id,
            "request_id": stage.request_id,
            "source": approver.source.value,
            "is_open": True,
            "opened_at": at or stage.opened_at,
        }
        for approver in approvers
    ]
    if rows:
        await tx.execute(_ASK, rows)


async def let_go(tx: Transaction, stage: Stage, person_ids: Collection[str]) -> None:
    """Wait for these no more in an open stage; the trail keeps that they were asked."""
    if person_ids:
        await tx.changed(
            delete(stage_approvers).where(
                stage_approvers.c.stage_id == stage.id, stage_approvers.c.person_id.in_(sorted(person_ids))
            )
        )


async def of_request(tx: Transaction, request_id: str, *, at: datetime | None = None) -> list[StageOnRecord]:
    """Return all stages of a request, in order, with whoever stands in for an approver at an instant (none: now)."""
    by_id: dict[str, list[Row[Any]]] = {}
    for row in (await tx.execute(_OF_REQUEST, {"request_id": request_id, "at": at or utc_now()})).all():
        by_id.setdefault(row.id, []).append(row)
    return [_on_record(rows) for rows in by_id.values()]


async def open_stage(tx: Transaction, stage: Stage) -> None:
    """Open a waiting stage: `opened_at`, `deadline_at` and `escalates_at` are set, and it says how it is decided."""
    values = {
        "is_approver_justification_required": stage.is_approver_justification_required,
        "approver_visibility": stage.approver_visibility.value,
        "state": StageState.OPEN.value,
        "opened_at": stage.opened_at,
        "deadline_at": stage.deadline_at,
        "escalates_at": stage.escalates_at,
    }
    await tx.changed(_CHANGE, {"stage_id": stage.id, "was": StageState.WAITING.value, **values})


async def settle(
    tx: Transaction, stage: Stage, *, was: StageState = StageState.OPEN, decision_id: str | None = None
) -> bool:
    """Write how a stage ended, only if nothing settled it before; tell whether so. Nobody is waited for any more.

    A stage that counts as approved never opens; it was waiting.
    """
    values = {**_outcome(stage), "decision_id": decision_id}
    touched = await tx.changed(_CHANGE, {"stage_id": stage.id, "was": was.value, **values})
    await _wait_for_nobody(tx, stage.request_id)
    return touched == 1


async def mark_reminded(tx: Transaction, stage: Stage, at: datetime) -> bool:
    """Write that an open stage's approvers were reminded, if nobody did since the stage was read; tell whether so."""
    was = stages.c.reminded_at.is_(None) if stage.reminded_at is None else stages.c.reminded_at == stage.reminded_at
    return await tx.changed(_still_open(stage).where(was).values(reminded_at=at)) == 1


async def mark_escalated(tx: Transaction, stage: Stage, at: datetime) -> bool:
    """Write that an open stage escalated, if it had not; tell whether so."""
    return await tx.changed(_still_open(stage).where(stages.c.escalated_at.is_(None)).values(escalated_at=at)) == 1


def _still_open(stage: Stage) -> Update:
    return update(stages).where(stages.c.id == stage.id, stages.c.state == StageState.OPEN.value)


async def close_all(tx: Transaction, request_id: str) -> None:
    """Close every stage that has no outcome of its own: the request has ended."""
    await tx.changed(_CLOSE, {"about_id": request_id})
    await _wait_for_nobody(tx, request_id)


async def _wait_for_nobody(tx: Transaction, request_id: str) -> None:
    await tx.changed(_WAIT_FOR_NOBODY, {"about_id": request_id})


def _outcome(stage: Stage) -> dict[str, Any]:
    return {
        "state": stage.state.value,
        "decided_by_id": stage.decided_by_id,
        "decided_for_id": stage.decided_for_id,
        "decided_at": stage.decided_at,
        "verdict": stage.verdict.value if stage.verdict else None,
        "justification": stage.justification,
        "shortened_to": to_json(Limit, stage.limit) if stage.limit else None,
    }


def _row(stage: Stage) -> dict[str, Any]:
    return {
        "id": stage.id,
        "request_id": stage.request_id,
        "number": stage.number,
        "opened_at": stage.opened_at,
        "deadline_at": stage.deadline_at,
        "is_approver_justification_required": stage.is_approver_justification_required,
        "approver_visibility": stage.approver_visibility.value,
        "escalates_at": stage.escalates_at,
        **_outcome(stage),
    }


def _on_record(rows: Sequence[Row[Any]]) -> StageOnRecord:
    row = rows[0]
    asked = {one.approver_id: one for one in rows if one.approver_id is not None}
    approvers = {id_: delegations.person_of(one, "approver") for id_, one in asked.items()}
    return StageOnRecord(
        stage=stage_of(row, tuple(asked)),
        approvers=tuple(approvers.values()),
        decided_by=_somebody(row, "decider"),
        alternate_ids=frozenset(id_ for id_, one in asked.items() if one.approver_source in ALTERNATES),
        waiting_ids=frozenset(id_ for id_, one in asked.items() if one.approver_is_open),
        stand_ins=tuple(
            StandIn(person=delegations.person_of(one, "delegate"), stands_in_for=approvers[one.approver_id])
            for one in rows
            if one.delegate_id is not None
        ),
        routes={id_: one.approver_source for id_, one in asked.items()},
        decided_for=_somebody(row, "represented"),
    )


def _somebody(row: Row[Any], who: str) -> Person | None:
    return delegations.person_of(row, who) if getattr(row, f"{who}_id") is not None else None


def stage_of(row: Row[Any], approver_ids: tuple[str, ...]) -> Stage:
    """Read a row that has the columns of `stages`."""
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
        decided_for_id=row.decided_for_id,
        decided_at=row.decided_at,
        verdict=Verdict(row.verdict) if row.verdict else None,
        justification=row.justification,
        approver_visibility=ApproverVisibility(row.approver_visibility),
        escalates_at=row.escalates_at,
        escalated_at=row.escalated_at,
        reminded_at=row.reminded_at,
        limit=limit_in(row),
    )


def _of_request_statement() -> Select[Any]:
    approver, delegate = people.alias("approver"), people.alias("delegate")
    decider, represented = people.alias("decider"), people.alias("represented")
    at = bindparam("at", type_=Instant())
    is_stand_in = and_(
        approval_delegations.c.delegator_id == approver.c.id,
        delegations.in_force(at),
        delegations.was_open_since(at),
    )
    return (
        select(
            stages,
            stage_approvers.c.source.label("approver_source"),
            stage_approvers.c.is_open.label("approver_is_open"),
            *delegations.person_columns(approver, "approver"),
            *delegations.person_columns(delegate, "delegate"),
            *delegations.person_columns(decider, "decider"),
            *delegations.person_columns(represented, "represented"),
        )
        .join(requests, requests.c.id == stages.c.request_id)
        .outerjoin(stage_approvers, stage_approvers.c.stage_id == stages.c.id)
        .outerjoin(approver, approver.c.id == stage_approvers.c.person_id)
        .outerjoin(approval_delegations, is_stand_in)
        .outerjoin(delegate, delegate.c.id == approval_delegations.c.delegate_id)
        .outerjoin(decider, decider.c.id == stages.c.decided_by_id)
        .outerjoin(represented, represented.c.id == stages.c.decided_for_id)
        .where(stages.c.request_id == bindparam("request_id"))
        .order_by(stages.c.number, approver.c.id)
    )


# Built once: building one costs more than running it.
_OF_REQUEST = _of_request_statement()
_INSERT = insert(stages)
_ASK = insert(stage_approvers)
_CHANGE = update(stages).where(stages.c.id == bindparam("stage_id"), stages.c.state == bindparam("was"))
_CLOSE = (
    update(stages)
    .where(
        stages.c.request_id == bindparam("about_id"),
        stages.c.state.in_([StageState.OPEN.value, StageState.WAITING.value]),
    )
    .values(state=StageState.CLOSED.value)
)
_WAIT_FOR_NOBODY = (
    update(stage_approvers)
    .where(stage_approvers.c.request_id == bindparam("about_id"), stage_approvers.c.is_open)
    .values(is_open=False)
)
