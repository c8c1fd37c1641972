"""A package that many hold: no step reads more than a page of them, and none is taken before there is room."""

from typing import Any

import pytest
from sqlalchemy import delete, func, select

from grantline.persistence.database import Database, Transaction
from grantline.persistence.tables import outbox
from grantline.services.assignments import package_changes, retirement
from tests.cast import ADA, acting
from tests.packages import PAYROLL
from tests.services.changing import add, change_ids, furnish_open
from tests.services.crowding import enter_holders
from tests.services.scene import PACKAGE

PAGE, MOST_OWED = 10, 60
HOLDERS = 8 * PAGE + 7


@pytest.fixture
def largest(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many rows each statement reads."""
    read: list[int] = []
    really = Transaction.all

    async def noting(self: Transaction, *given: Any) -> Any:
        rows = await really(self, *given)
        read.append(len(rows))
        return rows

    monkeypatch.setattr(Transaction, "all", noting)
    return read


@pytest.mark.parametrize("what", ["role added", "retired"])
async def test_many_are_walked_a_page_a_transaction_and_others_have_room_in_between(
    sqlite_database: Database, largest: list[int], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(package_changes, "PAGE", PAGE)
    monkeypatch.setattr(package_changes, "MOST_OWED", MOST_OWED)
    database = sqlite_database
    await furnish_open(database, PAYROLL.read)
    await enter_holders(database, HOLDERS)
    largest.clear()
    if what == "retired":
        await retirement.retire(database, acting(ADA), PACKAGE.id)
    else:
        await add(database, PAYROLL.write)
    (change_id,) = await change_ids(database)

    steps, waits = 0, 0
    step = None
    while step is None or not step.is_done:
        if await package_changes.is_crowded(database):
            waits += 1
            assert MOST_OWED < await owed(database) <= MOST_OWED + PAGE + 1
            async with database.write() as tx:
                await tx.changed(delete(outbox))
        before = step.seen if step else 0
        step = await package_changes.advance(database, change_id)
        steps += 1
        assert 0 < step.seen - before <= PAGE

    assert (step.seen, step.changed, step.holders) == (HOLDERS, HOLDERS, HOLDERS)
    assert (steps, waits) == (9, 1)
    assert max(largest) == PAGE


async def owed(db: Database) -> int:
    """Return how many messages wait for Temporal."""
    async with db.read() as tx:
        return int(await tx.scalar(select(func.count()).select_from(outbox)))
