"""Approvals over HTTP: what waits for whom, deciding, and the races at the end of a stage."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from grantline.ambient import utc_now
from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.persistence.tables import stages
from tests.api.conftest import Clients, RecordingRelay
from tests.api.office import APPROVALS, ASSIGNMENTS, NO_APPROVAL, REQUESTS, open_office, stage, user_add, with_stages
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, LONG_AGO, MAX, MIA, fixed_id

MINE = f"{APPROVALS}/filterByCurrentUser(on='{{}}')"


async def ask(client: httpx2.AsyncClient, target: Person | None = None) -> str:
    """Ask for Payroll and return the request's id."""
    answer = await client.post(REQUESTS, json=user_add(target))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def stages_of(client: httpx2.AsyncClient, request_id: str) -> list[dict[str, Any]]:
    """Return the stages as the caller sees them."""
    answer = await client.get(f"{APPROVALS}/{request_id}/stages")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])


async def decide(
    client: httpx2.AsyncClient, request_id: str, result: str = "Approve", *, number: int = 0, **more: Any
) -> httpx2.Response:
    """Decide a stage, whoever may see it."""
    shown = await client.get(f"{APPROVALS}/{request_id}/stages")
    stage_id = shown.json()["value"][number]["id"]
    body = {"reviewResult": result, **more}
    return await client.patch(f"{APPROVALS}/{request_id}/stages/{stage_id}", json=body)


