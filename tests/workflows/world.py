"""A small company with everything real but the clock: database, services, relay, worker, Temporal."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper

from activities import doors
from grantline.ambient import new_id
from grantline.connectors.base import by_origin_system
from grantline.connectors.groups import GroupConnector
from grantline.connectors.manual import ManualConnector
from grantline.model.briefing import AssignmentBriefing
from grantline.model.catalog import AccessPackage
from grantline.model.message import Message
from grantline.model.person import Person
from grantline.model.policy import (
    ApprovalSettings,
    Expiration,
    ExpirationType,
    Policy,
    RequestorSettings,
    StageSettings,
    TargetScope,
)
from grantline.model.request import Ask, RequestType, Schedule, Verdict
from grantline.model.subjects import SingleUser, TargetManager
from grantline.persistence import packages, policies
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, audit_events, group_members, requests, stages
from grantline.services.approvals import decisions
from grantline.services.assignments import lifecycle
from grantline.services.assignments.fulfilment import ManualTasks
from grantline.services.assignments.group_memberships import GroupMemberships
from grantline.services.requests import cancellation, removal, submission
from grantline.services.sending.outbox_store import DatabaseOutbox
from tests.cast import ADA, BEA, BOB, LEO, LONG_AGO, MIA, READERS, WRITERS, acting, fixed_id
from tests.packages import PAYROLL, enter_packages
from tests.services.scene import owed
from tests.workflows.histories import Keep
from tests.workflows.unreliable import Line, Unreliable
from workflows.fleet import build_worker
from workflows.messages import assignment_workflow_id, request_workflow_id
from workflows.relay import Relay

PATIENCE = 20.0
OWED = {"delivering", "delivered"}
"""How a request that was approved leaves its workflow: the access may be there before that has heard of it."""

AT_ONCE = Schedule()
ADMINISTRATORS = (ADA.user_principal_name,)


def stage(*approvers: Person, days: int = 14) -> StageSettings:
    """Return a stage that these people may decide."""
    return StageSettings(
        deadline=timedelta(days=days), primary_approvers=tuple(SingleUser(user_id=one.id) for one in approvers)
    )


def asking(package_id: str, schedule: Schedule = AT_ONCE) -> Ask:
    """Return what Mia asks for Leo."""
    return Ask(type=RequestType.USER_ADD, package_id=package_id, target_id=LEO.id, schedule=schedule)


def ending_at(instant: datetime) -> Schedule:
    """Return the schedule of access that ends then."""
    return Schedule(expiration=Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=instant))


BOB_OR_BEA = stage(BOB, BEA)
THIRTY_DAYS = Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(days=30))
FOR_EVER = Expiration(type=ExpirationType.NO_EXPIRATION)


@dataclass
class World:
    """What a story needs; `client` reaches Temporal, `connector` the one target system."""

    database: Database
    client: Client
    task_queue: str
    connector: Unreliable
    relay: Relay
    line: Line
    """The worker's way to the database, which can be cut."""

    keep: Keep
    """Keep a workflow's history under a name, when histories are recorded."""

    async def offer(
        self,
        *approvals: StageSettings,
        expiration: Expiration = THIRTY_DAYS,
        roles: Iterable[str] = (PAYROLL.read,),
    ) -> str:
        """Enter a package that Mia may ask for on Leo's behalf, with these stages; return its id."""
        package_id = new_id()
        async with self.database.write() as tx:
            await packages.insert_package(
                tx,
                AccessPackage(
                    id=package_id,
                    catalog_id=fixed_id("finance"),
                    display_name=f"Payroll {package_id[:8]}",
                    created_at=LONG_AGO,
                    modified_at=LONG_AGO,
                ),
            )
            for role in roles:
                await packages.insert_role(tx, package_id, role, LONG_AGO)
            await policies.insert_policy(tx, _policy(package_id, approvals, expiration))
        return package_id

    async def ask(self, package_id: str, schedule: Schedule = AT_ONCE) -> str:
        """Let Mia ask for Leo; return the request's id. Temporal has the message."""
        submitted = await submission.submit(self.database, acting(MIA), asking(package_id, schedule))
        await self.send(submitted.messages)
        return submitted.request.id

    async def decide(self, approver: Person, request_id: str, verdict: Verdict = Verdict.APPROVE) -> None:
        """Decide through the front door."""
        await self.send(await decisions.decide(self.database, approver.id, request_id, None, verdict, "fine"))

    async def cancel(self, person: Person, request_id: str) -> None:
        """Cancel through the front door."""
        await self.send(await cancellation.cancel(self.database, acting(person), request_id))

    async def remove(self, person: Person, assignment_id: str) -> None:
        """Remove through the front door."""
        kind = RequestType.ADMIN_REMOVE if person is ADA else RequestType.USER_REMOVE
        ask = Ask(type=kind, assignment_id=assignment_id)
        await self.send((await removal.remove(self.database, acting(person), ask)).messages)

    async def extend(self, person: Person, assignment_id: str, ends_at: datetime) -> str:
        """Ask for more time through the front door; return the request's id."""
        ask = Ask(type=RequestType.USER_UPDATE, assignment_id=assignment_id, schedule=ending_at(ends_at))
        submitted = await submission.submit(self.database, acting(person), ask)
        await self.send(submitted.messages)
        return submitted.request.id

    async def send(self, messages: Iterable[Message]) -> None:
        """Hand messages to the relay, and wait until Temporal has them."""
        self.relay.send(list(messages))
        await self.relay.drain()

    def request(self, request_id: str) -> WorkflowHandle[object, str]:
        """Return the request's workflow."""
        return self.client.get_workflow_handle(request_workflow_id(request_id), result_type=str)

    def assignment(self, assignment_id: str) -> WorkflowHandle[object, str]:
        """Return the assignment's workflow."""
        return self.client.get_workflow_handle(assignment_workflow_id(assignment_id), result_type=str)

    async def skip(self, handle: WorkflowHandle[object, str], time: timedelta) -> None:
        """Let time pass for one workflow."""
        await TimeSkipper(self.client).fast_forward(handle, time)

    async def briefing_of(self, request_id: str) -> AssignmentBriefing:
        """Return what the request's assignment was told."""
        assignment_id = (await lifecycle.progress(self.database, request_id)).assignment_id
        return await owed(self.database, assignment_id)

    async def until_request(self, request_id: str, state: str) -> None:
        """Wait until the record has the request in this state."""
        await until(lambda: self.request_state(request_id), state)

    async def until_assignment(self, assignment_id: str, state: str) -> None:
        """Wait until the record has the assignment in this state."""
        await until(lambda: self.assignment_state(assignment_id), state)

    async def request_state(self, request_id: str) -> str:
        """Return the state on record."""
        async with self.database.read() as tx:
            return str(await tx.scalar(select(requests.c.state).where(requests.c.id == request_id)))

    async def assignment_state(self, assignment_id: str) -> str:
        """Return the state on record."""
        async with self.database.read() as tx:
            return str(await tx.scalar(select(assignments.c.state).where(assignments.c.id == assignment_id)))

    async def stage_states(self, request_id: str) -> list[str]:
        """Return the states of the request's stages on record."""
        async with self.database.read() as tx:
            statement = select(stages.c.state).where(stages.c.request_id == request_id).order_by(stages.c.number)
            return [row.state for row in await tx.all(statement)]

    async def members(self) -> set[tuple[str, str]]:
        """Return who is in which group that packages give: what the target system shows."""
        names = {READERS.id: "readers", WRITERS.id: "writers"}
        async with self.database.read() as tx:
            rows = await tx.all(select(group_members).where(group_members.c.group_id.in_(names)))
            people = {LEO.id: "leo"}
            return {(names[row.group_id], people[row.person_id]) for row in rows}

    async def trail(self, *types: str) -> list[tuple[str, str | None]]:
        """Return the audit events of these types, each with its actor, in order."""
        async with self.database.read() as tx:
            statement = select(audit_events).where(audit_events.c.type.in_(types)).order_by(audit_events.c.number)
            return [(row.type, row.actor_id) for row in await tx.all(statement)]


