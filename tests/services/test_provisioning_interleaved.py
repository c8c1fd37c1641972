"""Access ends when its last reason ends, in whatever order packages come and go and workers stall and die.

Hypothesis writes the stories. Workers stop before and after every call of the
target system and go on when the story says so; a worker may be killed where it
stands; time may pass, so that a lease runs out under a worker that stalls.
One thing no story has: a worker that stalls longer than its lease, acts, and is
killed before it can say so. What such a one did is found by looking for drift.
"""

import asyncio
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from grantline.ambient import new_id
from grantline.errors import TryAgain
from grantline.persistence import audit
from grantline.persistence.database import Database
from grantline.persistence.grants import release
from grantline.persistence.tables import assignments, grant_reasons, grants, requests
from grantline.services.assignments.provisioning import LEASE, apply
from tests.cast import LEO, READERS, WRITERS
from tests.engines import connect
from tests.packages import PAYROLL, Held, enter_packages, hold
from tests.services.target import Clock, FakeTarget

MOST_WORKERS = 3
EXAMPLES = int(os.environ.get("PROVISIONING_STORIES", "50"))
"""How many stories are told; some mistakes show only once in thousands."""

PACKAGES = {
    "reading": (PAYROLL.read,),
    "reading, from another catalog": (PAYROLL.read_elsewhere,),
    "reading and writing": (PAYROLL.read, PAYROLL.write),
}
GIVES = {
    "reading": {READERS.id},
    "reading, from another catalog": {READERS.id},
    "reading and writing": {READERS.id, WRITERS.id},
}


