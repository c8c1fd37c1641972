"""A worker as every process runs it: the options, the relay beside it, and the patience at its start."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import PollerBehaviorAutoscaling, Replayer, Worker

from grantline.payloads import DATA_CONVERTER
from workflows.access_request import AccessRequestWorkflow
from workflows.assignment import AssignmentWorkflow
from workflows.correction import CorrectionWorkflow
from workflows.courier import OutboxStore
from workflows.doorkeeper import Doorkeeper
from workflows.messages import TASK_QUEUE
from workflows.package_change import PackageChangeWorkflow
from workflows.relay import Relay
from workflows.sandbox import runner
from workflows.schedules import Rhythm, establish
from workflows.upkeep import DriftWorkflow, HousekeepingWorkflow

logger = logging.getLogger(__name__)
T = TypeVar("T")

WORKFLOWS = [
    AccessRequestWorkflow,
    AssignmentWorkflow,
    PackageChangeWorkflow,
    CorrectionWorkflow,
    HousekeepingWorkflow,
    DriftWorkflow,
]

# Each poller holds a slot while it waits, and new workflows wait for the few that do not serve running ones: with
# eight slots a first task waited for most of a second. Far more would trip the deadlock detector after a restart,
# when every task is a replay and all of them share one interpreter.
WORKFLOW_TASKS = 32
ACTIVITIES = 100
CACHED_WORKFLOWS = 1000

TO_FINISH = timedelta(seconds=10)
"""How long activities may go on when the process is asked to stop."""

TO_DELIVER = timedelta(seconds=5)
FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=5)


def build_worker(
    client: Client, activities: Sequence[Callable[..., Any]], *, task_queue: str = TASK_QUEUE, guarded: bool = False
) -> Worker:
    """Return a worker that serves every workflow and these activities (`activities.doors`).

    Tests are `guarded`: workflows/sandbox.py says why.
    """
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=activities,
        workflow_runner=runner(guarded=guarded),
        interceptors=[Doorkeeper()],
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        max_concurrent_workflow_tasks=WORKFLOW_TASKS,
        max_concurrent_activities=ACTIVITIES,
        max_cached_workflows=CACHED_WORKFLOWS,
        graceful_shutdown_timeout=TO_FINISH,
    )


def build_replayer() -> Replayer:
    """Return a replayer that reads histories as a worker would."""
    return Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner(guarded=True),
        interceptors=[Doorkeeper()],
        data_converter=DATA_CONVERTER,
    )


async def work(
    client: Client, activities: Sequence[Callable[..., Any]], outbox: OutboxStore, *, task_queue: str, rhythm: Rhythm
) -> None:
    """Run a worker, and a relay beside it, until cancelled; then let both finish what they hold.

    Schedules are seen to beside that: a Temporal that refuses them does not keep anybody waiting.
    """
    relay = Relay(outbox, client, task_queue=task_queue)
    outbox.tell(relay.send)
    async with build_worker(client, activities, task_queue=task_queue):
        sweeping = asyncio.create_task(relay.run())
        scheduling = asyncio.create_task(
            patiently("schedules", lambda: establish(client, rhythm, task_queue=task_queue), (RPCError,))
        )
        logger.info("the worker serves task queue %s", task_queue)
        try:
            await sweeping
        finally:
            sweeping.cancel()
            scheduling.cancel()
            with suppress(TimeoutError):
                async with asyncio.timeout(TO_DELIVER.total_seconds()):
                    await relay.drain()


async def require_namespace(client: Client) -> None:
    """Raise RPCError unless the client's namespace is there; a worker without one would end at once."""
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))


async def patiently(what: str, attempt: Callable[[], Awaitable[T]], waits_for: tuple[type[Exception], ...]) -> T:
    """Return what `attempt` returns, however often it fails with one of `waits_for`; say so once."""
    pause = FIRST_PAUSE
    is_first = True
    while True:
        try:
            result = await attempt()
        except waits_for as error:
            if is_first:
                logger.warning("waiting for %s: %s", what, error)
            is_first = False
            await asyncio.sleep(pause.total_seconds())
            pause = min(pause * 2, LONGEST_PAUSE)
            continue
        if not is_first:
            logger.info("%s is there", what)
        return result
