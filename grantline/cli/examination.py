"""What `grantline doctor` looks at; each check is a sentence when all is well, and a SetupError when it is not."""

import difflib
import importlib.util
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import typer
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from grantline.bootstrap import connect_temporal
from grantline.cli.console import ready_database, run, shown
from grantline.cli.processes import ROOT
from grantline.errors import SetupError
from grantline.model.visibility import SEARCH_ATTRIBUTES
from grantline.settings import PREFIX, Settings

PATIENCE = timedelta(seconds=5)
MODULES = ("grantline", "activities", "workflows", "api", "worker")
# The Temporal SDK's threads abort an interpreter that ends while they do.
CALM_EXIT_SECONDS = 0.3

Check = Callable[[Settings], Awaitable[str]]


def examine(settings: Settings) -> bool:
    """Print a line for each check; tell whether all is well."""
    try:
        return run(_examine(settings))
    finally:
        time.sleep(CALM_EXIT_SECONDS)


async def _examine(settings: Settings) -> bool:
    is_well = True
    for check in CHECKS:
        try:
            typer.echo(f"good  {await check(settings)}")
        except SetupError as error:
            is_well = False
            typer.echo(f"bad   {error.message}")
    return is_well


async def _variables(settings: Settings) -> str:
    """Find variables that look like a setting but are none: a typing error is silent otherwise."""
    del settings
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = {name for name in os.environ if name.startswith(PREFIX)}
    strange = {name: difflib.get_close_matches(name, known, n=1) for name in sorted(given - known)}
    if strange:
        said = ", ".join(f"{name}{f' (meant {near[0]}?)' if near else ''}" for name, near in strange.items())
        raise SetupError(f"Variables that no setting has: {said}.")
    return f"Settings: {len(given)} given, all known."


async def _modules(settings: Settings) -> str:
    """Find another distribution's `api`, `worker` … in front of ours."""
    del settings
    for name in MODULES:
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin) if spec and spec.origin else None
        if origin is None or not origin.is_relative_to(ROOT):
            raise SetupError(f"The module {name!r} should be ours, in {ROOT}, but is {origin or 'missing'}.")
    return f"Program: all modules are of {ROOT}."


async def _database(settings: Settings) -> str:
    async with ready_database(settings):
        return f"{shown(settings)} answers and has the present schema."


async def _temporal(settings: Settings) -> str:
    async with _answers(settings) as client:
        found = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=settings.temporal_namespace), timeout=PATIENCE
        )
    if missing := sorted(set(SEARCH_ATTRIBUTES) - set(found.custom_attributes)):
        raise SetupError(
            f"Temporal's namespace {settings.temporal_namespace} lacks search attributes: {', '.join(missing)}; "
            "without them no workflow starts. Make them with `temporal operator search-attribute create`."
        )
    return f"Temporal at {settings.temporal_address} answers and knows our search attributes."


async def _worker(settings: Settings) -> str:
    question = DescribeTaskQueueRequest(
        namespace=settings.temporal_namespace,
        task_queue=TaskQueue(name=settings.temporal_task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    async with _answers(settings) as client:
        answer = await client.workflow_service.describe_task_queue(question, timeout=PATIENCE)
    if not answer.pollers:
        raise SetupError(f"No worker listens to task queue {settings.temporal_task_queue}; start `grantline worker`.")
    return f"Workers: {len(answer.pollers)} listen to task queue {settings.temporal_task_queue}."


@asynccontextmanager
async def _answers(settings: Settings) -> AsyncGenerator[Client]:
    try:
        yield await connect_temporal(settings)
    except (RPCError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise SetupError(f"Temporal at {settings.temporal_address} cannot be used: {reason}") from error


CHECKS: tuple[Check, ...] = (_variables, _modules, _database, _temporal, _worker)
