"""Every reason why an end does not move, and what would be right."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from grantline import errors
from grantline.ambient import utc_now
from grantline.model.person import Person
from grantline.model.policy import (
    Expiration,
    Policy,
    TargetScope,
)
from grantline.model.request import RequestState, RequestType, Schedule
from grantline.model.subjects import GroupMembers
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Database
from grantline.persistence.tables import group_members
from grantline.services.assignments import lifecycle
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submission import submit
from tests.cast import ADA, BOB, EVE, LEO, MAX, MIA, acting, fixed_id
from tests.services.extending import (
    ADMIN,
    APPROVED,
    AT_ONCE,
    SETTINGS,
    USER,
    extending,
    held_by_leo,
    set_end,
    until,
)
from tests.services.scene import (
    OWNERS_DECIDE,
    approved_by,
    change_person,
    furnish,
    held_now,
    join,
    removing,
    trail,
)


async def test_one_open_extension_per_assignment_and_the_refusal_names_it(database: Database) -> None:
    await furnish(database, APPROVED)
    assignment_id = await held_by_leo(database)
    first = await submit(database, acting(LEO), extending(assignment_id))
    for who, kind in ((LEO, USER), (MIA, USER), (ADA, ADMIN)):
        with pytest.raises(errors.DuplicateRequest, match=f"Request {first.request.id} to extend"):
            await submit(database, acting(who), extending(assignment_id, kind))
    await cancel(database, acting(LEO), first.request.id)
    await submit(database, acting(ADA), extending(assignment_id, ADMIN))


OWN_ONLY = replace(AT_ONCE, requestor_settings=replace(SETTINGS, on_behalf_update=False))
BEHALF_ONLY = replace(AT_ONCE, requestor_settings=replace(SETTINGS, self_update=False))
FIXED = until(utc_now() + timedelta(days=40)).expiration
WITH_REASON = replace(AT_ONCE, approval_settings=approved_by(OWNERS_DECIDE, is_requestor_justification_required=True))


@pytest.mark.parametrize(
    ("under", "who", "kind", "error", "says"),
    [
        (BEHALF_ONLY, LEO, USER, errors.ExtensionNotAllowed, "does not let Leo Park .* extend 'Payroll'; ask an admin"),
        (OWN_ONLY, MIA, USER, errors.ExtensionNotAllowed, "does not let Mia Lind .* for Leo Park"),
        (AT_ONCE, LEO, ADMIN, errors.NotAllowed, "Use requestType userUpdate"),
        (AT_ONCE, MAX, USER, errors.NotFound, "There is no assignment"),
        (AT_ONCE, EVE, USER, errors.NotFound, "There is no assignment"),
        (AT_ONCE, BOB, ADMIN, errors.NotFound, "There is no assignment"),
    ],
    ids=["self", "on behalf", "no administrator", "two levels up", "a stranger", "an approver"],
)
async def test_the_policy_says_who_extends(
    database: Database, under: Policy, who: Person, kind: RequestType, error: type[errors.Refused], says: str
) -> None:
    await furnish(database, under)
    assignment_id = await held_by_leo(database)
    before = await held_now(database, assignment_id)
    with pytest.raises(error, match=says):
        await submit(database, acting(who), extending(assignment_id, kind))
    assert await held_now(database, assignment_id) == before
    assert (await trail(database))[-1] == "request.delivered"


@pytest.mark.parametrize(
    ("story", "days", "error", "says"),
    [
        ("the past", -1, errors.InvalidSchedule, "has passed; give a later one"),
        ("an earlier end", 20, errors.InvalidSchedule, "would end earlier"),
        ("beyond the policy", 91, errors.InvalidSchedule, "lets access last until"),
    ],
)
async def test_a_new_end_lies_after_the_old_one_and_within_the_policy(
    database: Database, story: str, days: int, error: type[errors.Refused], says: str
) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    with pytest.raises(error, match=says):
        await submit(database, acting(LEO), extending(assignment_id, schedule=until(utc_now() + timedelta(days=days))))
    assert (await trail(database))[-1] == "request.delivered", story


async def test_an_administrator_may_also_bring_the_end_forward_or_set_one(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    for days in (10, 80):
        wanted = utc_now() + timedelta(days=days)
        await submit(database, acting(ADA), extending(assignment_id, ADMIN, schedule=until(wanted)))
        assert (await held_now(database, assignment_id)).ends_at == wanted
        with pytest.raises(errors.InvalidSchedule, match="already; nothing would change"):
            await submit(database, acting(ADA), extending(assignment_id, ADMIN, schedule=until(wanted)))
    with pytest.raises(errors.InvalidSchedule, match="has passed"):
        passed = until(utc_now() - timedelta(minutes=1))
        await submit(database, acting(ADA), extending(assignment_id, ADMIN, schedule=passed))


async def test_no_extension_passes_the_fixed_end_of_the_policy(database: Database) -> None:
    await furnish(database, replace(AT_ONCE, expiration=FIXED))
    assert FIXED is not None
    assert FIXED.end_at is not None
    assignment_id = await held_by_leo(database)
    with pytest.raises(errors.InvalidSchedule, match="at most; give an earlier end"):
        later = until(FIXED.end_at + timedelta(seconds=1))
        await submit(database, acting(LEO), extending(assignment_id, schedule=later))
    await submit(database, acting(LEO), extending(assignment_id))
    assert (await held_now(database, assignment_id)).ends_at == FIXED.end_at
    with pytest.raises(errors.InvalidSchedule, match="nothing would change"):
        await submit(database, acting(LEO), extending(assignment_id))


async def test_access_without_an_end_needs_no_extension(sqlite_database: Database) -> None:
    await furnish(sqlite_database, replace(AT_ONCE, expiration=Expiration()))
    assignment_id = await held_by_leo(sqlite_database)
    await submit(sqlite_database, acting(LEO), extending(assignment_id))
    assert (await held_now(sqlite_database, assignment_id)).ends_at is None
    with pytest.raises(errors.InvalidSchedule, match="until ever already"):
        await submit(sqlite_database, acting(LEO), extending(assignment_id))
    with pytest.raises(errors.InvalidSchedule, match="lasts for ever and would end earlier"):
        sooner = until(utc_now() + timedelta(days=3))
        await submit(sqlite_database, acting(LEO), extending(assignment_id, schedule=sooner))


async def test_how_one_must_ask(sqlite_database: Database) -> None:
    strict = replace(WITH_REASON, requestor_settings=replace(SETTINGS, allow_custom_schedule=False))
    await furnish(sqlite_database, WITH_REASON)
    assignment_id = await held_by_leo(sqlite_database)
    async with sqlite_database.write() as tx:
        await policy_store.update_policy(tx, strict)
    ask = extending(assignment_id)
    in_a_week = utc_now() + timedelta(days=7)
    for changes, error, says in (
        ({"justification": " "}, errors.JustificationRequired, "wants a justification"),
        ({"schedule": until(utc_now() + timedelta(days=50))}, errors.ScheduleNotAllowed, "sets the times itself"),
        ({"schedule": Schedule(starts_at=in_a_week)}, errors.InvalidSchedule, "Leave startDateTime out"),
        ({"assignment_id": None}, errors.InvalidInput, r"assignment\.id is missing"),
        ({"assignment_id": fixed_id("x")}, errors.NotFound, "There is no assignment"),
    ):
        with pytest.raises(error, match=says):
            await submit(sqlite_database, acting(LEO), replace(ask, **changes))
    held = await held_now(sqlite_database, assignment_id)
    again = replace(ask, schedule=Schedule(starts_at=held.starts_at))
    assert (await submit(sqlite_database, acting(LEO), again)).request.state is RequestState.DELIVERED


async def test_only_who_is_in_scope_at_that_moment_extends(database: Database) -> None:
    scoped = replace(
        AT_ONCE,
        target_scope=TargetScope.SPECIFIC,
        specific_allowed_targets=(GroupMembers(group_id=fixed_id("payroll-writers")),),
    )
    await furnish(database, scoped)
    await join(database, fixed_id("payroll-writers"), LEO)
    assignment_id = await held_by_leo(database)
    async with database.write() as tx:
        await tx.execute(delete(group_members).where(group_members.c.person_id == LEO.id))
    for who, kind in ((LEO, USER), (MIA, USER), (ADA, ADMIN)):
        with pytest.raises(errors.TargetOutOfScope, match=r"does not cover Leo Park .* any more"):
            await submit(database, acting(who), extending(assignment_id, kind))
    await join(database, fixed_id("payroll-writers"), LEO)
    await submit(database, acting(LEO), extending(assignment_id))


async def test_access_that_ends_is_not_extended(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    ends_at = (await held_now(database, assignment_id)).ends_at
    await set_end(database, assignment_id, utc_now() - timedelta(seconds=1))
    with pytest.raises(errors.AssignmentEnded, match="cannot be extended any more"):
        await submit(database, acting(ADA), extending(assignment_id, ADMIN))
    await set_end(database, assignment_id, ends_at)
    await change_person(database, LEO, account_enabled=False)
    with pytest.raises(errors.TargetDisabled):
        await submit(database, acting(MIA), extending(assignment_id))
    await change_person(database, LEO, account_enabled=True)
    removal = await submit(database, acting(MIA), removing(assignment_id))
    with pytest.raises(errors.AssignmentEnded, match=f"Request {removal.request.id} is removing"):
        await submit(database, acting(LEO), extending(assignment_id))
    await lifecycle.end(database, assignment_id, ends_at, None)
    with pytest.raises(errors.AssignmentEnded, match="is ending"):
        await submit(database, acting(LEO), extending(assignment_id))
