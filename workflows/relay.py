"""Brings what the outbox owes to Temporal: at once if it can, until it is there in any case.

`send` is the fast way, right after the transaction that wrote the messages; `run`
sweeps up what was left over, by this process or another. Any number of relays may
run: starts have fixed ids, and hearing a signal twice is safe. Messages about one
subject go in order; one that fails leaves those behind it to a sweep.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from grantline.errors import Unavailable
from grantline.model.message import Message
from workflows.courier import Courier, OutboxStore
from workflows.messages import TASK_QUEUE

logger = logging.getLogger(__name__)

CONCURRENCY = 32
BATCH = 200

MAX_IN_HAND = 2_000
"""What is more than this waits in the outbox, not in memory."""

ONE_DELIVERY = timedelta(seconds=3)

GATHERING = timedelta(milliseconds=20)
"""How long delivered messages are gathered, to be struck off in one transaction."""

SWEEP_EVERY = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=5)

DOWN = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class Relay:
    """Delivers messages of the outbox. One per process; nothing is lost when it dies."""

    def __init__(self, outbox: OutboxStore, client: Client, *, task_queue: str = TASK_QUEUE) -> None:
        self._outbox = outbox
        self._client = client
        self._courier = Courier(outbox, client, task_queue)
        self._slots = asyncio.Semaphore(CONCURRENCY)
        self._lanes: dict[str, deque[Message]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._in_hand: set[str] = set()
        self._done: list[str] = []
        self._striking: asyncio.Task[None] | None = None
        self._count = 0
        self._temporal = _Party("Temporal")
        self._record = _Party("The database")

    def send(self, messages: Sequence[Message]) -> None:
        """Take messages that were just written, and return at once. What cannot go now is left to a sweep."""
        if self._temporal.is_up and len(self._in_hand) + len(messages) <= MAX_IN_HAND:
            for message in messages:
                self._take(message)

    async def run(self) -> None:
        """Sweep until cancelled; less often while Temporal or the database is away."""
        pause = SWEEP_EVERY
        while True:
            if not self._temporal.is_up:
                await self._knock()
            while self._temporal.is_up and await self._sweep():
                pass
            is_well = self._temporal.is_up and self._record.is_up
            pause = SWEEP_EVERY if is_well else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause.total_seconds())

    async def drain(self) -> None:
        """Wait until everything in hand is delivered and struck off, or left to a sweep."""
        while busy := [*self._workers.values(), *([self._striking] if self._striking else [])]:
            await asyncio.wait(busy)

    async def _knock(self) -> None:
        with suppress(RPCError, RuntimeError, TimeoutError):
            async with asyncio.timeout(ONE_DELIVERY.total_seconds()):
                await self._client.service_client.check_health()
            self._temporal.answered()

    async def _sweep(self) -> bool:
        """Deliver one batch of what is due; tell whether there may be more."""
        try:
            messages = await self._outbox.due(BATCH)
        except Exception as error:  # noqa: BLE001  (a sweep outlives whatever it meets, a schema not yet migrated too)
            self._record.failed(error)
            return False
        self._record.answered()
        before = self._count
        fresh = [message for message in messages if message.id not in self._in_hand]
        for message in fresh:
            self._take(message)
        if busy := [self._workers[subject] for m in fresh if (subject := m.subject_id) in self._workers]:
            await asyncio.wait(busy)
        return len(messages) == BATCH and self._count > before

    def _take(self, message: Message) -> None:
        if message.id in self._in_hand:
            return
        self._in_hand.add(message.id)
        lane = self._lanes.setdefault(message.subject_id, deque())
        lane.append(message)
        if message.subject_id not in self._workers:
            self._workers[message.subject_id] = asyncio.create_task(self._work_off(message.subject_id, lane))

    async def _work_off(self, subject_id: str, lane: deque[Message]) -> None:
        """Deliver a subject's messages in order, and stop at the first that cannot go now."""
        try:
            while lane and await self._deliver(lane[0]):
                lane.popleft()
        finally:
            self._in_hand.difference_update(message.id for message in lane)
            del self._lanes[subject_id], self._workers[subject_id]

    async def _deliver(self, message: Message) -> bool:
        async with self._slots:
            if not self._temporal.is_up:
                return False
            try:
                async with asyncio.timeout(ONE_DELIVERY.total_seconds()):
                    await self._courier.deliver(message)
            except Unavailable as error:
                self._record.failed(error)
                return False
            except Exception as error:  # noqa: BLE001  (whatever one message provokes must not stop the others)
                await self._put_off(message, error)
                return False
        self._strike_off(message)
        return True

    async def _put_off(self, message: Message, error: Exception) -> None:
        if _means_down(error):
            self._temporal.failed(error)
        else:
            logger.warning("message %s about %s was not taken: %s", message.id, message.subject_id, error)
        try:
            await self._outbox.postpone(message, f"{type(error).__name__}: {error}")
        except Exception as also:  # noqa: BLE001  (the row stays due, whatever the record's trouble is)
            self._record.failed(also)

    def _strike_off(self, message: Message) -> None:
        self._count += 1
        self._done.append(message.id)
        if self._striking is None:
            self._striking = asyncio.create_task(self._strike_off_together())

    async def _strike_off_together(self) -> None:
        try:
            while self._done:
                await asyncio.sleep(GATHERING.total_seconds())
                ids, self._done = self._done, []
                try:
                    await self._outbox.delivered(ids)
                except Exception as error:  # noqa: BLE001  (the rows stay, and being delivered twice is harmless)
                    self._record.failed(error)
                finally:
                    self._in_hand.difference_update(ids)
        finally:
            self._striking = None


class _Party:
    """Somebody the relay needs. Says so once when they go, and once when they are back."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.is_up = True

    def failed(self, error: Exception) -> None:
        if self.is_up:
            logger.warning("%s does not answer; messages wait in the outbox (%s)", self._name, error)
        self.is_up = False

    def answered(self) -> None:
        if not self.is_up:
            logger.info("%s is back; what waited in the outbox goes on", self._name)
        self.is_up = True


def _means_down(error: Exception) -> bool:
    """Tell whether Temporal is away. A lazy client that cannot connect says RuntimeError."""
    return isinstance(error, TimeoutError | RuntimeError) or (isinstance(error, RPCError) and error.status in DOWN)
