"""Deciding: who is heard, who is refused and in which words, and what follows from a verdict."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from grantline import errors
from grantline.model.person import Person
from grantline.model.request import RequestState, StageState, Verdict
from grantline.model.subjects import RequestorManager, SingleUser
from grantline.persistence.database import Database
from grantline.persistence.policy_codec import encode
from grantline.persistence.tables import policies, stage_approvers
from grantline.services.approvals.decisions import KEPT, decide
from grantline.services.assignments import lifecycle
from grantline.services.requests.cancellation import cancel
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA, acting, fixed_id
from tests.services.scene import (
    OWNERS_DECIDE,
    approved_by,
    ask_for,
    change_person,
    furnish,
    given,
    grants_now,
    policy,
    request_now,
    says,
    stage,
    stages_now,
    trail,
)

APPROVE, DENY = Verdict.APPROVE, Verdict.DENY
BY_CY = stage(SingleUser(user_id=CY.id), is_approver_justification_required=True)


async def waiting_for(db: Database, request_id: str) -> set[str]:
    """Return whom the request waits for now, as lists of pending approvals see it."""
    async with db.read() as tx:
        rows = await tx.all(
            select(stage_approvers.c.person_id).where(
                stage_approvers.c.request_id == request_id, stage_approvers.c.is_open
            )
        )
    return {row.person_id for row in rows}


@pytest.mark.parametrize(
    ("story", "who", "error", "message"),
    [
        (
            "who asked",
            MIA,
            errors.OwnRequest,
            (
                "Mia Lind (mia@grantline.test) may not decide on request {id}: it is their own, since they ask for "
                "it or would get it; one of its approvers must."
            ),
        ),
        (
            "who gets it",
            LEO,
            errors.OwnRequest,
            (
                "Leo Park (leo@grantline.test) may not decide on request {id}: it is their own, since they ask for "
                "it or would get it; one of its approvers must."
            ),
        ),
        ("eve, for whom there is no such request", EVE, errors.NotFound, "There is no request {id}."),
        (
            "an administrator, who sees it",
            ADA,
            errors.NotAnApprover,
            "Ada King (ada@grantline.test) is not among the approvers of stage 1 of request {id}; only they decide.",
        ),
    ],
)
async def test_who_is_not_heard(
    sqlite_database: Database, story: str, who: Person, error: type[errors.Refused], message: str
) -> None:
    await furnish(sqlite_database)
    request_id = (await ask_for(sqlite_database, MIA, LEO)).request.id
    with pytest.raises(errors.Refused) as refused:
        await decide(sqlite_database, who.id, request_id, None, APPROVE, None, administrators=["ada@grantline.test"])
    assert (type(refused.value), str(refused.value)) == (error, message.format(id=request_id)), story
    assert (await request_now(sqlite_database, request_id)).state is RequestState.PENDING_APPROVAL
    kept = ["decision.refused"] if error in KEPT else []
    assert await trail(sqlite_database) == ["request.submitted", "stage.opened", *kept]


async def test_neither_side_decides_even_as_a_member_of_the_group_that_approves(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, BOB, BOB)).request.id
    with pytest.raises(errors.OwnRequest):
        await says(database, BOB, request_id, APPROVE)
    assert await waiting_for(database, request_id) == {BEA.id}


async def test_the_first_decision_wins_and_the_second_is_told_whose_it_was(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    (opened,) = await stages_now(database, request_id)
    await decide(database, BOB.id, request_id, opened.stage.id, APPROVE, None)
    (decided,) = await stages_now(database, request_id)
    at = decided.stage.decided_at
    assert at is not None
    when = at.isoformat(timespec="seconds").replace("+00:00", "Z")

    for verdict in (DENY, APPROVE):
        with pytest.raises(errors.AlreadyDecided) as refused:
            await decide(database, BEA.id, request_id, opened.stage.id, verdict, None)
        assert str(refused.value) == (
            f"Bob Stone (bob@grantline.test) approved stage 1 of request {request_id} at {when}; "
            "the first decision stands."
        )
    with pytest.raises(errors.AlreadyDecided):
        await says(database, BEA, request_id, DENY)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING
    assert await waiting_for(database, request_id) == set()


async def test_one_denial_in_any_stage_ends_the_request(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, BY_CY, OWNERS_DECIDE)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await says(database, BOB, request_id, APPROVE)
    assert await waiting_for(database, request_id) == {CY.id}

    await says(database, CY, request_id, DENY, "Not this quarter")

    request = await request_now(database, request_id)
    assert (request.state, request.status) == (RequestState.DENIED, "Denied")
    assert request.completed_at is not None
    assert [one.stage.state for one in await stages_now(database, request_id)] == [
        StageState.APPROVED,
        StageState.DENIED,
        StageState.CLOSED,
    ]
    assert await waiting_for(database, request_id) == set()
    assert await grants_now(database) == []
    assert await trail(database) == [
        "request.submitted",
        "stage.opened",
        "stage.decided",
        "stage.opened",
        "stage.decided",
        "request.denied",
    ]


async def test_the_next_stage_opens_with_the_decision_and_access_is_owed_after_the_last(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, BY_CY)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    first, second = await stages_now(database, request_id)
    assert second.stage.state is StageState.WAITING

    with pytest.raises(errors.Conflict, match=f"Stage 2 of request {request_id} is not open yet"):
        await decide(database, BOB.id, request_id, second.stage.id, APPROVE, None)
    await decide(database, BOB.id, request_id, first.stage.id, APPROVE, None)

    first, second = await stages_now(database, request_id)
    assert (second.stage.state, second.stage.opened_at) == (StageState.OPEN, first.stage.decided_at)
    assert first.stage.decided_at is not None
    assert second.stage.deadline_at == first.stage.decided_at + timedelta(days=1)
    progress = await lifecycle.progress(database, request_id)
    assert (progress.stage_id, progress.stage_number, progress.stage_count, progress.approvers) == (
        second.stage.id,
        2,
        2,
        "Cy Frost",
    )
    assert await grants_now(database) == []
    with pytest.raises(errors.NotAnApprover):
        await says(database, BOB, request_id, APPROVE)
    with pytest.raises(errors.JustificationRequired, match="say why you approve it"):
        await says(database, CY, request_id, APPROVE, " ")
    await says(database, CY, request_id, APPROVE, "Seen the contract")
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING


async def test_a_next_stage_that_nobody_may_decide_denies_the_request(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, BY_CY)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await change_person(database, CY, account_enabled=False)
    await says(database, BOB, request_id, APPROVE)
    request = await request_now(database, request_id)
    assert (request.state, request.status) == (RequestState.DENIED, "Denied: nobody may decide stage 2")
    assert [one.stage.state for one in await stages_now(database, request_id)] == [
        StageState.APPROVED,
        StageState.CLOSED,
    ]


async def test_administrators_are_asked_in_a_next_stage_that_nobody_else_may_decide(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, BY_CY)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await change_person(database, CY, account_enabled=False)
    await decide(database, BOB.id, request_id, None, APPROVE, None, administrators=["ada@grantline.test"])
    assert await waiting_for(database, request_id) == {ADA.id}


async def test_the_targets_manager_decides_for_whoever_asks(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(RequestorManager(manager_level=2)))))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    assert await waiting_for(database, request_id) == {MAX.id}
    await says(database, MAX, request_id, APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING


async def test_a_decision_after_the_deadline_is_refused_though_no_timer_fired_yet(database: Database) -> None:
    short = stage(SingleUser(user_id=BOB.id), deadline=timedelta(microseconds=1))
    await furnish(database, policy(approval_settings=approved_by(short)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    with pytest.raises(errors.DeadlinePassed, match="a new request is needed"):
        await says(database, BOB, request_id, APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.PENDING_APPROVAL


async def test_an_approver_whose_account_was_disabled_since_is_not_heard(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await change_person(database, BOB, account_enabled=False)
    with pytest.raises(errors.NotAnApprover, match="is disabled; another approver must decide"):
        await says(database, BOB, request_id, APPROVE)
    await says(database, BEA, request_id, APPROVE)


async def test_a_withdrawn_request_waits_for_no_decision(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    (opened,) = await stages_now(database, request_id)
    await cancel(database, acting(LEO), request_id)
    for stage_id in (None, opened.stage.id):
        with pytest.raises(errors.RequestClosed, match=f"Request {request_id} is canceled since"):
            await decide(database, BOB.id, request_id, stage_id, APPROVE, None)


async def test_what_does_not_exist_looks_like_what_one_may_not_see(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    messages: list[str] = []
    for who, asked, stage_id in ((EVE, request_id, None), (BOB, fixed_id("x"), None), (EVE, request_id, fixed_id("x"))):
        with pytest.raises(errors.NotFound) as refused:
            await decide(database, who.id, asked, stage_id, APPROVE, None)
        messages.append(str(refused.value).replace(asked, "X"))
    assert set(messages) == {"There is no request X."}
    with pytest.raises(errors.NotFound, match="has no stage"):
        await decide(database, BOB.id, request_id, fixed_id("x"), APPROVE, None)
    with pytest.raises(errors.NotFound):
        await decide(database, "nobody", request_id, None, APPROVE, None)


async def test_leo_left_before_the_last_approval_and_gets_nothing(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await change_person(database, LEO, account_enabled=False)
    await says(database, BOB, request_id, APPROVE)
    request = await request_now(database, request_id)
    assert (request.state, request.status) == (
        RequestState.DELIVERY_FAILED,
        "DeliveryFailed: the account of Leo Park is disabled",
    )
    assert (request.assignment_id, await grants_now(database)) == (None, [])
    assert await trail(database) == [
        "request.submitted",
        "stage.opened",
        "stage.decided",
        "request.approved",
        "request.deliveryFailed",
    ]


async def test_a_request_keeps_its_plan_when_the_policy_is_edited(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(OWNERS_DECIDE, BY_CY)))
    request_id = (await ask_for(database, MIA, LEO)).request.id
    async with database.write() as tx:
        await tx.changed(update(policies).values(encode(policy())))
    await says(database, BOB, request_id, APPROVE)
    assert await waiting_for(database, request_id) == {CY.id}


async def test_a_delivered_request_answers_a_late_decision_with_the_first(database: Database) -> None:
    await furnish(database)
    held = await given(database, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(database, held.assignment_id, {})
    with pytest.raises(errors.AlreadyDecided, match="Bob Stone"):
        await says(database, BEA, held.request_id, DENY)
