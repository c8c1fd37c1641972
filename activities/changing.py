"""Walk a change of a package along everybody who holds it. Safe to repeat: the record knows how far it has come."""

import asyncio
from datetime import timedelta

from temporalio import activity

from activities.failures import as_temporal_failures
from grantline.model.change import ChangeStep
from grantline.persistence.database import Database
from grantline.services.assignments import package_changes

PAUSE = timedelta(seconds=1)
"""How long to wait before looking again whether others have room."""


class Changing:
    """Changes of packages on their way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def advance(self, change_id: str) -> ChangeStep:
        """Look at the next page of holders, once what the last pages owe to Temporal has mostly gone out."""
        with as_temporal_failures(never_final=True):
            while await package_changes.is_crowded(self._database):
                activity.heartbeat()
                await asyncio.sleep(PAUSE.total_seconds())
            return await package_changes.advance(self._database, change_id)
