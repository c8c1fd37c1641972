"""Standing in for an approver: Cy stands in for Bob, one of two who approve what Mia asks for Leo."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete as sql_delete
from sqlalchemy import select

from grantline import errors
from grantline.ambient import new_id, utc_now
from grantline.model.briefing import DecideSignal
from grantline.model.delegation import Delegation
from grantline.model.person import Person
from grantline.model.policy import ApproverVisibility
from grantline.model.request import RequestState, Verdict
from grantline.model.subjects import GroupMembers, RequestorManager, SingleUser
from grantline.persistence import approval_lists, request_lists
from grantline.persistence import delegations as store
from grantline.persistence.approval_lists import ApprovalsOf
from grantline.persistence.database import Database
from grantline.persistence.delegation_tables import approval_delegations, directory_changes
from grantline.persistence.listing import ListQuery
from grantline.persistence.tables import packages
from grantline.services.approvals.decisions import decide
from grantline.services.approvals.delegations import Change, change, delegate, end, of_person, read
from grantline.services.approvals.nudging import escalate_stage, remind_stage
from grantline.services.assignments import lifecycle
from grantline.services.configuration import controls as controls_configuration
from grantline.services.requests.cancellation import cancel
from tests.cast import ADA, BEA, BOB, CAST, CY, DAN, EVE, LEO, MAX, MIA, OWNERS, acting, fixed_id
from tests.services.letterbox import mail_to
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

HOUR = timedelta(hours=1)
A_MOMENT = timedelta(microseconds=1)


async def waits_for(db: Database, person: Person, at: datetime | None = None) -> list[str]:
    """Return the requests that a person's list of approvals has at an instant."""
    async with db.read() as tx:
        page = await approval_lists.page(tx, ApprovalsOf.APPROVER, person.id, ListQuery(), at or utc_now())
    return [line.request_id for line in page.rows]


async def sees(db: Database, person: Person, request_id: str) -> bool:
    """Tell whether a person finds the request and its approval; both say the same."""
    async with db.read() as tx:
        line = await request_lists.visible(tx, request_id, person.id, utc_now())
        approval = await approval_lists.visible(tx, request_id, person.id, utc_now())
    assert (line is None) is (approval is None)
    return line is not None


async def test_what_waits_already_and_what_comes_waits_for_the_delegate_too(database: Database) -> None:
    await furnish(database)
    first = (await ask_for(database, MIA, LEO)).request.id
    assert (await waits_for(database, CY), await sees(database, CY, first)) == ([], False)
    await delegate(database, acting(BOB), CY.id)
    assert (await waits_for(database, CY), await sees(database, CY, first)) == ([first], True)
    second = (await ask_for(database, EVE, EVE)).request.id
    assert await waits_for(database, CY) == [second, first]
    assert await waits_for(database, BOB) == [second, first]

    await says(database, CY, first, Verdict.APPROVE, "checked")
    await says(database, BOB, second, Verdict.APPROVE)

    assert {(await request_now(database, one)).state for one in (first, second)} == {RequestState.DELIVERING}
    (decided,) = await stages_now(database, first)
    assert (decided.decided_by, decided.decided_for) == (person_of(CY), person_of(BOB))
    by_cy, by_bob = await events(database, "stage.decided")
    assert (by_cy.actor_id, by_cy.details["inPlaceOf"], by_cy.reason) == (CY.id, BOB.id, "checked")
    assert (by_bob.actor_id, "inPlaceOf" in by_bob.details) == (BOB.id, False)


def person_of(person: Person) -> Person:
    """Return a person as a stage has them."""
    return Person(
        id=person.id,
        user_principal_name=person.user_principal_name,
        display_name=person.display_name,
        mail=person.mail,
        account_enabled=person.account_enabled,
    )


async def test_when_it_ends_by_hand_the_delegate_has_nothing_left_of_it(database: Database) -> None:
    await furnish(database)
    decided = (await ask_for(database, EVE, EVE)).request.id
    made = await delegate(database, acting(BOB), CY.id)
    await says(database, CY, decided, Verdict.APPROVE)
    request_id = (await ask_for(database, MIA, LEO)).request.id

    await end(database, acting(BOB), made.id)

    assert (await waits_for(database, CY), await sees(database, CY, request_id)) == ([], False)
    with pytest.raises(errors.NotFound):
        await says(database, CY, request_id, Verdict.APPROVE)
    assert await sees(database, CY, decided), "what one decided oneself stays to be seen"
    assert await waits_for(database, BOB) == [request_id]
    assert [kind for kind in await trail(database) if kind.startswith("delegation")] == [
        "delegation.created",
        "delegation.ended",
    ]


