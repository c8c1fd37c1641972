"""Everything that can happen to one access: three stages, alternates, a stand-in, more time, and the end.

Time is moved on the real server, one workflow at a time; nobody sleeps through it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
from temporalio.testing import TimeSkipper

from grantline.ambient import utc_now
from grantline.model.person import Person
from grantline.model.policy import Policy
from grantline.model.subjects import SingleUser
from grantline.persistence.database import Database
from tests.api.office import APPROVALS, ASSIGNMENTS, OPEN_TO_ALL, REQUESTS, open_office, stage, user_add, with_stages
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA, READERS
from tests.journeys.conftest import System, until
from workflows.messages import assignment_workflow_id, request_workflow_id

HOURS_4, A_MINUTE = timedelta(hours=4), timedelta(minutes=1)


def three_stages() -> Policy:
    """Return a policy that Bob, then Bea, then Max approve; Cy steps in for Bob after four hours."""
    first = replace(
        stage(BOB),
        is_escalation_enabled=True,
        escalates_after=HOURS_4,
        escalation_approvers=(SingleUser(user_id=CY.id),),
    )
    policy = with_stages(first, stage(BEA), stage(MAX))
    settings = replace(OPEN_TO_ALL, self_update=True, allow_custom_schedule=True)
    return replace(policy, requestor_settings=settings)


@dataclass(frozen=True)
class Voice:
    """One of the cast at the API."""

    http: httpx2.AsyncClient

    async def get(self, path: str) -> Any:
        """Read something that is there."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, method: str, path: str, body: Any, status: int) -> Any:
        """Change something, and be told so."""
        answer = await self.http.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def approve(self, request_id: str) -> None:
        """Approve the stage that is open."""
        stages = (await self.get(f"/v1.0{APPROVALS}/{request_id}/stages"))["value"]
        (mine,) = [one for one in stages if one["assignedToMe"] and one["status"] == "InProgress"]
        path = f"/v1.0{APPROVALS}/{request_id}/stages/{mine['id']}"
        await self.send("PATCH", path, {"reviewResult": "Approve", "justification": "part of the job"}, 204)

    async def waits_for(self, request_id: str) -> set[str]:
        """Return who may decide now, as the explanation has it."""
        explained = await self.get(f"/api/requests/{request_id}/explain")
        return {one["person"]["displayName"] for one in explained["canAct"] if one["may"] == "decide"}


@asynccontextmanager
async def at(system: System, person: Person) -> AsyncIterator[Voice]:
    """Sign somebody in."""
    header = {"Authorization": f"Bearer {system.issuer.token(person)}"}
    async with httpx2.AsyncClient(base_url=system.url, headers=header) as http:
        yield Voice(http)


async def test_three_stages_alternates_a_stand_in_more_time_and_the_end(
    system: System, sqlite_database: Database
) -> None:
    """Long because the story is: each part follows from the one before, and cut in two neither would show it."""
    await open_office(sqlite_database, three_stages())
    async with at(system, MIA) as mia, at(system, LEO) as leo, at(system, ADA) as ada:
        wish = user_add(LEO, justification="Leo is new", schedule=ending(utc_now() + timedelta(days=30)))
        asked = await mia.send("POST", f"/v1.0{REQUESTS}", wish, 201)
        request_id = asked["id"]
        assert await ada.waits_for(request_id) == {"Bob Stone"}

        await nobody_decides_for_four_hours(system, request_id)
        assert await until(lambda: ada.waits_for(request_id), {"Bob Stone", "Cy Frost"})
        async with at(system, CY) as cy:
            await cy.approve(request_id)

        await eve_stands_in_for_bea(system)
        assert await ada.waits_for(request_id) == {"Bea Hart", "Eve Wolf"}
        async with at(system, EVE) as eve, at(system, MAX) as max_:
            await eve.approve(request_id)
            assert await ada.waits_for(request_id) == {"Max Moor"}
            await max_.approve(request_id)
        assert await until(lambda: state(leo, f"{REQUESTS}/{request_id}"), "delivered")
        assert await members(ada) == [LEO.id]

        assignment_id = await held_by(leo)
        later = utc_now().replace(microsecond=0) + timedelta(days=60)
        await leo.send("POST", f"/v1.0{REQUESTS}", more_time(assignment_id, later), 201)
        assert (await leo.get(f"/v1.0{ASSIGNMENTS}/{assignment_id}"))["schedule"]["expiration"]["endDateTime"]

        await time_passes(system, assignment_id, timedelta(days=60) - A_MINUTE)
        assert await members(ada) == [LEO.id]
        await time_passes(system, assignment_id, 2 * A_MINUTE)
        assert await until(lambda: state(leo, f"{ASSIGNMENTS}/{assignment_id}"), "expired")
        assert await members(ada) == []
        told = [one["says"] for one in (await ada.get(f"/api/requests/{request_id}/explain"))["timeline"]]
    assert_in_order(
        told,
        [
            "asked for it",
            "as well",
            "Cy Frost: approve",
            "Eve Wolf in place of Bea Hart",
            "Max Moor: approve",
            "every role is in place",
            "the end was moved",
            "announced",
            "it ends (expired)",
            "nothing of it is left",
        ],
    )


async def nobody_decides_for_four_hours(system: System, request_id: str) -> None:
    """Let the alternates' turn come for one request."""
    handle = system.temporal.get_workflow_handle(request_workflow_id(request_id))
    await TimeSkipper(system.temporal).fast_forward(handle, HOURS_4 + A_MINUTE)


async def time_passes(system: System, assignment_id: str, time: timedelta) -> None:
    """Let time pass for one assignment."""
    handle = system.temporal.get_workflow_handle(assignment_workflow_id(assignment_id))
    await TimeSkipper(system.temporal).fast_forward(handle, time)


async def eve_stands_in_for_bea(system: System) -> None:
    """Let Bea name Eve for a week."""
    async with at(system, BEA) as bea:
        until_then = (utc_now() + timedelta(days=7)).isoformat()
        await bea.send("POST", "/api/approval-delegations", {"delegateId": EVE.id, "endDateTime": until_then}, 201)


async def held_by(leo: Voice) -> str:
    """Return the id of the one assignment that Leo has."""
    (held,) = (await leo.get(f"/v1.0{ASSIGNMENTS}/filterByCurrentUser(on='target')"))["value"]
    return held["id"]


def more_time(assignment_id: str, ends_at: datetime) -> dict[str, Any]:
    """Return the body of an ask for another end."""
    return {"requestType": "userUpdate", "assignment": {"id": assignment_id}, "schedule": ending(ends_at)}


def ending(instant: datetime) -> dict[str, Any]:
    """Return the schedule of access that ends then."""
    return {"expiration": {"type": "afterDateTime", "endDateTime": instant.isoformat()}}


async def state(voice: Voice, path: str) -> str:
    """Return the state of a request or assignment."""
    return (await voice.get(f"/v1.0{path}"))["state"]


async def members(ada: Voice) -> list[str]:
    """Return who is in the group that the package gives."""
    return [one["id"] for one in (await ada.get(f"/v1.0/groups/{READERS.id}/members"))["value"]]


def assert_in_order(told: list[str], wanted: list[str]) -> None:
    """Assert that the timeline mentions each of these, one after the other."""
    rest = iter(told)
    assert all(any(word in line for line in rest) for word in wanted), "\n".join(told)
