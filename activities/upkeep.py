"""Look again and again, unasked: whether a workflow is missing, what has drifted, what can be thrown away."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import as_temporal_failures
from grantline.ambient import utc_now
from grantline.connectors.base import Connectors
from grantline.model.upkeep import DriftStep, LossStep, Mark, Subject
from grantline.persistence.database import Database
from grantline.services.assignments import drift
from grantline.services.sending import reconciliation

AT_ONCE = 10
"""How many workflows Temporal is asked about at the same time."""

PAUSE = timedelta(seconds=1)

LOST = frozenset(
    {
        WorkflowExecutionStatus.TERMINATED,
        WorkflowExecutionStatus.FAILED,
        WorkflowExecutionStatus.TIMED_OUT,
        WorkflowExecutionStatus.CANCELED,
    }
)


class Upkeep:
    """What schedules have done."""

    def __init__(self, database: Database, connectors: Connectors) -> None:
        self._database = database
        self._connectors = connectors

    @activity.defn
    async def find_lost(self, mark: Mark) -> LossStep:
        """Look at the next things that must have a workflow, and have those begin again that have none."""
        with as_temporal_failures():
            while await reconciliation.is_crowded(self._database):
                activity.heartbeat()
                await asyncio.sleep(PAUSE.total_seconds())
            subjects, further = await reconciliation.page(self._database, mark)
            lost = await _lost(activity.client(), subjects)
            await reconciliation.revive(self._database, lost)
        return LossStep(mark=further, looked=len(subjects), lost=len(lost))

    @activity.defn
    async def find_lost_changes(self) -> LossStep:
        """Do the same for changes of packages."""
        with as_temporal_failures():
            subjects = await reconciliation.unfinished_changes(self._database)
            lost = await _lost(activity.client(), subjects)
            await reconciliation.revive_changes(self._database, lost)
        return LossStep(mark=None, looked=len(subjects), lost=len(lost))

    @activity.defn
    async def purge_mail(self, kept_days: int) -> None:
        """Throw away mail that was sent, or given up, longer ago than that."""
        with as_temporal_failures():
            while await reconciliation.purge_mail(self._database, utc_now() - timedelta(days=kept_days)):
                activity.heartbeat()

    @activity.defn
    async def target_systems(self) -> list[str]:
        """Name the target systems that are set up."""
        return sorted(self._connectors)

    @activity.defn
    async def check_drift(self, origin_system: str, after: str) -> DriftStep:
        """Look at the next grants in a target system."""
        with as_temporal_failures():
            return await drift.check(self._database, self._connectors, origin_system, after)


async def _lost(client: Client, subjects: Sequence[Subject]) -> list[Subject]:
    """Return whom Temporal has no workflow for. What it lists as running is believed; about the others it is asked."""
    if not subjects:
        return []
    names = ", ".join(f"'{one.workflow_id}'" for one in subjects)
    query = f"ExecutionStatus = 'Running' AND WorkflowId IN ({names})"
    running = {found.id async for found in client.list_workflows(query)}
    slots = asyncio.Semaphore(AT_ONCE)
    doubtful = [one for one in subjects if one.workflow_id not in running]
    answers = await asyncio.gather(*(_is_lost(client, one.workflow_id, slots) for one in doubtful))
    return [one for one, is_lost in zip(doubtful, answers, strict=True) if is_lost]


async def _is_lost(client: Client, workflow_id: str, slots: asyncio.Semaphore) -> bool:
    async with slots:
        activity.heartbeat()
        try:
            status = (await client.get_workflow_handle(workflow_id).describe()).status
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return True
    if status is WorkflowExecutionStatus.COMPLETED:
        activity.logger.warning("workflow %s has completed, but the record has its subject open", workflow_id)
    return status in LOST
