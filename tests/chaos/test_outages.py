"""While a part is away the others answer at once, and all is made up for when it is back."""

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select

from bench.organisation import ADMINISTRATOR, Organisation, found
from grantline.persistence import schema
from grantline.persistence.database import Database
from grantline.persistence.tables import group_members, requests
from tests.chaos.conftest import Company
from tests.postgres import Postgres, url_of
from tests.stack import Stack

BASE = "/v1.0/identityGovernance/entitlementManagement"
AT_ONCE = 1.5
"""Seconds; far below any time-out of a client that waits for Temporal."""


async def _call(
    session: aiohttp.ClientSession, stack: Stack, method: str, path: str, token: str, body: object = None
) -> tuple[int, dict[str, Any], dict[str, str]]:
    headers = {"Authorization": f"Bearer {token}"}
    async with session.request(method, stack.url + BASE + path, json=body, headers=headers) as response:
        answer = await response.json() if response.status != 204 else {}
        return response.status, answer, dict(response.headers)


async def _ask_and_approve(stack: Stack, people: Organisation, number: int) -> str:
    """Submit and decide, each answered at once; return the request's id."""
    report = people.reports[number]
    body = {
        "requestType": "userAdd",
        "justification": "From the first day",
        "assignment": {"accessPackageId": people.package_id, "target": {"objectId": report.id}},
    }
    async with aiohttp.ClientSession() as session:
        began = time.monotonic()
        status, request, _ = await _call(session, stack, "POST", "/assignmentRequests", report.manager_token, body)
        assert status == 201, request
        assert time.monotonic() - began < AT_ONCE
        stages = f"/accessPackageAssignmentApprovals/{request['id']}/stages"
        _, found_stages, _ = await _call(session, stack, "GET", stages, people.approver_token)
        began = time.monotonic()
        path = f"{stages}/{found_stages['value'][0]['id']}"
        status, answer, _ = await _call(
            session, stack, "PATCH", path, people.approver_token, {"reviewResult": "Approve"}
        )
        assert status == 204, answer
        assert time.monotonic() - began < AT_ONCE
    return request["id"]


async def _until_delivered(company: Company, *request_ids: str) -> None:
    async with asyncio.timeout(60):
        while True:
            async with company.database.read() as tx:
                states = await tx.all(select(requests.c.state).where(requests.c.id.in_(request_ids)))
            if [row.state for row in states] == ["delivered"] * len(request_ids):
                return
            await asyncio.sleep(0.1)


@pytest.mark.timeout(180)
async def test_with_temporal_and_the_worker_away_people_ask_and_decide_and_it_is_made_up_for(
    company: Company,
) -> None:
    await company.stack.start("api")
    first = await _ask_and_approve(company.stack, company.people, 0)
    await company.stack.start("temporal")
    second = await _ask_and_approve(company.stack, company.people, 1)
    await company.stack.start("worker")
    await _until_delivered(company, first, second)
    company.stack.kill("temporal")
    third = await _ask_and_approve(company.stack, company.people, 2)
    await company.stack.start("temporal")
    await _until_delivered(company, third)
    async with company.database.read() as tx:
        members = {row.person_id for row in await tx.all(select(group_members))}
    assert members == {report.id for report in company.people.reports[:3]}


@pytest.mark.timeout(180)
async def test_with_the_database_away_the_answer_is_503_and_nothing_is_half_done(
    tmp_path: Path, postgres: Postgres
) -> None:
    folder = postgres.folder()
    url = url_of(folder)
    stack = Stack(tmp_path / "home", url, administrators=[ADMINISTRATOR])
    database = Database.connect(url)
    try:
        with postgres.run(folder):
            await schema.migrate(database)
            people = await found(database, stack.home, reports=20)
            await stack.start("temporal", "api", "worker")
            company = Company(stack=stack, people=people, database=database)
            await _until_delivered(company, await _ask_and_approve(stack, people, 0))
            await database.close()
        body = {
            "requestType": "userAdd",
            "justification": "From the first day",
            "assignment": {"accessPackageId": people.package_id, "target": {"objectId": people.reports[1].id}},
        }
        async with aiohttp.ClientSession() as session:
            status, answer, headers = await _call(
                session, stack, "POST", "/assignmentRequests", people.reports[1].manager_token, body
            )
        assert (status, answer["error"]["code"]) == (503, "serviceNotAvailable")
        assert int(headers["Retry-After"]) > 0
        with postgres.run(folder):
            async with database.read() as tx:
                assert await tx.scalar(select(func.count()).select_from(requests)) == 1
            await _until_delivered(company, await _ask_and_approve(stack, people, 1))
            stack.stop()
            await database.close()
    finally:
        stack.stop()
        await database.close()
