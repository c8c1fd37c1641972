"""Explaining: where a request is, who can act, what comes next, who was refused why, and what a grant is there for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.assignment import EndCause
from grantline.model.briefing import DecideSignal, RemoveSignal
from grantline.model.explanation import AssignmentExplained, RequestExplained, shown
from grantline.model.person import Person
from grantline.model.request import Schedule, Verdict
from grantline.persistence.database import Database
from grantline.persistence.listing import ListQuery
from grantline.persistence.tables import grants, policies, stages
from grantline.services.approvals.decisions import decide
from grantline.services.assignments import lifecycle
from grantline.services.assignments.provisioning import apply
from grantline.services.requests import explanation, removal
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submitted import Submitted
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, LONG_AGO, MAX, MIA, READERS, WRITERS, acting, fixed_id
from tests.packages import PAYROLL, hold
from tests.services.scene import (
    ON_BEHALF,
    ask_for,
    change_person,
    events,
    furnish,
    given,
    policy,
    removing,
    says,
    trail,
)
from tests.services.target import FakeTarget

APPROVE, DENY = Verdict.APPROVE, Verdict.DENY
ADMINISTRATORS = ["ada@grantline.test"]


async def explained(db: Database, request_id: str, viewer: Person | None = None) -> RequestExplained:
    """Explain a request to somebody, by default to an operator."""
    return await explanation.of_request(db, acting(viewer) if viewer else None, request_id)


async def held(db: Database, assignment_id: str, viewer: Person | None = None) -> AssignmentExplained:
    """Explain an assignment to somebody, by default to an operator."""
    return await explanation.of_assignment(db, acting(viewer) if viewer else None, assignment_id)


def who_may(found: RequestExplained) -> list[tuple[str | None, str, str]]:
    """Return who can act, how, and why they."""
    return [(one.person.display_name, one.may, one.route) for one in found.can_act]


def told(found: RequestExplained | AssignmentExplained) -> list[str]:
    """Return the timeline as sentences."""
    return [f"{one.says}: {one.reason}" if one.reason else one.says for one in found.timeline]


async def deliver(db: Database, assignment_id: str, target: FakeTarget | None = None) -> FakeTarget:
    """Apply every grant of an assignment and record the delivery."""
    target = target or FakeTarget()
    for grant in (await held(db, assignment_id)).grants:
        await apply(db, {"AadGroup": target}, grant.id)
    await lifecycle.record_delivery(db, assignment_id, {})
    return target


async def remove(db: Database, assignment_id: str, removed: Submitted) -> None:
    """Let the assignment's workflow hear of a removal."""
    [message] = removed.messages
    assert isinstance(message.body, RemoveSignal)
    await lifecycle.end(db, assignment_id, utc_now(), message.body)


async def test_a_request_that_waits_says_for_whom_since_when_and_until_when(database: Database) -> None:
    await furnish(database)
    request = (await ask_for(database, MIA, LEO)).request

    found = await explained(database, request.id)

    [stage] = found.stages
    assert found.says == "Payroll for Leo Park waits for Bea Hart or Bob Stone to decide stage 1 of 1."
    assert who_may(found) == [
        ("Bea Hart", "decide", "primary"),
        ("Bob Stone", "decide", "primary"),
        ("Mia Lind", "cancel", "requestor"),
        ("Leo Park", "cancel", "target"),
    ]
    assert (found.since, found.next.what, found.next.at) == (
        request.created_at,
        "expires",
        request.created_at + timedelta(days=1),
    )
    assert (stage.state, stage.opened_at, [one.is_waited_for for one in stage.approvers]) == (
        "open",
        request.created_at,
        [True, True],
    )
    assert (found.policy.display_name, found.assignment, found.grants, found.refused) == ("Staff", None, (), ())
    assert [one.event for one in found.timeline] == ["request.submitted", "stage.opened"]
    assert told(found)[0] == "Mia Lind asked for it: Month end"


