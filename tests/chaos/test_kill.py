"""Kill -9 of worker, API or Temporal, at any moment, during two hundred running requests.

What the API acknowledged reaches its right end: approved ones are delivered and
the group shows it, denied ones give nothing, and nothing is done twice to
another effect. A client that got no answer asks again with the same key.
"""

import asyncio
import random
from collections import Counter
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bench.organisation import Organisation
from grantline.persistence import audit
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, audit_events, grants, group_members, outbox, requests
from tests.chaos.conftest import Company
from tests.stack import Stack

BASE = "/v1.0/identityGovernance/entitlementManagement"
REQUESTS = 200
SETTLED_WITHIN = 150.0


class Client:
    """Somebody who does not give up: asks again when nobody answers, with the same key."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._base = url + BASE

    async def call(
        self, method: str, path: str, token: str, body: object = None, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        while True:
            try:
                async with self._session.request(
                    method, self._base + path, json=body, headers=headers, timeout=aiohttp.ClientTimeout(20)
                ) as response:
                    if response.status != 503:
                        return response.status, (await response.json() if response.status != 204 else {})
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.1)


@pytest.mark.timeout(300)
async def test_two_hundred_requests_survive_the_death_of_every_process(
    company: Company,
) -> None:
    stack, people, database = company.stack, company.people, company.database
    dice = random.Random(20261123)
    await stack.start("temporal", "api", "worker")
    verdicts: dict[str, str] = {}
    async with aiohttp.ClientSession() as session:
        client = Client(session, stack.url)
        killing = asyncio.create_task(_kill_at_random(stack, dice))
        stories = [_story(client, people, number, verdicts, dice.random()) for number in range(REQUESTS)]
        await asyncio.gather(*stories)
        await killing
    await _until_settled(database, stack)

    assert len(verdicts) == REQUESTS
    async with database.read() as tx:
        rows = {row.id: row for row in await tx.all(select(requests))}
        members = {row.person_id for row in await tx.all(select(group_members))}
        granted = Counter(
            row.object_id
            for row in await tx.all(select(audit_events.c.object_id).where(audit_events.c.type == "grant.granted"))
        )
        wanted = {row.id: row.person_id for row in await tx.all(select(grants).where(grants.c.is_wanted))}
        assert await audit.verify(tx) is None
    assert set(rows) == set(verdicts), "an acknowledged request is lost, or one was made twice"
    assert {id_: row.state for id_, row in rows.items()} == {
        id_: "delivered" if verdict == "Approve" else "denied" for id_, verdict in verdicts.items()
    }
    approved = {rows[id_].target_id for id_, verdict in verdicts.items() if verdict == "Approve"}
    assert members == approved, "the group shows exactly those who were approved"
    assert set(wanted.values()) == approved
    assert set(granted) == set(wanted), "each grant is on record"
    assert set(granted.values()) == {1}, "no grant is on record twice"


async def _story(client: Client, people: Organisation, number: int, verdicts: dict[str, str], patience: float) -> None:
    """Ask for one report and decide; acknowledged is what got its answer."""
    report = people.reports[number]
    await asyncio.sleep(patience * 15)
    body = {
        "requestType": "userAdd",
        "justification": "From the first day",
        "assignment": {"accessPackageId": people.package_id, "target": {"objectId": report.id}},
    }
    status, request = await client.call("POST", "/assignmentRequests", report.manager_token, body, key=f"ask-{number}")
    assert status == 201, request
    stages = f"/accessPackageAssignmentApprovals/{request['id']}/stages"
    status, found_stages = await client.call("GET", stages, people.approver_token)
    assert status == 200, found_stages
    verdict = "Deny" if number % 10 == 0 else "Approve"
    await asyncio.sleep(patience * 3)
    path = f"{stages}/{found_stages['value'][0]['id']}"
    status, answer = await client.call("PATCH", path, people.approver_token, {"reviewResult": verdict})
    # The first answer may have been lost with the process; then the decision stands already.
    assert status == 204 or answer["error"]["code"] == "alreadyDecided", answer
    verdicts[request["id"]] = verdict


async def _kill_at_random(stack: Stack, dice: random.Random) -> None:
    """Nine deaths, each process three times, each started again after a moment."""
    deaths = ["worker", "api", "temporal"] * 3
    dice.shuffle(deaths)
    for name in deaths:
        await asyncio.sleep(dice.uniform(0.5, 2))
        stack.kill(name)
        await asyncio.sleep(dice.uniform(0, 1))
        await stack.start(name)


async def _until_settled(database: Database, stack: Stack) -> None:
    """Wait until no request is open and nothing is owed."""
    async with asyncio.timeout(SETTLED_WITHIN):
        while True:
            async with database.read() as tx:
                count = select(func.count())
                open_requests = await tx.scalar(
                    count.select_from(requests).where(requests.c.state.in_(("pendingApproval", "delivering")))
                )
                holding = await tx.scalar(count.select_from(assignments).where(assignments.c.state == "delivering"))
                owed = await tx.scalar(count.select_from(outbox))
            if not (open_requests or holding or owed):
                return
            stack.assert_alive()
            await asyncio.sleep(0.2)
