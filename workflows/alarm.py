"""One absolute instant to wait for, kept across whatever else wakes the workflow."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

AGAIN = timedelta(seconds=1)

LONGEST_SLEEP = timedelta(days=3650)
"""Temporal refuses timers of a century; who waits that long wakes up now and then."""


class Alarm:
    """Rings once its instant has come. Setting it to the same instant again costs no second timer."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._timer: asyncio.Task[None] | None = None
        self._known: datetime | None = None
        self.rang = False

    def know(self, now: datetime) -> None:
        """Hear how late it is: the workflow's clock stands still while a step lasts, and a timer begins at its end."""
        self._known = now

    def set(self, at: datetime | None, summary: str = "") -> None:
        """Wait for `at`; None only stops waiting.

        An instant that rang already rings again after a second: whoever was
        woken by it is told by the database that it is not yet time.
        """
        if at == self._at and not self.rang:
            return
        not_before = workflow.now() + AGAIN if at == self._at else workflow.now()
        self.stop()
        self._at = at
        if at is not None:
            self._timer = asyncio.create_task(self._ring(max(at, not_before), summary))

    def stop(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._at, self._timer, self.rang = None, None, False

    async def _ring(self, at: datetime, summary: str) -> None:
        now = max(workflow.now(), self._known or workflow.now())
        while (left := at - now) > timedelta(0):
            await workflow.sleep(min(left, LONGEST_SLEEP), summary=summary)
            # What was heard may have been another clock's; this one decides.
            now = workflow.now()
        self.rang = True
