"""What is given and taken by hand: asked once, done or refused by whoever looks after it, and only by them."""

import asyncio

import pytest
from sqlalchemy import insert

from grantline.ambient import utc_now
from grantline.connectors.base import Connectors
from grantline.connectors.manual import ManualConnector
from grantline.errors import (
    AlreadyDecided,
    InvalidInput,
    JustificationRequired,
    NotFound,
    OwnRequest,
    TargetRefused,
    WaitsForPerson,
)
from grantline.model.briefing import LookSignal, RemoveSignal
from grantline.model.fulfilment import TaskState
from grantline.model.request import RequestType
from grantline.persistence import fulfilment as store
from grantline.persistence.database import Database
from grantline.persistence.tables import package_roles
from grantline.services.assignments import fulfilment, lifecycle, provisioning
from grantline.services.assignments.fulfilment import ManualTasks
from grantline.services.requests import explanation
from grantline.services.requests.submission import submit
from tests.cast import ADA, BOB, EVE, LEO, MIA, OWNERS, acting, fixed_id
from tests.packages import PAYROLL
from tests.services.by_hand import ADMINISTRATORS, KEY_ROLE, SAFE_ID, enter_safe, tasks_now, the_open_task
from tests.services.letterbox import Letterbox
from tests.services.scene import (
    NO_APPROVAL,
    PACKAGE,
    ask_for,
    events,
    furnish,
    held_now,
    owed,
    policy,
    removing,
    request_now,
)


async def owed_key(database: Database) -> tuple[str, str]:
    """Let Mia ask for Leo; return the assignment that owes the key, and the grant of it."""
    await furnish(database, policy(approval_settings=NO_APPROVAL), roles=())
    await enter_safe(database)
    async with database.write() as tx:
        await tx.execute(insert(package_roles).values(package_id=PACKAGE.id, role_id=KEY_ROLE, created_at=utc_now()))
    request = await request_now(database, (await ask_for(database, MIA, LEO)).request.id)
    assert request.assignment_id is not None
    (reference,) = (await owed(database, request.assignment_id)).grants
    assert (reference.is_by_hand, reference.is_kept_here) == (True, False)
    return request.assignment_id, reference.grant_id


def connectors(database: Database) -> Connectors:
    return {"Manual": ManualConnector(ManualTasks(database, ADMINISTRATORS))}


async def looks_after(database: Database, *people: str, groups: tuple[str, ...] = ()) -> None:
    await fulfilment.name_fulfillers(database, ADA.id, SAFE_ID, person_ids=list(people), group_ids=list(groups))


async def test_it_waits_for_one_task_until_somebody_did_it(database: Database) -> None:
    assignment_id, grant_id = await owed_key(database)
    await looks_after(database, BOB.id)
    for _ in range(3):
        with pytest.raises(WaitsForPerson, match="Leo Park: Key of Safe: waits for task"):
            await provisioning.apply(database, connectors(database), grant_id)
    task = await the_open_task(database)
    assert (task.act, task.person_id, task.grant_id) == ("grant", LEO.id, grant_id)
    assert await events(database, "grant.failed") == [], "to wait for somebody is no failure"
    mailed = [(row.kind, row.person_id) for row in await Letterbox(database).rows() if row.kind == "task-to-do"]
    assert mailed == [("task-to-do", BOB.id)]
    found = await explanation.of_assignment(database, acting(LEO), assignment_id)
    assert (found.grants[0].state, found.grants[0].last_error) == (
        "owed",
        f"Leo Park: Key of Safe: waits for task {task.id}, open since {task.created_at:%Y-%m-%dT%H:%M:%SZ}.",
    )

    (message,) = await fulfilment.settle(database, acting(BOB), task.id, TaskState.DONE, "Handed over")
    assert (message.subject_id, message.body) == (assignment_id, LookSignal(grant_id=grant_id))
    await provisioning.apply(database, connectors(database), grant_id)

    (event,) = await events(database, "task.settled")
    assert (event.actor_id, event.reason, event.details["state"]) == (BOB.id, "Handed over", "done")
    assert [one.type for one in await events(database, "grant.granted")] == ["grant.granted"]
    await lifecycle.record_delivery(database, assignment_id, {})
    assert (await held_now(database, assignment_id)).state == "delivered"


async def test_taking_back_waits_as_well_and_shows_as_overdue(database: Database) -> None:
    assignment_id, grant_id = await owed_key(database)
    await _given(database, assignment_id, grant_id)
    removal = await submit(database, acting(LEO), removing(assignment_id, RequestType.USER_REMOVE))
    signal = RemoveSignal(actor_id=LEO.id, removal_id=removal.request.id)
    await lifecycle.end(database, assignment_id, utc_now(), signal)
    with pytest.raises(WaitsForPerson):
        await provisioning.apply(database, connectors(database), grant_id, trusts_record=True)
    task = await the_open_task(database)
    assert task.act == "revoke"
    with pytest.raises(InvalidInput, match="not refused to be taken away"):
        await fulfilment.settle(database, acting(ADA), task.id, TaskState.REFUSED, "He likes it")
    (message,) = await fulfilment.settle(database, acting(ADA), task.id, TaskState.DONE)
    assert message.subject_id == assignment_id
    await provisioning.apply(database, connectors(database), grant_id, trusts_record=True)
    assert len(await events(database, "grant.revoked")) == 1

    given = (await events(database, "assignment.started"))[0].request_id
    taken_back = [
        "asked Ada King to take away by hand: Leo Park: Key of Safe",
        "Ada King did the task to take away by hand: Leo Park: Key of Safe",
    ]
    assert await told_of_tasks(database, removal.request.id) == taken_back
    assert await told_of_tasks(database, given) == [
        "asked Ada King to give by hand: Leo Park: Key of Safe",
        "Ada King did the task to give by hand: Leo Park: Key of Safe",
        *taken_back,
    ]


