"""Who is told what, at each turn. Told as stories: after each step, what is new in the box."""

from dataclasses import replace
from datetime import timedelta

import pytest

from grantline.ambient import utc_now
from grantline.errors import AlreadyDecided, NotAllowed
from grantline.model.briefing import RemoveSignal
from grantline.model.person import Person
from grantline.model.policy import Expiration, ExpirationType, Policy
from grantline.model.request import RequestType, Schedule, Verdict
from grantline.model.subjects import SingleUser
from grantline.persistence import assignments
from grantline.persistence.database import Database
from grantline.services.assignments import abandonment, lifecycle
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submission import submit
from grantline.services.requests.submitted import Idempotency
from tests.cast import ADA, BEA, BOB, CY, DAN, LEO, MIA, acting
from tests.services.letterbox import Letterbox
from tests.services.scene import (
    NO_APPROVAL,
    OWNERS_DECIDE,
    approved_by,
    ask_for,
    asking,
    change_person,
    furnish,
    given,
    held_now,
    policy,
    removing,
    request_now,
    says,
    stage,
    stages_now,
)

CY_DECIDES = stage(SingleUser(user_id=CY.id))
TWO_STAGES = approved_by(OWNERS_DECIDE, CY_DECIDES)
TOMORROW = timedelta(days=1)
A_MONTH = Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(days=30))
QUIET = {"notificationSettings": {"isAssignmentNotificationDisabled": True}}


@pytest.fixture
def box(database: Database) -> Letterbox:
    return Letterbox(database)


async def test_on_behalf_target_and_requestor_hear_of_every_turn(database: Database, box: Letterbox) -> None:
    await furnish(database, policy(approval_settings=TWO_STAGES, expiration=A_MONTH))

    request = (await ask_for(database, MIA, LEO)).request
    assert await box.new() == {"approval-needed": "Bea Bob", "asked-for-you": "Leo"}

    await says(database, BOB, request.id, Verdict.APPROVE)
    assert await box.new() == {
        "approval-advanced": "Bea Bob",
        "approval-needed": "Cy",
        "request-advanced": "Leo Mia",
    }

    await says(database, CY, request.id, Verdict.APPROVE)
    assert await box.new() == {"approval-approved": "Bea Bob Cy", "request-approved": "Leo Mia"}

    assignment_id = str((await request_now(database, request.id)).assignment_id)
    await lifecycle.record_delivery(database, assignment_id, {})
    await lifecycle.record_delivery(database, assignment_id, {})
    assert await box.new() == {"access-delivered": "Leo Mia"}

    await end(database, assignment_id)
    await end(database, assignment_id)
    assert await box.new() == {"access-ended": "Leo Mia"}


async def test_of_their_own_request_people_hear_how_it_ends(database: Database, box: Letterbox) -> None:
    await furnish(database, policy(approval_settings=TWO_STAGES))

    request = (await ask_for(database, LEO, LEO)).request
    assert await box.new() == {"approval-needed": "Bea Bob"}
    await says(database, BOB, request.id, Verdict.APPROVE)
    assert await box.new() == {"approval-advanced": "Bea Bob", "approval-needed": "Cy"}
    await says(database, CY, request.id, Verdict.DENY, "Not this month")
    assert await box.new() == {"approval-denied": "Bea Bob Cy", "request-denied": "Leo"}


async def test_what_a_letter_knows_is_what_happened(database: Database, box: Letterbox) -> None:
    await furnish(database)
    await change_person(database, MIA, department="Finance")

    request = (await ask_for(database, MIA, LEO)).request
    (stage_,) = await stages_now(database, request.id)

    needed = next(row for row in await box.fresh() if row.kind == "approval-needed" and row.person_id == BOB.id)
    assert (needed.name, needed.address, needed.state) == ("Bob Stone", "bob.stone@grantline.test", "waiting")
    assert needed.key == f"approval-needed/{stage_.stage.id}/{BOB.id}"
    assert stage_.stage.deadline_at is not None
    assert needed.details == {
        "package": "Payroll",
        "request_id": request.id,
        "requestor": "Mia Lind",
        "requestor_department": "Finance",
        "target": "Leo Park",
        "target_id": LEO.id,
        "is_on_behalf": True,
        "justification": "Month end",
        "submitted_at": request.created_at.isoformat(),
        "stage": 1,
        "stage_count": 1,
        "deadline_at": stage_.stage.deadline_at.isoformat(),
    }

    await says(database, BOB, request.id, Verdict.DENY, "Not this month")
    rows = {row.kind: row.details for row in await box.fresh()}
    assert (rows["approval-denied"]["actor"], rows["approval-denied"]["reason"]) == ("Bob Stone", "Not this month")
    assert rows["request-denied"]["reason"] == "Not this month"
    assert "actor" not in rows["request-denied"]


