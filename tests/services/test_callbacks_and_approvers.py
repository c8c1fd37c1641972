"""Whom an extension names decides like anybody; while its answer is awaited nobody is asked, nor steps in."""

from datetime import timedelta

import pytest

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.callout import CalloutPoint, HoldState
from grantline.model.request import RequestState, Verdict
from grantline.model.subjects import GroupMembers
from grantline.persistence.database import Database
from grantline.services.approvals import rerouting
from grantline.services.approvals.delegations import delegate
from grantline.services.approvals.reassignment import reassign
from grantline.services.approvals.taking_back import take_back
from grantline.services.directory import people_and_groups as directory
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, OWNERS, acting
from tests.services.calling import calls_now
from tests.services.scene import change_person, events, request_now, says, stage, stages_now
from tests.services.test_callbacks import answers, approvers_now, decided_by, held

ADMINISTRATORS = (ADA.user_principal_name,)


async def test_a_delegate_of_whom_the_extension_names_decides(database: Database) -> None:
    request = await held(database, CalloutPoint.DETERMINING)
    await delegate(database, acting(CY), EVE.id, ends_at=utc_now() + timedelta(days=3))
    await answers(database, request.id, stage=decided_by(CY))

    await says(database, EVE, request.id, Verdict.APPROVE)
    assert (await request_now(database, request.id)).state is RequestState.DELIVERING
    (found,) = await stages_now(database, request.id)
    assert (found.stage.decided_by_id, found.stage.decided_for_id) == (EVE.id, CY.id)


async def test_a_delegate_who_would_get_it_does_not_decide(database: Database) -> None:
    request = await held(database, CalloutPoint.DETERMINING)
    await delegate(database, acting(CY), LEO.id, ends_at=utc_now() + timedelta(days=3))
    await answers(database, request.id, stage=decided_by(CY))
    with pytest.raises(errors.OwnRequest):
        await says(database, LEO, request.id, Verdict.APPROVE)


async def test_the_group_that_the_extension_names_is_followed_though_no_policy_names_it(database: Database) -> None:
    request = await held(database, CalloutPoint.DETERMINING)
    await answers(database, request.id, stage=stage(GroupMembers(group_id=OWNERS.id)))
    ((_, _, before),) = await approvers_now(database, request.id)
    assert BOB.id in before
    await directory.remove_member(database, acting(ADA), OWNERS.id, BOB.id)
    await rerouting.follow(database, administrators=ADMINISTRATORS)

    assert await approvers_now(database, request.id) == [(1, "open", before - {BOB.id})]


async def test_while_it_waits_the_directory_moves_nobody_and_nobody_is_given_the_approval(database: Database) -> None:
    request = await held(database)
    await change_person(database, BOB, account_enabled=False)
    assert await rerouting.follow(database, administrators=ADMINISTRATORS) == ()
    with pytest.raises(errors.RequestClosed, match="nothing to reassign"):
        await reassign(database, acting(ADA), request.id, [CY.id], "Bob has left")
    assert await request_now(database, request.id) == request
    await answers(database, request.id)

    assert await approvers_now(database, request.id) == [(1, "open", {BEA.id})]


async def test_an_approval_taken_back_ends_the_wait_for_the_answer(database: Database) -> None:
    request = await held(database, CalloutPoint.APPROVED)
    await take_back(database, acting(BOB), request.id, "I misread it")

    assert (await request_now(database, request.id)).state is RequestState.DENIED
    (call,) = await calls_now(database, request.id)
    assert call.hold is HoldState.WITHDRAWN
    assert len(await events(database, "request.denied")) == 1