@dataclass
class Worker:
    """One call of `apply`, held at the moments of the target system."""

    began: datetime
    task: asyncio.Task[None] = field(init=False)
    is_stopped: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def step(self) -> bool:
        """Let it go on to its next moment; return whether it has ended."""
        self.is_stopped.clear()
        self.go_on.set()
        return await self.reach()

    async def reach(self) -> bool:
        """Wait until it stops or ends; what it says in the end is that all is well, or to try again."""
        stopped = asyncio.create_task(self.is_stopped.wait())
        await asyncio.wait([stopped, self.task], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self.task.done():
            error = self.task.exception()
            assert error is None or isinstance(error, TryAgain), error
        return self.task.done()

    async def kill(self) -> None:
        """End it where it stands."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class SteppedTarget(FakeTarget):
    """Holds each worker at each moment."""

    workers: dict[asyncio.Task[None], Worker]

    async def _moment(self, moment: str) -> None:
        del moment
        task = asyncio.current_task()
        worker = self.workers.get(task) if task is not None else None
        if worker is not None:
            worker.go_on.clear()
            worker.is_stopped.set()
            await worker.go_on.wait()


class Story:
    """What happened so far, and what must be true of it."""

    def __init__(self, db: Database, packages: Sequence[str], *, had_before: bool) -> None:
        self.db = db
        self.packages = packages
        self.clock = Clock()
        self.target = SteppedTarget(held={(LEO.id, READERS.id)} if had_before else set())
        self.target.workers = {}
        self.workers: list[Worker] = []
        self.live: dict[str, Held] = {}
        self.had_before = had_before

    async def toggle(self, which: int) -> None:
        """Let a package begin, or end."""
        package = self.packages[which % len(self.packages)]
        async with self.db.write() as tx:
            if package in self.live:
                await release(tx, [self.live.pop(package).id], self.clock.now)
            else:
                self.live[package] = await hold(tx, new_id(), LEO, *PACKAGES[package], at=self.clock.now)

    async def end(self) -> None:
        """Let every package end."""
        for number, package in enumerate(self.packages):
            if package in self.live:
                await self.toggle(number)

    async def turn(self, which: int) -> None:
        """Let a package begin or end, and bring every grant to the target system at once."""
        await self.toggle(which)
        for number in range(len(await self.grants())):
            await self.run(number)

    async def stall(self, count: int) -> None:
        """Send a worker that takes some steps and then sleeps until its lease is over."""
        await self.send(count)
        if self.workers:
            self.workers.insert(0, self.workers.pop())
            await self.step(count)
        self.clock.forward(LEASE)

    async def overtake(self, steps: Sequence[int]) -> None:
        """Let a worker stall, and others begin and end a package past it, while it takes a step now and then."""
        first, *rest = steps
        await self.toggle(0)
        await self.stall(first)
        for count in rest:
            await self.turn(0)
            await self.step(count)

    async def crash(self, count: int) -> None:
        """Send a worker that takes some steps and dies; the lease it may have runs out."""
        await self.send(count)
        if self.workers and self.workers[-1].began == self.clock.now:
            self.workers.insert(0, self.workers.pop())
            ends = len(self.workers) - 1
            await self.step(count)
            if len(self.workers) > ends:
                await self.workers.pop().kill()
        self.clock.forward(LEASE)

    async def send(self, which: int) -> None:
        """Send a worker to a grant."""
        ids = await self.grants()
        if not ids or len(self.workers) >= MOST_WORKERS:
            return
        worker = Worker(self.clock.now)
        worker.task = asyncio.create_task(self.apply(ids[which % len(ids)], trusts_record=which % 3 == 0))
        self.target.workers[worker.task] = worker
        self.workers.append(worker)
        if await worker.reach():
            self.workers.remove(worker)

    async def step(self, count: int) -> None:
        """Let the worker that came first take some steps, and then queue behind the others."""
        if not self.workers:
            return
        worker = self.workers.pop(0)
        for _ in range(count):
            if await worker.step():
                return
        self.workers.append(worker)

    async def run(self, which: int) -> None:
        """Send a worker and let nobody else act until it has ended."""
        await self.send(which)
        while self.workers and not await self.workers[-1].step():
            pass
        del self.workers[-1:]

    async def apply(self, grant_id: str, *, trusts_record: bool = False) -> None:
        """Bring a grant to the target system."""
        connectors = {self.target.origin_system: self.target}
        await apply(self.db, connectors, grant_id, trusts_record=trusts_record, clock=self.clock)

    async def grants(self) -> list[str]:
        """Return the ids of all grants."""
        async with self.db.read() as tx:
            return [row.id for row in await tx.all(select(grants.c.id).order_by(grants.c.id))]

    async def finish(self) -> None:
        """Let everybody come to an end, and the workflows try again; then all must be right."""
        while self.workers:
            await self.step(1)
        self.clock.forward(LEASE)
        for grant_id in await self.grants():
            await self.apply(grant_id, trusts_record=True)
        wanted = {(LEO.id, group) for package in self.live for group in GIVES[package]}
        before = {(LEO.id, READERS.id)} if self.had_before else set()
        assert self.target.held == wanted | before


moments = st.integers(1, 6)
acts = st.one_of(
    *(st.tuples(st.just(name), st.integers(0, 5)) for name in ("toggle", "turn", "run", "send")),
    *(st.tuples(st.just(name), moments) for name in ("step", "stall", "crash")),
    st.tuples(st.just("overtake"), st.lists(st.integers(0, 4), min_size=2, max_size=4)),
)
stories = st.builds(
    dict,
    packages=st.lists(st.sampled_from(sorted(PACKAGES)), min_size=1, unique=True),
    had_before=st.sampled_from((False, False, True)),
    acts=st.lists(acts, min_size=5, max_size=25),
    ends=st.booleans(),
)


def test_the_right_people_have_access_in_the_end(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "grantline.db")
    db = connect(f"sqlite+aiosqlite:///{tmp_path}/grantline.db")

    async def prepare() -> None:
        async with db.write() as tx:
            await enter_packages(tx)

    async def tell(packages: Sequence[str], *, had_before: bool, acts: Sequence[tuple[str, Any]], ends: bool) -> None:
        async with db.write() as tx:
            for table in (grant_reasons, grants, assignments, requests):
                await tx.changed(delete(table))
        story = Story(db, packages, had_before=had_before)
        for act, number in acts:
            await getattr(story, act)(number)
        if ends:
            await story.end()
        await story.finish()

    with asyncio.Runner() as runner:
        runner.run(prepare())

        # Without shrinking, which would take minutes: the stories are short enough to be read.
        @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate])
        @given(stories)
        def check(story: dict[str, Any]) -> None:
            runner.run(tell(**story))

        check()
        runner.run(db.close())


@pytest.mark.parametrize("seed", range(4))
async def test_packages_and_workers_at_the_same_instant(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    async with database.write() as tx:
        await enter_packages(tx)
    story = Story(database, sorted(PACKAGES), had_before=seed % 2 == 1)

    async def come_and_go(number: int) -> None:
        for _ in range(dice.choice((3, 4))):
            await story.toggle(number)

    async def work() -> None:
        for _ in range(6):
            for grant_id in await story.grants():
                await asyncio.gather(story.apply(grant_id), story.apply(grant_id), return_exceptions=True)

    await asyncio.gather(*(come_and_go(number) for number in range(len(PACKAGES))), work(), work())
    await story.finish()
    async with database.read() as tx:
        assert await audit.verify(tx) is None
