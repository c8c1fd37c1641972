"""Custom extensions are called about a request for more time as about the first one, and it waits for their answer."""

from dataclasses import replace

from grantline.model.callout import CalloutPoint, OnTimeout
from grantline.model.policy import Policy
from grantline.model.request import Request, RequestState, Verdict
from grantline.persistence import policies
from grantline.persistence.database import Database
from grantline.rules.times import iso
from grantline.services.requests import prolongation
from grantline.services.requests.submission import submit
from grantline.services.sending import callbacks
from grantline.services.sending.callbacks import Answer
from tests.cast import BOB, LEO, acting
from tests.services.calling import calling, calls_now, enter_extensions, extension, hold_now, rows, waiting
from tests.services.extending import APPROVED, AT_ONCE, extending, held_by_leo
from tests.services.scene import briefing_of, furnish, held_now, request_now, says

CREATED, LAST = CalloutPoint.CREATED, CalloutPoint.APPROVED
TOLD, ASKED = extension("Ledger"), waiting("Risk desk")


async def held(database: Database, rule: Policy) -> str:
    """Let Leo hold the package under a policy; the calls about his first request are answered and off the table."""
    await furnish(database, replace(rule, extensions=()))
    assignment_id = await held_by_leo(database)
    await enter_extensions(database, [TOLD, ASKED], rule)
    async with database.write() as tx:
        await policies.update_policy(tx, rule)
    return assignment_id


async def asked(database: Database, assignment_id: str) -> Request:
    return (await submit(database, acting(LEO), extending(assignment_id))).request


async def test_where_nobody_approves_both_points_are_told_and_the_end_moves_at_once(database: Database) -> None:
    rule = calling(AT_ONCE, (CREATED, TOLD), (LAST, TOLD), (CalloutPoint.GRANTED, TOLD), (CalloutPoint.REMOVED, TOLD))
    request = await asked(database, await held(database, rule))
    assert request.state is RequestState.DELIVERED
    calls = await calls_now(database, request.id)
    assert [one.point for one in calls] == [CREATED, LAST]
    for row in await rows(database):
        data = row.payload["data"]
        assert (data["requestType"], data["assignment"]["id"]) == ("userUpdate", request.assignment_id)


async def test_it_waits_for_the_answer_before_and_after_the_approval(database: Database) -> None:
    rule = calling(APPROVED, (CREATED, ASKED), (LAST, ASKED))
    assignment_id = await held(database, rule)
    before = await held_now(database, assignment_id)
    submitted = await submit(database, acting(LEO), extending(assignment_id))
    request = submitted.request
    first = await hold_now(database, request.id)
    assert request.status == f"WaitingForCallback: Risk desk, until {iso(first.times_out_at or request.created_at)}"
    assert (first.point, briefing_of(submitted).progress.callout_id) == (CREATED, first.id)

    await callbacks.answer(database, request.id, Answer(callout_id=first.id))
    await says(database, BOB, request.id, Verdict.APPROVE)
    last = await hold_now(database, request.id)
    assert (last.point, (await held_now(database, assignment_id)).ends_at) == (LAST, before.ends_at)

    await callbacks.answer(database, request.id, Answer(callout_id=last.id))
    assert (await request_now(database, request.id)).state is RequestState.DELIVERED
    assert (await held_now(database, assignment_id)).ends_at > before.ends_at


async def test_denied_silent_or_over_the_end_stays_as_it_was(database: Database) -> None:
    rule = calling(AT_ONCE, (CREATED, waiting("Risk desk", on_timeout=OnTimeout.DENY)))
    assignment_id = await held(database, rule)
    before = await held_now(database, assignment_id)

    refused = await asked(database, assignment_id)
    await callbacks.answer(
        database, refused.id, Answer(callout_id=(await hold_now(database, refused.id)).id, is_denied=True)
    )
    unanswered = await asked(database, assignment_id)
    awaited = await hold_now(database, unanswered.id)
    assert awaited.times_out_at is not None
    await callbacks.time_out(database, unanswered.id, awaited.id, awaited.times_out_at)
    overtaken = await asked(database, assignment_id)
    await prolongation.give_up(database, [assignment_id], overtaken.created_at)

    states = [(await request_now(database, one.id)).state for one in (refused, unanswered, overtaken)]
    assert states == [RequestState.DENIED, RequestState.DENIED, RequestState.CANCELED]
    assert [one.hold for one in await rows(database)] == ["denied", "timedOut", "withdrawn"]
    assert (await held_now(database, assignment_id)).ends_at == before.ends_at
