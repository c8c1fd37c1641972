"""More time and the end at one instant: exactly one of them happens, and the record says which."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.briefing import CancelSignal, DecideSignal
from grantline.model.policy import (
    Policy,
)
from grantline.model.request import RequestState, Verdict
from grantline.persistence.database import Database
from grantline.persistence.tables import outbox
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle
from grantline.services.requests.submission import Idempotency, submit
from tests.cast import BOB, LEO, MIA, acting
from tests.services.extending import APPROVED, AT_ONCE, extending, held_by_leo, set_end, until
from tests.services.scene import (
    furnish,
    held_now,
    request_now,
    trail,
)
from tests.services.test_races import ROUNDS, at_once


async def test_an_end_that_comes_first_closes_the_request_for_more_time(database: Database) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    request_id = (await submit(database, acting(LEO), extending(assignment_id))).request.id
    ends_at = (await held_now(database, assignment_id)).ends_at

    for _ in range(2):
        assert (await lifecycle.end(database, assignment_id, ends_at, None)).is_ended

    request = await request_now(database, request_id)
    assert (request.state, request.status) == (
        RequestState.CANCELED,
        "Canceled: the access ended before this was decided",
    )
    assert (await trail(database)).count("request.canceled") == 1
    with pytest.raises(errors.RequestClosed):
        await decide(database, BOB.id, request_id, None, Verdict.APPROVE, None)
    async with database.read() as tx:
        (told,) = await tx.all(select(outbox.c.body).where(outbox.c.kind == "cancel"))
    assert told.body["cancellation_id"] is not None
    assert CancelSignal(**told.body).reason == "the access ended before this was decided"


async def test_an_approval_and_the_end_at_one_instant_agree_on_who_was_first(database: Database) -> None:
    await furnish(database, APPROVED)
    for turn in ROUNDS:
        assignment_id = await held_by_leo(database)
        ends_at = (await held_now(database, assignment_id)).ends_at
        request_id = (await submit(database, acting(LEO), extending(assignment_id))).request.id

        done, lost = await at_once(
            lifecycle.end(database, assignment_id, ends_at, None),
            decide(database, BOB.id, request_id, None, Verdict.APPROVE, None),
            backwards=turn % 2 == 1,
        )

        (ending,) = [one for one in done if hasattr(one, "is_ended")]
        request, held = await request_now(database, request_id), await held_now(database, assignment_id)
        if ending.is_ended:
            assert (held.state, held.ends_at) == ("ending", ends_at)
            assert request.state in (RequestState.CANCELED, RequestState.DELIVERY_FAILED)
            assert "the access ended" in request.status
            assert {type(refusal) for refusal in lost} <= {errors.RequestClosed}
        else:
            assert (held.state, held.ends_at) == ("delivered", ending.ends_at)
            assert (request.state, request.status, lost) == (RequestState.DELIVERED, "Access extended", [])
            later = await lifecycle.end(database, assignment_id, ending.ends_at, None)
            assert later.is_ended
        await lifecycle.record_ended(database, assignment_id)


async def test_an_approval_that_comes_after_the_end_says_so(database: Database) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    request_id = (await submit(database, acting(LEO), extending(assignment_id))).request.id
    ends_at = utc_now() - timedelta(seconds=1)
    await set_end(database, assignment_id, ends_at)

    (message,) = await decide(database, BOB.id, request_id, None, Verdict.APPROVE, None)

    assert isinstance(message.body, DecideSignal)
    request = await request_now(database, request_id)
    when = ends_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (request.state, request.status) == (
        RequestState.DELIVERY_FAILED,
        f"DeliveryFailed: the access ended at {when} before it was extended",
    )
    assert (await held_now(database, assignment_id)).ends_at == ends_at
    assert (await trail(database))[-3:] == ["stage.decided", "request.approved", "request.deliveryFailed"]


@pytest.mark.parametrize("under", [AT_ONCE, APPROVED], ids=["at once", "with approval"])
async def test_of_extensions_at_one_instant_each_is_judged_by_what_the_one_before_left(
    database: Database, under: Policy
) -> None:
    await furnish(database, under)
    assignment_id = await held_by_leo(database)
    wanted = until(utc_now() + timedelta(days=60))

    won, lost = await at_once(
        *(submit(database, acting(who), extending(assignment_id, schedule=wanted)) for who in (LEO, MIA, LEO, MIA))
    )

    assert (len(won), len(lost)) == (1, 3)
    error = errors.InvalidSchedule if under is AT_ONCE else errors.DuplicateRequest
    assert {type(refusal) for refusal in lost} == {error}


async def test_an_extension_is_submitted_once_per_key(database: Database) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    key = Idempotency(key="double-click", body_hash="a" * 64)
    won, lost = await at_once(
        *(submit(database, acting(LEO), extending(assignment_id), idempotency=key) for _ in range(3))
    )
    assert lost == []
    assert len({one.request.id for one in won}) == 1
    assert sorted(one.is_repeat for one in won) == [False, True, True]
