"""Payroll excludes Audit: looked at when somebody asks, and again before the access begins."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.briefing import DecideSignal
from grantline.model.person import Person
from grantline.model.request import RequestState, RequestType, Schedule, StageState, Verdict
from grantline.persistence.database import Database
from grantline.services.assignments import lifecycle
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submission import applicable_policies, submit
from tests.cast import ADA, BOB, LEO, MIA, WRITERS, acting
from tests.engines import statements
from tests.packages import PAYROLL
from tests.services.duties_stage import (
    AUDIT,
    BOTH_WAYS,
    PAYROLL_EXCLUDES_AUDIT,
    ask_for_audit,
    exclude,
    furnish_both,
    live,
)
from tests.services.extending import APPROVED, extending, held_by_leo
from tests.services.scene import (
    NO_APPROVAL,
    ON_BEHALF,
    PACKAGE,
    ask_for,
    events,
    grants_now,
    join,
    policy,
    removing,
    request_now,
    says,
    stages_now,
    trail,
)

AT_ONCE = policy(approval_settings=NO_APPROVAL)
LEO_SAYS = "Leo Park (leo@grantline.test) may not have 'Payroll' together with "


async def refused(db: Database, requestor: Person = LEO, **more: Any) -> str:
    """Ask for Payroll for Leo, and return why that was refused; nothing of it may be on record."""
    before = await trail(db)
    with pytest.raises(errors.IncompatibleAccess) as refusal:
        await ask_for(db, requestor, LEO, **more)
    assert await trail(db) == before
    return str(refusal.value)


@pytest.mark.parametrize(
    ("requestor", "kind"),
    [(LEO, RequestType.USER_ADD), (MIA, RequestType.USER_ADD), (ADA, RequestType.ADMIN_ADD)],
    ids=["himself", "his manager", "an administrator"],
)
async def test_who_holds_one_is_not_given_the_other_by_whatever_door(
    database: Database, requestor: Person, kind: RequestType
) -> None:
    await furnish_both(database, AT_ONCE, excluding=PAYROLL_EXCLUDES_AUDIT)
    held = (await ask_for_audit(database, LEO, LEO)).request.assignment_id

    assert await refused(database, requestor, type=kind) == (
        f"{LEO_SAYS}'Audit' (held by assignment {held}): separation of duties. "
        f"First remove assignment {held}, then ask again."
    )
    assert await live(database) == [(LEO.id, "Audit")]


async def test_it_is_one_way(database: Database) -> None:
    await furnish_both(database, AT_ONCE, excluding=PAYROLL_EXCLUDES_AUDIT)
    await ask_for(database, LEO, LEO)
    await ask_for_audit(database, LEO, LEO)
    assert await live(database) == [(LEO.id, "Audit"), (LEO.id, "Payroll")]


async def test_what_is_asked_for_counts_until_it_is_closed(database: Database) -> None:
    await furnish_both(database, excluding=PAYROLL_EXCLUDES_AUDIT)
    first = (await ask_for_audit(database, MIA, LEO)).request.id
    asked = f"{LEO_SAYS}'Audit' (asked for by request {first}): separation of duties. First cancel request {first}, "
    assert await refused(database) == f"{asked}then ask again."

    await cancel(database, acting(MIA), first)
    second = (await ask_for(database, LEO, LEO)).request
    assert second.state is RequestState.PENDING_APPROVAL


async def test_members_of_a_group_are_refused_and_others_are_not(database: Database) -> None:
    await furnish_both(database, AT_ONCE, groups=[WRITERS.id])
    await join(database, WRITERS.id, LEO)
    assert await refused(database, MIA) == (
        f"{LEO_SAYS}membership of the group 'Payroll writers': separation of duties. "
        "First end the membership of 'Payroll writers', then ask again."
    )
    assert (await ask_for(database, MIA, MIA)).request.state is RequestState.DELIVERING


async def test_what_is_being_taken_back_still_counts_and_what_is_gone_does_not(database: Database) -> None:
    await furnish_both(database, AT_ONCE, excluding=PAYROLL_EXCLUDES_AUDIT)
    held = (await ask_for_audit(database, LEO, LEO)).request.assignment_id
    assert held is not None
    await lifecycle.record_delivery(database, held, {})
    removal = await submit(database, acting(LEO), removing(held))
    (message,) = removal.messages
    await lifecycle.end(database, held, utc_now(), message.body)  # pyright: ignore[reportArgumentType]
    assert held in await refused(database)

    await lifecycle.record_ended(database, held)
    assert (await ask_for(database, LEO, LEO)).request.state is RequestState.DELIVERING


async def test_what_can_be_asked_for_is_listed_whatever_is_held(database: Database) -> None:
    await furnish_both(database, AT_ONCE, excluding=PAYROLL_EXCLUDES_AUDIT)
    await ask_for_audit(database, LEO, LEO)
    assert [one.id for one in await applicable_policies(database, acting(MIA), PACKAGE.id, LEO.id)] == [AT_ONCE.id]


async def failed(db: Database, request_id: str, reason: str) -> None:
    """Assert that a request ended right before its access would have begun, and why."""
    request = await request_now(db, request_id)
    assert (request.state, request.assignment_id) == (RequestState.DELIVERY_FAILED, None)
    assert request.completed_at is not None
    status = f"DeliveryFailed: separation of duties, Leo Park has {reason}"
    assert request.status == status[:256]
    (told,) = [one for one in await events(db, "request.deliveryFailed") if one.object_id == request_id]
    assert told.reason == f"separation of duties, Leo Park has {reason}"
    assert (LEO.id, PAYROLL.read, True) not in await grants_now(db)


@pytest.mark.parametrize("door", ["api", "signal"])
async def test_what_came_to_be_held_meanwhile_stops_the_access_at_the_last_approval(
    database: Database, door: str
) -> None:
    await furnish_both(database, excluding=PAYROLL_EXCLUDES_AUDIT)
    asked = (await ask_for(database, MIA, LEO)).request.id
    other = (await ask_for_audit(database, LEO, LEO)).request.id
    await says(database, BOB, other, Verdict.APPROVE)
    held = (await request_now(database, other)).assignment_id

    if door == "api":
        await says(database, BOB, asked, Verdict.APPROVE)
    else:
        progress = await lifecycle.hear_decision(
            database, asked, DecideSignal(approver_id=BOB.id, verdict=Verdict.APPROVE)
        )
        assert (progress.state, progress.assignment_id) == (RequestState.DELIVERY_FAILED, None)

    await failed(database, asked, f"'Audit' (held by assignment {held})")
    (decided,) = await stages_now(database, asked)
    assert (decided.stage.state, decided.stage.decided_by_id) == (StageState.APPROVED, BOB.id)
    assert await live(database) == [(LEO.id, "Audit")]


async def test_a_group_joined_meanwhile_stops_the_access_at_the_last_approval(database: Database) -> None:
    await furnish_both(database, groups=[WRITERS.id])
    asked = (await ask_for(database, MIA, LEO)).request.id
    await join(database, WRITERS.id, LEO)
    await says(database, BOB, asked, Verdict.APPROVE)
    await failed(database, asked, "membership of the group 'Payroll writers'")


async def test_what_is_held_already_is_left_alone_and_can_be_extended(database: Database) -> None:
    await furnish_both(database, APPROVED, groups=[WRITERS.id])
    assignment_id = await held_by_leo(database)
    await join(database, WRITERS.id, LEO)
    asked = (await submit(database, acting(LEO), extending(assignment_id))).request.id
    await says(database, BOB, asked, Verdict.APPROVE)
    assert (await request_now(database, asked)).status == "Access extended"


async def test_what_came_to_be_held_meanwhile_stops_the_access_at_its_start(database: Database) -> None:
    later = policy(
        approval_settings=NO_APPROVAL,
        requestor_settings=type(ON_BEHALF)(self_add=True, allow_custom_schedule=True),
    )
    await furnish_both(database, later, excluding=PAYROLL_EXCLUDES_AUDIT)
    tomorrow = utc_now() + timedelta(days=1)
    asked = (await ask_for(database, LEO, LEO, schedule=Schedule(starts_at=tomorrow))).request
    assert asked.state is RequestState.SCHEDULED
    held = (await ask_for_audit(database, LEO, LEO)).request.assignment_id

    for _ in range(2):
        progress = await begin(database, asked.id, tomorrow)
        assert (progress.state, progress.assignment_id) == (RequestState.DELIVERY_FAILED, None)
    await failed(database, asked.id, f"'Audit' (held by assignment {held})")


async def begin(db: Database, request_id: str, at: datetime) -> Any:
    """Let the start of a scheduled request come."""
    return await lifecycle.begin(db, request_id, at)


@pytest.mark.parametrize("younger_first", [False, True], ids=["in their order", "the younger first"])
async def test_of_two_that_were_open_before_they_excluded_each_other_the_older_goes_first(
    database: Database, *, younger_first: bool
) -> None:
    await furnish_both(database)
    older = (await ask_for(database, MIA, LEO)).request.id
    younger = (await ask_for_audit(database, MIA, LEO)).request.id
    await exclude(database, *BOTH_WAYS)

    for request_id in (younger, older) if younger_first else (older, younger):
        await says(database, BOB, request_id, Verdict.APPROVE)

    states = [(await request_now(database, one)).state for one in (older, younger)]
    assert states == [RequestState.DELIVERING, RequestState.DELIVERY_FAILED]
    assert await live(database) == [(LEO.id, "Payroll")]
    held = (await request_now(database, older)).assignment_id
    by = f"asked for by request {older}" if younger_first else f"held by assignment {held}"
    assert (await request_now(database, younger)).status == (
        f"DeliveryFailed: separation of duties, Leo Park has 'Payroll' ({by})"
    )


@pytest.mark.parametrize(
    ("excluding", "more"),
    [((), 0), (((AUDIT.id, PACKAGE.id),), 0), (PAYROLL_EXCLUDES_AUDIT, 1)],
    ids=["nothing excludes anything", "something excludes it", "it excludes something"],
)
async def test_only_a_package_that_excludes_something_costs_a_statement_more(
    sqlite_database: Database, excluding: Any, more: int
) -> None:
    await furnish_both(sqlite_database, excluding=excluding)
    with statements(sqlite_database) as submitting:
        asked = (await ask_for(sqlite_database, MIA, LEO)).request.id
    with statements(sqlite_database) as deciding:
        await says(sqlite_database, BOB, asked, Verdict.APPROVE)
    apart = [one for one, _ in deciding if "FROM packages JOIN incompatible_packages" in one]
    assert (len(submitting), len(apart)) == (10 + more, more)
