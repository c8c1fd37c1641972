"""Grants that are brought about while an assignment is held, each in its own time.

What is given has a limit, and its failures are handed over once everything that
was begun is done. What is taken back has none, and nobody waits for it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.provisioning import Provisioning
from grantline.model.briefing import GrantReference
from workflows.recorded import reason_of

T = TypeVar("T")
Act = Callable[[GrantReference], Coroutine[Any, Any, T]]

ONE_TRY = timedelta(minutes=2)

GIVE_UP_AFTER = timedelta(hours=6)
"""How long a target system may be away before delivery counts as failed."""

WHILE_GIVING = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
WHILE_TAKING = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=15))


async def give(grant: GrantReference) -> str | None:
    """Bring one grant about; return the reason if it failed for good or for too long."""
    try:
        await workflow.execute_activity_method(
            Provisioning.apply,
            grant.grant_id,
            start_to_close_timeout=ONE_TRY,
            schedule_to_close_timeout=GIVE_UP_AFTER,
            retry_policy=WHILE_GIVING,
            summary=f"grant {grant.summary}",
        )
    except ActivityError as failure:
        return reason_of(failure)
    return None


async def revoke(grant: GrantReference) -> None:
    """Take one grant back, unless it is needed otherwise."""
    # No attempt limit and no deadline: access that should be gone is worth retrying for ever.
    await workflow.execute_activity_method(
        Provisioning.withdraw,
        grant.grant_id,
        start_to_close_timeout=ONE_TRY,
        retry_policy=WHILE_TAKING,
        summary=f"revoke {grant.summary}",
    )


class Deliveries:
    """One task per grant. A grant that is named while it is at work is brought about once more after that."""

    def __init__(self) -> None:
        self._gifts: dict[str, asyncio.Task[str | None]] = {}
        self._withdrawals: dict[str, asyncio.Task[None]] = {}
        self._again: set[tuple[str, str]] = set()
        self._is_open = False

    def begin(self, gives: Iterable[GrantReference], takes: Iterable[GrantReference]) -> None:
        """Set to work on these; that there is an outcome to record is so even if there are none."""
        self._is_open = True
        for grant in gives:
            self._bring(self._gifts, grant, give)
        for grant in takes:
            self._bring(self._withdrawals, grant, revoke)

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
