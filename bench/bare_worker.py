"""The yardstick's worker, a process of its own: `python -m bench.bare_worker ADDRESS`."""

import asyncio
import sys

from temporalio.client import Client
from temporalio.service import GrpcCompression
from temporalio.worker import PollerBehaviorAutoscaling, UnsandboxedWorkflowRunner, Worker

from bench.bare import TASK_QUEUE, BareWorkflow, nothing


async def serve(address: str) -> None:
    """Run the yardstick's worker until killed."""
    client = await Client.connect(address, grpc_compression=GrpcCompression.NONE)
    worker = Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[BareWorkflow],
        activities=[nothing],
        workflow_runner=UnsandboxedWorkflowRunner(),
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        max_concurrent_workflow_tasks=32,
    )
    print("ready", flush=True)
    await worker.run()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
