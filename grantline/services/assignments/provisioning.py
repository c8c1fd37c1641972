"""Bring one grant to its target system, whatever happened before.

`apply` is level-triggered: it reads what is wanted now and makes it so. It may
be called at any time, by anyone, twice at once, and again after a crash.

    read ─► look ─► take the lease, ─► act ─► verify ─► record applied_version,
                    record existed_before               give the lease back
      ▲                                                       │
      └────────── the version moved, or the lease was lost ◄──┘

A fresh grant costs one read and two small writes. Why each crash heals:

- **before the lease**: nothing happened, nobody knows.
- **after the lease, before or after the act**: `existed_before` is on record,
  written before our first act, so the next run never takes our own grant for
  one that was there before us. `applied_version` is not, so the next run, once
  the lease is over, acts again; acts are idempotent.
- **after the act failed**: the same; `last_error` says why, the trail says so
  once for each different reason.

Looking happens before the lease is taken, which is safe because the lease is
only given while the version is the one that was read and `existed_before` is
still empty: every act is preceded by filling it, and it is emptied only together
with a new version (`grants.owe`).

The lease keeps two workers from acting at once, which a clock cannot promise:
a worker may stall and act late. So whoever finds its lease gone when it wants to
record has acted at a time that was not its own. It cannot know what became of
that; it raises the version, so that everything it may have upset is done again.
What a worker that was *killed* had on the wire has `LEASE - ONE_TRY` to land.
A call that got no answer keeps its lease for the same reason.

No act is needed where the person held the role before us, or where nobody began
to give it: such a grant is settled by one write, without a lease.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from grantline.ambient import new_id, utc_now
from grantline.connectors.base import Connector, Connectors, connector_for
from grantline.errors import ConnectorError, TryAgain, WaitsForPerson
from grantline.model.event import EventType
from grantline.persistence import grant_states
from grantline.persistence.database import Database, Transaction
from grantline.persistence.grant_states import GrantState
from grantline.services import trail

LEASE = timedelta(seconds=30)
"""How long a worker has a grant for itself."""

ONE_TRY = timedelta(seconds=20)
"""How long the calls under one lease, or one look without, may take together."""

BUSY = timedelta(seconds=1)
"""How long to stay away, at most, while another worker has the lease."""

MOST_ROUNDS = 5
"""After how many changes of mind in a row the caller is asked to come back."""


async def apply(
    db: Database,
    connectors: Connectors,
    grant_id: str,
    *,
    trusts_record: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Make the target system show what is wanted of this grant; return once it does.

    What is on record as given is looked at again, and given again if it is gone,
    unless the caller `trusts_record`.

    Raises:
        TryAgain: the target is busy or away, another worker is at it, or what is wanted changes too fast.
        TargetRefused: the target will never do this as asked.
        Unavailable: the database is away.
    """
    for _ in range(MOST_ROUNDS):
        async with db.read() as tx:
            state = await grant_states.state_of(tx, grant_id)
        if state.is_applied and (trusts_record or not state.is_wanted):
            return
        if await _Round(db, connectors, state, clock).run():
            return
    raise TryAgain(f"What is wanted of grant {grant_id} kept changing.", after=BUSY)


