"""Many assignments that end in the same second: how soon after it each access is gone, and that none goes early."""

import asyncio
import contextlib
import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.load import Grantline, run_round

COUNT = 200
LOOK_EVERY = 0.01
QUIET = timedelta(seconds=5)
"""How long the machine rests between the last delivery and the end."""

LONGEST = 120.0


@dataclass(frozen=True)
class Endings:
    """Seconds from the common end until each membership was seen gone; negative ones were early."""

    lags: list[float]

    @property
    def early(self) -> int:
        """Return how many went before their time."""
        return sum(lag < 0 for lag in self.lags)


async def measure(grantline: Grantline, database: Path, group_id: str) -> Endings:
    """Give access to `COUNT` people until one instant, and watch it go."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)) as record:

        def members() -> set[str]:
            query = "SELECT person_id FROM group_members WHERE group_id = ?"
            return {person for (person,) in record.execute(query, (group_id,))}

        others = members()
        # Twice what the slowest rate measured so far needs.
        ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=COUNT / 4) + QUIET
        await run_round(COUNT, 16, lambda number, timings: grantline.story(number, timings, ends_at))
        held, instant = members() - others, ends_at.timestamp()
        if len(held) != COUNT or time.time() > instant - 1:
            raise RuntimeError(f"{len(held)} of {COUNT} had access a second before its end; the machine is too busy")
        lags: list[float] = []
        while held and time.time() < instant + LONGEST:
            await asyncio.sleep(LOOK_EVERY)
            now, gone = time.time(), held - members()
            lags += [now - instant] * len(gone)
            held -= gone
    if held:
        raise RuntimeError(f"{len(held)} of {COUNT} still have access {LONGEST:.0f} s after its end")
    return Endings(lags)
