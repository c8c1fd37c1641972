"""A package is retired: nobody finds, asks for or is given it any more, and whoever holds it loses it, page by page."""

import asyncio

import pytest
from sqlalchemy import delete, select

from grantline.ambient import utc_now
from grantline.errors import GrantlineError, InUse, NotFound, NotRequestable
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import RemoveSignal
from grantline.model.change import ChangeBriefing, ChangeKind
from grantline.model.event import EventType
from grantline.model.request import RequestState, RequestType, Verdict
from grantline.persistence import outbox, requestable
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, requests
from grantline.persistence.tables import outbox as outbox_table
from grantline.services.assignments import lifecycle, package_changes, retirement
from grantline.services.directory import people_and_groups as directory
from grantline.services.sending import reconciliation
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA, acting, fixed_id
from tests.packages import PAYROLL
from tests.services.changing import add, assign, furnish_open, walk_to_the_end, wanted
from tests.services.scene import PACKAGE, ask_for, events, furnish, given, request_now, says, trail

WHY = "Replaced by Payroll 2"


async def removals(db: Database) -> dict[str, tuple[str, str | None]]:
    """Return who is asked to lose what by a removal: requestor and reason by target."""
    async with db.read() as tx:
        rows = await tx.all(select(requests).where(requests.c.type == RequestType.ADMIN_REMOVE.value))
    return {row.target_id: (row.requestor_id, row.justification) for row in rows}


async def end_all(db: Database) -> None:
    """Do what the holders' workflows do when they hear of the removals that are owed to them."""
    async with db.read() as tx:
        rows = await tx.all(select(outbox_table).where(outbox_table.c.kind == outbox.NAMES[RemoveSignal]))
    for row in rows:
        await lifecycle.end(db, row.subject_id, utc_now(), RemoveSignal(**row.body))
        await lifecycle.record_ended(db, row.subject_id)


