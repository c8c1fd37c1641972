"""Alternates, reminders, decisions and the deadline at one instant: each happens once or not at all."""

from datetime import timedelta

from grantline import errors
from grantline.model.request import RequestState, StageState, Verdict
from grantline.model.subjects import SingleUser
from grantline.persistence.database import Database
from grantline.services.approvals.decisions import decide
from grantline.services.approvals.nudging import escalate_stage, remind_stage
from grantline.services.assignments import lifecycle
from tests.cast import BOB, CY, LEO, MIA
from tests.services.scene import approved_by, ask_for, furnish, policy, request_now, stage, stages_now, trail
from tests.services.test_races import ROUNDS, at_once

ESCALATING = stage(
    SingleUser(user_id=BOB.id),
    is_escalation_enabled=True,
    escalates_after=timedelta(hours=6),
    escalation_approvers=(SingleUser(user_id=CY.id),),
)


async def test_a_nudge_told_many_times_at_one_instant_is_told_once(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(ESCALATING)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    now = await lifecycle.progress(database, request_id)
    assert now.stage_id is not None
    assert now.escalates_at is not None
    assert now.reminds_at is not None

    done, lost = await at_once(
        *(escalate_stage(database, request_id, now.stage_id, now.escalates_at) for _ in range(3)),
        *(remind_stage(database, request_id, now.stage_id, now.reminds_at) for _ in range(3)),
    )

    assert (len(done), lost) == (6, [])
    kinds = await trail(database)
    assert [kinds.count(kind) for kind in ("stage.escalated", "stage.reminded")] == [1, 1]
    (opened,) = await stages_now(database, request_id)
    assert opened.waiting_ids == {BOB.id, CY.id}


async def test_escalation_a_decision_and_the_deadline_at_one_instant_leave_one_outcome(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(ESCALATING)))
    for turn in ROUNDS:
        request_id = (await ask_for(database, MIA, LEO)).request.id
        now = await lifecycle.progress(database, request_id)
        assert now.stage_id is not None
        assert now.escalates_at is not None
        assert now.deadline_at is not None

        _, lost = await at_once(
            escalate_stage(database, request_id, now.stage_id, now.escalates_at),
            decide(database, BOB.id, request_id, now.stage_id, Verdict.DENY, None),
            lifecycle.expire_stage(database, request_id, now.stage_id, now.deadline_at),
            backwards=turn % 2 == 1,
        )

        request = await request_now(database, request_id)
        (settled,) = await stages_now(database, request_id)
        assert settled.waiting_ids == frozenset(), "an alternate is waited for after the end"
        if lost:
            assert [type(refusal) for refusal in lost] == [errors.RequestClosed]
            assert (request.state, settled.stage.state) == (RequestState.EXPIRED, StageState.EXPIRED)
        else:
            assert (request.state, settled.stage.decided_by_id) == (RequestState.DENIED, BOB.id)


async def test_of_a_first_approver_and_an_alternate_at_one_instant_one_wins(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(ESCALATING)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    now = await lifecycle.progress(database, request_id)
    assert now.stage_id is not None
    assert now.escalates_at is not None
    await escalate_stage(database, request_id, now.stage_id, now.escalates_at)

    won, lost = await at_once(
        decide(database, BOB.id, request_id, now.stage_id, Verdict.DENY, None),
        decide(database, CY.id, request_id, now.stage_id, Verdict.APPROVE, None),
    )

    assert (len(won), [type(refusal) for refusal in lost]) == (1, [errors.AlreadyDecided])
