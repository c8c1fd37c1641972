"""Who listens for live updates in this process, and the one look at the trail that serves them all.

While somebody listens, one task reads what is new about once a second; with
nobody, nothing is read. What a listener has not been told yet is kept as one
sum, so whoever is slow costs no more than whoever is quick.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator

from fastapi.sse import format_sse_event
from pydantic_core import to_json

from grantline.errors import TooManyRequests, Unavailable
from grantline.model.news import ANYTHING, News
from grantline.model.person import Actor
from grantline.persistence.database import Database
from grantline.services.sending import feed
from grantline.services.sending.feed import Edition

LOOK_EVERY = 1.0
BEAT_EVERY = 15.0
LIFETIME = 300.0
"""After so many seconds a listener comes back, and is asked anew who they are."""

RETRY_MS = 3_000
MOST_LISTENERS = 2_000
MOST_OF_ONE = 8


class Listener:
    """One open stream: whose it is, and what it has not been told yet."""

    def __init__(self, actor: Actor, number: int, owed: News) -> None:
        self.actor = actor
        self.number = number
        self.is_over = False
        self._owed = owed
        self._woken = asyncio.Event()
        if owed:
            self._woken.set()

    def hear(self, edition: Edition) -> None:
        """Take note of what concerns this one; whose roles changed is to come back, and be asked anew who they are."""
        if self.is_over or edition.concern.asks_anew(self.actor):
            self.is_over = True
            self.wake()
            return
        self.number = edition.number
        news = edition.of(self.actor)
        if news:
            self._owed |= news
            self._woken.set()

    def wake(self) -> None:
        """End a wait."""
        self._woken.set()

    async def owed(self, patience: float) -> News:
        """Return what there is to tell, as soon as there is something, or nothing when patience ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._woken.wait()
        self._woken.clear()
        told, self._owed = self._owed, News()
        return told


class Live:
    """The listeners of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._somebody = asyncio.Event()
        self._number = 0
        self._is_serving = False

    @property
    def count(self) -> int:
        """Return how many listen."""
        return len(self._listeners)

    async def run(self) -> None:
        """Look for news while somebody listens, until cancelled."""
        self._is_serving = True
        try:
            while True:
                await self._somebody.wait()
                # A database that is away now has the same news later.
                with contextlib.suppress(Unavailable):
                    await self.look()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self.end()

    def end(self) -> None:
        """Let every stream end now: the process is going to."""
        self._is_serving = False
        for one in self._listeners:
            one.wake()

    async def look(self) -> None:
        """Read what is new, and let everybody have their part."""
        while self._listeners:
            edition = await feed.since(self._database, self._number)
            if edition.number == self._number:
                return
            self._number = edition.number
            for one in self._listeners:
                one.hear(edition)

    async def admit(self, actor: Actor, last: int | None) -> Listener:
        """Let somebody listen from here on; `last` is the event up to which they have heard already.

        Raises:
            TooManyRequests: they listen many times over.
            Unavailable: there are more listeners than this process takes, or no database.
        """
        if sum(one.actor.id == actor.id for one in self._listeners) >= MOST_OF_ONE:
            raise TooManyRequests(f"{MOST_OF_ONE} windows of yours are told of changes already.", retry_after=60)
        if len(self._listeners) >= MOST_LISTENERS:
            raise Unavailable("Too many are told of changes here already; ask for pages now and then instead.")
        if not self._listeners:
            number = await feed.position(self._database)
            # Meanwhile somebody else may have come, and news with them.
            self._number = self._number if self._listeners else number
        has_missed = last is not None and last < self._number
        listener = Listener(actor, self._number, ANYTHING if has_missed else News())
        self._listeners.add(listener)
        self._somebody.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)
        if not self._listeners:
            self._somebody.clear()

    async def stream(self, listener: Listener) -> AsyncGenerator[bytes]:
        """Tell a listener what is theirs, and in between that we are still here; each line says how far that goes."""
        ends_at = time.monotonic() + LIFETIME
        yield format_sse_event(event="hello", id=str(listener.number), retry=RETRY_MS, data_str="{}")
        while self._is_serving and not listener.is_over and time.monotonic() < ends_at:
            news = await listener.owed(BEAT_EVERY)
            told = _shown(news) if news else "{}"
            yield format_sse_event(event="changed" if news else "here", id=str(listener.number), data_str=told)


def _shown(news: News) -> str:
    return to_json(
        {
            "kinds": sorted(news.kinds),
            "requestIds": None if news.request_ids is None else sorted(news.request_ids),
            "assignmentIds": None if news.assignment_ids is None else sorted(news.assignment_ids),
        }
    ).decode()
