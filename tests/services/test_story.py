"""The main story: asked, approved, delivered, held, taken back. Every step is on record when the call returns."""

from datetime import datetime, timedelta

from grantline.model.assignment import EndCause
from grantline.model.briefing import AssignmentBriefing, DecideSignal, GrantReference, Progress, RequestBriefing
from grantline.model.policy import Expiration, ExpirationType
from grantline.model.request import Request, RequestState, StageState, Verdict
from grantline.persistence.database import Database
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle
from tests.cast import BEA, BOB, LEO, MIA
from tests.packages import PAYROLL
from tests.services import scene
from tests.services.scene import (
    ask_for,
    briefing_of,
    events,
    furnish,
    grants_now,
    held_now,
    policy,
    request_now,
    stages_now,
    trail,
)

MONTH = timedelta(days=30)
FOR_A_MONTH = Expiration(type=ExpirationType.AFTER_DURATION, duration=MONTH)


async def test_mia_asks_for_leo_bob_approves_leo_has_it_for_a_month_and_then_no_more(database: Database) -> None:
    await furnish(database, policy(expiration=FOR_A_MONTH))
    request, stage_id = await mia_asks(database)
    owed, ends_at = await bob_approves(database, request, stage_id)
    await leo_has_it(database, request, owed, ends_at)
    await leo_has_it_no_more(database, owed, ends_at)
    await it_is_in_the_trail(database)
    again = await ask_for(database, LEO, LEO)
    assert again.request.state is RequestState.PENDING_APPROVAL


async def mia_asks(database: Database) -> tuple[Request, str]:
    """Return the request, and the id of the stage that is open."""
    submitted = await ask_for(database, MIA, LEO)

    request = submitted.request
    assert (request.state, request.status) == (RequestState.PENDING_APPROVAL, "PendingApproval")
    assert request == await request_now(database, request.id)
    (opened,) = await stages_now(database, request.id)
    assert (opened.stage.state, set(opened.stage.approver_ids)) == (StageState.OPEN, {BOB.id, BEA.id})
    assert opened.stage.deadline_at == request.created_at + timedelta(days=1)
    assert await grants_now(database) == []
    told = briefing_of(submitted)
    assert told == await lifecycle.briefing(database, request.id)
    assert told == RequestBriefing(
        request_id=request.id,
        requestor_id=MIA.id,
        target_id=LEO.id,
        package_id=request.package_id,
        summary="Payroll for Leo Park, asked by Mia Lind",
        details=told.details,
        starts_assignment=False,
        progress=Progress(
            state=RequestState.PENDING_APPROVAL,
            stage_id=opened.stage.id,
            stage_number=1,
            stage_count=1,
            approvers="Bea Hart, Bob Stone",
            deadline_at=opened.stage.deadline_at,
            reminds_at=request.created_at + timedelta(hours=12),
        ),
    )
    assert "Month end" in told.details
    return request, opened.stage.id


async def bob_approves(database: Database, request: Request, stage_id: str) -> tuple[AssignmentBriefing, datetime]:
    """Return what is owed then, and when it ends. Long because what is owed is compared whole."""
    hold, message = await decide(database, BOB.id, request.id, stage_id, Verdict.APPROVE, "Fine")

    assert isinstance(message.body, DecideSignal)
    assert message.body.decision_id is not None
    (decided,) = await stages_now(database, request.id)
    assert (decided.stage.state, decided.stage.decided_by_id, decided.stage.justification) == (
        StageState.APPROVED,
        BOB.id,
        "Fine",
    )
    approved = await request_now(database, request.id)
    assert (approved.state, approved.status) == (RequestState.DELIVERING, "Delivering")
    assert await grants_now(database) == [(LEO.id, PAYROLL.read, True)]
    progress = await lifecycle.hear_decision(database, request.id, message.body)
    assert (progress.state, progress.assignment_id) == (RequestState.DELIVERING, approved.assignment_id)
    owed = await scene.owed(database, approved.assignment_id)
    assert (hold.subject_id, hold.body) == (owed.assignment_id, owed)
    assert decided.stage.decided_at is not None
    ends_at = decided.stage.decided_at + MONTH
    assert owed == AssignmentBriefing(
        assignment_id=str(approved.assignment_id),
        request_id=request.id,
        target_id=LEO.id,
        package_id=request.package_id,
        summary=owed.summary,
        grants=(
            GrantReference(
                grant_id=owed.grants[0].grant_id,
                origin_system="AadGroup",
                summary=owed.grants[0].summary,
                is_kept_here=True,
            ),
        ),
        details=owed.details,
        ends_at_once=True,
        ends_at=ends_at,
        notices=(ends_at - timedelta(days=14), ends_at - timedelta(days=1)),
    )
    assert owed.summary.startswith("Payroll for Leo Park, until ")
    return owed, ends_at


async def leo_has_it(database: Database, request: Request, owed: AssignmentBriefing, ends_at: datetime) -> None:
    await lifecycle.record_delivery(database, owed.assignment_id, {})
    await lifecycle.record_delivery(database, owed.assignment_id, {})

    delivered = await request_now(database, request.id)
    assert (delivered.state, delivered.status) == (RequestState.DELIVERED, "Delivered")
    held = await held_now(database, owed.assignment_id)
    assert (held.state, held.status, held.ends_at) == ("delivered", "Delivered", ends_at)
    assert (await lifecycle.progress(database, request.id)).state is RequestState.DELIVERED


async def leo_has_it_no_more(database: Database, owed: AssignmentBriefing, ends_at: datetime) -> None:
    early = await lifecycle.end(database, owed.assignment_id, ends_at - timedelta(seconds=1), None)
    assert (early.is_ended, early.ends_at) == (False, ends_at)
    ending = await lifecycle.end(database, owed.assignment_id, ends_at, None)
    assert (ending.is_ended, ending.cause, ending.grants) == (True, EndCause.EXPIRED, owed.grants)
    assert ending == await lifecycle.end(database, owed.assignment_id, ends_at, None)
    assert await grants_now(database) == [(LEO.id, PAYROLL.read, False)]
    await lifecycle.record_ended(database, owed.assignment_id)
    await lifecycle.record_ended(database, owed.assignment_id)
    ended = await held_now(database, owed.assignment_id)
    assert (ended.state, ended.status, ended.end_cause) == ("expired", "Expired", "expired")


async def it_is_in_the_trail(database: Database) -> None:
    assert await trail(database) == [
        "request.submitted",
        "stage.opened",
        "stage.decided",
        "request.approved",
        "assignment.started",
        "request.delivered",
        "assignment.ending",
        "assignment.ended",
    ]
    (submit_event,) = await events(database, "request.submitted")
    assert (submit_event.actor_id, submit_event.on_behalf_of_id, submit_event.reason) == (MIA.id, LEO.id, "Month end")
    (decide_event,) = await events(database, "stage.decided")
    assert (decide_event.actor_id, decide_event.on_behalf_of_id, decide_event.reason) == (BOB.id, LEO.id, "Fine")
