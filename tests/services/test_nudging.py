"""What time brings to an open stage: reminders and alternates, as stories on record."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from grantline.errors import NotAnApprover, NotFound, OwnRequest
from grantline.model.briefing import Progress
from grantline.model.person import Person
from grantline.model.policy import StageSettings
from grantline.model.request import RequestState, Verdict
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser, SubjectSet, TargetUserSponsors
from grantline.persistence.database import Database
from grantline.persistence.links import SPONSORS
from grantline.services.approvals import rerouting
from grantline.services.approvals.nudging import escalate_stage, remind_stage
from grantline.services.assignments import lifecycle
from grantline.services.directory import people_and_groups as directory
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, LONG_AGO, MAX, MIA, OWNERS, acting
from tests.services.letterbox import Letterbox
from tests.services.scene import (
    approved_by,
    ask_for,
    change_person,
    events,
    furnish,
    policy,
    request_now,
    says,
    stage,
    stages_now,
    trail,
)

FIVE_MINUTES = timedelta(minutes=5)
A_MOMENT = timedelta(microseconds=1)


def named(*some: Person) -> tuple[SubjectSet, ...]:
    """Return sets that name these people."""
    return tuple(SingleUser(user_id=one.id) for one in some)


def escalating(*alternates: SubjectSet, fallback: tuple[SubjectSet, ...] = (), **more: Any) -> StageSettings:
    """Return a stage of a day that Bob decides, and these too after five minutes."""
    usual: dict[str, Any] = {
        "is_escalation_enabled": True,
        "escalates_after": FIVE_MINUTES,
        "escalation_approvers": alternates,
        "fallback_escalation_approvers": fallback,
    }
    return stage(*named(BOB), **(usual | more))


async def asked(db: Database, *stages_: StageSettings, requestor: Person = MIA, target: Person = LEO) -> Progress:
    """Ask under a policy with these stages; return where the request stands, and remember its id."""
    await furnish(db, policy(approval_settings=approved_by(*stages_)))
    submitted = await ask_for(db, requestor, target)
    return await lifecycle.progress(db, submitted.request.id)


async def the_request(db: Database) -> str:
    """Return the id of the one request there is."""
    (submitted,) = await events(db, "request.submitted")
    return str(submitted.request_id)


async def escalate(db: Database, progress: Progress, *, at: datetime | None = None) -> Progress:
    """Let the alternates' turn come."""
    at = at or progress.escalates_at
    assert at is not None
    assert progress.stage_id is not None
    return await escalate_stage(db, await the_request(db), progress.stage_id, at)


async def remind(db: Database, progress: Progress, *, at: datetime | None = None) -> Progress:
    """Let a reminder come due."""
    at = at or progress.reminds_at
    assert at is not None
    assert progress.stage_id is not None
    return await remind_stage(db, await the_request(db), progress.stage_id, at)