async def until(ask: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Ask until the answer is the one wanted; the test's time-out is the limit."""
    seen: list[object] = []
    try:
        async with asyncio.timeout(PATIENCE):
            while (answer := await ask()) != wanted:
                seen.append(answer)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"wanted {wanted!r}, got {seen[-1:]} for {PATIENCE} s") from None


@asynccontextmanager
async def open_world(
    database: Database,
    client: Client,
    keep: Keep,
    *,
    is_kept_here: bool = False,
) -> AsyncGenerator[World]:
    """Enter the roles, and run a worker on a task queue of its own.

    The groups are a target system that must be asked, and can be away; or, if
    `is_kept_here`, what they are in production: rows beside the record.
    """
    async with database.write() as tx:
        await enter_packages(tx)
    task_queue = f"test-{new_id()}"
    connector = Unreliable(GroupMemberships(database))
    relay = Relay(DatabaseOutbox(database), client, task_queue=task_queue)
    line = Line(database)
    line.on_owed = relay.send
    world = World(database, client, task_queue, connector, relay, line, keep)
    groups = GroupConnector(GroupMemberships(database)) if is_kept_here else connector
    by_hand = ManualConnector(ManualTasks(database, ADMINISTRATORS))
    activities = doors(line, by_origin_system(groups, by_hand), administrators=ADMINISTRATORS)
    async with build_worker(client, activities, task_queue=task_queue, guarded=True):
        yield world
        await relay.drain()


def _policy(package_id: str, approvals: tuple[StageSettings, ...], expiration: Expiration) -> Policy:
    return Policy(
        id=new_id(),
        package_id=package_id,
        display_name="For reports",
        target_scope=TargetScope.ALL_MEMBERS,
        requestor_settings=RequestorSettings(
            allow_custom_schedule=True,
            self_add=True,
            self_update=True,
            self_remove=True,
            on_behalf_add=True,
            on_behalf_update=True,
            on_behalf_remove=True,
            on_behalf_requestors=(TargetManager(manager_level=1),),
        ),
        approval_settings=ApprovalSettings(
            is_required_for_add=bool(approvals), is_required_for_update=bool(approvals), stages=approvals
        ),
        expiration=expiration,
        created_at=LONG_AGO,
        modified_at=LONG_AGO,
    )