async def test_silence_tells_whom_it_waited_for_and_whom_it_was_about(database: Database, box: Letterbox) -> None:
    await furnish(database, policy(approval_settings=TWO_STAGES))
    request = (await ask_for(database, MIA, LEO)).request
    await says(database, BEA, request.id, Verdict.APPROVE)
    await box.new()
    second = (await stages_now(database, request.id))[1].stage
    assert second.deadline_at is not None

    await lifecycle.expire_stage(database, request.id, second.id, second.deadline_at)
    await lifecycle.expire_stage(database, request.id, second.id, second.deadline_at)

    assert await box.new() == {"approval-expired": "Cy", "request-expired": "Leo Mia"}


@pytest.mark.parametrize(("who", "told"), [(MIA, "Leo"), (LEO, "Mia"), (ADA, "Leo Mia")], ids=["Mia", "Leo", "Ada"])
async def test_a_withdrawal_is_told_to_everybody_but_who_withdrew(
    database: Database, box: Letterbox, who: Person, told: str
) -> None:
    await furnish(database, policy(approval_settings=TWO_STAGES))
    request = (await ask_for(database, MIA, LEO)).request
    await says(database, BOB, request.id, Verdict.APPROVE)
    await box.new()

    await cancel(database, acting(who), request.id, "No longer")

    assert await box.new() == {"approval-canceled": "Cy", "request-canceled": told}


async def test_what_needs_no_approval_is_told_to_the_target_and_then_delivered(
    database: Database, box: Letterbox
) -> None:
    await furnish(database, policy(approval_settings=NO_APPROVAL))

    request = (await ask_for(database, MIA, LEO)).request
    assert await box.new() == {"asked-for-you": "Leo"}
    await lifecycle.record_delivery(database, str(request.assignment_id), {})
    assert await box.new() == {"access-delivered": "Leo Mia"}


async def test_nobody_may_decide_is_told_as_a_denial_with_its_reason(database: Database, box: Letterbox) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(SingleUser(user_id=DAN.id)))))
    await ask_for(database, MIA, LEO)
    rows = await box.rows()
    assert {(row.kind, row.person_id) for row in rows} == {("request-denied", LEO.id), ("request-denied", MIA.id)}
    assert {row.details["reason"] for row in rows} == {"nobody may decide stage 1"}


async def test_a_later_stage_that_nobody_may_decide_is_told_to_those_who_approved(
    database: Database, box: Letterbox
) -> None:
    await furnish(database, policy(approval_settings=TWO_STAGES))
    request = (await ask_for(database, MIA, LEO)).request
    await change_person(database, CY, account_enabled=False)
    await box.new()
    await says(database, BOB, request.id, Verdict.APPROVE)
    assert await box.new() == {"approval-denied": "Bea Bob", "request-denied": "Leo Mia"}


async def test_a_direct_assignment_tells_the_target_and_not_the_administrator(
    database: Database, box: Letterbox
) -> None:
    await furnish(database)

    request = (await ask_for(database, ADA, LEO, type=RequestType.ADMIN_ADD)).request
    assert await box.new() == {"approval-needed": "Bea Bob", "asked-for-you": "Leo"}
    await says(database, BOB, request.id, Verdict.APPROVE)
    assert await box.new() == {"approval-approved": "Bea Bob", "request-approved": "Leo"}
    assignment_id = str((await request_now(database, request.id)).assignment_id)
    await lifecycle.record_delivery(database, assignment_id, {})
    assert await box.new() == {"access-delivered": "Leo"}
    await remove(database, ADA, assignment_id, RequestType.ADMIN_REMOVE)
    assert await box.new() == {"access-ended": "Leo"}


async def test_a_direct_assignment_that_is_denied_tells_no_administrator(database: Database, box: Letterbox) -> None:
    await furnish(database)
    request = (await ask_for(database, ADA, LEO, type=RequestType.ADMIN_ADD)).request
    await box.new()
    await says(database, BOB, request.id, Verdict.DENY)
    assert await box.new() == {"approval-denied": "Bea Bob", "request-denied": "Leo"}


async def test_delivery_that_fails_is_told_with_its_reasons_and_its_end_is_not(
    database: Database, box: Letterbox
) -> None:
    await furnish(database, policy(kept=QUIET))
    gift = await given(database, requestor=MIA, target=LEO, by=BOB)
    await box.new()

    async with database.read() as tx:
        needed = await assignments.needed_grants(tx, gift.assignment_id)
    await lifecycle.record_delivery(database, gift.assignment_id, dict.fromkeys(needed, "The group is full."))
    rows = await box.fresh()
    assert [(row.kind, row.person_id) for row in rows] == [
        ("access-delivery-failed", LEO.id),
        ("access-delivery-failed", MIA.id),
    ]
    assert rows[0].details["reason"] == "The group is full."
    await abandonment.abandon(database, gift.assignment_id, utc_now())
    await lifecycle.record_ended(database, gift.assignment_id)
    assert await box.new() == {}


