"""Grants that are brought about while an assignment is held, each in its own time.

What is given has a limit, and its failures are handed over once everything that
was begun is done. What is taken back has none, and nobody waits for it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from grantline.model.briefing import GrantReference
from workflows.targets import Targets

T = TypeVar("T")
Act = Callable[[GrantReference], Coroutine[Any, Any, T]]


class Deliveries:
    """One task per grant. A grant that is named while it is at work is brought about once more after that."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._gifts: dict[str, asyncio.Task[str | None]] = {}
        self._withdrawals: dict[str, asyncio.Task[None]] = {}
        self._again: set[tuple[str, str]] = set()
        self._is_open = False

    def begin(self, gives: Iterable[GrantReference], takes: Iterable[GrantReference]) -> None:
        """Set to work on these; that there is an outcome to record is so even if there are none."""
        self._is_open = True
        # Whatever waits for somebody may be wanted no more: it looks before they say so.
        self._targets.look()
        for grant in gives:
            self._bring(self._gifts, grant, self._targets.give)
        for grant in takes:
            self._bring(self._withdrawals, grant, self._targets.revoke)

    @property
    def have_outcome(self) -> bool:
        """Tell whether everything that was to be given is given, or failed, and nobody was told."""
        return self._is_open and all(gift.done() for gift in self._gifts.values())

    @property
    def are_idle(self) -> bool:
        """Tell whether nothing is under way."""
        return not self._is_open and all(withdrawal.done() for withdrawal in self._withdrawals.values())

    def outcome(self) -> dict[str, str]:
        """Return why what failed did, by grant."""
        return {grant_id: reason for grant_id, gift in self._gifts.items() if (reason := gift.result())}

    def close(self) -> None:
        """Forget what was given: its outcome is on record."""
        self._gifts = {}
        self._is_open = False

    def stop(self) -> None:
        """Leave everything as it is: the assignment ends, and whoever ends it looks after all of its grants."""
        for task in (*self._gifts.values(), *self._withdrawals.values()):
            task.cancel()
        self._gifts, self._withdrawals, self._is_open = {}, {}, False

    def _bring(self, tasks: dict[str, asyncio.Task[T]], grant: GrantReference, act: Act[T]) -> None:
        known = tasks.get(grant.grant_id)
        if known is not None and not known.done():
            self._again.add((act.__name__, grant.grant_id))
        else:
            tasks[grant.grant_id] = asyncio.create_task(self._until_last(grant, act))

    async def _until_last(self, grant: GrantReference, act: Act[T]) -> T:
        """Act, and again for as long as somebody asked meanwhile; what came of the last time counts."""
        while True:
            outcome = await act(grant)
            if (act.__name__, grant.grant_id) not in self._again:
                return outcome
            self._again.discard((act.__name__, grant.grant_id))
