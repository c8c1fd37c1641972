"""A grant becomes real, or gone, whatever happens on the way."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from grantline.errors import ConnectorError, TargetRefused, TryAgain
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, grants
from grantline.services.assignments import provisioning
from grantline.services.assignments.provisioning import BUSY, LEASE, apply
from tests.cast import LEO, LONG_AGO, READERS
from tests.engines import heard
from tests.packages import enter_packages
from tests.services.provisioning_stage import LEO_READS, Stage
from tests.services.target import Clock, FakeTarget


@pytest.fixture
async def stage(database: Database) -> Stage:
    """Return a stage on either database."""
    async with database.write() as tx:
        await enter_packages(tx)
    return Stage(database, FakeTarget(), Clock())


async def test_what_is_wanted_is_given_once_and_taken_at_the_end(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.apply(held)
    await stage.apply(held)
    assert (stage.target.held, stage.target.log) == ({LEO_READS}, ["granted"])
    await stage.release(held)
    await stage.apply(held)
    await stage.apply(held)
    assert (stage.target.held, stage.target.log) == (set(), ["granted", "revoked"])
    assert await stage.trail() == ["grant.granted", "grant.revoked"]


async def test_the_trail_says_who_got_what_for_which_assignment(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.apply(held)
    async with stage.db.read() as tx:
        row = await tx.first(select(audit_events))
    assert row is not None
    assert (row.object_type, row.object_id, row.assignment_id, row.at) == ("grant", held.grants[0], held.id, LONG_AGO)
    assert row.request_id is not None
    assert row.details == {
        "summary": "Leo Park: Member of Payroll readers",
        "personId": LEO.id,
        "originSystem": "AadGroup",
        "resourceOriginId": READERS.id,
        "roleOriginId": f"Member_{READERS.id}",
        "version": 1,
        "existedBefore": False,
    }


async def test_a_fresh_grant_costs_three_small_transactions(stage: Stage) -> None:
    held = await stage.hold("a")
    begun: list[object] = []
    with heard(stage.db, "begin", begun.append):
        await stage.apply(held)
    assert len(begun) == 3


async def test_two_packages_that_share_a_role_do_not_cut_each_other_short(stage: Stage) -> None:
    first, second = await stage.hold("a"), await stage.hold("b")
    await stage.apply(first)
    await stage.apply(second)
    await stage.release(first)
    await stage.apply(first, trusts_record=True)
    assert (stage.target.held, stage.target.log) == ({LEO_READS}, ["granted"])
    await stage.release(second)
    await stage.apply(second, trusts_record=True)
    assert (stage.target.held, stage.target.log) == (set(), ["granted", "revoked"])


async def test_what_somebody_had_before_us_they_keep(stage: Stage) -> None:
    stage.target.held.add(LEO_READS)
    held = await stage.hold("a")
    await stage.apply(held)
    await stage.release(held)
    await stage.apply(held)
    assert (stage.target.held, stage.target.log) == ({LEO_READS}, [])
    assert await stage.trail() == ["grant.granted", "grant.kept"]


async def test_what_was_given_by_hand_between_two_assignments_is_kept_after_the_second(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.apply(held)
    await stage.release(held)
    await stage.apply(held)
    stage.target.held.add(LEO_READS)
    again = await stage.hold("b")
    await stage.apply(again)
    await stage.release(again)
    await stage.apply(again)
    assert (stage.target.held, await stage.trail()) == (
        {LEO_READS},
        ["grant.granted", "grant.revoked", "grant.granted", "grant.kept"],
    )


async def test_what_we_gave_is_still_ours_when_it_is_wanted_again_before_it_was_taken(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.apply(held)
    await stage.release(held)
    again = await stage.hold("b")
    await stage.apply(again)
    await stage.release(again)
    await stage.apply(again)
    assert stage.target.held == set()


async def test_what_nobody_began_to_give_needs_no_target_to_end(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.fail(held, TryAgain("down"), "before holds")
    await stage.release(held)
    stage.target.trouble = _always(TryAgain("still down"))
    await stage.apply(held)
    assert (stage.target.log, await stage.trail()) == ([], ["grant.failed"])
    assert (await stage.grant()).applied_version == 2


@pytest.mark.parametrize("moment", ["before holds", "after holds", "before grant", "after grant"])
async def test_a_worker_killed_while_giving_is_healed_by_the_next(stage: Stage, moment: str) -> None:
    held = await stage.hold("a")
    await stage.die(held, moment)
    stage.clock.forward(LEASE)
    await stage.apply(held)
    assert (stage.target.held, (await stage.grant()).existed_before) == ({LEO_READS}, False)
    await stage.release(held)
    await stage.apply(held)
    assert stage.target.held == set()


@pytest.mark.parametrize("moment", ["before revoke", "after revoke", "after holds"])
async def test_a_worker_killed_while_taking_is_healed_by_the_next(stage: Stage, moment: str) -> None:
    held = await stage.hold("a")
    await stage.apply(held)
    await stage.release(held)
    await stage.die(held, moment)
    stage.clock.forward(LEASE)
    await stage.apply(held)
    assert (stage.target.held, await stage.trail()) == (set(), ["grant.granted", "grant.revoked"])


async def test_a_second_worker_stays_away_while_the_first_is_at_it(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.die(held, "before grant")
    with pytest.raises(TryAgain, match="another worker") as busy:
        await stage.apply(held)
    assert busy.value.after == BUSY
    stage.clock.forward(LEASE - timedelta(milliseconds=100))
    with pytest.raises(TryAgain, match="another worker") as busy:
        await stage.apply(held)
    assert (busy.value.after, stage.target.log) == (timedelta(milliseconds=100), [])


async def test_workers_at_once_act_once(stage: Stage) -> None:
    held = await stage.hold("a")
    outcomes = await asyncio.gather(*(stage.apply(held) for _ in range(5)), return_exceptions=True)
    assert stage.target.log == ["granted"]
    assert {type(each) for each in outcomes} <= {type(None), TryAgain}
    assert None in outcomes
    assert await stage.trail() == ["grant.granted"]


@pytest.mark.parametrize(
    ("error", "moment"),
    [
        (TryAgain("The target is busy.", after=timedelta(seconds=7)), "before holds"),
        (TryAgain("The target is busy."), "before grant"),
        (TargetRefused("There is no such group."), "before grant"),
        (TryAgain("It did it, and lost its tongue."), "after grant"),
    ],
)
async def test_a_failure_is_on_record_once_and_over_when_it_is_over(
    stage: Stage, error: ConnectorError, moment: str
) -> None:
    held = await stage.hold("a")
    for _ in range(3):
        await stage.fail(held, error, moment)
    async with stage.db.read() as tx:
        row = await tx.first(select(grants.c.last_error, grants.c.lease_id))
        failed = await tx.first(select(audit_events.c.reason, audit_events.c.details))
    assert row is not None
    assert failed is not None
    assert tuple(row) == (error.message, None)
    assert (failed.reason, failed.details["code"]) == (error.message, error.code)
    await stage.apply(held)
    assert (stage.target.held, await stage.trail()) == ({LEO_READS}, ["grant.failed", "grant.granted"])
    async with stage.db.read() as tx:
        assert await tx.scalar(select(grants.c.last_error)) is None


async def test_each_different_failure_is_news(stage: Stage) -> None:
    held = await stage.hold("a")
    for message in ("busy", "busy", "on fire", "on fire"):
        await stage.fail(held, TryAgain(message), "before grant")
    assert await stage.trail() == ["grant.failed", "grant.failed"]


async def test_an_answer_of_done_is_not_believed_until_it_is_seen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = await stage.hold("a")

    async def pretend(entitlement: object) -> None:
        del entitlement

    with monkeypatch.context() as patch:
        patch.setattr(stage.target, "grant", pretend)
        with pytest.raises(TryAgain, match="AadGroup granted it, but shows it not yet"):
            await stage.apply(held)
    await stage.apply(held)
    await stage.release(held)
    with monkeypatch.context() as patch:
        patch.setattr(stage.target, "revoke", pretend)
        with pytest.raises(TryAgain, match="AadGroup revoked it, but shows it still"):
            await stage.apply(held)
    await stage.apply(held)
    assert stage.target.held == set()


async def test_a_target_that_never_answers_is_given_up_and_its_lease_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provisioning, "ONE_TRY", timedelta(milliseconds=20))
    held = await stage.hold("a")
    stage.target.gate = lambda moment: asyncio.Event() if moment == "before grant" else None
    with pytest.raises(TryAgain, match="AadGroup did not answer within"):
        await stage.apply(held)
    # What was asked may still happen, so nobody else may act yet.
    with pytest.raises(TryAgain, match="another worker"):
        await stage.apply(held)
    stage.clock.forward(LEASE)
    stage.target.gate = lambda moment: None
    await stage.apply(held)
    assert stage.target.held == {LEO_READS}


async def test_without_a_connector_it_is_refused_and_on_record(stage: Stage) -> None:
    held = await stage.hold("a")
    with pytest.raises(TargetRefused, match="No connector"):
        await apply(stage.db, {}, held.grants[0], clock=stage.clock)
    assert await stage.trail() == ["grant.failed"]


async def test_what_was_given_and_is_gone_is_given_again_for_the_next_package(stage: Stage) -> None:
    first = await stage.hold("a")
    await stage.apply(first)
    stage.target.held.clear()
    second = await stage.hold("b")
    await stage.apply(second)
    assert (stage.target.held, stage.target.log) == ({LEO_READS}, ["granted", "granted"])
    for held in (first, second):
        await stage.release(held)
        await stage.apply(held)
    assert stage.target.held == set()


async def test_the_end_of_one_of_two_packages_needs_no_target(stage: Stage) -> None:
    first, second = await stage.hold("a"), await stage.hold("b")
    await stage.apply(first)
    await stage.release(first)
    stage.target.trouble = _always(TryAgain("down"))
    await stage.apply(first, trusts_record=True)
    with pytest.raises(TryAgain, match="down"):
        await stage.apply(second)


def _always(error: Exception) -> Callable[[str], None]:
    def fail(moment: str) -> None:
        raise error

    return fail


async def test_access_is_taken_from_the_account_it_was_given_to(stage: Stage) -> None:
    held = await stage.hold("a")
    await stage.apply(held)
    await stage.release(held)
    await stage.apply(held)
    async with stage.db.read() as tx:
        assert await tx.scalar(select(grants.c.account_id)) is None
    assert stage.target.taken_from == [f"account of {LEO.user_principal_name}"]


async def test_a_grant_that_does_not_exist_is_a_mistake_of_ours(stage: Stage) -> None:
    with pytest.raises(AssertionError, match="does not exist"):
        await apply(stage.db, {}, "nothing")