async def test_each_who_tried_is_there_with_the_reason_they_were_told(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    for who, kind in (
        (LEO, errors.OwnRequest),
        (MIA, errors.OwnRequest),
        (MIA, errors.OwnRequest),
        (EVE, errors.NotFound),
    ):
        with pytest.raises(kind):
            await decide(database, who.id, request_id, None, APPROVE, None)
    with pytest.raises(errors.NotAnApprover):
        await decide(database, ADA.id, request_id, None, DENY, None, administrators=ADMINISTRATORS)
    await says(database, BOB, request_id, APPROVE, "fine")
    with pytest.raises(errors.AlreadyDecided) as late:
        await decide(database, BEA.id, request_id, None, DENY, "no")

    found = await explained(database, request_id)

    assert [(one.person.display_name, one.code, one.event, one.times) for one in found.refused] == [
        ("Bea Hart", "alreadyDecided", "decision.refused", 1),
        ("Ada King", "notAnApprover", "decision.refused", 1),
        ("Mia Lind", "ownRequest", "decision.refused", 2),
        ("Leo Park", "ownRequest", "decision.refused", 1),
    ]
    assert found.refused[0].reason == late.value.message
    assert found.refused[2].first_at < found.refused[2].last_at
    assert "decision.refused" not in [one.event for one in found.timeline]


async def test_who_tried_past_the_api_is_there_too(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await lifecycle.hear_decision(database, request_id, DecideSignal(approver_id=LEO.id, verdict=APPROVE))
    found = await explained(database, request_id)
    assert [(one.person.display_name, one.code, one.event) for one in found.refused] == [
        ("Leo Park", "ownRequest", "signal.refused")
    ]


async def test_a_refusal_is_kept_with_the_stage_and_the_verdict_and_changes_nothing(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    stage_id = (await explained(database, request_id)).stages[0].id
    with pytest.raises(errors.OwnRequest) as refused:
        await decide(database, MIA.id, request_id, stage_id, APPROVE, None)
    [kept] = await events(database, "decision.refused")
    assert (kept.actor_id, kept.request_id, kept.reason) == (MIA.id, request_id, refused.value.message)
    assert kept.details == {"code": "ownRequest", "verdict": "approve", "stage": stage_id}
    assert await trail(database) == ["request.submitted", "stage.opened", "decision.refused"]


async def test_what_is_only_malformed_is_not_kept(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    with pytest.raises(errors.NotFound):
        await decide(database, BOB.id, request_id, fixed_id("no stage"), APPROVE, None)
    assert await trail(database) == ["request.submitted", "stage.opened"]


async def test_nobody_can_decide_once_the_time_is_up(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    async with database.write() as tx:
        await tx.changed(update(stages).values(deadline_at=LONG_AGO))
    with pytest.raises(errors.DeadlinePassed):
        await decide(database, BOB.id, request_id, None, APPROVE, None)

    found = await explained(database, request_id)

    assert [one.may for one in found.can_act] == ["cancel", "cancel"]
    assert (found.next.what, found.next.says) == (
        "expires",
        "Its time is up; it expires as soon as a worker runs.",
    )
    assert [one.code for one in found.refused] == ["deadlinePassed"]


async def test_a_blocked_account_is_not_named_among_those_who_can_act(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await change_person(database, BOB, account_enabled=False)
    assert who_may(await explained(database, request_id))[0] == ("Bea Hart", "decide", "primary")


@pytest.mark.parametrize("viewer", [MIA, LEO, BOB, BEA, ADA, MAX], ids=lambda person: person.display_name)
async def test_who_takes_part_is_told(sqlite_database: Database, viewer: Person) -> None:
    await furnish(sqlite_database)
    request_id = (await ask_for(sqlite_database, MIA, LEO)).request.id
    if viewer is MAX:
        await change_person(sqlite_database, LEO, manager_id=MAX.id)
    assert (await explained(sqlite_database, request_id, viewer)).id == request_id


@pytest.mark.parametrize("viewer", [EVE, CY, MAX], ids=lambda person: person.display_name)
async def test_for_everybody_else_there_is_nothing_to_explain(sqlite_database: Database, viewer: Person) -> None:
    await furnish(sqlite_database)
    done = await given(sqlite_database, requestor=MIA, target=LEO, by=BOB)
    said = []
    for request_id in (done.request_id, fixed_id("no request")):
        with pytest.raises(errors.NotFound) as refused:
            await explained(sqlite_database, request_id, viewer)
        said.append(refused.value.message.replace(request_id, "X"))
    for assignment_id in (done.assignment_id, fixed_id("no assignment")):
        with pytest.raises(errors.NotFound) as refused:
            await held(sqlite_database, assignment_id, viewer)
        said.append(refused.value.message.replace(assignment_id, "X"))
    assert said == ["There is no request X that you may see."] * 2 + ["There is no assignment X that you may see."] * 2


async def test_a_denied_and_a_cancelled_request_wait_for_nobody(database: Database) -> None:
    await furnish(database)
    denied = (await ask_for(database, MIA, LEO)).request.id
    await says(database, BOB, denied, DENY, "not his work")
    canceled = (await ask_for(database, MIA, LEO)).request.id
    await cancel(database, acting(MIA), canceled, "a mistake")

    first, second = await explained(database, denied), await explained(database, canceled)

    assert (first.says, second.says) == ("Payroll for Leo Park was denied.", "Payroll for Leo Park was cancelled.")
    assert {(one.can_act, one.next.what, one.next.says) for one in (first, second)} == {
        ((), None, "Nothing; the requestor may ask again.")
    }
    assert told(first)[2:] == ["Bob Stone: deny (stage 1): not his work", "denied: not his work"]
    assert told(second)[2:] == ["Mia Lind cancelled it: a mistake"]
    assert [one.state for one in (*first.stages, *second.stages)] == ["denied", "closed"]


async def test_a_scheduled_request_says_when_it_begins(database: Database) -> None:
    await furnish(database, policy(requestor_settings=replace(ON_BEHALF, allow_custom_schedule=True)))
    starts_at = utc_now() + timedelta(days=3)
    request_id = (await ask_for(database, MIA, LEO, schedule=Schedule(starts_at=starts_at))).request.id
    await says(database, BOB, request_id, APPROVE)
    found = await explained(database, request_id)
    assert (found.next.what, found.next.at) == ("begins", starts_at)
    assert [one.may for one in found.can_act] == ["cancel", "cancel"]
    assert found.says == "Payroll for Leo Park is approved and waits for its start."


async def test_a_delivery_that_fails_says_why_and_how_often(database: Database) -> None:
    await furnish(database)
    done = await given(database, requestor=MIA, target=LEO, by=BOB)
    target = FakeTarget()
    for trouble in ("it is full", "it is away", "it is away"):

        def fail(moment: str, words: str = trouble) -> None:
            if moment == "before grant":
                raise errors.TryAgain(f"Not now, {words}.")

        target.trouble = fail
        with pytest.raises(errors.TryAgain):
            await deliver(database, done.assignment_id, target)

    found = await explained(database, done.request_id, BOB)

    [grant] = found.grants
    assert (grant.state, grant.last_error, grant.failures) == ("owed", "Not now, it is away.", 2)
    assert (grant.role, grant.resource, grant.origin_system) == ("Member", "Payroll readers", "AadGroup")
    assert found.says == "Payroll for Leo Park is approved; the access is being given."
    assert found.next.what == "delivers"
    assert told(found)[-2:] == [
        "failed: Leo Park: Member of Payroll readers: Not now, it is full.",
        "failed: Leo Park: Member of Payroll readers: Not now, it is away.",
    ]


async def test_the_whole_life_of_a_request_is_in_its_timeline(database: Database) -> None:
    await furnish(database)
    done = await given(database, requestor=MIA, target=LEO, by=BOB)
    target = await deliver(database, done.assignment_id)
    now = await explained(database, done.request_id)
    await remove(
        database, done.assignment_id, await removal.remove(database, acting(LEO), removing(done.assignment_id))
    )
    ending = await explained(database, done.request_id)
    await deliver(database, done.assignment_id, target)
    await lifecycle.record_ended(database, done.assignment_id)
    over = await explained(database, done.request_id)

    lives = [one.assignment for one in (now, ending, over) if one.assignment]
    assert [(one.state, one.end_cause) for one in lives] == [
        ("delivered", None),
        ("ending", EndCause.REMOVED_BY_TARGET),
        ("expired", EndCause.REMOVED_BY_TARGET),
    ]
    assert [one.grants[0].state for one in (now, ending, over)] == ["given", "beingTakenBack", "gone"]
    assert [(one.next.what, one.next.says) for one in (now, ending, over)] == [
        (None, "Nothing; the access has no end and lasts until it is removed."),
        ("ends", "Each role is taken back; that is tried until it has worked."),
        (None, "Nothing; it can be asked for again."),
    ]
    assert [one.event for one in over.timeline] == [
        "request.submitted",
        "stage.opened",
        "stage.decided",
        "request.approved",
        "assignment.started",
        "grant.granted",
        "request.delivered",
        "assignment.ending",
        "grant.revoked",
        "assignment.ended",
    ]


async def test_a_removal_is_a_request_with_a_timeline_of_its_own(database: Database) -> None:
    await furnish(database)
    done = await given(database, requestor=MIA, target=LEO, by=BOB)
    target = await deliver(database, done.assignment_id)
    removed = await removal.remove(database, acting(LEO), removing(done.assignment_id))
    await remove(database, done.assignment_id, removed)
    under_way = await explained(database, removed.request.id)
    await deliver(database, done.assignment_id, target)
    await lifecycle.record_ended(database, done.assignment_id)
    gone = await explained(database, removed.request.id, LEO)

    assert (under_way.says, under_way.can_act) == ("The removal of Payroll for Leo Park is under way.", ())
    assert (gone.says, gone.next.what) == ("The removal of Payroll for Leo Park is done.", None)
    assert [one.event for one in gone.timeline] == [
        "removal.requested",
        "assignment.ending",
        "grant.revoked",
        "assignment.ended",
    ]


async def test_a_grant_names_every_package_that_needs_it_to_who_may_know(database: Database) -> None:
    await furnish(database, roles=(PAYROLL.read, PAYROLL.write))
    async with database.write() as tx:
        other = await hold(tx, "audit", LEO, PAYROLL.read, at=LONG_AGO)
    done = await given(database, requestor=MIA, target=LEO, by=BOB)
    target = FakeTarget(held={(LEO.id, WRITERS.id)})
    await deliver(database, done.assignment_id, target)
    await change_person(database, LEO, manager_id=MAX.id)

    seen = {one.resource: one for one in (await held(database, done.assignment_id)).grants}
    by_mia = {one.resource: one for one in (await held(database, done.assignment_id, MIA)).grants}

    readers, writers = seen["Payroll readers"], seen["Payroll writers"]
    assert (readers.existed_before, writers.existed_before) == (False, True)
    named = {one.package.display_name: one.assignment_id for one in readers.reasons if one.package}
    assert named == {"audit": other.id, "Payroll": done.assignment_id}
    assert [one.package.display_name for one in writers.reasons if one.package] == ["Payroll"]
    # Mia asked for one of the two and is not Leo's manager any more: she is told that there is another, not which.
    assert sorted(
        (one.package.display_name or "" if one.package else "–") for one in by_mia["Payroll readers"].reasons
    ) == [
        "Payroll",
        "–",
    ]
    assert target.held == {(LEO.id, READERS.id), (LEO.id, WRITERS.id)}


async def test_a_revocation_that_takes_too_long_is_on_a_list_and_off_it_when_done(database: Database) -> None:
    await furnish(database)
    done = await given(database, requestor=MIA, target=LEO, by=BOB)
    target = await deliver(database, done.assignment_id)
    removed = await removal.remove(database, acting(ADA), removing(done.assignment_id))
    await remove(database, done.assignment_id, removed)
    assert (await explanation.overdue_revocations(database, acting(ADA), ListQuery())).rows == ()

    long_ago = utc_now() - timedelta(minutes=2)
    async with database.write() as tx:
        await tx.changed(update(grants).values(changed_at=long_ago, last_error="Not now."))
    [late] = (await explanation.overdue_revocations(database, acting(ADA), ListQuery())).rows
    assert (late.person.display_name, late.overdue_since, late.last_error) == ("Leo Park", long_ago, "Not now.")
    assert [one.assignment_id for one in late.reasons] == [done.assignment_id]
    life = (await held(database, done.assignment_id)).assignment
    assert life.overdue_since == long_ago
    assert (await held(database, done.assignment_id)).says.endswith(
        "the access is being taken back, and that is overdue."
    )

    await deliver(database, done.assignment_id, target)
    assert (await explanation.overdue_revocations(database, acting(ADA), ListQuery())).rows == ()


async def test_an_explanation_outlives_the_policy_and_speaks_the_names_of_the_api(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    async with database.write() as tx:
        await tx.changed(delete(policies))
    found = shown(await explained(database, request_id))
    assert found["policy"] == {"id": policy().id, "displayName": None}
    assert {"canAct", "isTimelineWhole", "since"} < set(found)
    assert found["stages"][0]["approvers"][0] == {
        "person": {"id": BEA.id, "displayName": "Bea Hart", "userPrincipalName": "bea@grantline.test"},
        "route": "primary",
        "isWaitedFor": True,
    }