async def test_what_waits_for_bob_and_bea_is_on_their_lists_and_on_no_other(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    waiting = {}
    for person in (BOB, BEA, MIA, LEO, MAX, CY, EVE, ADA):
        answer = await as_(person).get(MINE.format("approver"))
        waiting[person.display_name] = [one["id"] for one in answer.json()["value"]]
    assert {name for name, found in waiting.items() if found == [request_id]} == {"Bob Stone", "Bea Hart"}
    assert {name for name, found in waiting.items() if not found} == {
        "Mia Lind",
        "Leo Park",
        "Max Moor",
        "Cy Frost",
        "Eve Wolf",
        "Ada King",
    }


async def test_an_approval_shows_its_stages_as_graph_does(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    request_id = await ask(as_(MIA), LEO)
    body = (await as_(BOB).get(f"{APPROVALS}/{request_id}")).json()
    first, second = body["stages"]
    assert body["id"] == request_id
    due = datetime.fromisoformat(first.pop("deadlineDateTime")) - utc_now()
    assert timedelta(days=6) < due < timedelta(days=8)
    assert second["deadlineDateTime"] is None
    assert first == {
        "id": first["id"],
        "displayName": None,
        "status": "InProgress",
        "reviewResult": "NotReviewed",
        "assignedToMe": True,
        "assignedInPlaceOf": None,
        "justification": "",
        "reviewedBy": None,
        "reviewedInPlaceOf": None,
        "reviewedDateTime": None,
        "shortenedTo": None,
        "approvers": [
            {
                "@odata.type": "#microsoft.graph.userIdentity",
                "id": BOB.id,
                "displayName": "Bob Stone",
                "userPrincipalName": "bob@grantline.test",
                "mail": "bob.stone@grantline.test",
            }
        ],
    }
    assert (second["status"], second["assignedToMe"]) == ("Initializing", False)
    assert (await stages_of(as_(LEO), request_id))[0]["assignedToMe"] is False
    one = await as_(BOB).get(f"{APPROVALS}/{request_id}/stages/{first['id']}")
    whole = {name: value for name, value in one.json().items() if not name.startswith("@")}
    assert whole | {"deadlineDateTime": ""} == first | {"deadlineDateTime": ""}


async def test_a_decision_is_on_the_stage_with_who_made_it_and_why(
    database: Database, as_: Clients, relay: RecordingRelay
) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    answer = await decide(as_(BOB), request_id, justification="she is right")
    assert (answer.status_code, answer.content) == (204, b"")
    (shown,) = await stages_of(as_(LEO), request_id)
    assert shown["reviewedDateTime"].endswith("Z")
    assert shown | {"id": "", "reviewedDateTime": "", "deadlineDateTime": ""} == {
        "id": "",
        "deadlineDateTime": "",
        "displayName": None,
        "status": "Completed",
        "reviewResult": "Approve",
        "assignedToMe": False,
        "assignedInPlaceOf": None,
        "justification": "she is right",
        "reviewedBy": {
            "@odata.type": "#microsoft.graph.userIdentity",
            "id": BOB.id,
            "displayName": "Bob Stone",
            "userPrincipalName": "bob@grantline.test",
        },
        "reviewedInPlaceOf": None,
        "reviewedDateTime": "",
        "shortenedTo": None,
        "approvers": [],
    }
    assert (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()["state"] == "delivering"
    (held,) = (await as_(LEO).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    assert [message.subject_id for message in relay.sent] == [request_id, held["id"], request_id]
    assert held["state"] == "delivering"


@pytest.mark.parametrize("word", ["Approve", "Approved", "approve", "APPROVED"])
async def test_yes_is_said_in_every_way_that_clients_say_it(database: Database, as_: Clients, word: str) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    assert (await decide(as_(BOB), request_id, word)).status_code == 204
    assert (await stages_of(as_(BOB), request_id))[0]["reviewResult"] == "Approve"


@pytest.mark.parametrize("word", ["Deny", "Denied", "deny"])
async def test_no_is_said_in_every_way_that_clients_say_it(database: Database, as_: Clients, word: str) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    assert (await decide(as_(BOB), request_id, word)).status_code == 204
    assert (await as_(MIA).get(f"{REQUESTS}/{request_id}")).json()["state"] == "denied"


@pytest.mark.parametrize(
    ("story", "body", "says"),
    [
        ("nothing", {}, "reviewResult is missing; it is Approve or Deny."),
        ("an unknown word", {"reviewResult": "Maybe"}, "reviewResult 'Maybe' is unknown; it is Approve or Deny."),
        ("no word", {"reviewResult": True}, "reviewResult"),
        ("a reason that is none", {"reviewResult": "Deny", "justification": ["x"]}, "justification"),
    ],
)
async def test_what_no_decision_says(
    database: Database, as_: Clients, story: str, body: dict[str, Any], says: str
) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    (shown,) = await stages_of(as_(BOB), request_id)
    answer = await as_(BOB).patch(f"{APPROVALS}/{request_id}/stages/{shown['id']}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest"), story
    assert says in answer.json()["error"]["message"], story
    assert (await stages_of(as_(BOB), request_id))[0]["status"] == "InProgress"


async def test_neither_who_asks_nor_who_gets_decides_even_as_named_approver(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(MIA, LEO, BOB)))
    request_id = await ask(as_(MIA), LEO)
    for person in (MIA, LEO):
        answer = await decide(as_(person), request_id)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "ownRequest")
        assert (await as_(person).get(MINE.format("approver"))).json()["value"] == []
        assert (await stages_of(as_(person), request_id))[0]["assignedToMe"] is False


async def test_who_may_look_may_not_therefore_decide(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    request_id = await ask(as_(LEO))
    for person in (MIA, ADA):
        answer = await decide(as_(person), request_id)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "notAnApprover"), person
    assert (await as_(CY).get(f"{APPROVALS}/{request_id}")).status_code == 404


async def test_a_reason_can_be_demanded_of_approvers(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB, needs_reason=True)))
    request_id = await ask(as_(MIA), LEO)
    for nothing in (None, "", "  "):
        answer = await decide(as_(BOB), request_id, justification=nothing)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "justificationRequired")
    assert (await decide(as_(BOB), request_id, justification="fine")).status_code == 204


async def test_the_second_decision_is_told_of_the_first(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id)
    answer = await decide(as_(BEA), request_id, "Deny")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "alreadyDecided")
    assert "Bob Stone" in answer.json()["error"]["message"]


