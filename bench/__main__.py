"""`make bench`: Grantline and bare Temporal, turn by turn, on the same server.

Prints a table and, with `--write`, puts it into README.md. Figures of one run
are compared with each other only; the machine is named because they mean
nothing without it.
"""

import argparse
import asyncio
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

import aiohttp
from temporalio.client import Client
from temporalio.service import GrpcCompression

from bench import readme
from bench.bare import TASK_QUEUE, BareWorkflow
from bench.endings import COUNT, Endings, measure
from bench.load import Grantline, Timings, Watcher, run_round
from bench.organisation import ADMINISTRATOR, Organisation, found
from grantline.ambient import new_id
from grantline.persistence import schema
from grantline.persistence.database import Database
from tests.stack import ROOT, Stack

CONCURRENCIES = (1, 16)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each, at each concurrency")
    parser.add_argument("--stories", type=int, default=160, help="requests in a turn at concurrency 16")
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    options = parser.parse_args()
    table = asyncio.run(_measure(options.rounds, options.stories))
    print(table)
    if options.write:
        readme.put("measured", table)
    # The SDK's threads abort an interpreter that ends at once (sdk-python #300).
    time.sleep(0.3)


async def _measure(rounds: int, stories: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        stack = Stack(home, f"sqlite:///{home / 'grantline.db'}", administrators=[ADMINISTRATOR])
        database = Database.connect(f"sqlite+aiosqlite:///{home / 'grantline.db'}")
        await schema.migrate(database)
        organisation = await found(database, home, reports=(rounds + 1) * stories * 2 + COUNT)
        await database.close()
        try:
            await stack.start("temporal", "api", "worker")
            async with _yardstick(stack) as client, _load(stack, organisation) as grantline:
                results = await _turns(client, grantline, rounds, stories)
                events = await _events(client, grantline.request_ids[:20], home / "grantline.db")
                endings = await measure(grantline, home / "grantline.db", organisation.group_id)
        finally:
            stack.stop()
    return _table(results, events, endings, stories * rounds)


async def _turns(client: Client, grantline: Grantline, rounds: int, stories: int) -> dict[int, tuple[Timings, Timings]]:
    async def bare(number: int, timings: Timings) -> None:
        del number
        began = time.perf_counter()
        handle = await client.start_workflow(BareWorkflow.run, id=f"bare-{new_id()}", task_queue=TASK_QUEUE)
        started = time.perf_counter()
        await handle.signal(BareWorkflow.say, "go")
        said = time.perf_counter()
        await handle.result()
        timings.start.append(started - began)
        timings.message.append(said - started)
        timings.done.append(time.perf_counter() - said)

    # Caches, pools and compiled paths are warm before anything counts.
    await run_round(stories // 4, 8, bare)
    await run_round(stories // 4, 8, grantline.story)
    results: dict[int, tuple[Timings, Timings]] = {}
    for concurrency in CONCURRENCIES:
        ours, theirs = Timings(), Timings()
        count = stories if concurrency > 1 else max(20, stories // 4)
        for _ in range(rounds):
            theirs.add(await run_round(count, concurrency, bare))
            ours.add(await run_round(count, concurrency, grantline.story))
        results[concurrency] = (ours, theirs)
    return results


@contextlib.asynccontextmanager
async def _yardstick(stack: Stack) -> AsyncIterator[Client]:
    worker = subprocess.Popen(  # noqa: ASYNC220  (starting is quick)
        [sys.executable, "-m", "bench.bare_worker", stack.temporal_address], cwd=ROOT, stdout=subprocess.PIPE
    )
    try:
        if worker.stdout is None or not await asyncio.to_thread(worker.stdout.readline):
            raise RuntimeError("the yardstick's worker did not start")
        yield await Client.connect(stack.temporal_address, grpc_compression=GrpcCompression.NONE)
    finally:
        worker.kill()
        worker.wait()


@contextlib.asynccontextmanager
async def _load(stack: Stack, organisation: Organisation) -> AsyncIterator[Grantline]:
    watcher = Watcher(stack.home / "grantline.db")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as session:
        watching = asyncio.create_task(watcher.run())
        try:
            yield Grantline(session, stack.url, organisation, watcher)
        finally:
            watching.cancel()


async def _events(client: Client, request_ids: list[str], database: Path) -> tuple[float, float]:
    """Return the median of history events per request: Grantline's two workflows, and the yardstick's."""
    import sqlite3  # noqa: PLC0415  (only here)

    with contextlib.closing(sqlite3.connect(database)) as connection:
        marks = ",".join("?" * len(request_ids))
        query = f"SELECT id, assignment_id FROM requests WHERE id IN ({marks})"  # noqa: S608  (marks are ?)
        pairs = connection.execute(query, request_ids).fetchall()

    async def length(workflow_id: str) -> int:
        return len((await client.get_workflow_handle(workflow_id).fetch_history()).events)

    ours = [await length(f"request-{request}") + await length(f"assignment-{held}") for request, held in pairs]
    handle = await client.start_workflow(BareWorkflow.run, id=f"bare-{new_id()}", task_queue=TASK_QUEUE)
    await asyncio.sleep(0.2)
    await handle.signal(BareWorkflow.say, "go")
    await handle.result()
    return median(ours), await length(handle.id)


def _table(
    results: dict[int, tuple[Timings, Timings]], events: tuple[float, float], endings: Endings, count: int
) -> str:
    lines = [
        f"{count} requests a row (submit, decide, delivered; one stage, one role), turn by turn with bare Temporal",
        "(start, one signal, two activities that do nothing) on the same server. API, worker, server and load share",
        f"{os.cpu_count()} cores: {_machine()}; store SQLite; Python {platform.python_version()}.",
        "",
        "| concurrency | figure | Grantline | bare Temporal | ratio |",
        "|---|---|---|---|---|",
    ]
    for concurrency, (ours, theirs) in results.items():
        rate = ours.per_second / theirs.per_second
        lines.append(
            f"| {concurrency} | requests per second | {ours.per_second:.1f} | {theirs.per_second:.1f} | {rate:.2f} |"
        )
        for label, mine, bare in (
            ("submit · start", ours.start, theirs.start),
            ("decide · signal", ours.message, theirs.message),
            ("decided → delivered · signalled → completed", ours.done, theirs.done),
        ):
            for share in (50, 95):
                a, b = _percentile(mine, share), _percentile(bare, share)
                lines.append(f"| {concurrency} | {label}, p{share} | {a:.1f} ms | {b:.1f} ms | {a / b:.2f} |")
    lines.append(
        f"| – | Temporal history events per request | {events[0]:g} | {events[1]:g} | {events[0] / events[1]:.2f} |"
    )
    p50, p95, last = (_percentile(endings.lags, share) for share in (50, 95, 100))
    gone = f"{p50:.0f} ms (p50), {p95:.0f} ms (p95), {last:.0f} ms (the last)"
    lines += [
        "",
        f"{COUNT} assignments that end in the same second: access is gone {gone} after it; {endings.early} early.",
    ]
    return "\n".join(lines)


def _percentile(seconds: list[float], share: int) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)] * 1000


def _machine() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
