"""The load: managers ask for their reports over HTTP, approvers decide, and a clock runs."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from bench.organisation import Organisation

BASE = "/v1.0/identityGovernance/entitlementManagement"
LOOK_EVERY = 0.01
LONGEST_STORY = 60.0


@dataclass
class Timings:
    """Seconds each step took, and the wall time of the whole round."""

    start: list[float] = field(default_factory=list)
    message: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    @property
    def per_second(self) -> float:
        """Return how many whole stories ended per second."""
        return len(self.done) / self.elapsed

    def add(self, other: "Timings") -> None:
        """Take in another round."""
        self.start += other.start
        self.message += other.message
        self.done += other.done
        self.elapsed += other.elapsed


async def run_round(count: int, concurrency: int, story: Callable[[int, Timings], Awaitable[None]]) -> Timings:
    """Tell `count` stories, at most `concurrency` at a time."""
    timings = Timings()
    slots = asyncio.Semaphore(concurrency)

    async def one(number: int) -> None:
        async with slots:
            await story(number, timings)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    timings.elapsed = time.perf_counter() - began
    return timings


class Watcher:
    """Sees assignments become delivered, by looking at the record every ten milliseconds.

    Polling over HTTP would cost more than what is measured; the moment is the
    same, the row is written by the worker.
    """

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, isolation_level=None)
        self._waiting: dict[str, asyncio.Future[float]] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not self._waiting:
                continue
            marks = ",".join("?" * len(self._waiting))
            query = f"SELECT id FROM requests WHERE state = 'delivered' AND id IN ({marks})"  # noqa: S608  (marks are ?)
            now = time.perf_counter()
            for (request_id,) in self._connection.execute(query, tuple(self._waiting)).fetchall():
                self._waiting.pop(request_id).set_result(now)

    async def delivered(self, request_id: str) -> float:
        """Return when the request was seen delivered, on the performance counter."""
        future = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = future
        return await asyncio.wait_for(future, LONGEST_STORY)


class Grantline:
    """A running Grantline as its users see it."""

    def __init__(self, session: aiohttp.ClientSession, url: str, organisation: Organisation, watcher: Watcher) -> None:
        self._session = session
        self._base = url + BASE
        self._organisation = organisation
        self._watcher = watcher
        self._next = 0
        self.request_ids: list[str] = []

    async def story(self, number: int, timings: Timings, ends_at: datetime | None = None) -> None:
        """Ask for the next report who has nothing yet, approve, and wait until it is delivered."""
        del number
        report = self._organisation.reports[self._next]
        self._next += 1
        body: dict[str, Any] = {
            "requestType": "userAdd",
            "justification": "Needed from the first day",
            "assignment": {
                "accessPackageId": self._organisation.package_id,
                "assignmentPolicyId": self._organisation.policy_id,
                "target": {"objectId": report.id},
            },
        }
        if ends_at is not None:
            body["schedule"] = {"expiration": {"type": "afterDateTime", "endDateTime": ends_at.isoformat()}}
        began = time.perf_counter()
        answer = await self._call("POST", "/assignmentRequests", report.manager_token, body)
        timings.start.append(time.perf_counter() - began)
        request_id = answer["id"]
        self.request_ids.append(request_id)
        approvals = f"/accessPackageAssignmentApprovals/{request_id}/stages"
        stages = await self._call("GET", approvals, self._organisation.approver_token)
        decision = {"reviewResult": "Approve", "justification": "Fine"}
        path = f"{approvals}/{stages['value'][0]['id']}"
        began = time.perf_counter()
        await self._call("PATCH", path, self._organisation.approver_token, decision)
        decided = time.perf_counter()
        timings.message.append(decided - began)
        timings.done.append(await self._watcher.delivered(request_id) - decided)

    async def _call(self, method: str, path: str, token: str, body: object = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.request(method, self._base + path, json=body, headers=headers) as response:
            if response.status >= 300:
                raise RuntimeError(f"{method} {path}: {response.status} {await response.text()}")
            return await response.json() if response.status != 204 else {}