@dataclass(frozen=True, slots=True)
class _Round:
    """One way through the diagram above, for a grant as it was read."""

    db: Database
    connectors: Connectors
    state: GrantState
    clock: Callable[[], datetime]

    async def run(self) -> bool:
        """Do it; return False if the grant must be read again."""
        state = self.state
        self._stay_away_while_leased()
        if not state.is_wanted and state.existed_before is not False:
            event = EventType.GRANT_KEPT if state.existed_before else None
            return await self._settle(event, existed_before=state.existed_before)
        async with self._recording_failure(lease_id=None):
            connector = connector_for(self.connectors, state.entitlement.origin_system)
        if state.is_applied or state.existed_before is None:
            held = await self._look(connector)
            if held:
                return state.is_applied or await self._settle(EventType.GRANT_GRANTED, existed_before=True)
            if state.is_applied:
                return await self._give_again()
        return await self._act(connector)

    def _stay_away_while_leased(self) -> None:
        until, now = self.state.leased_until, self.clock()
        if until is not None and until > now:
            raise TryAgain(f"{self.state.summary}: another worker is at it.", after=min(until - now, BUSY))

    async def _look(self, connector: Connector) -> bool:
        async with self._recording_failure(lease_id=None):
            return await connector.holds(self.state.entitlement)

    async def _settle(self, event: EventType | None, *, existed_before: bool | None) -> bool:
        """Record what needs no act."""
        async with self.db.write() as tx:
            now = self.clock()
            took = await grant_states.settle(tx, self.state, existed_before=existed_before, now=now)
            if took and event is not None:
                self._audit(tx, event, existedBefore=existed_before)
        return took

    async def _give_again(self) -> bool:
        """Somebody took away what we had given; whatever was there before us is gone as well."""
        async with self.db.write() as tx:
            await grant_states.reopen(tx, self.state, is_ours=True)
        return False

    async def _act(self, connector: Connector) -> bool:
        """Act under a lease and verify; return whether that settles the grant."""
        state, lease_id, now = self.state, new_id(), self.clock()
        before = state.existed_before or False
        async with self.db.write() as tx:
            if not await grant_states.take_lease(tx, state, lease_id, now + LEASE, existed_before=before, now=now):
                return False
        async with self._recording_failure(lease_id):
            account_id = await self._bring(connector)
        async with self.db.write() as tx:
            version = await grant_states.record_applied(tx, state, lease_id, account_id=account_id)
            if version is None:
                await self._reopen(tx)
            else:
                given = EventType.GRANT_GRANTED if state.is_wanted else EventType.GRANT_REVOKED
                self._audit(tx, given, existedBefore=before)
        return version == state.version

    async def _bring(self, connector: Connector) -> str | None:
        """Grant or revoke, and look whether it is so; return the account that has it now."""
        entitlement = self.state.entitlement
        if self.state.is_wanted:
            entitlement = replace(entitlement, account_id=await connector.grant(entitlement))
        else:
            await connector.revoke(entitlement)
        if await connector.holds(entitlement) is not self.state.is_wanted:
            said, shown = ("granted", "not yet") if self.state.is_wanted else ("revoked", "still")
            raise TryAgain(f"{self.state.summary}: {entitlement.origin_system} {said} it, but shows it {shown}.")
        return entitlement.account_id if self.state.is_wanted else None

    async def _reopen(self, tx: Transaction) -> None:
        # Our lease ran out, so we may have acted after somebody else. If we gave
        # what was not there, then what is found there now is ours, not older.
        is_ours = self.state.is_wanted and not self.state.existed_before
        await grant_states.reopen(tx, self.state, is_ours=is_ours)

    @asynccontextmanager
    async def _recording_failure(self, lease_id: str | None) -> AsyncGenerator[None]:
        """Bound the calls within, and put on record why they failed."""
        try:
            async with asyncio.timeout(ONE_TRY.total_seconds()):
                yield
        except TimeoutError as error:
            system, seconds = self.state.entitlement.origin_system, int(ONE_TRY.total_seconds())
            unanswered = TryAgain(f"{self.state.summary}: {system} did not answer within {seconds} seconds.")
            # What was asked may still happen, so the lease is kept until it runs out.
            await self._record_failure(unanswered, lease_id=None)
            raise unanswered from error
        except ConnectorError as error:
            await self._record_failure(error, lease_id)
            raise

    async def _record_failure(self, error: ConnectorError, lease_id: str | None) -> None:
        if lease_id is None and self.state.last_error == error.message:
            return
        async with self.db.write() as tx:
            is_new = await grant_states.record_error(tx, self.state, error.message)
            # What waits for somebody has not failed; the task has events of its own.
            if is_new and not isinstance(error, WaitsForPerson):
                self._audit(tx, EventType.GRANT_FAILED, reason=error.message, code=error.code)
            if lease_id is not None and not await grant_states.give_back(tx, self.state, lease_id):
                await self._reopen(tx)

    def _audit(self, tx: Transaction, type_: EventType, reason: str | None = None, **details: Any) -> None:
        tx.audit(trail.about_grant(self.state, type_, self.clock(), reason=reason, **details))