async def test_who_is_an_approver_beside_stays_one_when_it_ends(database: Database) -> None:
    await furnish(database)
    made = await delegate(database, acting(BOB), BEA.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await end(database, acting(BOB), made.id)
    await says(database, BEA, request_id, Verdict.DENY)
    (decided,) = await stages_now(database, request_id)
    assert (decided.decided_by, decided.decided_for) == (person_of(BEA), None)


async def test_it_begins_and_ends_to_the_instant(database: Database) -> None:
    await furnish(database)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    begins_at = utc_now() + HOUR
    await delegate(database, acting(BOB), CY.id, begins_at=begins_at, ends_at=begins_at + HOUR)

    with pytest.raises(errors.NotFound):
        await says(database, CY, request_id, Verdict.APPROVE)
    assert [
        (await waits_for(database, CY, at)) == [request_id]
        for at in (begins_at - A_MOMENT, begins_at, begins_at + HOUR - A_MOMENT, begins_at + HOUR)
    ] == [False, True, True, False]


@pytest.mark.parametrize("delegate_", [MIA, LEO], ids=["who asks", "who would get it"])
async def test_neither_requestor_nor_target_decides_by_standing_in(database: Database, delegate_: Person) -> None:
    await furnish(database)
    await delegate(database, acting(BOB), delegate_.id)
    await delegate(database, acting(BEA), delegate_.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    assert await waits_for(database, delegate_) == []
    with pytest.raises(errors.OwnRequest):
        await says(database, delegate_, request_id, Verdict.APPROVE)
    assert {kind for kind, _ in await mail_to(database, delegate_)} <= {"approval-delegated", "asked-for-you"}


async def test_a_delegates_delegate_gets_nothing_and_nobody_stands_in_for_who_left(database: Database) -> None:
    await furnish(database)
    await delegate(database, acting(BOB), CY.id)
    await delegate(database, acting(CY), EVE.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    with pytest.raises(errors.NotFound):
        await says(database, EVE, request_id, Verdict.APPROVE)
    await change_person(database, CY, account_enabled=False)
    with pytest.raises(errors.NotAnApprover, match="disabled"):
        await says(database, CY, request_id, Verdict.APPROVE)
    await change_person(database, CY, account_enabled=True)
    await change_person(database, BOB, account_enabled=False)
    assert await waits_for(database, CY) == []
    with pytest.raises(errors.Refused):
        await says(database, CY, request_id, Verdict.APPROVE)


async def test_a_managers_delegate_gets_nothing_of_what_the_manager_asks(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(RequestorManager(manager_level=1)))))
    await delegate(database, acting(MIA), EVE.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    assert (await waits_for(database, EVE), await waits_for(database, MAX)) == ([], [request_id])


async def test_a_forged_signal_of_who_stood_in_is_judged_like_any_other(database: Database) -> None:
    await furnish(database)
    made = await delegate(database, acting(BOB), CY.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await end(database, acting(BOB), made.id)
    signal = DecideSignal(approver_id=CY.id, verdict=Verdict.APPROVE)
    assert (await lifecycle.hear_decision(database, request_id, signal)).state is RequestState.PENDING_APPROVAL
    assert [one.actor_id for one in await events(database, "signal.refused")] == [CY.id]
    await delegate(database, acting(BOB), CY.id)
    assert (await lifecycle.hear_decision(database, request_id, signal)).state is RequestState.DELIVERING


async def test_the_second_decision_hears_who_decided_in_whose_place(database: Database) -> None:
    await furnish(database)
    await delegate(database, acting(BOB), CY.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await says(database, CY, request_id, Verdict.DENY)
    with pytest.raises(errors.AlreadyDecided) as refused:
        await says(database, BOB, request_id, Verdict.APPROVE)
    assert refused.value.message.startswith(
        "Cy Frost (cy@grantline.test) in place of Bob Stone (bob@grantline.test) denied stage 1"
    )
    with pytest.raises(errors.AlreadyDecided):
        await says(database, CY, request_id, Verdict.APPROVE)


async def test_a_delegate_does_not_see_what_was_settled_before(database: Database) -> None:
    await furnish(database)
    old = (await ask_for(database, MIA, LEO)).request.id
    await says(database, BOB, old, Verdict.DENY)
    await delegate(database, acting(BOB), CY.id)
    assert not await sees(database, CY, old)


async def test_mail_tells_for_whom_one_stands_in(database: Database) -> None:
    await furnish(database, policy(approval_settings=approved_by(stage(GroupMembers(group_id=OWNERS.id)))))
    made = await delegate(database, acting(BOB), CY.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    now = await lifecycle.progress(database, request_id)
    assert now.stage_id is not None
    assert now.reminds_at is not None
    await remind_stage(database, request_id, now.stage_id, now.reminds_at)
    await end(database, acting(BOB), made.id)

    told = await mail_to(database, CY)
    assert [(kind, details.get("in_place_of"), details.get("actor")) for kind, details in told] == [
        ("approval-delegated", None, "Bob Stone"),
        ("approval-needed", "Bob Stone", None),
        ("approval-reminder", "Bob Stone", None),
    ]
    (reminded,) = await events(database, "stage.reminded")
    assert set(reminded.details["approvers"]) == {BOB.id, BEA.id, CY.id}


@pytest.mark.parametrize(
    ("visibility", "is_switched_on", "is_told"),
    [
        (ApproverVisibility.DEFAULT, True, True),
        (ApproverVisibility.DEFAULT, False, False),
        (ApproverVisibility.VISIBLE, False, True),
        (ApproverVisibility.NOT_VISIBLE, True, False),
    ],
)
async def test_requestor_and_target_hear_who_approved_for_whom_where_they_may_know(
    database: Database, *, visibility: ApproverVisibility, is_switched_on: bool, is_told: bool
) -> None:
    first = stage(GroupMembers(group_id=OWNERS.id), approver_visibility=visibility)
    await furnish(database, policy(approval_settings=approved_by(first, stage(SingleUser(user_id=BEA.id)))))
    await controls_configuration.turn(database, ADA.id, shows_approvers=is_switched_on)
    await delegate(database, acting(BOB), CY.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    await says(database, CY, request_id, Verdict.APPROVE, "fine")
    await says(database, BEA, request_id, Verdict.APPROVE)

    for person in (MIA, LEO):
        told = [details for kind, details in await mail_to(database, person) if kind == "request-approved-in-place"]
        said = [(one["actor"], one["in_place_of"], one["stage"], one["reason"]) for one in told]
        # Bea decided in her own name, so nothing is said of that.
        assert said == ([("Cy Frost", "Bob Stone", 1, "fine")] if is_told else [])


async def test_alternates_delegates_are_told_when_their_turn_comes(database: Database) -> None:
    settings_ = stage(
        SingleUser(user_id=BEA.id),
        is_escalation_enabled=True,
        escalates_after=HOUR,
        escalation_approvers=(SingleUser(user_id=BOB.id),),
    )
    await furnish(database, policy(approval_settings=approved_by(settings_)))
    await delegate(database, acting(BOB), CY.id)
    request_id = (await ask_for(database, MIA, LEO)).request.id
    assert await waits_for(database, CY) == []
    now = await lifecycle.progress(database, request_id)
    assert now.stage_id is not None
    assert now.escalates_at is not None
    await escalate_stage(database, request_id, now.stage_id, now.escalates_at)
    assert await waits_for(database, CY) == [request_id]
    assert [kind for kind, _ in await mail_to(database, CY)] == ["approval-delegated", "approval-needed"]


BAD = [
    ("nobody we know", {"delegate_id": fixed_id("nobody")}, errors.InvalidInput, "There is no user"),
    ("oneself", {"delegate_id": BOB.id}, errors.InvalidInput, "cannot stand in for themselves"),
    ("a disabled account", {"delegate_id": DAN.id}, errors.InvalidInput, "disabled"),
    ("an end before the start", {"begins_at": 2, "ends_at": 1}, errors.InvalidInput, "must be after"),
    ("an end that is past", {"ends_at": -1}, errors.InvalidInput, "must be after"),
    ("somebody else's", {"delegator_id": BEA.id}, errors.NotAllowed, "only delegate and look up their own"),
]


@pytest.mark.parametrize(("story", "fields", "error", "words"), BAD, ids=[row[0] for row in BAD])
async def test_what_is_no_delegation(
    sqlite_database: Database, story: str, fields: dict[str, object], error: type[errors.Refused], words: str
) -> None:
    now = utc_now()
    wanted = {"delegate_id": CY.id} | {
        name: now + value * HOUR if isinstance(value, int) else value for name, value in fields.items()
    }
    with pytest.raises(error, match=words):
        await delegate(sqlite_database, acting(BOB), **wanted)  # pyright: ignore[reportArgumentType]
    assert await of_person(sqlite_database, acting(BOB)) == []


async def test_of_one_person_no_two_overlap(database: Database) -> None:
    now = utc_now()
    first = await delegate(database, acting(BOB), CY.id, begins_at=now + HOUR, ends_at=now + 2 * HOUR)
    for begins_at, ends_at in ((now, None), (now, now + 2 * HOUR), (now + 1.5 * HOUR, now + 3 * HOUR)):
        with pytest.raises(errors.Conflict, match=first.id):
            await delegate(database, acting(BOB), EVE.id, begins_at=begins_at, ends_at=ends_at)
    before = await delegate(database, acting(BOB), EVE.id, ends_at=first.begins_at)
    after = await delegate(database, acting(ADA), EVE.id, delegator_id=BOB.id, begins_at=first.ends_at)
    await delegate(database, acting(BEA), CY.id)
    assert [one.id for one in await of_person(database, acting(BOB))] == [before.id, first.id, after.id]
    with pytest.raises(errors.Conflict):
        await change(database, acting(BOB), before.id, Change(ends_at=None))
    with pytest.raises(errors.InvalidInput, match="in force since"):
        await change(database, acting(BOB), before.id, Change(begins_at=now + HOUR))
    (_, by_ada) = [one for one in await events(database, "delegation.created") if one.details["delegate"] == EVE.id]
    assert (by_ada.actor_id, by_ada.on_behalf_of_id) == (ADA.id, BOB.id)


async def test_who_sees_and_who_changes_it(database: Database) -> None:
    made = await delegate(database, acting(BOB), CY.id)
    for person in (BOB, CY, ADA):
        assert (await read(database, acting(person), made.id)).id == made.id
    with pytest.raises(errors.NotFound):
        await read(database, acting(EVE), made.id)
    with pytest.raises(errors.NotAllowed):
        await end(database, acting(CY), made.id)
    with pytest.raises(errors.NotFound):
        await change(database, acting(EVE), made.id, Change(delegate_id=EVE.id))
    changed = await change(database, acting(ADA), made.id, Change(delegate_id=EVE.id))
    assert (changed.delegate.id, changed.begins_at) == (EVE.id, made.begins_at)
    await end(database, acting(BOB), made.id)
    with pytest.raises(errors.Conflict, match="has ended"):
        await end(database, acting(BOB), made.id)


async def test_a_coming_one_that_is_ended_was_never_there(database: Database) -> None:
    made = await delegate(database, acting(BOB), CY.id, begins_at=utc_now() + HOUR)
    await end(database, acting(BOB), made.id)
    with pytest.raises(errors.NotFound):
        await read(database, acting(BOB), made.id)


APPROVERS = (BOB, BEA)
STANDS_IN = st.fixed_dictionaries({one.id: st.sampled_from([None, *CAST]) for one in (*APPROVERS, CY)})


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(who=STANDS_IN, blocked=st.sets(st.sampled_from([BOB, BEA, CY, EVE]), max_size=2))
async def test_list_rule_and_decision_agree_on_who_may_decide(
    sqlite_database: Database, who: dict[str, Person | None], blocked: Sequence[Person]
) -> None:
    db = sqlite_database
    if not await is_furnished(db):
        await furnish(db)
    request_id = (await ask_for(db, MIA, LEO)).request.id
    now = utc_now()
    async with db.write() as tx:
        for delegator_id, person in who.items():
            if person is not None and person.id != delegator_id:
                delegator = next(one for one in CAST if one.id == delegator_id)
                await store.add(
                    tx,
                    Delegation(
                        id=new_id(), delegator=delegator, delegate=person, begins_at=now, ends_at=None, created_at=now
                    ),
                )
    for one in blocked:
        await change_person(db, one, account_enabled=False)
    try:
        (found,) = await stages_now(db, request_id)
        by_rule = {voice.person.id for voice in found.voices(MIA.id, LEO.id)}
        enabled = [one for one in CAST if one not in blocked and one is not DAN]
        assert {one.id for one in enabled if request_id in await waits_for(db, one)} == by_rule
        for one in CAST:
            if one.id not in by_rule:
                with pytest.raises(errors.Refused):
                    await decide(db, one.id, request_id, None, Verdict.APPROVE, None)
    finally:
        await _tidied_up(db, request_id, blocked)


async def is_furnished(db: Database) -> bool:
    """Tell whether an example before this one entered the package."""
    async with db.read() as tx:
        return await tx.first(select(packages.c.id)) is not None


async def _tidied_up(db: Database, request_id: str, blocked: Sequence[Person]) -> None:
    for one in blocked:
        await change_person(db, one, account_enabled=True)
    async with db.write() as tx:
        await tx.changed(sql_delete(approval_delegations))
        await tx.changed(sql_delete(directory_changes))
    await cancel(db, acting(MIA), request_id)
