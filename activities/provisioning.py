"""Give and take access in target systems. Safe to repeat; retried by the workflow's policy."""

from collections.abc import Mapping
from datetime import datetime

from temporalio import activity

from activities.failures import as_temporal_failures
from grantline.ambient import utc_now
from grantline.connectors.base import Connectors
from grantline.model.briefing import Delivery, Ending
from grantline.persistence.database import Database
from grantline.services.assignments import at_once, provisioning


class Provisioning:
    """Bring the target systems to what the database wants."""

    def __init__(self, database: Database, connectors: Connectors) -> None:
        self._database = database
        self._connectors = connectors

    @activity.defn
    async def apply(self, grant_id: str) -> None:
        """Make one grant real or gone, whichever is wanted now; what the target refuses is final."""
        with as_temporal_failures():
            await provisioning.apply(self._database, self._connectors, grant_id)

    @activity.defn
    async def deliver_at_once(self, assignment_id: str) -> Delivery | Mapping[str, str] | None:
        """Give everything and put it on record, all or nothing; None if that takes a target system to be asked.

        Earlier histories have the failures alone.
        """
        with as_temporal_failures(never_final=True):
            failures = await at_once.deliver(self._database, self._connectors, assignment_id)
        return None if failures is None else Delivery(failures=failures, at=utc_now())

    @activity.defn
    async def end_at_once(self, assignment_id: str, at: datetime) -> Ending | None:
        """End what is due at `at` and take it back in one stroke; None if that takes a target system to be asked."""
        with as_temporal_failures(never_final=True):
            return await at_once.end(self._database, self._connectors, assignment_id, at)

    @activity.defn
    async def withdraw(self, grant_id: str) -> None:
        """Do the same as `apply`, but take no refusal for an answer: the access should be gone."""
        with as_temporal_failures(never_final=True):
            await provisioning.apply(self._database, self._connectors, grant_id, trusts_record=True)
