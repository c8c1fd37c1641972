"""Moving the end of access: by whom, to when, with or without approval, and what is on record of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.briefing import DecideSignal, ExtendSignal, RequestBriefing
from grantline.model.person import Person
from grantline.model.policy import (
    ApprovalSettings,
    Expiration,
    ExpirationType,
    TargetScope,
)
from grantline.model.request import RequestState, RequestType, Verdict
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle
from grantline.services.requests import extension
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submission import submit
from tests.cast import ADA, BEA, BOB, EVE, LEO, MIA, acting
from tests.services.extending import (
    ADMIN,
    APPROVED,
    AT_ONCE,
    MONTHS,
    USER,
    extending,
    held_by_leo,
    until,
)
from tests.services.scene import (
    ask_for,
    events,
    furnish,
    held_now,
    request_now,
    stages_now,
    trail,
)


@pytest.mark.parametrize(
    ("who", "asked", "kind"),
    [(LEO, USER, USER), (MIA, USER, USER), (ADA, ADMIN, ADMIN), (ADA, USER, ADMIN)],
    ids=["the holder", "the manager", "an administrator", "an administrator like a user"],
)
async def test_the_end_moves_at_once_where_nobody_has_to_approve(
    database: Database, who: Person, asked: RequestType, kind: RequestType
) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    before = await held_now(database, assignment_id)

    submitted = await submit(database, acting(who), extending(assignment_id, asked))

    request = submitted.request
    assert (request.type, request.state, request.status) == (kind, RequestState.DELIVERED, "Access extended")
    assert (request.requestor_id, request.target_id, request.assignment_id) == (who.id, LEO.id, assignment_id)
    assert await request_now(database, request.id) == request
    assert request.completed_at == request.created_at
    held = await held_now(database, assignment_id)
    ends_at = request.created_at + MONTHS
    assert (held.state, held.status, held.ends_at) == ("delivered", "Access extended", ends_at)
    (message,) = submitted.messages
    assert (message.subject_id, message.body) == (
        assignment_id,
        ExtendSignal(actor_id=who.id, extension_id=request.id, ends_at=ends_at, reason="Another quarter"),
    )
    assert (await trail(database))[-4:] == [
        "request.submitted",
        "request.approved",
        "assignment.extended",
        "request.delivered",
    ]
    (told,) = await events(database, "assignment.extended")
    assert (told.actor_id, told.on_behalf_of_id, told.reason) == (
        who.id,
        None if who is LEO else LEO.id,
        "Another quarter",
    )
    assert told.details == {
        "endedAt": before.ends_at.isoformat(),
        "endsAt": ends_at.isoformat(),
        "request": request.id,
    }


async def test_the_workflow_learns_the_new_end_by_signal_or_when_the_old_one_comes(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    before = await held_now(database, assignment_id)
    (message,) = (await submit(database, acting(LEO), extending(assignment_id))).messages
    assert isinstance(message.body, ExtendSignal)
    ends_at = message.body.ends_at
    assert ends_at is not None

    heard = await extension.hear(database, assignment_id, message.body, utc_now())
    assert (heard.is_ended, heard.ends_at) == (False, ends_at)
    assert heard.notices == (ends_at - timedelta(days=14), ends_at - timedelta(days=1))
    early = await lifecycle.end(database, assignment_id, before.ends_at, None)
    assert (early.is_ended, early.ends_at) == (False, ends_at)
    assert (await lifecycle.end(database, assignment_id, ends_at, None)).is_ended is True


async def test_an_extension_is_approved_like_the_first_request(database: Database) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    before = await held_now(database, assignment_id)
    wanted = utc_now() + timedelta(days=60)

    submitted = await submit(database, acting(LEO), extending(assignment_id, schedule=until(wanted)))

    request = submitted.request
    assert (request.state, request.assignment_id) == (RequestState.PENDING_APPROVAL, assignment_id)
    (message,) = submitted.messages
    assert isinstance(message.body, RequestBriefing)
    assert message.body.summary == "more time of Payroll for Leo Park"
    assert message.body.progress.state is RequestState.PENDING_APPROVAL
    assert await held_now(database, assignment_id) == before
    with pytest.raises(errors.OwnRequest):
        await decide(database, LEO.id, request.id, None, Verdict.APPROVE, None)

    told = await decide(database, BEA.id, request.id, None, Verdict.APPROVE, "Fine")

    done = await request_now(database, request.id)
    assert (done.state, done.status) == (RequestState.DELIVERED, "Access extended")
    assert done.assignment_id == assignment_id
    held = await held_now(database, assignment_id)
    assert (held.ends_at, held.status) == (wanted, "Access extended")
    by_kind = {type(one.body): one for one in told}
    assert {kind: one.subject_id for kind, one in by_kind.items()} == {
        ExtendSignal: assignment_id,
        DecideSignal: request.id,
    }
    progress = await lifecycle.progress(database, request.id)
    assert (progress.state, progress.assignment_id) == (RequestState.DELIVERED, None)
    async with database.read() as tx:
        assert len(await tx.all(select(assignments.c.id))) == 1


@pytest.mark.parametrize("how", ["denied", "expired", "canceled"])
async def test_what_is_not_approved_moves_nothing_and_may_be_asked_again(database: Database, how: str) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    before = await held_now(database, assignment_id)
    request_id = (await submit(database, acting(MIA), extending(assignment_id))).request.id
    (opened,) = await stages_now(database, request_id)
    assert opened.stage.deadline_at is not None
    match how:
        case "denied":
            await decide(database, BOB.id, request_id, None, Verdict.DENY, "Enough")
        case "expired":
            await lifecycle.expire_stage(database, request_id, opened.stage.id, opened.stage.deadline_at)
        case _:
            await cancel(database, acting(LEO), request_id)

    assert (await request_now(database, request_id)).state.value == how
    assert await held_now(database, assignment_id) == before
    again = await submit(database, acting(MIA), extending(assignment_id))
    assert again.request.state is RequestState.PENDING_APPROVAL


async def test_the_plan_of_an_extension_is_fixed_at_submit(database: Database) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    request_id = (await submit(database, acting(LEO), extending(assignment_id))).request.id
    shorter = Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(days=2))
    async with database.write() as tx:
        await policy_store.update_policy(tx, replace(APPROVED, expiration=shorter))

    await decide(database, BOB.id, request_id, None, Verdict.APPROVE, None)

    request = await request_now(database, request_id)
    assert request.completed_at is not None
    assert (await held_now(database, assignment_id)).ends_at == request.completed_at + MONTHS


async def test_who_was_assigned_directly_extends_like_anybody(database: Database) -> None:
    direct = replace(AT_ONCE, target_scope=TargetScope.NOT_SPECIFIED, approval_settings=ApprovalSettings())
    await furnish(database, direct)
    schedule = until(utc_now() + timedelta(days=5))
    owed = await ask_for(database, ADA, LEO, type=RequestType.ADMIN_ADD, schedule=schedule)
    assignment_id = str(owed.request.assignment_id)
    with pytest.raises(errors.Conflict, match="is still being delivered"):
        await submit(database, acting(LEO), extending(assignment_id))
    await lifecycle.record_delivery(database, assignment_id, {})

    extended = await submit(database, acting(LEO), extending(assignment_id))
    assert (await held_now(database, assignment_id)).ends_at == extended.request.created_at + MONTHS


async def test_a_signal_past_the_api_is_judged_like_any_other(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    ends_at = (await held_now(database, assignment_id)).ends_at
    wanted = utc_now() + timedelta(days=60)

    refused = await extension.hear(database, assignment_id, ExtendSignal(actor_id=EVE.id, ends_at=wanted), utc_now())
    assert (refused.ends_at, (await trail(database))[-1]) == (ends_at, "signal.refused")
    (told,) = await events(database, "signal.refused")
    assert (told.actor_id, told.assignment_id, told.details) == (EVE.id, assignment_id, {"code": "itemNotFound"})

    for _ in range(2):
        signal = ExtendSignal(actor_id=LEO.id, ends_at=wanted, reason="by hand")
        heard = await extension.hear(database, assignment_id, signal, utc_now())
        assert heard.ends_at == wanted
    invented = ExtendSignal(actor_id=EVE.id, extension_id="invented", ends_at=wanted + MONTHS)
    assert (await extension.hear(database, assignment_id, invented, utc_now())).ends_at == wanted
    kinds = await trail(database)
    assert (kinds.count("assignment.extended"), kinds.count("signal.refused")) == (1, 1)
    administrators = (ADA.user_principal_name,)
    by_ada = ExtendSignal(actor_id=ADA.id, ends_at=wanted - timedelta(days=50))
    sooner = await extension.hear(database, assignment_id, by_ada, utc_now(), administrators=administrators)
    assert sooner.ends_at == by_ada.ends_at


async def test_approval_is_asked_of_administrators_too(database: Database) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    before = await held_now(database, assignment_id)
    submitted = await submit(database, acting(ADA), extending(assignment_id, ADMIN))
    assert (submitted.request.type, submitted.request.state) == (ADMIN, RequestState.PENDING_APPROVAL)
    assert await held_now(database, assignment_id) == before
