"""Announcing the end: once each, 14 days and 1 day before, where the policy wants it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from grantline import errors
from grantline.ambient import utc_now
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments
from grantline.services.assignments import lifecycle
from grantline.services.assignments.notices import give_notice
from grantline.services.requests.submission import submit
from tests.cast import BOB, LEO, MIA, acting, fixed_id
from tests.services.extending import AT_ONCE, extending, held_by_leo, until
from tests.services.scene import events, furnish, given, held_now, owed, trail

FORTNIGHT, DAY, SECOND = timedelta(days=14), timedelta(days=1), timedelta(seconds=1)
FIRST, LAST = "NearExpiry14DaysNotificationTriggered", "NearExpiry1DayNotificationTriggered"


async def notices_given(db: Database) -> list[tuple[datetime, int]]:
    """Return when notice was given, and how many days before the end."""
    return [(told.at, told.details["daysBefore"]) for told in await events(db, "assignment.nearEnd")]


async def test_the_end_is_announced_a_fortnight_and_a_day_before_once_each(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    ends_at = (await held_now(database, assignment_id)).ends_at
    expected = []
    for lead, status, to_come in (
        (FORTNIGHT, FIRST, (ends_at - DAY,)),
        (DAY, LAST, ()),
    ):
        early = await give_notice(database, assignment_id, ends_at - lead - SECOND)
        assert early.notices == (ends_at - lead, *to_come)
        assert await notices_given(database) == expected
        for _ in range(2):
            standing = await give_notice(database, assignment_id, ends_at - lead)
            assert (standing.is_ended, standing.ends_at, standing.notices) == (False, ends_at, to_come)
        expected.append((ends_at - lead, lead.days))
        assert await notices_given(database) == expected
        held = await held_now(database, assignment_id)
        assert (held.state, held.status) == ("delivered", status)


async def test_of_two_that_are_due_only_the_latter_is_given_and_none_after_the_end(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    ends_at = (await held_now(database, assignment_id)).ends_at
    await give_notice(database, assignment_id, ends_at)
    assert await notices_given(database) == []
    await give_notice(database, assignment_id, ends_at - timedelta(hours=3))
    assert await notices_given(database) == [(ends_at - timedelta(hours=3), 1)]
    await lifecycle.end(database, assignment_id, ends_at, None)
    await give_notice(database, assignment_id, ends_at - DAY)
    assert (await trail(database)).count("assignment.nearEnd") == 1


@pytest.mark.parametrize(("lasts", "days"), [(15, [14, 1]), (14, [1]), (2, [1]), (1, [])], ids=str)
async def test_what_lasts_no_longer_than_a_notice_is_not_announced(
    sqlite_database: Database, lasts: int, days: list[int]
) -> None:
    await furnish(sqlite_database, AT_ONCE)
    assignment_id = await held_by_leo(sqlite_database, lasts=timedelta(days=lasts))
    held = await held_now(sqlite_database, assignment_id)
    told = await owed(sqlite_database, assignment_id)
    assert told.notices == tuple(held.ends_at - timedelta(days=lead) for lead in days)
    for lead in (14, 1):
        await give_notice(sqlite_database, assignment_id, held.ends_at - timedelta(days=lead))
    assert [lead for _, lead in await notices_given(sqlite_database)] == days


async def test_an_extension_moves_the_notices_along(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    ends_at = (await held_now(database, assignment_id)).ends_at
    await give_notice(database, assignment_id, ends_at - FORTNIGHT)
    wanted = utc_now() + timedelta(days=80)
    await submit(database, acting(LEO), extending(assignment_id, schedule=until(wanted)))
    assert (await held_now(database, assignment_id)).status == "Access extended"

    standing = await give_notice(database, assignment_id, ends_at - DAY)
    assert (standing.ends_at, standing.notices) == (wanted, (wanted - FORTNIGHT, wanted - DAY))
    await give_notice(database, assignment_id, wanted - FORTNIGHT)
    assert await notices_given(database) == [(ends_at - FORTNIGHT, 14), (wanted - FORTNIGHT, 14)]


async def test_a_policy_can_spare_people_the_notices(database: Database) -> None:
    await furnish(database, AT_ONCE)
    assignment_id = await held_by_leo(database)
    ends_at = (await held_now(database, assignment_id)).ends_at
    kept = {"notificationSettings": {"isAssignmentNotificationDisabled": True}}
    async with database.write() as tx:
        await policy_store.update_policy(tx, replace(AT_ONCE, kept=kept))
    standing = await give_notice(database, assignment_id, ends_at - FORTNIGHT)
    assert standing.notices == (ends_at - DAY,)
    assert await notices_given(database) == []
    assert (await held_now(database, assignment_id)).status == "Delivered"


async def test_why_a_delivery_was_partial_stays_readable(sqlite_database: Database) -> None:
    await furnish(sqlite_database, AT_ONCE)
    held = await given(sqlite_database, requestor=MIA, target=LEO, by=BOB, schedule=until(utc_now() + 2 * FORTNIGHT))
    assignment_id = held.assignment_id
    await lifecycle.record_delivery(sqlite_database, assignment_id, {})
    async with sqlite_database.write() as tx:
        values = {"state": "partiallyDelivered", "status": "PartiallyDelivered: no such role"}
        await tx.changed(update(assignments).values(**values))
    ends_at = (await held_now(sqlite_database, assignment_id)).ends_at
    await give_notice(sqlite_database, assignment_id, ends_at - DAY)
    row = await held_now(sqlite_database, assignment_id)
    assert (row.state, row.status) == ("partiallyDelivered", f"{LAST}: no such role")


async def test_nothing_is_announced_of_an_assignment_that_is_none(sqlite_database: Database) -> None:
    with pytest.raises(errors.NotFound):
        await give_notice(sqlite_database, fixed_id("none"), utc_now())
