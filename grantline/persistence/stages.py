"""Stages and their approvers on record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Update, bindparam, insert, select, update

from grantline.ambient import new_id
from grantline.model.person import Person
from grantline.model.plan import Limit, PlannedStage
from grantline.model.policy import ApproverVisibility
from grantline.model.request import Stage, StageState, Verdict
from grantline.persistence.codec import to_json
from grantline.persistence.database import Transaction
from grantline.persistence.requests import limit_in
from grantline.persistence.tables import people, stage_approvers, stages
from grantline.rules.approvers import ALTERNATES, Approver


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOnRecord:
    """A stage with everybody who was ever asked in it, as they are today, and who decided it.

    `alternate_ids` are those who were asked late, `waiting_ids` those it waits for now.
    """

    stage: Stage
    approvers: tuple[Person, ...]
    decided_by_name: str | None
    alternate_ids: frozenset[str] = frozenset()
    waiting_ids: frozenset[str] = frozenset()


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


async def of_request(tx: Transaction, request_id: str) -> list[StageOnRecord]:
    """Return all stages of a request, in order."""
    by_id: dict[str, list[Row[Any]]] = {}
    for row in (await tx.execute(_OF_REQUEST, {"request_id": request_id})).all():
        by_id.setdefault(row.id, []).append(row)
    return [_on_record(rows) for rows in by_id.values()]


async def open_stage(tx: Transaction, stage: Stage) -> None:
    """Open a waiting stage: `opened_at`, `deadline_at` and `escalates_at` are set."""
    values = {
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
    asked = [one for one in rows if one.approver_id is not None]
    return StageOnRecord(
        stage=stage_of(row, tuple(one.approver_id for one in asked)),
        approvers=tuple(
            Person(
                id=one.approver_id,
                user_principal_name=one.approver_user_name,
                display_name=one.approver_name,
                mail=one.approver_mail,
                account_enabled=one.approver_enabled,
            )
            for one in asked
        ),
        decided_by_name=f"{row.decider_name} ({row.decider_user_name})" if row.decider_name else None,
        alternate_ids=frozenset(one.approver_id for one in asked if one.approver_source in ALTERNATES),
        waiting_ids=frozenset(one.approver_id for one in asked if one.approver_is_open),
    )


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
    approver, decider = people.alias("approver"), people.alias("decider")
    return (
        select(
            stages,
            stage_approvers.c.person_id.label("approver_id"),
            stage_approvers.c.source.label("approver_source"),
            stage_approvers.c.is_open.label("approver_is_open"),
            approver.c.display_name.label("approver_name"),
            approver.c.user_principal_name.label("approver_user_name"),
            approver.c.mail.label("approver_mail"),
            approver.c.account_enabled.label("approver_enabled"),
            decider.c.display_name.label("decider_name"),
            decider.c.user_principal_name.label("decider_user_name"),
        )
        .outerjoin(stage_approvers, stage_approvers.c.stage_id == stages.c.id)
        .outerjoin(approver, approver.c.id == stage_approvers.c.person_id)
        .outerjoin(decider, decider.c.id == stages.c.decided_by_id)
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
