"""The audit trail through the API: narrowed, with names, page by page; and whether it is whole."""

from typing import Any

import pytest
from sqlalchemy import text

from grantline.persistence.database import Database
from tests.api.configured import a_catalog
from tests.api.conftest import BASE, Clients
from tests.api.office import APPROVALS, PAYROLL_ID, REQUESTS, open_office, user_add
from tests.cast import ADA, BOB, LEO, MIA, fixed_id

AUDIT = f"{BASE}/api/audit"
CHAIN = f"{AUDIT}/chain"


async def a_story(database: Database, as_: Clients) -> str:
    """Let Mia ask for Leo and Bob approve, and an administrator make a catalog; return the request's id."""
    await open_office(database)
    asked = await as_(MIA).post(REQUESTS, json=user_add(LEO, justification="Month end"))
    request_id = str(asked.json()["id"])
    [stage] = (await as_(BOB).get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
    stage_path = f"{APPROVALS}/{request_id}/stages/{stage['id']}"
    assert (await as_(BOB).patch(stage_path, json={"reviewResult": "Approve"})).status_code == 204
    await a_catalog(as_(ADA), "Warehouse")
    return request_id


async def found(as_: Clients, **narrowed: Any) -> list[str]:
    """Return the kinds of events on the page that an administrator finds."""
    answer = await as_(ADA).get(AUDIT, params=narrowed)
    assert answer.status_code == 200, answer.text
    return [one["event"] for one in answer.json()["items"]]


async def test_the_trail_says_who_did_what_to_whom_and_is_narrowed_by_each_of_them(
    database: Database, as_: Clients
) -> None:
    request_id = await a_story(database, as_)
    everything = (await as_(ADA).get(AUDIT)).json()
    numbers = [one["number"] for one in everything["items"]]
    assert (everything["next"], numbers) == (None, sorted(numbers, reverse=True))
    (_, newest, *_, oldest) = everything["items"]  # the very newest makes Ada its owner
    assert (newest["event"], newest["object"]["type"], newest["object"]["displayName"]) == (
        "configuration.created",
        "catalog",
        "Warehouse",
    )
    assert {key: oldest[key] for key in ("event", "actor", "onBehalfOf", "accessPackage", "target", "reason")} == {
        "event": "request.submitted",
        "actor": {"id": MIA.id, "displayName": "Mia Lind"},
        "onBehalfOf": {"id": LEO.id, "displayName": "Leo Park"},
        "accessPackage": {"id": PAYROLL_ID, "displayName": "Payroll"},
        "target": {"id": LEO.id, "displayName": "Leo Park"},
        "reason": "Month end",
    }
    assert oldest["details"]["target"] == LEO.id
    assert await found(as_, actorId=BOB.id.upper()) == ["stage.decided"]
    assert await found(as_, event="Stage.Opened", requestId=request_id) == ["stage.opened"]
    assert await found(as_, objectType="catalog", objectId=newest["object"]["id"]) == ["configuration.created"]
    of_request = await found(as_, requestId=request_id)
    assert of_request[-3:] == ["stage.decided", "stage.opened", "request.submitted"]
    itself = await found(as_, actorId="grantline")
    assert ("stage.opened" in itself, "stage.decided" in itself) == (True, False)
    [started] = [one for one in everything["items"] if one["event"] == "assignment.started"]
    assert "assignment.started" in await found(as_, assignmentId=started["assignmentId"])
    decided_at = next(one["at"] for one in everything["items"] if one["event"] == "stage.decided")
    before, since = await found(as_, until=decided_at), await found(as_, **{"from": decided_at})
    assert (before, len(before) + len(since)) == (["stage.opened", "request.submitted"], len(numbers))
    pages, after = [], {}
    while after is not None:
        page = (await as_(ADA).get(AUDIT, params={"limit": 3, **after})).json()
        pages += [one["number"] for one in page["items"]]
        after = {"after": page["next"]} if page["next"] else None
    assert pages == numbers


@pytest.mark.parametrize(
    ("narrowed", "names"),
    [
        ({"event": "request.sumbitted"}, "request.submitted"),
        ({"objectType": "no such-kind"}, "objectType"),
        ({"requestId": "x"}, "GUID"),
        ({"from": "yesterday"}, "2026-01-31T08:00:00Z"),
        ({"from": "2026-02-01", "until": "2026-01-01"}, "'from' is not before 'until'"),
        ({"after": "x"}, "is not one that this list gave"),
        ({"limit": "0"}, "limit"),
    ],
    ids=["event", "kind", "id", "instant", "order", "page", "limit"],
)
async def test_what_makes_no_sense_is_refused_by_name(
    as_: Clients, database: Database, narrowed: Any, names: str
) -> None:
    del database
    answer = await as_(ADA).get(AUDIT, params=narrowed)
    assert answer.status_code == 400
    assert names in answer.json()["error"]["message"]


async def test_the_trail_is_for_administrators(as_: Clients, database: Database) -> None:
    del database
    for path in (AUDIT, CHAIN):
        assert [(await as_(person).get(path)).status_code for person in (LEO, BOB, None)] == [403, 403, 401]


async def test_the_chain_is_followed_in_parts_to_its_end_or_to_where_it_breaks(
    database: Database, as_: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_story(database, as_)
    whole = (await as_(ADA).get(CHAIN)).json()
    newest = (await as_(ADA).get(AUDIT, params={"limit": 1})).json()["items"][0]
    assert whole == {
        "isWhole": True,
        "fault": None,
        "lastNumber": newest["number"],
        "lastHash": newest["hash"],
        "next": None,
    }
    monkeypatch.setattr("grantline.persistence.audit.PAGE", 2)
    monkeypatch.setattr("api.routes.audit.MOST_WALKS", 1)
    part = (await as_(ADA).get(CHAIN)).json()
    assert (part["isWhole"], part["lastNumber"], part["next"]) == (True, 2, 2)
    async with database.write() as tx:
        guards = ["audit_events_no_update"] if tx.dialect == "sqlite" else ["audit_events_append_only ON audit_events"]
        for guard in guards:
            await tx.execute(text(f"DROP TRIGGER {guard}"))
        await tx.execute(text(f"UPDATE audit_events SET actor_id = '{fixed_id('nobody')}' WHERE number = 3"))
    assert (await as_(ADA).get(CHAIN)).json()["isWhole"]
    broken = (await as_(ADA).get(CHAIN, params={"after": part["next"]})).json()
    assert (broken["isWhole"], broken["fault"], broken["next"]) == (False, "event 3 was changed", None)
    lost = await as_(ADA).get(CHAIN, params={"after": 999})
    assert (lost.status_code, lost.json()["error"]["code"]) == (404, "itemNotFound")
