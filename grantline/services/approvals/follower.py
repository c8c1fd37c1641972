"""Has open stages follow the directory, in the background of a worker, for whatever nobody followed at once.

An import, an account that a target system's package put into a group of
approvers, a change whose process died: its row waits, and a worker sees it
within a second. Any number of followers may run.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

from grantline.persistence.database import Database
from grantline.services.approvals import rerouting

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)
TO_FINISH = timedelta(seconds=10)
"""How long the stage in hand may take when the process is asked to stop."""


class Follower:
    """Looks for changes of the directory; the workflows' messages wait in the outbox for a relay."""

    def __init__(self, database: Database, administrators: Collection[str]) -> None:
        self._database = database
        self._administrators = administrators
        self._is_well = True

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        """Follow for as long as the context lasts."""
        working = asyncio.create_task(self._run())
        try:
            yield
        finally:
            working.cancel()
            await asyncio.wait([working], timeout=TO_FINISH.total_seconds())

    async def _run(self) -> None:
        while True:
            try:
                await rerouting.follow(self._database, administrators=self._administrators)
                self._is_well = True
            except Exception as error:  # noqa: BLE001  (it outlives whatever it meets; what changed waits)
                if self._is_well:
                    logger.warning("open stages cannot follow the directory: %s: %s", type(error).__name__, error)
                self._is_well = False
            await asyncio.sleep(LOOK_EVERY.total_seconds())