async def test_a_start_that_cannot_be_kept_is_told(database: Database, box: Letterbox) -> None:
    settings = replace(policy().requestor_settings, allow_custom_schedule=True)
    await furnish(database, policy(requestor_settings=settings))
    starts_at = utc_now() + TOMORROW
    request = (await ask_for(database, MIA, LEO, schedule=Schedule(starts_at=starts_at))).request
    await says(database, BOB, request.id, Verdict.APPROVE)
    rows = [row for row in await box.fresh() if row.kind == "request-approved"]
    assert {row.details["starts_at"] for row in rows} == {starts_at.isoformat()}
    await change_person(database, LEO, account_enabled=False)

    await lifecycle.begin(database, request.id, starts_at)

    # Leo's account is disabled: who cannot sign in is not mailed.
    assert await box.new() == {"access-delivery-failed": "Mia"}


@pytest.mark.parametrize(
    ("who", "kind", "told"),
    [
        (LEO, RequestType.USER_REMOVE, "Leo Mia"),
        (MIA, RequestType.USER_REMOVE, "Leo Mia"),
        (ADA, RequestType.ADMIN_REMOVE, "Leo Mia"),
    ],
    ids=["given up", "by the manager", "by the administrator"],
)
async def test_the_end_is_told_with_who_brought_it_about_and_why(
    database: Database, box: Letterbox, who: Person, kind: RequestType, told: str
) -> None:
    await furnish(database)
    gift = await given(database, requestor=MIA, target=LEO, by=BOB)
    await lifecycle.record_delivery(database, gift.assignment_id, {})
    await box.new()

    await remove(database, who, gift.assignment_id, kind)

    rows = await box.fresh()
    assert {row.kind for row in rows} == {"access-ended"}
    assert " ".join(row.name.split()[0] for row in rows) == told
    causes = {LEO.id: "removedByTarget", MIA.id: "removedOnBehalf", ADA.id: "removedByAdministrator"}
    details = {name: rows[0].details[name] for name in ("cause", "actor", "reason", "requestor", "target")}
    assert details == {
        "cause": causes[who.id],
        "actor": who.display_name,
        "reason": "Moved on",
        "requestor": "Mia Lind",
        "target": "Leo Park",
    }


QUIET_POLICIES = [
    (policy(kept=QUIET), False),
    (policy(kept={"notificationSettings": {"isAssignmentNotificationDisabled": False}}), True),
    (policy(kept={"notificationSettings": {"isAssignmentNotificationDisabled": None}}), True),
    (policy(kept={"reviewSettings": {}}), True),
]


@pytest.mark.parametrize(("chosen", "is_told"), QUIET_POLICIES, ids=["off", "on", "null", "unset"])
async def test_a_policy_may_switch_off_the_mail_about_assignments_and_only_that(
    database: Database, box: Letterbox, chosen: Policy, is_told: bool
) -> None:
    await furnish(database, replace(chosen, expiration=A_MONTH))
    gift = await given(database, requestor=LEO, target=LEO, by=BOB)
    assert set(await box.new()) == {"approval-needed", "approval-approved", "request-approved"}

    await lifecycle.record_delivery(database, gift.assignment_id, {})
    await end(database, gift.assignment_id)

    assert await box.new() == ({"access-delivered": "Leo", "access-ended": "Leo"} if is_told else {})


async def test_who_has_no_address_is_on_record_as_not_told(database: Database, box: Letterbox) -> None:
    await furnish(database)
    await change_person(database, LEO, mail=None)
    await ask_for(database, MIA, LEO)
    row = next(row for row in await box.rows() if row.person_id == LEO.id)
    assert (row.address, row.state, row.last_error) == ("", "bounced", "the directory has no mail address")


async def test_what_is_refused_tells_nobody(database: Database, box: Letterbox) -> None:
    await furnish(database)
    request = (await ask_for(database, MIA, LEO)).request
    await box.new()
    for who in (MIA, LEO):
        with pytest.raises(NotAllowed):
            await says(database, who, request.id, Verdict.APPROVE)
    await says(database, BOB, request.id, Verdict.APPROVE)
    await box.new()
    with pytest.raises(AlreadyDecided):
        await says(database, BEA, request.id, Verdict.DENY)
    assert await box.new() == {}


async def test_the_same_ask_again_tells_nobody_again(database: Database, box: Letterbox) -> None:
    await furnish(database)
    key = Idempotency(key="once", body_hash="same")
    first = await submit(database, acting(MIA), asking(LEO), idempotency=key)
    await box.new()
    again = await submit(database, acting(MIA), asking(LEO), idempotency=key)
    assert (again.request.id, again.is_repeat) == (first.request.id, True)
    assert await box.new() == {}


async def end(database: Database, assignment_id: str) -> None:
    """Let an assignment's time be up, and everything be taken back."""
    held = await held_now(database, assignment_id)
    await lifecycle.end(database, assignment_id, held.ends_at, None)
    await lifecycle.record_ended(database, assignment_id)


async def remove(database: Database, who: Person, assignment_id: str, kind: RequestType) -> None:
    """Let somebody remove an assignment, and everything be taken back."""
    submitted = await submit(database, acting(who), removing(assignment_id, kind))
    (message,) = submitted.messages
    assert isinstance(message.body, RemoveSignal)
    await lifecycle.end(database, assignment_id, utc_now(), message.body)
    await lifecycle.record_ended(database, assignment_id)