async def test_after_the_deadline_nobody_decides(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    async with database.write() as tx:
        await tx.changed(update(stages).where(stages.c.request_id == request_id).values(deadline_at=LONG_AGO))
    answer = await decide(as_(BOB), request_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "deadlinePassed")
    assert (await stages_of(as_(BOB), request_id))[0]["assignedToMe"] is False


async def test_what_was_withdrawn_is_not_decided(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    await as_(MIA).post(f"{REQUESTS}/{request_id}/cancel")
    answer = await decide(as_(BOB), request_id)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "requestClosed")


async def test_a_stage_is_looked_for_in_its_own_request(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id, other_id = await ask(as_(MIA), LEO), await ask(as_(MIA))
    (elsewhere,) = await stages_of(as_(BOB), other_id)
    for stage_id in (elsewhere["id"], fixed_id("nothing"), "nonsense"):
        for answer in (
            await as_(BOB).get(f"{APPROVALS}/{request_id}/stages/{stage_id}"),
            await as_(BOB).patch(f"{APPROVALS}/{request_id}/stages/{stage_id}", json={"reviewResult": "Deny"}),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "itemNotFound")


async def test_the_second_stage_opens_when_the_first_is_approved(database: Database, as_: Clients) -> None:
    await open_office(database, with_stages(stage(BOB), stage(CY)))
    request_id = await ask(as_(MIA), LEO)
    await decide(as_(BOB), request_id)
    assert [one["status"] for one in await stages_of(as_(CY), request_id)] == ["Completed", "InProgress"]
    assert (await as_(BOB).get(MINE.format("approver"))).json()["value"] == []
    assert (await decide(as_(CY), request_id, "Deny", number=1)).status_code == 204
    assert (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()["state"] == "denied"


async def test_ones_own_requests_can_be_watched_as_approvals(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    for person, on, expected in (
        (MIA, "createdBy", [request_id]),
        (MIA, "target", []),
        (LEO, "target", [request_id]),
        (LEO, "createdBy", []),
    ):
        answer = await as_(person).get(MINE.format(on), params={"$expand": "stages", "$count": "true"})
        assert [one["id"] for one in answer.json()["value"]] == expected, (person, on)
        assert [len(one["stages"]) for one in answer.json()["value"]] == [1] * len(expected)
    answer = await as_(MIA).get(MINE.format("everybody"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert "target" in answer.json()["error"]["message"]


async def test_a_request_without_stages_has_no_approval(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    request_id = await ask(as_(LEO))
    assert (await as_(LEO).get(f"{APPROVALS}/{request_id}")).status_code == 404
    assert (await as_(LEO).get(MINE.format("target"))).json()["value"] == []


@pytest.mark.parametrize("results", [("Approve", "Approve"), ("Approve", "Deny"), ("Deny", "Deny")])
async def test_of_two_approvers_at_one_instant_one_decides(
    database: Database, as_: Clients, results: tuple[str, str]
) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    answers = await asyncio.gather(decide(as_(BOB), request_id, results[0]), decide(as_(BEA), request_id, results[1]))
    assert sorted(answer.status_code for answer in answers) == [204, 409]
    won = 0 if answers[0].status_code == 204 else 1
    (lost,) = [answer for answer in answers if answer.status_code == 409]
    assert lost.json()["error"]["code"] == "alreadyDecided"
    assert ("Bob Stone", "Bea Hart")[won] in lost.json()["error"]["message"]
    (shown,) = await stages_of(as_(LEO), request_id)
    assert (shown["reviewResult"], shown["reviewedBy"]["id"]) == (results[won], (BOB, BEA)[won].id)
    state = (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()["state"]
    assert state == ("delivering" if results[won] == "Approve" else "denied")


async def test_of_a_decision_and_a_withdrawal_at_one_instant_one_wins(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    decided, withdrawn = await asyncio.gather(
        decide(as_(BOB), request_id), as_(MIA).post(f"{REQUESTS}/{request_id}/cancel")
    )
    state = (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()["state"]
    assert (decided.status_code, withdrawn.status_code, state) in {
        (204, 409, "delivering"),
        (409, 204, "canceled"),
    }
