"""Everybody has just what the package gives in the end, in whatever order it changes, is walked, given and ended.

Hypothesis writes the stories. Only what a workflow would be told to bring about
is brought to the target system: at its start, at its end, and when a message of
a change reaches it. So a holder that a change forgot would be found.
"""

import asyncio
import itertools
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from grantline.ambient import utc_now
from grantline.model.briefing import ReprocessSignal
from grantline.persistence import outbox
from grantline.persistence.codec import from_json
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments
from grantline.persistence.tables import outbox as outbox_table
from grantline.services.assignments import lifecycle, package_changes, reprocessing
from grantline.services.assignments.provisioning import apply
from tests.cast import BOB, LEO, MAX, MIA, READERS, WRITERS
from tests.engines import connect
from tests.packages import PAYROLL
from tests.services.changing import add, assign, changes_now, furnish_open, remove
from tests.services.scene import owed
from tests.services.target import FakeTarget

EXAMPLES = int(os.environ.get("CHANGE_STORIES", "15"))
PEOPLE = (LEO, MIA, MAX, BOB)
GROUPS = {PAYROLL.read: READERS.id, PAYROLL.write: WRITERS.id}


class Story:
    """What happened so far, and what must be true of it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.target = FakeTarget()
        self.gives = {PAYROLL.read}
        self.live: dict[str, str] = {}
        self.undelivered: list[str] = []

    async def toggle(self, which: int) -> None:
        """Let a role come into the package, or go."""
        role_id = sorted(GROUPS)[which % len(GROUPS)]
        await (remove if role_id in self.gives else add)(self.db, role_id)
        self.gives ^= {role_id}

    async def turn(self, which: int) -> None:
        """Let somebody have the package, or lose it."""
        person = PEOPLE[which % len(PEOPLE)]
        if person.id not in self.live:
            [self.live[person.id]] = await assign(self.db, person)
            self.undelivered.append(self.live[person.id])
            return
        await self.deliver(0)
        assignment_id = self.live.pop(person.id)
        async with self.db.write() as tx:
            await tx.changed(update(assignments).where(assignments.c.id == assignment_id).values(ends_at=utc_now()))
        ending = await lifecycle.end(self.db, assignment_id, utc_now(), None)
        for grant in ending.grants:
            await self.apply(grant.grant_id)
        await lifecycle.record_ended(self.db, assignment_id)

    async def deliver(self, which: int) -> None:
        """Let the workflows that began longest ago deliver, with what they were told at their start."""
        del which
        for assignment_id in self.undelivered:
            for grant in (await owed(self.db, assignment_id)).grants:
                await self.apply(grant.grant_id)
            await lifecycle.record_delivery(self.db, assignment_id, {})
        self.undelivered = []

    async def walk(self, which: int) -> None:
        """Let a change look at its next page."""
        waiting = [one for one in await changes_now(self.db) if one.completed_at is None]
        if waiting:
            await package_changes.advance(self.db, waiting[which % len(waiting)].id)

    async def hear(self, which: int) -> bool:
        """Let a message reach its workflow; tell whether there was one."""
        async with self.db.read() as tx:
            waiting = await tx.all(select(outbox_table).where(outbox_table.c.kind == outbox.NAMES[ReprocessSignal]))
        if not waiting:
            return False
        message = waiting[which % len(waiting)]
        heard = await reprocessing.hear(self.db, message.subject_id, from_json(ReprocessSignal, message.body))
        for grant in itertools.chain(heard.gives, heard.takes):
            await self.apply(grant.grant_id)
        await reprocessing.settle(self.db, message.subject_id, {})
        async with self.db.write() as tx:
            await tx.changed(delete(outbox_table).where(outbox_table.c.id == message.id))
        return True

    async def apply(self, grant_id: str) -> None:
        """Bring a grant to the target system."""
        await apply(self.db, {self.target.origin_system: self.target}, grant_id)

    async def finish(self) -> None:
        """Let everything under way come to its end; then all must be right."""
        while [one for one in await changes_now(self.db) if one.completed_at is None]:
            await self.walk(0)
        await self.deliver(0)
        while await self.hear(0):
            pass
        wanted = {(person_id, GROUPS[role_id]) for person_id in self.live for role_id in self.gives}
        assert self.target.held == wanted
        async with self.db.read() as tx:
            rows = await tx.all(select(assignments.c.id, assignments.c.state))
        assert {row.id: row.state for row in rows if row.state != "expired"} == dict.fromkeys(
            self.live.values(), "delivered"
        )


acts = st.tuples(st.sampled_from(("toggle", "turn", "turn", "walk", "walk", "hear", "deliver")), st.integers(0, 5))


def test_everybody_has_what_the_package_gives_in_the_end(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package_changes, "PAGE", 1)
    numbers = itertools.count()

    async def tell(story: list[tuple[str, int]]) -> None:
        path = tmp_path / f"{next(numbers)}.db"
        shutil.copy(sqlite_template, path)
        db = connect(f"sqlite+aiosqlite:///{path}")
        await furnish_open(db, PAYROLL.read)
        told = Story(db)
        for act, number in story:
            await getattr(told, act)(number)
        await told.finish()
        await db.close()
        path.unlink()

    with asyncio.Runner() as runner:
        # Without shrinking, which would take minutes: the stories are short enough to be read.
        @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate])
        @given(st.lists(acts, min_size=6, max_size=30))
        def check(story: list[tuple[str, int]]) -> None:
            runner.run(tell(story))

        check()
