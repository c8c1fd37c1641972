"""Access ends when its last reason ends, in whatever order packages come and go and workers stall and die.

Hypothesis writes the stories. Workers stop before and after every call of the
target system and go on when the story says so; a worker may be killed where it
stands; time may pass, so that a lease runs out under a worker that stalls.
One thing no story has: a worker that stalls longer than its lease, acts, and is
killed before it can say so. What such a one did is found by looking for drift.
"""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from grantline.errors import TryAgain
from grantline.persistence import audit
from grantline.persistence.database import Database
from grantline.persistence.grants import release
from grantline.persistence.tables import grants
from grantline.services.provisioning import LEASE, apply
from tests.cast import LEO, READERS, WRITERS
from tests.packages import PAYROLL, Held, enter_packages, hold
from tests.services.target import Clock, FakeTarget

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

    def __init__(self, db: Database, *, had_before: bool) -> None:
        self.db = db
        self.clock = Clock()
        self.target = SteppedTarget(held={(LEO.id, READERS.id)} if had_before else set())
        self.target.workers = {}
        self.workers: list[Worker] = []
        self.live: dict[str, Held] = {}
        self.had_before = had_before
        self.count = 0

    async def toggle(self, package: str) -> None:
        """Let a package begin, or end."""
        async with self.db.write() as tx:
            if package in self.live:
                await release(tx, self.live.pop(package).id, self.clock.now)
            else:
                self.count += 1
                name = f"{package} {self.count}"
                self.live[package] = await hold(tx, name, LEO, *PACKAGES[package], at=self.clock.now)

    async def send(self, which: int) -> None:
        """Send a worker to a grant."""
        ids = await self.grants()
        if not ids or len(self.workers) >= 3:
            return
        worker = Worker(self.clock.now)
        worker.task = asyncio.create_task(self.apply(ids[which % len(ids)], trusts_record=which % 3 == 0))
        self.target.workers[worker.task] = worker
        self.workers.append(worker)
        if await worker.reach():
            self.workers.remove(worker)

    async def step(self, which: int) -> None:
        """Let one of the workers take a step."""
        if self.workers:
            worker = self.workers[which % len(self.workers)]
            if await worker.step():
                self.workers.remove(worker)

    async def kill(self, which: int) -> None:
        """Kill one of the workers, unless it is late."""
        timely = [worker for worker in self.workers if self.clock.now < worker.began + LEASE]
        if timely:
            worker = timely[which % len(timely)]
            self.workers.remove(worker)
            await worker.kill()

    async def wait(self, which: int) -> None:
        """Let the leases of all who are at work run out."""
        del which
        self.clock.forward(LEASE)

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
            await self.step(0)
        self.clock.forward(LEASE)
        for grant_id in await self.grants():
            await self.apply(grant_id)
        wanted = {(LEO.id, group) for package in self.live for group in GIVES[package]}
        before = {(LEO.id, READERS.id)} if self.had_before else set()
        assert self.target.held == wanted | before
        async with self.db.read() as tx:
            assert await audit.verify(tx) is None


acts = st.one_of(
    st.tuples(st.just("toggle"), st.sampled_from(sorted(PACKAGES))),
    *(st.tuples(st.just(name), st.integers(0, 5)) for name in ("send", "step", "step", "kill", "wait")),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(had_before=st.booleans(), acts=st.lists(acts, min_size=5, max_size=40), ends=st.booleans())
def test_the_right_people_have_access_in_the_end(
    sqlite_template: Path, had_before: bool, acts: Sequence[tuple[str, str | int]], ends: bool
) -> None:
    async def tell() -> None:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(sqlite_template, Path(folder) / "grantline.db")
            db = Database.connect(f"sqlite+aiosqlite:///{folder}/grantline.db")
            async with db.write() as tx:
                await enter_packages(tx)
            story = Story(db, had_before=had_before)
            for act, what in acts:
                await getattr(story, act)(what)
            if ends:
                for package in list(story.live):
                    await story.toggle(package)
            await story.finish()
            await db.close()

    asyncio.run(tell())


@pytest.mark.parametrize("seed", range(4))
async def test_packages_and_workers_at_the_same_instant(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    async with database.write() as tx:
        await enter_packages(tx)
    story = Story(database, had_before=seed % 2 == 1)

    async def come_and_go(package: str) -> None:
        for _ in range(dice.choice((3, 4))):
            await story.toggle(package)

    async def work() -> None:
        for _ in range(6):
            for grant_id in await story.grants():
                await asyncio.gather(story.apply(grant_id), story.apply(grant_id), return_exceptions=True)

    await asyncio.gather(*(come_and_go(package) for package in PACKAGES), work(), work())
    await story.finish()
