"""What workflows ask and tell: deadlines, deliveries, ends, and signals that came past the API."""

from dataclasses import replace
from datetime import timedelta

import pytest

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.assignment import EndCause
from grantline.model.briefing import CancelSignal, DecideSignal, Ending, Progress, RemoveSignal
from grantline.model.person import Person
from grantline.model.request import RequestState, StageState, Verdict
from grantline.model.subjects import SingleUser
from grantline.persistence.database import Database
from grantline.services.assignments import lifecycle, reprocessing
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, MIA, fixed_id
from tests.packages import PAYROLL
from tests.services.scene import (
    ON_BEHALF,
    OWNERS_DECIDE,
    approved_by,
    ask_for,
    events,
    furnish,
    given,
    grants_now,
    held_now,
    owed,
    policy,
    request_now,
    says,
    stage,
    stages_now,
    trail,
)

SECOND = timedelta(seconds=1)


async def test_silence_ends_the_request_at_the_deadline_and_not_before(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    (opened,) = await stages_now(database, request_id)
    deadline = opened.stage.deadline_at
    assert deadline is not None

    early = await lifecycle.expire_stage(database, request_id, opened.stage.id, deadline - SECOND)
    assert (early.state, early.deadline_at) == (RequestState.PENDING_APPROVAL, deadline)
    for _ in range(2):
        late = await lifecycle.expire_stage(database, request_id, opened.stage.id, deadline)
        assert late == Progress(state=RequestState.EXPIRED, stage_count=1)

    request = await request_now(database, request_id)
    assert (request.state, request.status, request.completed_at) == (RequestState.EXPIRED, "Expired", deadline)
    (closed,) = await stages_now(database, request_id)
    assert closed.stage.state is StageState.EXPIRED
    assert await trail(database) == ["request.submitted", "stage.opened", "request.expired"]
    with pytest.raises(errors.RequestClosed):
        await says(database, BOB, request_id, Verdict.APPROVE)
    assert (await ask_for(database, MIA, LEO)).request.state is RequestState.PENDING_APPROVAL


async def test_the_timer_of_a_decided_stage_changes_nothing(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, OWNERS_DECIDE)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    first, second = await stages_now(database, request_id)
    await says(database, BOB, request_id, Verdict.APPROVE)

    progress = await lifecycle.expire_stage(database, request_id, first.stage.id, utc_now() + timedelta(days=9))

    assert (progress.state, progress.stage_id) == (RequestState.PENDING_APPROVAL, second.stage.id)
    with pytest.raises(errors.NotFound):
        await lifecycle.expire_stage(database, request_id, fixed_id("x"), utc_now())
    for missing in (lifecycle.progress, lifecycle.briefing):
        with pytest.raises(errors.NotFound):
            await missing(database, fixed_id("x"))


@pytest.mark.parametrize(
    ("failed", "state", "status"),
    [
        (0, "delivered", "Delivered"),
        (1, "partiallyDelivered", "PartiallyDelivered: the group is full"),
        (2, "deliveryFailed", "DeliveryFailed: the group is full"),
    ],
)
async def test_deliveries_are_recorded_whole_in_part_and_not_at_all(
    database: Database, failed: int, state: str, status: str
) -> None:
    await furnish(database, roles=(PAYROLL.read, PAYROLL.write))
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    told = await owed(database, held.assignment_id)
    failures = {reference.grant_id: "the group is full" for reference in told.grants[:failed]}

    await lifecycle.record_delivery(database, held.assignment_id, failures)
    await lifecycle.record_delivery(database, held.assignment_id, {})

    request, assignment = await request_now(database, held.request_id), await held_now(database, held.assignment_id)
    assert (request.state.value, request.status) == (state, status)
    assert (assignment.state, assignment.status) == (state, status)
    assert (assignment.delivered_at is None) is (state == "deliveryFailed")
    assert request.completed_at is not None
    expected = "request.deliveryFailed" if failed else "request.delivered"
    assert (await trail(database))[-1] == expected
    (told,) = await events(database, expected)
    assert told.details == {"state": state, "failures": failures}


async def test_what_a_redelivery_came_to_is_put_on_record_once_however_long_the_reason(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(database, held.assignment_id, {})
    told = await owed(database, held.assignment_id)
    failures = {told.grants[0].grant_id: "The target said no. " * 50}
    for _ in range(3):
        await reprocessing.settle(database, held.assignment_id, failures)
    assert (await trail(database)).count("assignment.redelivered") == 1


async def test_an_assignment_without_an_end_does_not_end_by_itself(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    assert await lifecycle.end(database, held.assignment_id, utc_now() + timedelta(days=9999), None) == Ending(
        is_ended=False
    )
    await lifecycle.record_ended(database, held.assignment_id)
    assert (await held_now(database, held.assignment_id)).state == "delivering"
    with pytest.raises(errors.NotFound):
        await lifecycle.end(database, fixed_id("x"), utc_now(), None)


async def test_a_decision_by_signal_is_judged_like_any_other_and_counts_once(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, stage(SingleUser(user_id=CY.id)))))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    signal = DecideSignal(approver_id=BOB.id, verdict=Verdict.APPROVE, justification="By hand")

    for _ in range(2):
        first = await lifecycle.hear_decision(database, request_id, signal)
        assert (first.state, first.stage_number) == (RequestState.PENDING_APPROVAL, 2)
    last = await lifecycle.hear_decision(database, request_id, DecideSignal(approver_id=CY.id, verdict=Verdict.APPROVE))

    assert last.state is RequestState.DELIVERING
    assert last.assignment_id is not None
    (by_hand, _) = await events(database, "stage.decided")
    assert (by_hand.actor_id, by_hand.reason) == (BOB.id, "By hand")
    assert "signal.refused" not in await trail(database)


async def test_a_signal_heard_twice_does_not_settle_the_next_stage_of_the_same_approver(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, OWNERS_DECIDE)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    signal = DecideSignal(approver_id=BOB.id, verdict=Verdict.APPROVE)
    for _ in range(2):
        assert (await lifecycle.hear_decision(database, request_id, signal)).stage_number == 2
    _, second = await stages_now(database, request_id)
    naming = replace(signal, stage_id=second.stage.id)
    for _ in range(2):
        assert (await lifecycle.hear_decision(database, request_id, naming)).state is RequestState.DELIVERING
    assert "signal.refused" not in await trail(database)


@pytest.mark.parametrize(
    ("who", "code"),
    [(MIA, "ownRequest"), (LEO, "ownRequest"), (EVE, "itemNotFound"), (ADA, "notAnApprover")],
    ids=["requestor", "target", "stranger", "administrator"],
)
async def test_a_decision_by_signal_that_may_not_be_is_refused_and_audited(
    database: Database, who: Person, code: str
) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    before = await lifecycle.progress(database, request_id)

    signal = DecideSignal(approver_id=who.id, verdict=Verdict.APPROVE)
    after = await lifecycle.hear_decision(database, request_id, signal, administrators=["ada@grantline.test"])

    assert after == before
    (refused,) = await events(database, "signal.refused")
    assert (refused.actor_id, refused.object_id, refused.details) == (who.id, request_id, {"code": code})
    assert await grants_now(database) == []


async def test_a_second_decision_by_signal_is_refused_and_audited(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await says(database, BOB, request_id, Verdict.APPROVE)
    progress = await lifecycle.hear_decision(
        database, request_id, DecideSignal(approver_id=BEA.id, verdict=Verdict.DENY)
    )
    assert progress.state is RequestState.DELIVERING
    (refused,) = await events(database, "signal.refused")
    assert refused.details == {"code": "alreadyDecided"}


async def test_a_cancellation_by_signal_is_judged_like_any_other(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    for who in (EVE.id, BOB.id, DAN.id, "nobody at all, with a name longer than any id there is"):
        progress = await lifecycle.hear_cancellation(database, request_id, CancelSignal(actor_id=who))
        assert progress.state is RequestState.PENDING_APPROVAL
    codes = [event.details["code"] for event in await events(database, "signal.refused")]
    assert codes == ["itemNotFound", "accessDenied", "itemNotFound", "itemNotFound"]
    for _ in range(2):
        progress = await lifecycle.hear_cancellation(database, request_id, CancelSignal(actor_id=LEO.id, reason="No"))
        assert progress.state is RequestState.CANCELED
    assert len(await events(database, "signal.refused")) == 4


async def test_an_administrator_cancels_by_signal(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    progress = await lifecycle.hear_cancellation(
        database, request_id, CancelSignal(actor_id=ADA.id), administrators=["Ada@grantline.test"]
    )
    assert progress.state is RequestState.CANCELED


async def test_a_removal_by_signal_is_judged_like_any_other_and_goes_on_record(database: Database) -> None:
    settings = replace(ON_BEHALF, self_remove=False)
    await furnish(database, policy(requestor_settings=settings))
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(database, held.assignment_id, {})

    refused = await lifecycle.end(database, held.assignment_id, utc_now(), RemoveSignal(actor_id=LEO.id))
    assert refused == Ending(is_ended=False)
    (told,) = await events(database, "signal.refused")
    assert (told.actor_id, told.assignment_id, told.details) == (
        LEO.id,
        held.assignment_id,
        {"code": "removalNotAllowed"},
    )
    ending = await lifecycle.end(
        database, held.assignment_id, utc_now(), RemoveSignal(actor_id=MIA.id, reason="Left the team")
    )
    assert (ending.is_ended, ending.cause) == (True, EndCause.REMOVED_ON_BEHALF)
    (removal,) = await events(database, "removal.requested")
    await lifecycle.record_ended(database, held.assignment_id)
    done = await request_now(database, removal.request_id)
    assert (done.requestor_id, done.state, done.justification) == (MIA.id, RequestState.DELIVERED, "Left the team")


async def test_a_forged_decision_id_moves_nothing(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    forged = DecideSignal(approver_id=BOB.id, verdict=Verdict.APPROVE, decision_id=fixed_id("forged"))
    assert (await lifecycle.hear_decision(database, request_id, forged)).state is RequestState.PENDING_APPROVAL
    cancel = CancelSignal(actor_id=LEO.id, cancellation_id=fixed_id("forged"))
    assert (await lifecycle.hear_cancellation(database, request_id, cancel)).state is RequestState.PENDING_APPROVAL
