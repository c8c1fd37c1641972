"""Approvals as an approver sees them: what waits, and what they decided (EF-070)."""

from typing import Any

import httpx2

from grantline.persistence.database import Database
from tests.api.conftest import BASE, Clients
from tests.api.office import APPROVALS, open_office, stage, with_stages
from tests.api.test_approvals import MINE, ask, decide
from tests.cast import BEA, BOB, CY, EVE, LEO, MIA

HISTORY = f"{BASE}/api/approvals/history"


async def history(client: httpx2.AsyncClient, **params: Any) -> dict[str, Any]:
    """Return one page of what the caller decided."""
    answer = await client.get(HISTORY, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_what_bob_decided_leaves_what_waits_and_is_history(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    first, second = await ask(as_(MIA), LEO), await ask(as_(EVE))
    assert len((await as_(BOB).get(MINE.format("approver"))).json()["value"]) == 2
    assert (await history(as_(BOB)))["items"] == []

    month = {"type": "afterDuration", "duration": "P30D"}
    await decide(as_(BOB), first, justification="fine", shortenedTo=month)
    await decide(as_(BOB), second, "Deny", justification="no need")

    assert (await as_(BOB).get(MINE.format("approver"))).json()["value"] == []
    denied, approved = (await history(as_(BOB)))["items"]
    assert approved.pop("reviewedDateTime") < denied.pop("reviewedDateTime")
    (only,) = [one["id"] for one in (await as_(CY).get(f"{APPROVALS}/{first}/stages")).json()["value"]][:1]
    assert approved == {
        "requestId": first,
        "requestType": "userAdd",
        "requestState": "pendingApproval",
        "assignmentState": None,
        "stageId": only,
        "stage": 1,
        "reviewResult": "Approve",
        "justification": "fine",
        "shortenedTo": {"endDateTime": None, "duration": "P30D", "type": "afterDuration"},
        "accessPackage": {"id": approved["accessPackage"]["id"], "displayName": "Payroll"},
        "requestor": {"id": MIA.id, "displayName": "Mia Lind"},
        "target": {"id": LEO.id, "displayName": "Leo Park"},
    }
    assert (denied["requestId"], denied["reviewResult"], denied["requestState"]) == (second, "Deny", "denied")
    for search, found in (
        ("PAYR", [second, first]),
        ("mia", [first]),
        ("park", [first]),
        ("Wolf ", [second]),
        ("%", []),
    ):
        assert [one["requestId"] for one in (await history(as_(BOB), search=search))["items"]] == found
    for person in (CY, BEA, MIA, LEO):
        assert (await history(as_(person)))["items"] == []


async def test_history_comes_in_pages(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    asked = [await ask(as_(MIA), LEO), await ask(as_(EVE)), await ask(as_(BEA))]
    for request_id in asked:
        await decide(as_(BOB), request_id)
    page = await history(as_(BOB), limit=2)
    rest = await history(as_(BOB), limit=2, after=page["next"])
    assert [one["requestId"] for one in page["items"] + rest["items"]] == asked[::-1]
    assert rest["next"] is None
