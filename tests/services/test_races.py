"""Two things at one instant: exactly one of them happens, and the other is told."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from grantline import errors
from grantline.model.briefing import Progress
from grantline.model.request import RequestState, StageState, Verdict
from grantline.persistence.database import Database
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submission import Idempotency, Submitted, submit
from tests.cast import BEA, BOB, CY, LEO, MIA, OWNERS, acting
from tests.packages import PAYROLL
from tests.services.scene import (
    NO_APPROVAL,
    ask_for,
    asking,
    furnish,
    given,
    grants_now,
    held_now,
    join,
    policy,
    removing,
    request_now,
    stages_now,
    trail,
)

ROUNDS = range(4)


async def at_once(*calls: Awaitable[Any], backwards: bool = False) -> tuple[list[Any], list[errors.Refused]]:
    """Run calls together; return what they gave, and how the others were refused. Anything else is raised."""
    results = await asyncio.gather(*(reversed(calls) if backwards else calls), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, errors.Refused):
            raise result
    given_ = [result for result in results if not isinstance(result, errors.Refused)]
    return given_, [result for result in results if isinstance(result, errors.Refused)]


async def test_of_decisions_at_one_instant_exactly_one_wins_and_the_others_name_it(database: Database) -> None:
    await furnish(database)
    await join(database, OWNERS.id, CY)
    for _ in ROUNDS:
        request_id = (await ask_for(database, MIA, LEO)).request.id
        (opened,) = await stages_now(database, request_id)

        won, lost = await at_once(
            *(
                decide(database, who.id, request_id, opened.stage.id, verdict, None)
                for who in (BOB, BEA, CY)
                for verdict in (Verdict.DENY, Verdict.APPROVE)
            )
        )

        assert (len(won), {type(refusal) for refusal in lost}) == (1, {errors.AlreadyDecided})
        (decided,) = await stages_now(database, request_id)
        assert decided.decided_by is not None
        assert all(str(refusal).startswith(str(decided.decided_by)) for refusal in lost)
        request = await request_now(database, request_id)
        if decided.stage.verdict is Verdict.APPROVE:
            assert request.state is RequestState.DELIVERING
            assert await grants_now(database) == [(LEO.id, PAYROLL.read, True)]
            return
        assert request.state is RequestState.DENIED
        assert await grants_now(database) == []


async def test_a_decision_and_the_deadline_at_one_instant_agree_on_who_was_first(database: Database) -> None:
    await furnish(database)
    for turn in ROUNDS:
        request_id = (await ask_for(database, MIA, LEO)).request.id
        (opened,) = await stages_now(database, request_id)
        deadline = opened.stage.deadline_at
        assert deadline is not None

        done, lost = await at_once(
            lifecycle.expire_stage(database, request_id, opened.stage.id, deadline),
            decide(database, BOB.id, request_id, opened.stage.id, Verdict.DENY, None),
            backwards=turn % 2 == 1,
        )

        (progress,) = [one for one in done if isinstance(one, Progress)]
        request = await request_now(database, request_id)
        (settled,) = await stages_now(database, request_id)
        if lost:
            assert [type(refusal) for refusal in lost] == [errors.RequestClosed]
            assert (request.state, request.status) == (RequestState.EXPIRED, "Expired")
            assert (settled.stage.state, settled.stage.verdict) == (StageState.EXPIRED, None)
        else:
            assert request.state is RequestState.DENIED
            assert settled.stage.decided_by_id == BOB.id
        assert progress.state is request.state


async def test_a_decision_and_a_withdrawal_at_one_instant_never_both_happen(database: Database) -> None:
    await furnish(database)
    for turn in ROUNDS:
        request_id = (await ask_for(database, MIA, LEO)).request.id

        won, lost = await at_once(
            cancel(database, acting(LEO), request_id),
            decide(database, BOB.id, request_id, None, Verdict.APPROVE, None),
            backwards=turn % 2 == 1,
        )

        assert len(won) == 1
        request = await request_now(database, request_id)
        if request.state is RequestState.CANCELED:
            assert [type(refusal) for refusal in lost] == [errors.RequestClosed]
            assert await grants_now(database) == []
        else:
            assert request.state is RequestState.DELIVERING
            assert [type(refusal) for refusal in lost] == [errors.NotCancellable]
            assert await grants_now(database) == [(LEO.id, PAYROLL.read, True)]
            return


@pytest.mark.parametrize("approval", ["asked", "none"])
async def test_of_submits_at_one_instant_one_wins_and_the_others_name_what_it_left(
    database: Database, approval: str
) -> None:
    await furnish(database, policy() if approval == "asked" else policy(approval_settings=NO_APPROVAL))

    won, lost = await at_once(*(ask_for(database, who, LEO) for who in (MIA, LEO, MIA, LEO)))

    (winner,) = [one.request for one in won]
    assert len(lost) == 3
    assert {type(refusal) for refusal in lost} <= {errors.DuplicateRequest, errors.AlreadyAssigned}
    assert all(winner.id in str(refusal) or str(winner.assignment_id) in str(refusal) for refusal in lost)
    assert (await trail(database)).count("request.submitted") == 1


async def test_one_key_at_one_instant_is_one_request(database: Database) -> None:
    await furnish(database)
    key = Idempotency(key="double-click", body_hash="a" * 64)

    won, lost = await at_once(*(submit(database, acting(MIA), asking(LEO), idempotency=key) for _ in range(4)))

    assert lost == []
    assert len({submitted.request.id for submitted in won}) == 1
    assert sorted(submitted.is_repeat for submitted in won) == [False, True, True, True]


async def test_removals_at_one_instant_are_one_removal(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(database, held.assignment_id, {})

    won, lost = await at_once(*(submit(database, acting(who), removing(held.assignment_id)) for who in (MIA, LEO, MIA)))

    (winner,) = won
    assert isinstance(winner, Submitted)
    assert [type(refusal) for refusal in lost] == [errors.AssignmentEnded] * 2
    assert all(winner.request.id in str(refusal) for refusal in lost)


async def test_one_key_at_one_instant_is_one_removal(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    ask, key = removing(held.assignment_id), Idempotency(key="double-click", body_hash="a" * 64)

    won, lost = await at_once(*(submit(database, acting(LEO), ask, idempotency=key) for _ in range(4)))

    assert lost == []
    assert len({submitted.request.id for submitted in won}) == 1
    assert sorted(submitted.is_repeat for submitted in won) == [False, True, True, True]


async def test_the_end_of_time_and_a_removal_at_one_instant_end_it_once(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(database, held.assignment_id, {})
    removal = await submit(database, acting(MIA), removing(held.assignment_id))
    (message,) = removal.messages
    at = removal.request.created_at + timedelta(seconds=1)

    endings = await asyncio.gather(
        *(lifecycle.end(database, held.assignment_id, at, message.body) for _ in range(3))  # pyright: ignore[reportArgumentType]
    )
    await asyncio.gather(*(lifecycle.record_ended(database, held.assignment_id) for _ in range(3)))

    assert [ending == endings[0] for ending in endings] == [True] * 3
    assert (await held_now(database, held.assignment_id)).state == "expired"
    assert (await request_now(database, removal.request.id)).status == "Delivered"
    counts = await trail(database)
    assert [counts.count(kind) for kind in ("assignment.ending", "assignment.ended")] == [1, 1]


async def test_the_same_told_twice_at_one_instant_is_told_once(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    await asyncio.gather(*(lifecycle.record_delivery(database, held.assignment_id, {}) for _ in range(3)))
    assert (await trail(database)).count("request.delivered") == 1
