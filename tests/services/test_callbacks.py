"""A request waits for a custom extension's answer: it goes on, is denied, is withdrawn, or the time runs out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.errors import (
    AlreadyDecided,
    GrantlineError,
    InvalidInput,
    JustificationRequired,
    NotAllowed,
    NotFound,
    OwnRequest,
    RequestClosed,
)
from grantline.model.briefing import AnsweredSignal
from grantline.model.callout import CalloutPoint, HoldState, OnTimeout
from grantline.model.person import Person
from grantline.model.policy import ApproverVisibility, StageSettings
from grantline.model.request import Ask, Request, RequestState, RequestType, Verdict
from grantline.model.subjects import SingleUser
from grantline.persistence.callout_tables import custom_extensions
from grantline.persistence.database import Database
from grantline.rules.times import iso
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle
from grantline.services.requests import explanation
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submission import submit
from grantline.services.sending import callbacks
from grantline.services.sending.callbacks import Answer
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, MIA, acting
from tests.services.calling import HOUR, calling, calls_now, enter_extensions, extension, hold_now, rows, waiting
from tests.services.letterbox import Letterbox
from tests.services.scene import (
    NO_APPROVAL,
    PACKAGE,
    approved_by,
    ask_for,
    briefing_of,
    events,
    furnish,
    policy,
    request_now,
    says,
    stage,
    stages_now,
)

ADMINISTRATORS = (ADA.user_principal_name,)
CREATED, APPROVED, DETERMINING = CalloutPoint.CREATED, CalloutPoint.APPROVED, CalloutPoint.DETERMINING


async def held(database: Database, point: CalloutPoint = CREATED, on_timeout: OnTimeout = OnTimeout.DENY) -> Request:
    """Let Mia ask for Leo under a policy that waits at a point; at the approved point Bob has approved."""
    one = waiting(on_timeout=on_timeout, names_approvers=point is DETERMINING)
    rule = calling(policy(), (point, one))
    await furnish(database, rule)
    await enter_extensions(database, [one], rule)
    request = (await ask_for(database, MIA, LEO)).request
    if point is APPROVED:
        await says(database, BOB, request.id, Verdict.APPROVE)
    return await request_now(database, request.id)


async def answers(database: Database, request_id: str, *, actor: Person | None = None, **said: Any) -> None:
    """Answer the call that the request waits for."""
    awaited = await hold_now(database, request_id)
    by = acting(actor) if actor else None
    answer = Answer(callout_id=awaited.id, **said)
    messages = await callbacks.answer(database, request_id, answer, actor=by, administrators=ADMINISTRATORS)
    assert [message.body for message in messages if isinstance(message.body, AnsweredSignal)] == [
        AnsweredSignal(callout_id=awaited.id)
    ]


def decided_by(*people: Person, **more: Any) -> StageSettings:
    """Return the approval stage that an extension may answer with."""
    return stage(*(SingleUser(user_id=one.id) for one in people), **more)


async def approvers_now(database: Database, request_id: str) -> list[tuple[int, str, set[str]]]:
    """Return the number, state and approvers of each stage."""
    return [
        (one.stage.number, one.stage.state.value, set(one.stage.approver_ids))
        for one in await stages_now(database, request_id)
    ]


async def test_it_waits_before_anybody_is_asked_and_says_for_what(database: Database) -> None:
    request = await held(database)

    awaited = await hold_now(database, request.id)
    assert request.state is RequestState.PENDING_APPROVAL
    assert request.status.startswith("WaitingForCallback: Risk desk, until 20")
    assert await approvers_now(database, request.id) == [(1, "waiting", set())]
    assert awaited.times_out_at == request.created_at + HOUR
    progress = await lifecycle.progress(database, request.id)
    assert (progress.callout_id, progress.callout_name) == (awaited.id, "Risk desk")
    assert (progress.callout_until, progress.stage_id, progress.deadline_at) == (awaited.times_out_at, None, None)
    (event,) = await events(database, "request.held")
    assert (event.details["name"], event.details["point"]) == ("Risk desk", "assignmentRequestCreated")
    assert "approval-needed" not in {letter.kind for letter in await Letterbox(database).rows()}


async def test_the_workflow_is_told_from_the_start(database: Database) -> None:
    one = waiting()
    rule = calling(policy(), (CREATED, one))
    await furnish(database, rule)
    await enter_extensions(database, [one], rule)
    briefed = briefing_of(await ask_for(database, MIA, LEO)).progress
    assert briefed == await lifecycle.progress(database, (await rows(database))[0].request_id)


async def test_resumed_its_first_stage_opens(database: Database) -> None:
    request = await held(database)
    await answers(database, request.id, detail="Known to us")

    assert (await request_now(database, request.id)).status == "PendingApproval"
    assert await approvers_now(database, request.id) == [(1, "open", {BOB.id, BEA.id})]
    (call,) = await calls_now(database, request.id)
    assert (call.hold, call.detail) == (HoldState.RESUMED, "Known to us")
    assert {letter.person_id for letter in await Letterbox(database).rows() if letter.kind == "approval-needed"} == {
        BOB.id,
        BEA.id,
    }
    await says(database, BOB, request.id, Verdict.APPROVE)
    assert (await request_now(database, request.id)).state is RequestState.DELIVERING


async def test_resumed_without_approval_the_access_is_owed(database: Database) -> None:
    one = waiting()
    rule = calling(policy(approval_settings=NO_APPROVAL), (CREATED, one), (APPROVED, extension("Tell the desk")))
    await furnish(database, rule)
    await enter_extensions(database, [one, extension("Tell the desk")], rule)
    request = (await ask_for(database, MIA, LEO)).request
    await answers(database, request.id)

    after = await request_now(database, request.id)
    assert (after.state, after.assignment_id is not None) == (RequestState.DELIVERING, True)
    points = [(call.extension_name, call.point.value) for call in await calls_now(database, request.id)]
    assert points == [("Risk desk", "assignmentRequestCreated"), ("Tell the desk", "assignmentRequestApproved")]


@pytest.mark.parametrize("point", [CREATED, APPROVED, DETERMINING])
async def test_denied_it_ends_and_everybody_hears_why(database: Database, point: CalloutPoint) -> None:
    request = await held(database, point)
    await answers(database, request.id, is_denied=True, detail="On the watch list")

    after = await request_now(database, request.id)
    assert (after.state, after.assignment_id) == (RequestState.DENIED, None)
    assert after.status == "Denied: Risk desk denied it: On the watch list"
    (event,) = await events(database, "request.denied")
    assert (event.actor_id, event.reason) == (None, "Risk desk denied it: On the watch list")
    told = {letter.person_id for letter in await Letterbox(database).rows() if letter.kind == "request-denied"}
    assert told == {MIA.id, LEO.id}
    with pytest.raises(AlreadyDecided, match="denied"):
        await callbacks.answer(database, request.id, Answer(callout_id=(await rows(database))[0].id))


async def test_after_the_last_approval_it_waits_once_more(database: Database) -> None:
    request = await held(database, APPROVED)
    assert request.status.startswith("WaitingForCallback: Risk desk")
    assert await approvers_now(database, request.id) == [(1, "approved", {BOB.id, BEA.id})]
    assert request.assignment_id is None
    await answers(database, request.id)

    after = await request_now(database, request.id)
    assert (after.state, after.assignment_id is not None) == (RequestState.DELIVERING, True)
    kinds = {letter.kind for letter in await Letterbox(database).rows() if letter.person_id == LEO.id}
    assert "request-approved" in kinds


async def test_nobody_decides_while_it_waits(database: Database) -> None:
    request = await held(database)
    (found,) = await stages_now(database, request.id)
    for stage_id in (None, found.stage.id):
        with pytest.raises(NotFound):
            await decide(database, BOB.id, request.id, stage_id, Verdict.APPROVE, None)
    with pytest.raises(GrantlineError):
        await decide(database, ADA.id, request.id, None, Verdict.APPROVE, None, administrators=ADMINISTRATORS)
    assert await request_now(database, request.id) == request


async def test_the_extension_says_who_decides(database: Database) -> None:
    request = await held(database, DETERMINING)
    assert request.status.startswith("WaitingForCallback")
    strict = {"is_approver_justification_required": True, "approver_visibility": ApproverVisibility.NOT_VISIBLE}
    await answers(database, request.id, stage=decided_by(CY, deadline=timedelta(days=3), **strict))

    assert await approvers_now(database, request.id) == [(1, "open", {CY.id})]
    (found,) = await stages_now(database, request.id)
    assert found.stage.opened_at is not None
    assert found.stage.deadline_at == found.stage.opened_at + timedelta(days=3)
    assert found.stage.approver_visibility is ApproverVisibility.NOT_VISIBLE
    with pytest.raises(JustificationRequired):
        await says(database, CY, request.id, Verdict.APPROVE)
    await says(database, CY, request.id, Verdict.APPROVE, "She passed the check")
    assert (await request_now(database, request.id)).state is RequestState.DELIVERING


async def test_the_extension_says_that_nobody_need_decide(database: Database) -> None:
    request = await held(database, DETERMINING)
    await answers(database, request.id, needs_nobody=True)

    assert (await request_now(database, request.id)).state is RequestState.DELIVERING
    (found,) = await stages_now(database, request.id)
    assert found.stage.state.value == "approved"
    assert "custom extension" in (found.stage.justification or "")
    (event,) = await events(database, "stage.decided")
    assert (event.actor_id, event.details["by"]) == (None, "customExtension")


@pytest.mark.parametrize("named", [(MIA,), (LEO,), (DAN,), (MIA, LEO, DAN)])
async def test_neither_requestor_nor_target_nor_a_disabled_account_is_taken_as_approver(
    database: Database, named: tuple[Person, ...]
) -> None:
    request = await held(database, DETERMINING)
    await answers(database, request.id, stage=decided_by(*named))

    (only,) = await approvers_now(database, request.id)
    assert only == (1, "open", {ADA.id}), "the catalog's owners stand in"


async def test_among_others_they_are_left_out(database: Database) -> None:
    request = await held(database, DETERMINING)
    await answers(database, request.id, stage=decided_by(MIA, CY))
    assert await approvers_now(database, request.id) == [(1, "open", {CY.id})]


async def test_nobody_left_is_denied(database: Database) -> None:
    request = await held(database, DETERMINING)
    awaited = await hold_now(database, request.id)
    await callbacks.answer(database, request.id, Answer(callout_id=awaited.id, stage=decided_by(MIA)))
    after = await request_now(database, request.id)
    assert (after.state, after.status) == (RequestState.DENIED, "Denied: nobody may decide stage 1")


async def test_the_second_stage_can_be_determined_as_well(database: Database) -> None:
    one = waiting(names_approvers=True)
    open_ended = replace(stage(), determined_by=one.id)
    rule = policy(approval_settings=approved_by(decided_by(BOB), open_ended))
    await furnish(database, rule)
    await enter_extensions(database, [one], rule)
    request = (await ask_for(database, MIA, LEO)).request
    await says(database, BOB, request.id, Verdict.APPROVE)
    assert (await hold_now(database, request.id)).stage_number == 2
    await answers(database, request.id, stage=decided_by(CY))

    assert await approvers_now(database, request.id) == [(1, "approved", {BOB.id}), (2, "open", {CY.id})]


@pytest.mark.parametrize(
    ("point", "said", "says_"),
    [
        (CREATED, {"stage": decided_by(CY)}, "leave out approvalStage"),
        (CREATED, {"needs_nobody": True}, "leave out approvalStage"),
        (CREATED, {"point": APPROVED}, "was made at assignmentRequestCreated"),
        (DETERMINING, {}, "Say who decides"),
        (DETERMINING, {"stage": decided_by(CY), "needs_nobody": True}, "one of both"),
        (DETERMINING, {"stage": stage()}, "has no approver"),
        (
            DETERMINING,
            {"stage": decided_by(replace(CY, id="00000000-0000-4000-8000-000000000000"))},
            "There is no user",
        ),
        (DETERMINING, {"stage": decided_by(CY, deadline=timedelta(0))}, "stays open from"),
    ],
)
async def test_an_answer_that_makes_no_sense_changes_nothing(
    sqlite_database: Database, point: CalloutPoint, said: dict[str, Any], says_: str
) -> None:
    request = await held(sqlite_database, point)
    with pytest.raises(InvalidInput, match=says_):
        await answers(sqlite_database, request.id, **said)
    assert await request_now(sqlite_database, request.id) == request
    assert (await hold_now(sqlite_database, request.id)).hold is HoldState.OPEN


async def test_only_the_extension_or_an_administrator_without_a_part_in_it_answers(database: Database) -> None:
    request = await held(database)
    for person, refusal in ((BOB, NotFound), (EVE, NotFound), (MIA, NotAllowed), (LEO, NotAllowed)):
        with pytest.raises(refusal):
            await answers(database, request.id, actor=person)
    await answers(database, request.id, actor=ADA)
    (event,) = await events(database, "callout.answered")
    assert event.actor_id == ADA.id


async def test_an_administrator_does_not_let_their_own_request_go_on(database: Database) -> None:
    one = waiting()
    rule = calling(policy(), (CREATED, one))
    await furnish(database, rule)
    await enter_extensions(database, [one], rule)
    ask = Ask(type=RequestType.ADMIN_ADD, package_id=PACKAGE.id, target_id=LEO.id)
    request = (await submit(database, acting(ADA), ask)).request
    with pytest.raises(OwnRequest):
        await answers(database, request.id, actor=ADA)
    assert (await hold_now(database, request.id)).hold is HoldState.OPEN


@pytest.mark.parametrize("is_denied", [True, False])
async def test_the_first_answer_stands(database: Database, is_denied: bool) -> None:
    request = await held(database)
    awaited = await hold_now(database, request.id)
    await answers(database, request.id, is_denied=is_denied)
    before = await request_now(database, request.id)
    with pytest.raises(AlreadyDecided, match="the first answer stands"):
        await callbacks.answer(database, request.id, Answer(callout_id=awaited.id, is_denied=not is_denied))
    assert await request_now(database, request.id) == before


@pytest.mark.parametrize("point", [CREATED, APPROVED])
async def test_it_is_cancelled_while_it_waits(database: Database, point: CalloutPoint) -> None:
    request = await held(database, point)
    awaited = await hold_now(database, request.id)
    await cancel(database, acting(LEO), request.id)

    assert (await request_now(database, request.id)).state is RequestState.CANCELED
    (call,) = await calls_now(database, request.id)
    assert (call.hold, call.delivery.value) == (HoldState.WITHDRAWN, "failed")
    with pytest.raises(RequestClosed, match="canceled"):
        await callbacks.answer(database, request.id, Answer(callout_id=awaited.id))
    at = awaited.times_out_at or utc_now()
    assert (await callbacks.time_out(database, request.id, awaited.id, at)).state is RequestState.CANCELED


async def test_a_call_of_another_request_is_none_of_this_one_s(database: Database) -> None:
    request = await held(database)
    awaited = await hold_now(database, request.id)
    with pytest.raises(NotFound, match="waits for no answer"):
        await callbacks.answer(database, request.id, Answer(callout_id="00000000-0000-4000-8000-000000000000"))
    with pytest.raises(NotFound):
        await callbacks.answer(database, "00000000-0000-4000-8000-000000000000", Answer(callout_id=awaited.id))


async def test_a_request_keeps_the_extensions_it_was_asked_under(database: Database) -> None:
    request = await held(database)
    awaited = await hold_now(database, request.id)
    async with database.write() as tx:
        await tx.changed(
            update(custom_extensions).values(waits_seconds=60, on_timeout="continue", deleted_at=utc_now())
        )
    after = await hold_now(database, request.id)
    assert (after.times_out_at, after.on_timeout) == (awaited.times_out_at, OnTimeout.DENY)
    (planned,) = (await request_now(database, request.id)).plan.callouts
    assert (planned.waits_for, planned.on_timeout) == (HOUR, OnTimeout.DENY)
    await answers(database, request.id)
    assert await approvers_now(database, request.id) == [(1, "open", {BOB.id, BEA.id})]


async def test_an_explanation_says_for_whose_answer_it_waits_and_what_silence_means(database: Database) -> None:
    request = await held(database)
    awaited = await hold_now(database, request.id)
    assert awaited.times_out_at is not None
    found = await explanation.of_request(database, acting(LEO), request.id)
    until = iso(awaited.times_out_at)
    assert found.says == f"Payroll for Leo Park waits for the answer of Risk desk until {until}."
    assert (found.next.what, found.next.at) == ("callback", awaited.times_out_at)
    assert found.next.says == f"If Risk desk does not answer by {until}, it is denied."
    assert [one.may for one in found.can_act] == ["cancel", "cancel"]
    told = [one.says for one in found.timeline]
    assert told[-1] == f"waits for the answer of Risk desk until {until}"
    await answers(database, request.id, is_denied=True, detail="No")
    last = (await explanation.of_request(database, acting(LEO), request.id)).timeline
    assert [one.says for one in last][-2:] == ["Risk desk answered: denied", "denied"]
