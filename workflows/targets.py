"""One grant, brought about in its target system or taken back there, by a connector or by somebody's hand.

Giving by a connector has a limit. What is done by hand has none: whoever does it
says so, or refuses.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.provisioning import Provisioning
from grantline.model.briefing import GrantReference
from workflows.messages import short
from workflows.recorded import reason_of, waits_for_person

ONE_TRY = timedelta(minutes=2)

LOOK_AGAIN = timedelta(days=1)
"""After so long what waits for somebody is looked at again, should the word that they are done have been lost."""

GIVE_UP_AFTER = timedelta(hours=6)
"""How long a target system may be away before delivery counts as failed."""

WHILE_GIVING = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
WHILE_TAKING = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=15))


class Targets:
    """The target systems as one assignment's workflow reaches them; it hears when somebody did something by hand."""

    def __init__(self) -> None:
        self._looks = 0

    def look(self) -> None:
        """Have whatever waits for somebody look at the record again."""
        self._looks += 1

    async def give(self, grant: GrantReference) -> str | None:
        """Bring one grant about; return the reason if it failed for good or for too long."""
        summary = f"grant {grant.summary}"
        try:
            if grant.is_by_hand:
                await self._by_hand(Provisioning.apply, grant, WHILE_GIVING, summary=summary)
                return None
            await workflow.execute_activity_method(
                Provisioning.apply,
                grant.grant_id,
                start_to_close_timeout=ONE_TRY,
                schedule_to_close_timeout=GIVE_UP_AFTER,
                retry_policy=WHILE_GIVING,
                summary=summary,
            )
        except ActivityError as failure:
            return reason_of(failure)
        return None

    async def revoke(self, grant: GrantReference) -> None:
        """Take one grant back, unless it is needed otherwise."""
        summary = f"revoke {grant.summary}"
        if grant.is_by_hand:
            await self._by_hand(Provisioning.withdraw, grant, WHILE_TAKING, summary=summary)
            return
        # No attempt limit and no deadline: access that should be gone is worth retrying for ever.
        await workflow.execute_activity_method(
            Provisioning.withdraw,
            grant.grant_id,
            start_to_close_timeout=ONE_TRY,
            retry_policy=WHILE_TAKING,
            summary=summary,
        )

    async def _by_hand(
        self, method: Callable[..., Awaitable[None]], grant: GrantReference, policy: RetryPolicy, *, summary: str
    ) -> None:
        """Ask, and ask again when word comes that somebody did it; raise ActivityError if it is refused."""
        while True:
            seen = self._looks
            try:
                await workflow.execute_activity_method(
                    method,
                    args=[grant.grant_id],
                    start_to_close_timeout=ONE_TRY,
                    retry_policy=policy,
                    summary=summary,
                )
                return
            except ActivityError as failure:
                if not waits_for_person(failure):
                    raise
            with suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda seen=seen: self._looks > seen,
                    timeout=LOOK_AGAIN,
                    timeout_summary=short(f"by hand: {grant.summary}"),
                )
