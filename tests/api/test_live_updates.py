"""Live updates: everybody hears at once that something of theirs changed, and nobody of anything else."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event

from api.live import Listener, Live
from grantline.model.catalog import Catalog
from grantline.model.news import MOST_IDS, Kind, News
from grantline.model.person import Actor, Person
from grantline.model.roles import PrincipalKind, Role, RoleAssignment
from grantline.persistence import catalogs, roles
from grantline.persistence.database import Database
from grantline.services import authority
from grantline.services.sending import feed
from tests.api.conftest import BASE, Clients
from tests.api.office import APPROVALS, ASSIGNMENTS, REQUESTS, open_office, user_add
from tests.api.test_roles import ASSIGNED
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, LONG_AGO, MAX, MIA, fixed_id

EVENTS = f"{BASE}/api/events"
DELEGATIONS = f"{BASE}/api/approval-delegations"
AUDIENCE = (ADA, BEA, BOB, CY, EVE, LEO, MAX, MIA)


@pytest.fixture
async def live(app: FastAPI) -> Live:
    return app.state.live


CONTROLS = f"{BASE}/api/control-configurations"


class Audience:
    """Everybody of the cast, listening."""

    def __init__(self, live: Live, listeners: dict[str, Listener]) -> None:
        self._live = live
        self._listeners = listeners

    async def heard(self) -> dict[str, News]:
        """Return what each who has heard something heard since the last time."""
        await self._live.look()
        found = {name: await listener.owed(0) for name, listener in self._listeners.items()}
        return {name: news for name, news in found.items() if news}


async def audience(live: Live, people: Iterable[Person] = AUDIENCE) -> Audience:
    """Let people listen."""
    actors = [Actor(person=person, is_administrator=person is ADA) for person in people]
    return Audience(live, {actor.person.display_name: await live.admit(actor, None) for actor in actors})


def words(news: dict[str, News]) -> dict[str, str]:
    """Return what each heard of, in a word."""
    return {name: " ".join(sorted(one.kinds)) for name, one in news.items()}


async def decided(as_: Clients, who: Person, request_id: str, verdict: str) -> int:
    """Decide the one stage."""
    [stage] = (await as_(who).get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
    path = f"{APPROVALS}/{request_id}/stages/{stage['id']}"
    return (await as_(who).patch(path, json={"reviewResult": verdict})).status_code


async def test_a_request_is_heard_of_by_those_who_may_see_it_and_by_nobody_else(
    database: Database, as_: Clients, live: Live
) -> None:
    await open_office(database)
    listening = await audience(live)
    assert await listening.heard() == {}
    request_id = (await as_(MIA).post(REQUESTS, json=user_add(LEO))).json()["id"]

    asked = await listening.heard()

    assert words(asked) == {
        "Ada King": "requests trail",
        "Bea Hart": "approvals requests",
        "Bob Stone": "approvals requests",
        "Leo Park": "requests",
        "Mia Lind": "requests",
    }
    assert {news.request_ids for news in asked.values()} == {frozenset({request_id})}
    assert await listening.heard() == {}
    assert (await as_(BOB).post(DELEGATIONS, json={"delegateId": CY.id})).status_code == 201
    assert words(await listening.heard()) == {
        "Ada King": "trail",
        "Bob Stone": "approvals delegations",
        "Cy Frost": "approvals delegations",
    }
    assert await decided(as_, CY, request_id, "Approve") == 204
    granted = await listening.heard()
    assert words(granted) == {
        "Ada King": "assignments requests trail",
        "Bea Hart": "approvals requests",
        "Bob Stone": "approvals requests",
        "Cy Frost": "approvals requests",
        "Leo Park": "assignments requests",
        "Mia Lind": "assignments requests",
    }
    assert (granted["Bob Stone"].assignment_ids, len(granted["Leo Park"].assignment_ids or ())) == (frozenset(), 1)


async def test_managers_hear_of_what_their_reports_ask_for_themselves_only_while_they_look_on(
    database: Database, as_: Clients, live: Live
) -> None:
    await open_office(database)
    listening = await audience(live, [LEO, MIA])
    request_id = (await as_(LEO).post(REQUESTS, json=user_add())).json()["id"]
    assert words(await listening.heard()) == {"Leo Park": "requests", "Mia Lind": "requests"}
    assert (await as_(ADA).patch(CONTROLS, json={"managersSeeReportsAccess": False})).status_code == 200
    assert await decided(as_, BOB, request_id, "Approve") == 204
    assert words(await listening.heard()) == {"Leo Park": "assignments requests"}


async def test_whoever_loses_an_approval_hears_so_but_not_of_which_and_a_new_manager_of_their_team(
    database: Database, as_: Clients, live: Live
) -> None:
    await open_office(database)
    request_id = (await as_(MIA).post(REQUESTS, json=user_add(LEO))).json()["id"]
    listening = await audience(live)
    path = f"{BASE}/api/requests/{request_id}/reassign"
    assert (await as_(ADA).post(path, json={"approvers": [CY.id], "reason": "Both are away"})).status_code == 200
    heard = await listening.heard()
    assert (heard["Cy Frost"].request_ids, heard["Bob Stone"]) == (
        frozenset({request_id}),
        News(kinds=frozenset({Kind.APPROVALS})),
    )
    manager = {"@odata.id": f"{BASE}/v1.0/users/{MAX.id}"}
    assert (await as_(ADA).put(f"/users/{LEO.id}/manager/$ref", json=manager)).status_code == 204
    heard = await listening.heard()
    assert {name: heard[name].kinds for name in ("Max Moor", "Mia Lind")} == {
        "Max Moor": {"team"},
        "Mia Lind": {"team"},
    }
    assert EVE.display_name not in heard


async def told(live: Live, listener: Listener) -> list[tuple[str, str, Any]]:
    """Return the events of a stream, each with its id and what it says, until it ends."""
    text = b"".join([line async for line in live.stream(listener)]).decode()
    found = []
    for block in filter(None, text.split("\n\n")):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((lines["event"], lines["id"], json.loads(lines["data"])))
    return found


async def test_the_stream_begins_where_one_was_says_what_was_missed_and_ends_at_once_when_it_must(
    database: Database, as_: Clients, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_office(database)
    monkeypatch.setattr("api.live.LOOK_EVERY", 0.01)
    running = asyncio.create_task(live.run())
    await asyncio.sleep(0)
    mia = Actor(person=MIA)
    first = await live.admit(mia, None)
    hearing = asyncio.create_task(told(live, first))
    request_id = (await as_(MIA).post(REQUESTS, json=user_add(LEO))).json()["id"]
    while first.number == 0:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    live.end()
    async with asyncio.timeout(5):
        heard = await hearing
    assert heard[0] == ("hello", "0", {})
    assert heard[1] == (
        "changed",
        str(first.number),
        {"kinds": ["requests"], "requestIds": [request_id], "assignmentIds": []},
    )
    for last, says in ((first.number, []), (0, ["everything"]), (None, [])):
        again = await live.admit(mia, last)
        assert sorted((await again.owed(0)).kinds) == says
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_it_is_a_stream_that_nobody_keeps_and_not_for_everybody(
    database: Database, as_: Clients, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a process behind it, it greets and ends; that is how it can be asked here."""
    del database
    answer = await as_(LEO).get(EVENTS, headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == ("no-store", "no")
    assert answer.text == "event: hello\ndata: {}\nid: 0\nretry: 3000\n\n"
    assert live.count == 0
    assert (await as_(None).get(EVENTS)).status_code == 401
    monkeypatch.setattr("api.live.MOST_OF_ONE", 1)
    await audience(live, [LEO])
    refused = await as_(LEO).get(EVENTS)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    monkeypatch.setattr("api.live.MOST_LISTENERS", 1)
    assert (await as_(MIA).get(EVENTS)).status_code == 503


async def test_many_changes_are_read_in_parts_and_too_many_are_told_as_everything(
    database: Database, as_: Clients, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_office(database)
    monkeypatch.setattr(feed, "MOST_AT_ONCE", 1)
    listening = await audience(live)
    ids = {
        (await as_(who).post(REQUESTS, json=user_add(target))).json()["id"] for who, target in ((MIA, LEO), (MIA, None))
    }
    heard = await listening.heard()
    assert heard["Mia Lind"].request_ids == ids
    monkeypatch.setattr(feed, "MOST_BEHIND", 0)
    assert (await as_(MIA).post(f"{REQUESTS}/{min(ids)}/cancel")).status_code == 204
    assert words(await listening.heard()) == {person.display_name: "everything" for person in AUDIENCE}
    many = News(request_ids=frozenset(str(number) for number in range(MOST_IDS)))
    assert ((many | many).request_ids, (many | News(request_ids=frozenset({"x"}))).request_ids) == (
        many.request_ids,
        None,
    )


FINANCE, OTHER = fixed_id("finance"), fixed_id("another catalog")


KEEPERS = {
    CY: (Role.CATALOG_OWNER, FINANCE),
    MAX: (Role.ASSIGNMENT_MANAGER, FINANCE),
    EVE: (Role.CATALOG_READER, FINANCE),
    BEA: (Role.PACKAGE_MANAGER, OTHER),
}


async def keepers(database: Database, live: Live) -> Audience:
    """Let people listen of whom some have a role, in the catalog that everything lies in or in another."""
    async with database.write() as tx:
        other = Catalog(id=OTHER, display_name="Another", created_at=LONG_AGO, modified_at=LONG_AGO)
        await catalogs.insert_catalog(tx, other)
        for person, (role, catalog_id) in KEEPERS.items():
            await roles.add(tx, assigned(person, role, catalog_id))
        actors = [await authority.acting(tx, person, (ADA.user_principal_name,)) for person in AUDIENCE]
    return Audience(live, {actor.person.display_name: await live.admit(actor, None) for actor in actors})


def assigned(person: Person, role: Role, catalog_id: str) -> RoleAssignment:
    """Return a role as it is assigned to somebody."""
    return RoleAssignment(
        id=fixed_id(f"{person.id} {role}"),
        role=role,
        principal_kind=PrincipalKind.PERSON,
        principal_id=person.id,
        catalog_id=catalog_id,
        created_at=LONG_AGO,
    )


async def test_a_role_hears_of_what_lies_in_its_catalog_and_of_no_more(
    database: Database, as_: Clients, live: Live
) -> None:
    """All that is told may be seen; a role elsewhere, or one that lists no requests, tells nothing."""
    await open_office(database)
    listening = await keepers(database, live)
    request_id = (await as_(LEO).post(REQUESTS, json=user_add())).json()["id"]
    heard = await listening.heard()
    own = {"Leo Park": "requests", "Mia Lind": "requests", "Bob Stone": "approvals requests"}
    assert words(heard) == own | {
        "Ada King": "requests trail",
        "Bea Hart": "approvals requests",
        "Cy Frost": "requests",
        "Max Moor": "requests",
    }
    assert await decided(as_, BOB, request_id, "Approve") == 204
    heard = await listening.heard()
    assert words(heard) == own | {
        "Ada King": "assignments requests trail",
        "Bea Hart": "approvals requests",
        "Cy Frost": "assignments requests",
        "Leo Park": "assignments requests",
        "Max Moor": "assignments requests",
        "Mia Lind": "assignments requests",
    }
    for person in AUDIENCE:
        told_of = heard.get(person.display_name, News())
        seen = await as_(person).get(f"{REQUESTS}/{request_id}")
        assert (request_id in (told_of.request_ids or ())) == (seen.status_code == 200), person
        for assignment_id in told_of.assignment_ids or ():
            assert (await as_(person).get(f"{ASSIGNMENTS}/{assignment_id}")).status_code == 200, person
    one = f"{ASSIGNED}/{fixed_id(f'{CY.id} {Role.CATALOG_OWNER}')}"
    assert (await as_(ADA).delete(one)).status_code == 204
    assert (await as_(MIA).post(f"{REQUESTS}", json=user_add(MIA))).status_code == 201
    heard = await listening.heard()
    assert set(heard) == {"Ada King", "Mia Lind", "Bob Stone"}, "who has any role comes back, and is asked anew"


async def test_an_event_costs_the_same_however_many_have_a_role(database: Database, as_: Clients) -> None:
    """What is read and kept of it is counted by what happened; who might listen is not looked up."""
    await open_office(database)
    asked: list[str] = []
    counted: list[tuple[int, int]] = []

    def note(*args: Any) -> None:
        asked.append(args[2])

    for many, target in ((1, LEO), (60, MIA)):
        async with database.write() as tx:
            for number in range(many):
                keeper = replace(EVE, id=fixed_id(f"keeper {many} {number}"))
                await roles.add(tx, assigned(keeper, Role.CATALOG_OWNER, FINANCE))
        before = await feed.position(database)
        assert (await as_(MIA).post(REQUESTS, json=user_add(target))).status_code == 201
        asked.clear()
        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        edition = await feed.since(database, before)
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        counted.append((len(asked), len(edition.concern.of_requests_in)))
    assert counted == [(len(asked), 1)] * 2