async def test_everybody_loses_it_page_by_page_and_nobody_is_given_it_any_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long because it is one story: retired, walked, taken back, and closed to everybody."""
    monkeypatch.setattr(package_changes, "PAGE", 2)
    await furnish_open(database, PAYROLL.read)
    held = await assign(database, LEO, MIA, EVE, CY, BEA)
    for one in held[1:]:
        await lifecycle.record_delivery(database, one, {})
    await add(database, PAYROLL.write)

    done = await retirement.retire(database, acting(ADA), PACKAGE.id, WHY)

    assert (done.package.is_hidden, done.package.retired_at is not None) == (True, True)
    assert done.change is not None
    assert (done.change.kind, done.change.holders, done.change.completed_at) == (ChangeKind.RETIRED, 5, None)
    assert await removals(database) == {}
    with pytest.raises(NotRequestable, match="is retired since"):
        await ask_for(database, MAX, MAX)
    with pytest.raises(NotRequestable, match="is retired since"):
        await ask_for(database, ADA, MAX, type=RequestType.ADMIN_ADD)
    async with database.read() as tx:
        assert await tx.all(requestable.requestable_packages(MAX.id)) == []

    first = await package_changes.advance(database, done.change.id)
    assert (first.seen, first.changed, first.is_done, len(await removals(database))) == (2, 2, False, 2)
    # Another role for those who still have it does not stop the walk; and one call more asks for nothing twice.
    await add(database, PAYROLL.file_share)
    again = await retirement.retire(database, acting(BOB), PACKAGE.id)
    assert again.change is not None
    assert again.change.id == done.change.id
    await walk_to_the_end(database)

    assert await removals(database) == {one.id: (ADA.id, WHY) for one in (LEO, MIA, EVE, CY, BEA)}
    await end_all(database)
    assert await wanted(database) == set()
    async with database.read() as tx:
        states = {row.state for row in await tx.all(select(assignments.c.state))}
    assert states == {AssignmentState.EXPIRED.value}
    told = [one for one in await events(database, "package.changed") if one.details["kind"] == "retired"]
    assert [(one.actor_id, one.details["seen"], one.details["changed"]) for one in told] == [(ADA.id, 5, 5)]
    (closed,) = [one for one in await events(database, "configuration.changed") if one.object_id == PACKAGE.id]
    assert set(closed.details["changes"]) == {"is_hidden", "retired_at"}
    over = await retirement.retire(database, acting(ADA), PACKAGE.id)
    assert (over.package.retired_at, over.change and over.change.seen) == (done.package.retired_at, 5)
    assert (await trail(database)).count(EventType.REMOVAL_REQUESTED.value) == 5


async def test_what_waits_for_approval_is_not_given_any_more_and_says_why(database: Database) -> None:
    await furnish(database)
    waiting = (await ask_for(database, MIA, LEO)).request.id
    done = await retirement.retire(database, acting(ADA), PACKAGE.id)
    assert done.change is None, "nobody holds it"

    await says(database, BOB, waiting, Verdict.APPROVE)

    failed = await request_now(database, waiting)
    assert (failed.state, failed.status) == (
        RequestState.DELIVERY_FAILED,
        "DeliveryFailed: the access package was deleted or retired",
    )


async def test_whoever_is_given_it_at_that_very_moment_loses_it_or_is_not_given_it(database: Database) -> None:
    await furnish(database)
    waiting = [(await ask_for(database, one, one)).request.id for one in (LEO, MIA, EVE, MAX)]
    outcomes = await asyncio.gather(
        *(says(database, BOB, one, Verdict.APPROVE) for one in waiting[:2]),
        retirement.retire(database, acting(ADA), PACKAGE.id),
        *(says(database, BEA, one, Verdict.APPROVE) for one in waiting[2:]),
        return_exceptions=True,
    )
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    # Who was told to look again finds it retired.
    assert all(isinstance(one, GrantlineError) and one.status == 503 for one in refused), refused
    for request_id in waiting:
        if (await request_now(database, request_id)).state is RequestState.PENDING_APPROVAL:
            await says(database, BOB, request_id, Verdict.APPROVE)
    await walk_to_the_end(database)
    await end_all(database)
    states = {(await request_now(database, one)).state for one in waiting}
    assert states <= {RequestState.CANCELED, RequestState.DELIVERY_FAILED}
    assert await wanted(database) == set()


async def test_a_walk_that_was_lost_begins_again_where_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "YOUNG", -reconciliation.YOUNG)
    await furnish(database)
    await given(database, requestor=MIA, target=LEO, by=BOB)
    done = await retirement.retire(database, acting(ADA), PACKAGE.id)
    assert done.change is not None
    async with database.write() as tx:
        await tx.changed(delete(outbox_table))
    lost = await reconciliation.unfinished_changes(database)
    assert [one.id for one in lost] == [done.change.id]
    await reconciliation.revive_changes(database, lost)
    async with database.read() as tx:
        kinds = [row.kind for row in await tx.all(select(outbox_table.c.kind))]
    assert kinds == [outbox.NAMES[ChangeBriefing]]


async def test_whoever_retired_it_is_not_deleted_for_it_is_taken_away_in_their_name(sqlite_database: Database) -> None:
    await furnish_open(sqlite_database, PAYROLL.read)
    await assign(sqlite_database, LEO)
    await retirement.retire(sqlite_database, acting(MAX), PACKAGE.id, WHY)
    with pytest.raises(InUse, match="disable the account instead"):
        await directory.delete_person(sqlite_database, acting(ADA), MAX.id)
    await walk_to_the_end(sqlite_database)
    assert await removals(sqlite_database) == {LEO.id: (MAX.id, WHY)}


async def test_only_what_there_is_is_retired(database: Database) -> None:
    await furnish(database)
    with pytest.raises(NotFound):
        await retirement.retire(database, acting(ADA), fixed_id("no such package"))
