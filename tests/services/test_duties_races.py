"""Two conflicting requests for one person at one instant, or in any order: never both."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grantline import errors
from grantline.model.request import RequestState, Verdict
from grantline.persistence.database import Database
from grantline.services.requests.cancellation import cancel
from grantline.services.requests.submission import Submitted
from tests.cast import BEA, BOB, LEO, MAX, MIA, acting
from tests.engines import connect
from tests.services.duties_stage import (
    BOTH_WAYS,
    PAYROLL_EXCLUDES_AUDIT,
    ask_for_audit,
    exclude,
    furnish_both,
    live,
)
from tests.services.scene import NO_APPROVAL, ask_for, policy, request_now, says, trail
from tests.services.test_races import at_once

AT_ONCE = policy(approval_settings=NO_APPROVAL)


@pytest.mark.parametrize("approval", ["asked", "none"])
async def test_of_conflicting_submits_at_one_instant_one_wins_for_each_person(
    database: Database, approval: str
) -> None:
    await furnish_both(database, policy() if approval == "asked" else AT_ONCE, excluding=BOTH_WAYS)
    for turn, target in enumerate((LEO, MIA, BEA, MAX)):
        calls = (ask_for(database, target, target), ask_for_audit(database, target, target))
        won, lost = await at_once(*calls, backwards=turn % 2 == 1)
        (winner,) = [one.request for one in won]
        assert [type(refusal) for refusal in lost] == [errors.IncompatibleAccess]
        assert (winner.assignment_id or winner.id) in str(lost[0])
    assert (await trail(database)).count("request.submitted") == 4


async def test_of_conflicting_approvals_at_one_instant_the_older_request_is_delivered(database: Database) -> None:
    await furnish_both(database)
    asked = [
        ((await ask_for(database, one, one)).request.id, (await ask_for_audit(database, one, one)).request.id)
        for one in (LEO, MIA, MAX)
    ]
    await exclude(database, *BOTH_WAYS)
    for turn, (older, younger) in enumerate(asked):
        approvals = (says(database, BOB, older, Verdict.APPROVE), says(database, BEA, younger, Verdict.APPROVE))
        won, lost = await at_once(*approvals, backwards=turn % 2 == 1)
        assert (len(won), lost) == (2, [])
        states = [(await request_now(database, one)).state for one in (older, younger)]
        assert states == [RequestState.DELIVERING, RequestState.DELIVERY_FAILED]


async def test_an_approval_and_a_conflicting_submit_at_one_instant_never_both_give_access(database: Database) -> None:
    await furnish_both(database, excluding=BOTH_WAYS)
    for turn, target in enumerate((LEO, MIA, MAX)):
        asked = (await ask_for(database, target, target)).request.id
        calls: tuple[Awaitable[Any], ...] = (
            says(database, BOB, asked, Verdict.APPROVE),
            ask_for_audit(database, target, target),
        )
        _, lost = await at_once(*calls, backwards=turn % 2 == 1)
        assert [type(refusal) for refusal in lost] == [errors.IncompatibleAccess]
        assert (await request_now(database, asked)).state is RequestState.DELIVERING
    assert {name for _, name in await live(database)} == {"Payroll"}


class Story:
    """Leo's Payroll and Audit, with whatever happens to them."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.asked: list[str] = []

    async def ask(self, call: Callable[..., Awaitable[Submitted]]) -> None:
        """Ask for one of the two."""
        self.asked.append((await call(self.db, MIA, LEO)).request.id)

    async def last(self, kind: str, back: int) -> None:
        """Decide or withdraw one of the last requests."""
        request_id = self.asked[-back]
        if kind == "cancel":
            await cancel(self.db, acting(MIA), request_id)
        else:
            await says(self.db, BOB, request_id, Verdict(kind))

    async def play(self, move: tuple[str, int]) -> None:
        """Try one move; what is refused, or not there to be done, is no move."""
        kind, back = move
        if kind in ("payroll", "audit"):
            await self.ask(ask_for if kind == "payroll" else ask_for_audit)
        elif back <= len(self.asked):
            await self.last(kind, back)


MOVES = st.lists(
    st.tuples(st.sampled_from(["payroll", "audit", "approve", "approve", "deny", "cancel"]), st.integers(1, 2)),
    max_size=9,
)


async def tell(db: Database, moves: list[tuple[str, int]], *, excluded_after: int, both_ways: bool) -> None:
    """Play a story in which the packages exclude each other from some move on; nobody gets Payroll beside Audit."""
    await furnish_both(db)
    story = Story(db)
    pairs = BOTH_WAYS if both_ways else PAYROLL_EXCLUDES_AUDIT
    excluded: set[str] = set()
    for number, move in enumerate(moves):
        if number == excluded_after:
            await exclude(db, *pairs)
            excluded = {"Payroll", "Audit"} if both_ways else {"Payroll"}
        before = {name for _, name in await live(db)}
        try:
            await story.play(move)
        except errors.Refused:
            assert {name for _, name in await live(db)} == before, "a refusal changed something"
        begun = {name for _, name in await live(db)} - before
        assert not (begun & excluded and before), (move, before, begun)
    states = [(await request_now(db, one)).state for one in story.asked]
    assert sum(one is RequestState.DELIVERING for one in states) == len(await live(db))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES, excluded_after=st.integers(0, 4), both_ways=st.booleans())
def test_whatever_the_order_nobody_is_given_a_package_beside_what_it_excludes(
    sqlite_template: Path, moves: list[tuple[str, int]], excluded_after: int, *, both_ways: bool
) -> None:
    async def run(path: Path) -> None:
        db = connect(f"sqlite+aiosqlite:///{path}")
        try:
            await tell(db, moves, excluded_after=excluded_after, both_ways=both_ways)
        finally:
            await db.close()

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "story.db"
        shutil.copy(sqlite_template, path)
        asyncio.run(run(path))
