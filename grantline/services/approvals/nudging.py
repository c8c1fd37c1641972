"""What time brings to an open stage before its deadline: reminders, and alternates who are asked too.

Each is one transaction under the request's lock and one conditional update, so
that a repeat, or whoever decided meanwhile, leaves it without effect. `at` is
the workflow's instant.
"""

from dataclasses import dataclass
from datetime import datetime

from grantline.errors import NotFound
from grantline.model.briefing import Progress
from grantline.model.event import EventType
from grantline.model.plan import PlannedStage
from grantline.model.request import RequestState, Stage, StageState
from grantline.persistence import requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.approvers import Approver, resolve_alternates
from grantline.rules.reminding import next_reminder
from grantline.services import trail
from grantline.services.approvals import standing_in
from grantline.services.approvals.openings import look_up
from grantline.services.assignments import lifecycle
from grantline.services.sending import mailing


async def remind_stage(db: Database, request_id: str, stage_id: str, at: datetime) -> Progress:
    """Remind those who have not acted, if a reminder is due; those that were missed meanwhile count as given."""
    async with db.write() as tx:
        waiting = await _waiting(tx, request_id, stage_id, at)
        if waiting is not None and waiting.is_reminder_due(at) and await stages.mark_reminded(tx, waiting.stage, at):
            await remind(tx, waiting.story, waiting.found, at)
    return await lifecycle.progress(db, request_id)


async def remind(tx: Transaction, story: RequestOnRecord, found: StageOnRecord, at: datetime) -> None:
    """Tell everybody the stage waits for that it still does."""
    asked = found.voices(story.requestor.id, story.target.id)
    details = {
        "stage": found.stage.number,
        "deadline": found.stage.deadline_at.isoformat() if found.stage.deadline_at else None,
        "approvers": [one.person.id for one in asked],
    }
    tx.audit(trail.about_request(story, EventType.STAGE_REMINDED, at, details=details))
    mailing.reminded(tx, story, found.stage, asked, at)


async def escalate_stage(db: Database, request_id: str, stage_id: str, at: datetime) -> Progress:
    """Ask the alternates too, if it is time; who was asked before keeps their vote.

    Alternates are looked up now. Where nobody of them may decide, that is put
    on record, and nothing else changes.
    """
    async with db.write() as tx:
        waiting = await _waiting(tx, request_id, stage_id, at)
        if waiting is not None and waiting.is_escalation_due(at) and await stages.mark_escalated(tx, waiting.stage, at):
            await _ask_alternates(tx, waiting, at)
    return await lifecycle.progress(db, request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """An open stage whose time is not up, with the request it belongs to."""

    story: RequestOnRecord
    found: StageOnRecord

    @property
    def stage(self) -> Stage:
        return self.found.stage

    @property
    def planned(self) -> PlannedStage:
        return self.story.request.plan.stages[self.stage.number - 1]

    def is_reminder_due(self, at: datetime) -> bool:
        opened_at, deadline_at = self.stage.opened_at, self.stage.deadline_at
        if opened_at is None or deadline_at is None:
            return False
        due_at = next_reminder(self.planned, opened_at, deadline_at, self.stage.reminded_at)
        return due_at is not None and due_at <= at

    def is_escalation_due(self, at: datetime) -> bool:
        escalates_at = self.stage.escalates_at
        return self.stage.escalated_at is None and escalates_at is not None and escalates_at <= at


async def _waiting(tx: Transaction, request_id: str, stage_id: str, at: datetime) -> _Waiting | None:
    """Read a stage and keep its request from changing until commit; None if it waits for nobody at this instant."""
    story = await requests.load(tx, request_id, lock=True)
    if story is None:
        raise NotFound(f"There is no request {request_id}.")
    everything = await stages.of_request(tx, request_id, at=at)
    found = next((one for one in everything if one.stage.id == stage_id), None)
    if found is None:
        raise NotFound(f"Request {request_id} has no stage {stage_id}.")
    stage = found.stage
    is_open = story.request.state is RequestState.PENDING_APPROVAL and stage.state is StageState.OPEN
    is_over = stage.deadline_at is not None and stage.deadline_at <= at
    return _Waiting(story=story, found=found) if is_open and not is_over else None


async def _ask_alternates(tx: Transaction, waiting: _Waiting, at: datetime) -> None:
    story, stage, planned = waiting.story, waiting.stage, waiting.planned
    people = await look_up(tx, story, (*planned.escalation_approvers, *planned.fallback_escalation_approvers))
    alternates = resolve_alternates(planned, story.request.plan.approver_is_requestor, people)
    new = _not_asked_yet(alternates, stage)
    await stages.add_approvers(tx, stage, new, at=at)
    mailing.asked_anew(tx, story, stage, [one.person for one in new], at)
    await standing_in.tell(tx, story, stage, new, at)
    tx.audit(
        trail.about_request(
            story,
            EventType.STAGE_ESCALATED,
            at,
            reason=None if alternates else "none of the alternates may decide; the stage waits for its approvers alone",
            details={
                "stage": stage.number,
                "approvers": [{"id": one.person.id, "source": one.source.value} for one in alternates],
            },
        )
    )


def _not_asked_yet(alternates: tuple[Approver, ...], stage: Stage) -> tuple[Approver, ...]:
    return tuple(one for one in alternates if one.person.id not in stage.approver_ids)
