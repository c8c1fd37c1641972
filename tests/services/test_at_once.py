"""Our own groups are given and recorded in one transaction, or nothing is done."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from grantline.ambient import utc_now
from grantline.connectors.base import by_origin_system
from grantline.connectors.groups import GroupConnector
from grantline.model.assignment import AssignmentState, EndCause
from grantline.model.request import RequestState
from grantline.persistence import audit
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, audit_events, grants, group_members, groups
from grantline.services.assignments import at_once
from grantline.services.assignments.group_memberships import GroupMemberships
from grantline.services.requests.submission import submit
from tests.cast import EVE, LEO, LONG_AGO, MAX, READERS, acting
from tests.packages import PAYROLL, enter_packages, hold
from tests.services.extending import APPROVED, MONTHS, extending, held_by_leo, set_end, until
from tests.services.scene import furnish, request_now
from tests.services.target import FakeTarget


async def _held(database: Database, *roles: str) -> str:
    async with database.write() as tx:
        await enter_packages(tx)
        return (await hold(tx, "readers", LEO, *roles, at=LONG_AGO)).id


async def _members(database: Database) -> set[str]:
    async with database.read() as tx:
        statement = select(group_members.c.person_id).where(group_members.c.group_id == READERS.id)
        return {row.person_id for row in await tx.all(statement)}


def _ours(database: Database) -> dict[str, GroupConnector]:
    return dict(by_origin_system(GroupConnector(GroupMemberships(database))))  # pyright: ignore[reportReturnType]


async def test_what_is_ours_is_given_and_on_record_at_once(database: Database) -> None:
    assignment = await _held(database, PAYROLL.read, PAYROLL.write)
    assert await at_once.deliver(database, _ours(database), assignment) == {}
    assert await _members(database) == {LEO.id}
    async with database.read() as tx:
        state = await tx.scalar(select(assignments.c.state).where(assignments.c.id == assignment))
        rows = await tx.all(select(grants.c.version, grants.c.applied_version, grants.c.existed_before))
        events = [row.type for row in await tx.all(select(audit_events.c.type).order_by(audit_events.c.number))]
        assert await audit.verify(tx) is None
    assert state == AssignmentState.DELIVERED
    assert [tuple(row) for row in rows] == [(1, 1, False)] * 2
    assert events.count("grant.granted") == 2


async def test_delivering_again_changes_nothing(database: Database) -> None:
    assignment = await _held(database, PAYROLL.read)
    await at_once.deliver(database, _ours(database), assignment)
    async with database.read() as tx:
        before = await tx.all(select(audit_events.c.hash))
    assert await at_once.deliver(database, _ours(database), assignment) == {}
    async with database.read() as tx:
        assert await tx.all(select(audit_events.c.hash)) == before


async def test_who_was_a_member_before_stays_known_as_one(database: Database) -> None:
    assignment = await _held(database, PAYROLL.read)
    await GroupMemberships(database).add(READERS.id, LEO.id)
    assert await at_once.deliver(database, _ours(database), assignment) == {}
    async with database.read() as tx:
        assert await tx.scalar(select(grants.c.existed_before)) is True


async def test_a_package_that_reaches_elsewhere_goes_the_long_way_whole(database: Database) -> None:
    assignment = await _held(database, PAYROLL.read, PAYROLL.file_share)
    connectors = {**_ours(database), "Scim": FakeTarget()}
    assert await at_once.deliver(database, connectors, assignment) is None
    assert await _members(database) == set()
    async with database.read() as tx:
        assert await tx.scalar(select(assignments.c.state)) == AssignmentState.DELIVERING


async def test_a_group_that_is_gone_is_a_reason_and_the_rest_is_given(database: Database) -> None:
    assignment = await _held(database, PAYROLL.read, PAYROLL.write)
    async with database.write() as tx:
        await tx.changed(groups.delete().where(groups.c.display_name == "Payroll writers"))
    failures = await at_once.deliver(database, _ours(database), assignment)
    assert failures is not None
    assert [reason.startswith("Leo Park cannot become a member") for reason in failures.values()] == [True]
    assert await _members(database) == {LEO.id}
    async with database.read() as tx:
        assert await tx.scalar(select(assignments.c.state)) == AssignmentState.PARTIALLY_DELIVERED


A_MINUTE = timedelta(minutes=1)


@pytest.fixture
async def due(database: Database) -> list[str]:
    """Return three assignments of our own that are delivered, and whose end has just come."""
    async with database.write() as tx:
        await enter_packages(tx)
        people = {"leo": LEO, "eve": EVE, "max": MAX}
        ids = [(await hold(tx, name, one, PAYROLL.read, at=LONG_AGO)).id for name, one in people.items()]
    for id_ in ids:
        await at_once.deliver(database, _ours(database), id_)
    async with database.write() as tx:
        await tx.changed(update(assignments).values(ends_at=utc_now()))
    return ids


@pytest.mark.parametrize("batch", [1, at_once.BATCH])
async def test_whoever_ends_one_ends_all_that_are_due(
    database: Database, due: list[str], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_once, "BATCH", batch)
    ending = await at_once.end(database, _ours(database), due[0], utc_now())
    assert ending is not None
    assert (ending.is_ended, ending.is_taken_back, ending.cause) == (True, True, EndCause.EXPIRED)
    assert await _members(database) == set()
    async with database.read() as tx:
        rows = await tx.all(select(assignments.c.state, assignments.c.end_cause))
        kinds = [row.type for row in await tx.all(select(audit_events.c.type))]
        applied = await tx.all(select(grants.c.version, grants.c.applied_version))
        assert await audit.verify(tx) is None
    assert {tuple(row) for row in rows} == {("expired", "expired")}
    assert [kinds.count(kind) for kind in ("assignment.ending", "grant.revoked", "assignment.ended")] == [3, 3, 3]
    assert {row.version == row.applied_version for row in applied} == {True}
    again = await at_once.end(database, _ours(database), due[1], utc_now())
    assert again is not None
    assert (again.is_ended, again.is_taken_back) == (True, True)
    async with database.read() as tx:
        assert len(await tx.all(select(audit_events.c.type))) == len(kinds)


async def test_none_ends_before_its_time(database: Database, due: list[str]) -> None:
    later = utc_now() + timedelta(days=1)
    async with database.write() as tx:
        await tx.changed(update(assignments).where(assignments.c.id == due[1]).values(ends_at=later))
        await tx.changed(update(assignments).where(assignments.c.id == due[2]).values(ends_at=None))
    early = await at_once.end(database, _ours(database), due[1], utc_now())
    assert early is not None
    assert (early.is_ended, early.ends_at) == (False, later)
    await at_once.end(database, _ours(database), due[0], utc_now())
    assert await _members(database) == {EVE.id, MAX.id}


async def test_who_was_a_member_before_stays_one(database: Database) -> None:
    assignment = await _held(database, PAYROLL.read)
    await GroupMemberships(database).add(READERS.id, LEO.id)
    await at_once.deliver(database, _ours(database), assignment)
    async with database.write() as tx:
        await tx.changed(update(assignments).values(ends_at=utc_now() - A_MINUTE))
    await at_once.end(database, _ours(database), assignment, utc_now())
    assert await _members(database) == {LEO.id}
    async with database.read() as tx:
        kinds = [row.type for row in await tx.all(select(audit_events.c.type))]
    assert (kinds.count("grant.kept"), kinds.count("grant.revoked")) == (1, 0)


async def test_a_role_that_another_assignment_needs_stays(database: Database, due: list[str]) -> None:
    async with database.write() as tx:
        await hold(tx, "writers", LEO, PAYROLL.read, at=LONG_AGO)
    await at_once.end(database, _ours(database), due[0], utc_now())
    assert await _members(database) == {LEO.id}


async def test_what_reaches_elsewhere_is_left_to_the_long_way_with_nothing_changed(database: Database) -> None:
    assignment = await _held(database, PAYROLL.read, PAYROLL.file_share)
    async with database.write() as tx:
        await tx.changed(update(assignments).values(state="delivered", ends_at=utc_now()))
    connectors = {**_ours(database), "Scim": FakeTarget()}
    assert await at_once.end(database, connectors, assignment, utc_now()) is None
    async with database.read() as tx:
        assert await tx.scalar(select(assignments.c.state)) == AssignmentState.DELIVERED


@pytest.mark.parametrize("is_over", [False, True], ids=["the end has moved", "the end has come"])
async def test_a_request_for_more_time_waits_on_until_the_access_has_really_ended(
    database: Database, *, is_over: bool
) -> None:
    await furnish(database, APPROVED)
    assignment = await held_by_leo(database)
    asked = await submit(database, acting(LEO), extending(assignment, schedule=until(utc_now() + MONTHS - A_MINUTE)))
    assert asked.request.state is RequestState.PENDING_APPROVAL
    if is_over:
        await set_end(database, assignment, utc_now())

    ending = await at_once.end(database, _ours(database), assignment, utc_now())

    assert ending is not None
    assert ending.is_ended is is_over
    now = await request_now(database, asked.request.id)
    assert now.state is (RequestState.CANCELED if is_over else RequestState.PENDING_APPROVAL)