async def told_of_tasks(database: Database, request_id: str) -> list[str]:
    """Return what a request's timeline tells Leo of what is done by hand."""
    explained = await explanation.of_request(database, acting(LEO), request_id)
    return [one.says for one in explained.timeline if one.event.startswith("task.")]


async def _given(database: Database, assignment_id: str, grant_id: str) -> None:
    with pytest.raises(WaitsForPerson):
        await provisioning.apply(database, connectors(database), grant_id)
    await fulfilment.settle(database, acting(ADA), (await the_open_task(database)).id, TaskState.DONE)
    await provisioning.apply(database, connectors(database), grant_id)
    await lifecycle.record_delivery(database, assignment_id, {})


async def test_what_is_refused_fails_with_the_comment_and_is_not_asked_again(database: Database) -> None:
    _, grant_id = await owed_key(database)
    with pytest.raises(WaitsForPerson):
        await provisioning.apply(database, connectors(database), grant_id)
    task = await the_open_task(database)
    for nothing in (None, "", "  "):
        with pytest.raises(JustificationRequired):
            await fulfilment.settle(database, acting(ADA), task.id, TaskState.REFUSED, nothing)
    await fulfilment.settle(database, acting(ADA), task.id, TaskState.REFUSED, "The safe is full")
    for _ in range(2):
        with pytest.raises(TargetRefused, match="refused by hand: The safe is full"):
            await provisioning.apply(database, connectors(database), grant_id)
    assert len(await tasks_now(database)) == 1


async def test_what_is_wanted_no_more_is_withdrawn(database: Database) -> None:
    assignment_id, grant_id = await owed_key(database)
    with pytest.raises(WaitsForPerson):
        await provisioning.apply(database, connectors(database), grant_id)
    removal = await submit(database, acting(ADA), removing(assignment_id, RequestType.ADMIN_REMOVE))
    signal = RemoveSignal(actor_id=ADA.id, removal_id=removal.request.id)
    await lifecycle.end(database, assignment_id, utc_now(), signal)
    await provisioning.apply(database, connectors(database), grant_id, trusts_record=True)
    (task,) = await tasks_now(database)
    assert task.state == "withdrawn"
    with pytest.raises(AlreadyDecided, match="withdrawn"):
        await fulfilment.settle(database, acting(ADA), task.id, TaskState.DONE)


async def test_who_looks_after_it_sees_and_settles_it_and_nobody_else(database: Database) -> None:
    _, grant_id = await owed_key(database)
    await looks_after(database, LEO.id, groups=(OWNERS.id,))
    with pytest.raises(WaitsForPerson):
        await provisioning.apply(database, connectors(database), grant_id)
    task = await the_open_task(database)
    async with database.read() as tx:
        seen = {person.id: len(await tx.all(store.for_reader(person.id))) for person in (BOB, EVE, MIA, LEO)}
    assert seen == {BOB.id: 1, EVE.id: 0, MIA.id: 0, LEO.id: 1}
    for person in (EVE, MIA):
        with pytest.raises(NotFound):
            await fulfilment.settle(database, acting(person), task.id, TaskState.DONE)
    with pytest.raises(OwnRequest):
        await fulfilment.settle(database, acting(LEO), task.id, TaskState.DONE)
    await fulfilment.settle(database, acting(BOB), task.id, TaskState.DONE)
    with pytest.raises(AlreadyDecided, match="done"):
        await fulfilment.settle(database, acting(BOB), task.id, TaskState.REFUSED, "Too late")


async def test_without_fulfillers_administrators_are_asked(database: Database) -> None:
    _, grant_id = await owed_key(database)
    with pytest.raises(WaitsForPerson):
        await provisioning.apply(database, connectors(database), grant_id)
    (event,) = await events(database, "task.opened")
    assert event.details["asked"] == [ADA.id]


async def test_fulfillers_are_named_for_what_is_done_by_hand_and_must_exist(database: Database) -> None:
    await owed_key(database)
    nobody = fixed_id("nobody")
    with pytest.raises(InvalidInput, match=f"There is no user {nobody}, which people names"):
        await looks_after(database, nobody)
    with pytest.raises(InvalidInput, match=f"There is no group {nobody}"):
        await looks_after(database, groups=(nobody,))
    with pytest.raises(InvalidInput, match="fulfillers are for resources of Manual"):
        await fulfilment.name_fulfillers(
            database, ADA.id, fixed_id(f"resource of {PAYROLL.read}"), person_ids=[BOB.id], group_ids=[]
        )
    with pytest.raises(NotFound):
        await fulfilment.name_fulfillers(database, ADA.id, nobody, person_ids=[], group_ids=[])


async def test_asked_by_several_at_once_there_is_one_task_and_settled_by_several_at_once_one_wins(
    database: Database,
) -> None:
    _, grant_id = await owed_key(database)
    asked = [provisioning.apply(database, connectors(database), grant_id) for _ in range(4)]
    await asyncio.gather(*asked, return_exceptions=True)
    with pytest.raises(WaitsForPerson):
        await provisioning.apply(database, connectors(database), grant_id)
    task = await the_open_task(database)
    results = await asyncio.gather(
        *(
            fulfilment.settle(database, acting(ADA), task.id, state, "so")
            for state in (TaskState.DONE, TaskState.REFUSED)
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in results) == ["AlreadyDecided", "tuple"]
