"""An answer, the timeout and a withdrawal at one instant: one of them happens, and the others hear so."""

from datetime import timedelta

from sqlalchemy import update

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.callout import CalloutPoint, DeliveryState, HoldState
from grantline.model.request import RequestState
from grantline.persistence.callout_tables import callouts
from grantline.persistence.database import Database
from grantline.services.requests.cancellation import cancel
from grantline.services.sending import callbacks
from grantline.services.sending.callbacks import Answer
from tests.cast import LEO, MIA, acting
from tests.services.calling import (
    Heard,
    calling,
    calls_now,
    enter_extensions,
    hold_now,
    receiving,
    rows,
    sending,
    waiting,
)
from tests.services.scene import ask_for, furnish, policy, request_now, trail
from tests.services.test_races import at_once

ENDS = {HoldState.RESUMED: RequestState.PENDING_APPROVAL, HoldState.DENIED: RequestState.DENIED}


async def open_desk(database: Database, url: str = "http://127.0.0.1:9/") -> None:
    one = waiting(url=url)
    rule = calling(policy(), (CalloutPoint.CREATED, one))
    await furnish(database, rule)
    await enter_extensions(database, [one], rule)


async def test_of_answers_at_one_instant_the_first_stands(database: Database) -> None:
    await open_desk(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    callout_id = (await hold_now(database, request_id)).id
    won, lost = await at_once(
        *(
            callbacks.answer(database, request_id, Answer(callout_id=callout_id, is_denied=is_denied))
            for is_denied in (True, False, True, False)
        )
    )
    assert (len(won), {type(refusal) for refusal in lost}) == (1, {errors.AlreadyDecided})
    (call,) = await calls_now(database, request_id)
    assert call.hold is not None
    assert (await request_now(database, request_id)).state is ENDS[call.hold]
    assert (await trail(database)).count("callout.answered") == 1


async def test_an_answer_and_a_withdrawal_agree_on_who_was_first(database: Database) -> None:
    await open_desk(database)
    for turn in range(4):
        request_id = (await ask_for(database, MIA, LEO)).request.id
        callout_id = (await hold_now(database, request_id)).id
        await at_once(
            callbacks.answer(database, request_id, Answer(callout_id=callout_id, is_denied=True)),
            cancel(database, acting(LEO), request_id),
            backwards=bool(turn % 2),
        )
        (call,) = await calls_now(database, request_id)
        state = (await request_now(database, request_id)).state
        assert (call.hold, state) in {
            (HoldState.DENIED, RequestState.DENIED),
            (HoldState.WITHDRAWN, RequestState.CANCELED),
        }


async def test_an_answer_and_the_timeout_agree_on_who_was_first(database: Database) -> None:
    await open_desk(database)
    for turn in range(4):
        request_id = (await ask_for(database, MIA, LEO)).request.id
        awaited = await hold_now(database, request_id)
        assert awaited.times_out_at is not None
        # The workflow's clock says that time is up, the database's host does not yet: both may act.
        await at_once(
            callbacks.answer(database, request_id, Answer(callout_id=awaited.id)),
            callbacks.time_out(database, request_id, awaited.id, awaited.times_out_at),
            backwards=bool(turn % 2),
        )
        (call,) = await calls_now(database, request_id)
        request = await request_now(database, request_id)
        assert (call.hold, request.state) in {
            (HoldState.RESUMED, RequestState.PENDING_APPROVAL),
            (HoldState.TIMED_OUT, RequestState.DENIED),
        }
        if request.state is RequestState.PENDING_APPROVAL:
            await cancel(database, acting(LEO), request_id)


async def test_an_answer_before_the_call_itself_was_answered_counts(database: Database) -> None:
    async def answers_first(call: Heard) -> int:
        said = Answer(callout_id=call.headers["webhook-id"], detail="At once")
        await callbacks.answer(database, call.data["accessPackageAssignmentRequestId"], said)
        return 200

    async with receiving() as receiver, sending(database) as sender:
        receiver.reacts = [answers_first]
        await open_desk(database, receiver.url)
        request_id = (await ask_for(database, MIA, LEO)).request.id
        await sender.sweep()

    (call,) = await calls_now(database, request_id)
    assert (call.hold, call.delivery, call.detail) == (HoldState.RESUMED, DeliveryState.SENT, "At once")
    assert (await request_now(database, request_id)).status == "PendingApproval"


async def test_a_withdrawal_while_the_call_is_being_made_leaves_one_outcome(database: Database) -> None:
    async def is_withdrawn(call: Heard) -> int:
        await cancel(database, acting(LEO), call.data["accessPackageAssignmentRequestId"])
        return 200

    async with receiving() as receiver, sending(database) as sender:
        receiver.reacts = [is_withdrawn]
        await open_desk(database, receiver.url)
        request_id = (await ask_for(database, MIA, LEO)).request.id
        await sender.sweep()
        async with database.write() as tx:
            await tx.changed(update(callouts).values(next_attempt_at=utc_now() - timedelta(seconds=1)))
        assert await sender.sweep() == 0

    (row,) = await rows(database)
    assert (row.hold, row.delivery) == ("withdrawn", "failed")
    assert (await request_now(database, request_id)).state is RequestState.CANCELED
