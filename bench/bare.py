"""Bare Temporal: start, one message, two activities that do nothing.

The yardstick. Nothing of Grantline is in it, and nothing that Temporal would
do for free is left out: same server, same task pollers, no sandbox on
either side, the worker in a process of its own (bare_worker.py).
"""

from datetime import timedelta

from temporalio import activity, workflow

TASK_QUEUE = "bench-bare"


@activity.defn
async def nothing() -> None:
    """Do nothing."""


@workflow.defn
class BareWorkflow:
    """Wait for a word, then do nothing twice."""

    def __init__(self) -> None:
        self.word: str | None = None

    @workflow.run
    async def run(self) -> str:
        """Return the word."""
        await workflow.wait_condition(lambda: self.word is not None)
        for _ in range(2):
            await workflow.execute_activity(nothing, start_to_close_timeout=timedelta(seconds=10))
        return self.word or ""

    @workflow.signal
    def say(self, word: str) -> None:
        """Hear the word."""
        self.word = word
