"""The life of what empties an outbox in the background of a worker: sweep, rest a second, sweep again."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

logger = logging.getLogger(__name__)

BATCH = 20
"""How many rows a sweep takes at most."""

SWEEP_EVERY = timedelta(seconds=1)

TO_FINISH = timedelta(seconds=10)
"""How long the row in hand may take when the process is asked to stop."""


class Sweeper(ABC):
    """Sweeps until stopped, whatever it meets. Rows that a failed sweep held come back by themselves.

    `what` is sent, and its trouble is said once, as is the end of it.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._stopping = asyncio.Event()
        self._is_well = True

    @abstractmethod
    async def sweep(self) -> int:
        """Send one batch of what is due; return how many rows were taken."""

    @asynccontextmanager
    async def at_work(self) -> AsyncGenerator[None]:
        """Sweep in the background for as long as the context lasts, then finish the row in hand."""
        working = asyncio.create_task(self.run())
        try:
            yield
        finally:
            self._stopping.set()
            await asyncio.wait([working], timeout=TO_FINISH.total_seconds())
            working.cancel()
            await asyncio.wait([working])

    async def run(self) -> None:
        """Sweep until stopped."""
        while not self._stopping.is_set():
            if not await self._swept():
                await self._rest()

    async def _swept(self) -> bool:
        """Sweep; tell whether there may be more to send at once."""
        try:
            taken = await self.sweep()
        except Exception as error:  # noqa: BLE001  (the sender outlives whatever it meets; rows it held come back)
            self._note(f"{self._what} cannot be sent: {type(error).__name__}: {error}")
            return False
        return taken == BATCH

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(SWEEP_EVERY.total_seconds()):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _note(self, trouble: str | None) -> None:
        """Say once that nothing goes out, and once that it does again."""
        if trouble is not None and self._is_well:
            logger.warning("%s %s waits in its outbox.", trouble, self._what.capitalize())
        elif trouble is None and not self._is_well:
            logger.info("%s goes out again", self._what)
        self._is_well = trouble is None


def growing(first: timedelta, attempts: int, longest: timedelta) -> timedelta:
    """Return a pause that doubles with each attempt, up to the longest."""
    return min(first * 2 ** min(attempts, 16), longest)
