"""What schedules have done, without Temporal: which mail is thrown away, and how drift is looked for."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from grantline.ambient import new_id, utc_now
from grantline.errors import TargetRefused, TryAgain
from grantline.persistence import grant_states
from grantline.persistence.database import Database
from grantline.persistence.tables import grants, mail_outbox
from grantline.services.assignments import drift
from grantline.services.assignments.provisioning import apply
from grantline.services.sending import reconciliation
from tests.cast import BEA, BOB, LEO, LONG_AGO, MAX, MIA, READERS
from tests.packages import PAYROLL, enter_packages, hold
from tests.services.scene import events
from tests.services.target import FakeTarget

HELD = (LEO, MIA, MAX, BOB, BEA)


async def letter(db: Database, state: str, days_ago: int | None) -> str:
    """Enter mail that was settled so long ago; return its id."""
    now = utc_now()
    async with db.write() as tx:
        await tx.execute(
            insert(mail_outbox).values(
                id=(letter_id := new_id()),
                key=letter_id,
                kind="requestDelivered",
                person_id=LEO.id,
                name="Leo Park",
                address="leo@grantline.test",
                details={},
                state=state,
                created_at=LONG_AGO,
                next_attempt_at=now,
                attempts=1,
                settled_at=now - timedelta(days=days_ago) if days_ago is not None else None,
            )
        )
    return letter_id


async def test_mail_that_was_settled_long_ago_is_thrown_away_in_batches(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MAIL_AT_ONCE", 2)
    async with database.write() as tx:
        await enter_packages(tx)
    kept = [await letter(database, "waiting", None), await letter(database, "sent", 89)]
    for state in ("sent", "bounced", "sent"):
        await letter(database, state, 91)
    before = utc_now() - timedelta(days=90)

    assert [await reconciliation.purge_mail(database, before) for _ in range(3)] == [True, False, False]
    async with database.read() as tx:
        left = await tx.all(select(mail_outbox.c.id))
    assert {row.id for row in left} == set(kept)


async def everybody_reads(db: Database, target: FakeTarget) -> None:
    """Give each of them the role, and bring it to the target system."""
    async with db.write() as tx:
        await enter_packages(tx)
        held = [await hold(tx, f"for {one.display_name}", one, PAYROLL.read, at=LONG_AGO) for one in HELD]
    for one in held:
        [grant_id] = one.grants
        await apply(db, {target.origin_system: target}, grant_id)
    target.log.clear()


async def drifted(db: Database) -> set[str]:
    """Return whose grants are noted as drifted."""
    async with db.read() as tx:
        rows = await tx.all(select(grants.c.person_id).where(grants.c.drifted_at.is_not(None)))
    return {row.person_id for row in rows}


async def test_drift_is_looked_for_page_by_page_and_told_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "PAGE", 2)
    monkeypatch.setattr(drift, "PAUSE", timedelta(0))
    target = FakeTarget()
    await everybody_reads(database, target)
    target.held -= {(LEO.id, READERS.id), (BEA.id, READERS.id)}
    for _ in range(2):
        cursor, looked, found = "", 0, 0
        while True:
            step = await drift.check(database, {target.origin_system: target}, target.origin_system, cursor)
            looked, found = looked + step.looked, found + step.drifted
            if step.cursor is None:
                break
            cursor = step.cursor
        assert (looked, found) == (5, 2)

    assert await drifted(database) == {LEO.id, BEA.id}
    told = await events(database, "grant.drifted")
    assert [(one.details["personId"] in {LEO.id, BEA.id}, one.details["drift"]) for one in told] == [
        (True, "missing")
    ] * 2
    assert target.held == {(one.id, READERS.id) for one in (MIA, MAX, BOB)}


async def test_what_a_target_will_not_say_is_counted_and_nothing_is_noted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "PAUSE", timedelta(0))
    target = FakeTarget()
    await everybody_reads(database, target)

    def refuse(moment: str) -> None:
        raise TargetRefused(f"No {moment}.")

    target.trouble = refuse
    step = await drift.check(database, {target.origin_system: target}, target.origin_system, "")

    assert (step.looked, step.drifted, step.unreadable) == (5, 0, 5)
    assert await drifted(database) == set()


async def test_a_target_that_is_away_leaves_everything_as_it_is_noted(database: Database) -> None:
    target = FakeTarget()
    await everybody_reads(database, target)
    async with database.write() as tx:
        await tx.changed(update(grants).where(grants.c.person_id == LEO.id).values(drifted_at=LONG_AGO))

    def away(moment: str) -> None:
        raise TryAgain(f"No {moment} now.")

    target.trouble = away
    with pytest.raises(TryAgain):
        await drift.check(database, {target.origin_system: target}, target.origin_system, "")
    assert await drifted(database) == {LEO.id}


async def test_a_grant_that_moved_while_it_was_looked_at_has_not_drifted(database: Database) -> None:
    target = FakeTarget()
    await everybody_reads(database, target)
    async with database.read() as tx:
        [state, *_] = await grant_states.applied(tx, target.origin_system, "", 10)
    async with database.write() as tx:
        await tx.changed(update(grants).where(grants.c.id == state.id).values(version=2, is_wanted=False))
    async with database.write() as tx:
        assert not await grant_states.note_drift(tx, state, utc_now())
    assert await drifted(database) == set()