async def test_alternates_are_asked_after_part_of_the_time_and_the_first_keep_their_vote(database: Database) -> None:
    before = await asked(database, escalating(*named(CY)))
    request_id = await the_request(database)
    with pytest.raises(NotFound):
        await says(database, CY, request_id, Verdict.APPROVE)

    after = await escalate(database, before)

    assert (before.approvers, after.approvers) == ("Bob Stone", "Bob Stone, Cy Frost (alternate)")
    assert (after.deadline_at, after.escalates_at) == (before.deadline_at, None)
    (escalated,) = await events(database, "stage.escalated")
    assert (escalated.at, escalated.actor_id, escalated.reason) == (before.escalates_at, None, None)
    assert escalated.details == {"stage": 1, "approvers": [{"id": CY.id, "source": "alternate"}]}
    await says(database, BOB, request_id, Verdict.APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING


async def test_an_alternate_from_whom_the_stage_was_taken_before_is_told_anew(sqlite_database: Database) -> None:
    db, owners = sqlite_database, (GroupMembers(group_id=OWNERS.id),)
    before = await asked(db, escalating(*named(BOB), primary_approvers=owners))
    await directory.remove_member(db, acting(ADA), OWNERS.id, BOB.id)
    await rerouting.follow(db)
    await escalate(db, before)

    (found,) = await stages_now(db, await the_request(db))
    assert found.waiting_ids == {BEA.id, BOB.id}
    told = [one.person_id for one in await Letterbox(db).rows() if one.kind == "approval-needed"]
    assert sorted(told) == sorted([BEA.id, BOB.id, BOB.id])


async def test_an_alternate_decides(database: Database) -> None:
    await escalate(database, await asked(database, escalating(*named(CY))))
    request_id = await the_request(database)
    await says(database, CY, request_id, Verdict.DENY, "no")
    (settled,) = await stages_now(database, request_id)
    assert settled.stage.decided_by_id == CY.id
    assert (await request_now(database, request_id)).state is RequestState.DENIED


async def test_not_a_microsecond_early_and_never_twice(database: Database) -> None:
    before = await asked(database, escalating(*named(CY)))
    assert before.escalates_at is not None
    assert await escalate(database, before, at=before.escalates_at - A_MOMENT) == before
    once = await escalate(database, before)
    assert await escalate(database, before) == once
    assert (await trail(database)).count("stage.escalated") == 1
    (opened,) = await stages_now(database, await the_request(database))
    assert opened.stage.opened_at is not None
    assert before.escalates_at - opened.stage.opened_at == FIVE_MINUTES


async def test_nobody_found_asks_the_fallback_and_nobody_there_is_put_on_record(database: Database) -> None:
    stages_ = (escalating(RequestorManager(manager_level=4), fallback=named(CY)), escalating(*named(LEO, MIA, DAN)))
    second = await escalate(database, await asked(database, *stages_))
    assert second.approvers == "Bob Stone, Cy Frost (alternate)"
    request_id = await the_request(database)
    await says(database, CY, request_id, Verdict.APPROVE)

    after = await escalate(database, await lifecycle.progress(database, request_id))

    assert (after.stage_number, after.approvers, after.escalates_at) == (2, "Bob Stone", None)
    assert [(one.details["approvers"], one.reason) for one in await events(database, "stage.escalated")] == [
        ([{"id": CY.id, "source": "fallbackAlternate"}], None),
        ([], "none of the alternates may decide; the stage waits for its approvers alone"),
    ]
    await says(database, BOB, request_id, Verdict.APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING


@pytest.mark.parametrize("requestor", [MIA, LEO], ids=["on behalf", "for himself"])
async def test_neither_requestor_nor_target_is_asked_as_alternate_by_whatever_route(
    database: Database, requestor: Person
) -> None:
    alternates = (*named(MIA, LEO), RequestorManager(manager_level=1), GroupMembers(group_id=OWNERS.id))
    after = await escalate(database, await asked(database, escalating(*alternates), requestor=requestor))
    request_id = await the_request(database)
    (opened,) = await stages_now(database, request_id)
    expected = {BOB.id, BEA.id, MAX.id} if requestor is MIA else {BOB.id, BEA.id, MIA.id}
    assert (set(opened.stage.approver_ids), after.stage_number) == (expected, 1)
    for person in {requestor.id: requestor, LEO.id: LEO}.values():
        with pytest.raises(OwnRequest):
            await says(database, person, request_id, Verdict.APPROVE)


async def test_who_was_asked_already_is_not_asked_again(database: Database) -> None:
    after = await escalate(database, await asked(database, escalating(*named(BOB, CY))))
    assert after.approvers == "Bob Stone, Cy Frost (alternate)"


async def test_alternates_are_looked_up_when_their_turn_comes(database: Database) -> None:
    before = await asked(database, escalating(RequestorManager(manager_level=2)))
    await change_person(database, MIA, manager_id=EVE.id)
    assert (await escalate(database, before)).approvers == "Bob Stone, Eve Wolf (alternate)"


async def test_what_is_settled_neither_escalates_nor_reminds(database: Database) -> None:
    before = await asked(database, escalating(*named(CY)))
    await says(database, BOB, await the_request(database), Verdict.DENY)
    for nudge in (escalate, remind):
        assert (await nudge(database, before)).state is RequestState.DENIED
    assert not {"stage.escalated", "stage.reminded"} & set(await trail(database))
    (settled,) = await stages_now(database, await the_request(database))
    assert settled.stage.approver_ids == (BOB.id,)


async def test_after_the_deadline_there_is_nothing_to_nudge(database: Database) -> None:
    before = await asked(database, escalating(*named(CY)))
    for nudge in (escalate, remind):
        assert await nudge(database, before, at=before.deadline_at) == before


async def test_who_has_not_acted_is_reminded_at_half_time_and_a_day_before_the_end(database: Database) -> None:
    before = await asked(database, stage(GroupMembers(group_id=OWNERS.id), deadline=timedelta(days=14)))
    assert before.deadline_at is not None
    assert before.reminds_at is not None
    assert before.reminds_at == before.deadline_at - timedelta(days=7)
    assert await remind(database, before, at=before.reminds_at - A_MOMENT) == before
    await change_person(database, BEA, account_enabled=False)

    half_way = await remind(database, before)
    assert await remind(database, before) == half_way
    last = await remind(database, half_way)

    assert (half_way.reminds_at, last.reminds_at) == (before.deadline_at - timedelta(days=1), None)
    assert [(one.at, one.details) for one in await events(database, "stage.reminded")] == [
        (at, {"stage": 1, "deadline": before.deadline_at.isoformat(), "approvers": [BOB.id]})
        for at in (before.reminds_at, half_way.reminds_at)
    ]


async def test_reminders_missed_while_no_worker_ran_are_given_once(database: Database) -> None:
    before = await asked(database, stage(*named(BOB), deadline=timedelta(days=14)))
    assert before.deadline_at is not None
    late = await remind(database, before, at=before.deadline_at - timedelta(hours=1))
    assert late.reminds_at is None
    assert (await trail(database)).count("stage.reminded") == 1


async def test_the_policy_says_when_to_remind_or_not_at_all(database: Database) -> None:
    before = await asked(database, stage(*named(BOB), reminders=(timedelta(hours=2),)), stage(*named(CY), reminders=()))
    assert before.deadline_at is not None
    assert before.reminds_at == before.deadline_at - timedelta(hours=2)
    request_id = await the_request(database)
    await says(database, BOB, request_id, Verdict.APPROVE)
    assert (await lifecycle.progress(database, request_id)).reminds_at is None


async def test_alternates_are_reminded_too(database: Database) -> None:
    await remind(database, await escalate(database, await asked(database, escalating(*named(CY)))))
    (reminded,) = await events(database, "stage.reminded")
    assert sorted(reminded.details["approvers"]) == sorted([BOB.id, CY.id])


async def test_sponsors_of_the_target_approve_and_without_one_it_fails_closed(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(TargetUserSponsors()))))
    alone = await ask_for(database, MIA, LEO)
    assert (alone.request.state, alone.request.status) == (
        RequestState.DENIED,
        "Denied: nobody may decide stage 1",
    )
    async with database.write() as tx:
        for sponsor in (EVE, MIA, DAN):
            assert await SPONSORS.add(tx, LEO.id, sponsor.id, LONG_AGO)
        assert not await SPONSORS.add(tx, LEO.id, EVE.id, LONG_AGO)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    (opened,) = await stages_now(database, request_id)
    assert opened.stage.approver_ids == (EVE.id,)
    await says(database, EVE, request_id, Verdict.APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING


async def test_three_stages_each_with_its_own_people_in_order(database: Database) -> None:
    async with database.write() as tx:
        await SPONSORS.add(tx, LEO.id, EVE.id, LONG_AGO)
    first = await asked(
        database,
        stage(RequestorManager(manager_level=2)),
        stage(TargetUserSponsors()),
        escalating(GroupMembers(group_id=OWNERS.id), *named(CY)),
    )
    request_id = await the_request(database)
    assert (first.stage_number, first.stage_count, first.approvers) == (1, 3, "Max Moor")
    with pytest.raises(NotFound):
        await says(database, BOB, request_id, Verdict.APPROVE)
    await says(database, MAX, request_id, Verdict.APPROVE)
    second = await lifecycle.progress(database, request_id)
    assert (second.stage_number, second.approvers) == (2, "Eve Wolf")
    with pytest.raises(NotAnApprover):
        await says(database, MAX, request_id, Verdict.APPROVE)
    await says(database, EVE, request_id, Verdict.APPROVE)
    third = await escalate(database, await lifecycle.progress(database, request_id))
    assert third.approvers == "Bea Hart (alternate), Bob Stone, Cy Frost (alternate)"
    await says(database, BEA, request_id, Verdict.APPROVE)
    assert (await request_now(database, request_id)).state is RequestState.DELIVERING
    assert [one.actor_id for one in await events(database, "stage.decided")] == [MAX.id, EVE.id, BEA.id]
    assert ADA.id not in {one.stage.decided_by_id for one in await stages_now(database, request_id)}
