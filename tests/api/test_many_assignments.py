"""Assigning to many at once, and assignments as a file."""

import asyncio
import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from grantline.ambient import utc_now
from grantline.errors import Unavailable
from grantline.model.briefing import RequestBriefing
from grantline.model.person import Actor
from grantline.model.request import Ask
from grantline.persistence import exports
from grantline.persistence.database import Database
from grantline.services.assignments import bulk_assignment
from grantline.services.requests.submitted import Submitted
from tests.api.configured import UNKNOWN_ID, error_of, message_of
from tests.api.conftest import BASE, Clients, RecordingRelay
from tests.api.office import NO_APPROVAL, PAYROLL_ID, REQUESTS, open_office
from tests.api.test_assignments import give
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, MAX, MIA, OWNERS
from tests.services.scene import change_person

BULK = f"{BASE}/api/assignments/bulk"
CSV = f"{BASE}/api/assignments.csv"


async def bulk(client: httpx2.AsyncClient, *, key: str | None = None, **body: Any) -> httpx2.Response:
    """Assign Payroll to many."""
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post(BULK, json={"accessPackageId": PAYROLL_ID, **body}, headers=headers)


def outcomes(answer: httpx2.Response) -> list[tuple[str, str]]:
    """Return what became of each: its name in the list, and the state or the code of the refusal."""
    assert answer.status_code == 200, answer.text
    return [
        (one["target"]["displayName"] if one["target"] else one["named"], one["state"] or one["error"]["code"])
        for one in answer.json()["items"]
    ]


async def test_each_is_judged_alone_and_told_alone(database: Database, as_: Clients, relay: RecordingRelay) -> None:
    await open_office(database, NO_APPROVAL)
    await give(as_(LEO))
    relay.sent.clear()

    answer = await bulk(
        as_(ADA),
        targetIds=[EVE.id, LEO.id, DAN.id, UNKNOWN_ID, EVE.id],
        targetMails=["cy.frost@grantline.test", "nobody@grantline.test"],
        groupId=OWNERS.id,
        justification="Year end",
    )

    assert outcomes(answer) == [
        ("Eve Wolf", "delivering"),
        ("Leo Park", "alreadyAssigned"),
        ("Dan Gone", "targetDisabled"),
        (UNKNOWN_ID, "itemNotFound"),
        ("Cy Frost", "delivering"),
        ("nobody@grantline.test", "itemNotFound"),
        ("Bea Hart", "delivering"),
        ("Bob Stone", "delivering"),
    ]
    assert (answer.json()["accepted"], answer.json()["refused"]) == (4, 4)
    accepted = [one["requestId"] for one in answer.json()["items"] if one["isAccepted"]]
    begun = [message.subject_id for message in relay.sent if isinstance(message.body, RequestBriefing)]
    assert begun == accepted
    read = (await as_(ADA).get(f"{REQUESTS}/{accepted[0]}")).json()
    assert (read["requestType"], read["justification"]) == ("adminAdd", "Year end")


async def test_a_list_that_somebody_wrote_is_told_line_by_line(database: Database, as_: Clients) -> None:
    """By sign-in name, mail, employee id or id; who comes again is told so, and a name of two people is nobody's."""
    await open_office(database, NO_APPROVAL)
    shared = "desk@grantline.test"
    for person in (BOB, BEA):
        await change_person(database, person, mail=shared, mail_key=shared)
    await change_person(database, MAX, mail=CY.user_principal_name, mail_key=CY.user_principal_name)
    lines = [
        f" {LEO.user_principal_name.upper()} ",
        str(EVE.employee_id),
        MIA.id,
        str(LEO.mail),
        "nobody",
        shared,
        CY.user_principal_name,
        "",
        "nobody",
    ]
    answer = await bulk(as_(ADA), targetNames=lines)

    items = answer.json()["items"]
    assert [one["named"] for one in items] == lines
    assert [one["error"]["code"] if one["error"] else one["state"] for one in items] == [
        "delivering",
        "delivering",
        "delivering",
        None,
        "itemNotFound",
        "conflict",
        "conflict",
        "itemNotFound",
        "itemNotFound",
    ]
    assert [one["sameAs"] for one in items if one["sameAs"]] == [lines[0]]
    assert (answer.json()["accepted"], answer.json()["refused"]) == (3, 5)
    assert BOB.user_principal_name in items[5]["error"]["message"]
    assert BEA.user_principal_name in items[5]["error"]["message"]
    too_many = await bulk(as_(ADA), targetNames=["nobody"] * 501)
    assert error_of(too_many) == (400, "invalidRequest")


async def test_approval_is_asked_for_each(database: Database, as_: Clients) -> None:
    await open_office(database)
    answer = await bulk(as_(ADA), targetIds=[LEO.id, CY.id])
    assert outcomes(answer) == [("Leo Park", "pendingApproval"), ("Cy Frost", "pendingApproval")]


async def test_the_same_key_goes_on_where_it_was(database: Database, as_: Clients, relay: RecordingRelay) -> None:
    await open_office(database, NO_APPROVAL)
    body = {"targetIds": [LEO.id, CY.id, EVE.id]}
    first = await bulk(as_(ADA), key="list", **body)
    relay.sent.clear()
    again = await bulk(as_(ADA), key="list", **body)
    assert again.json() == first.json()
    assert relay.sent == []
    other = await bulk(as_(ADA), key="list", targetIds=[LEO.id, BOB.id])
    assert outcomes(other) == [("Leo Park", "idempotencyConflict"), ("Bob Stone", "delivering")]


async def test_a_list_that_broke_in_the_middle_is_sent_again_and_nobody_has_it_twice(
    database: Database, as_: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every kind one: known by no name, by two, twice, kept out, had it already; no database at Eve's line."""
    await open_office(database, NO_APPROVAL)
    kept_out = f"/identityGovernance/entitlementManagement/accessPackages/{PAYROLL_ID}/incompatibleGroups/$ref"
    owners = {"@odata.id": f"{BASE}/v1.0/groups/{OWNERS.id}"}
    assert (await as_(ADA).post(kept_out, json=owners)).status_code == 204
    await give(as_(CY))
    for person in (MIA, MAX):
        await change_person(database, person, mail="desk@grantline.test", mail_key="desk@grantline.test")
    lines = [LEO.id, "nobody", str(LEO.mail), CY.id, "desk@grantline.test", BOB.id, EVE.id, MIA.id]
    submit = bulk_assignment.submit

    async def away_once(db: Database, actor: Actor, ask: Ask, **more: Any) -> Submitted:
        if ask.target_id == EVE.id:
            monkeypatch.setattr(bulk_assignment, "submit", submit)
            raise Unavailable("The database is away.")
        return await submit(db, actor, ask, **more)

    monkeypatch.setattr(bulk_assignment, "submit", away_once)
    with capture_logs():
        assert (await bulk(as_(ADA), key="list", targetNames=lines)).status_code == 503
    # Whoever sends again may be faster than the first call, which goes on without anybody who listens.
    again, beside = await asyncio.gather(*(bulk(as_(ADA), key="list", targetNames=lines) for _ in range(2)))

    told = [one["error"]["code"] if one["error"] else one["sameAs"] or one["state"] for one in again.json()["items"]]
    assert told == [
        "delivering",
        "itemNotFound",
        LEO.id,
        "alreadyAssigned",
        "conflict",
        "incompatibleAccess",
        "delivering",
        "delivering",
    ]
    assert beside.json() == again.json()
    asked = (await as_(ADA).get(REQUESTS, params={"$expand": "assignment($expand=target)"})).json()["value"]
    holders = [one["assignment"]["target"]["displayName"] for one in asked]
    assert sorted(holders) == ["Cy Frost", "Eve Wolf", "Leo Park", "Mia Lind"]


async def test_the_schedule_is_for_each(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    begins = (utc_now() + timedelta(days=2)).isoformat()
    answer = await bulk(as_(ADA), targetIds=[LEO.id, CY.id], schedule={"startDateTime": begins})
    assert [state for _, state in outcomes(answer)] == ["scheduled", "scheduled"]


@pytest.mark.parametrize(
    ("story", "body", "status", "code", "says"),
    [
        ("nobody", {}, 400, "invalidRequest", "Nobody is listed"),
        ("no such group", {"groupId": UNKNOWN_ID}, 404, "itemNotFound", "no group"),
        ("an empty list", {"targetIds": []}, 400, "invalidRequest", "Nobody is listed"),
        ("too many", {"targetIds": [UNKNOWN_ID] * 501}, 400, "invalidRequest", "More than 500"),
        ("a misspelt member", {"targetId": LEO.id}, 400, "invalidRequest", "targetId"),
        ("no id", {"targetIds": ["leo"]}, 400, "invalidRequest", ""),
        ("no package", {"accessPackageId": None, "targetIds": [LEO.id]}, 400, "invalidRequest", "accessPackageId"),
    ],
)
async def test_a_list_that_is_none_is_refused_whole(
    database: Database, as_: Clients, *, story: str, body: dict[str, Any], status: int, code: str, says: str
) -> None:
    await open_office(database, NO_APPROVAL)
    answer = await bulk(as_(ADA), **body)
    assert error_of(answer) == (status, code), story
    assert says in message_of(answer)


async def test_a_group_that_is_too_large_is_refused(
    database: Database, as_: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_assignment, "MOST_TARGETS", 1)
    await open_office(database, NO_APPROVAL)
    assert error_of(await bulk(as_(ADA), groupId=OWNERS.id)) == (400, "invalidRequest")


async def test_only_administrators_assign_to_many_or_export(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    for person in (MIA, BOB):
        assert error_of(await bulk(as_(person), targetIds=[LEO.id])) == (403, "accessDenied")
        assert error_of(await as_(person).get(CSV)) == (403, "accessDenied")
    assert (await as_(None).get(CSV)).status_code == 401


async def rows(client: httpx2.AsyncClient, name: str = "assignments", **params: str) -> list[dict[str, str]]:
    """Return the lines of an export."""
    answer = await client.get(f"{BASE}/api/{name}.csv", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert answer.headers["cache-control"] == "no-store"
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_the_export_has_every_assignment_whatever_the_page(
    database: Database, as_: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    await open_office(database, NO_APPROVAL)
    people = (LEO, CY, EVE, BOB, BEA, MAX, MIA)
    await bulk(as_(ADA), targetIds=[person.id for person in people])
    found = await rows(as_(ADA))
    assert {one["targetUserPrincipalName"] for one in found} == {person.user_principal_name for person in people}
    assert len(found) == len(people)
    assert {(one["accessPackageDisplayName"], one["assignmentPolicyDisplayName"], one["state"]) for one in found} == {
        ("Payroll", "Managers ask", "delivering")
    }
    (leo,) = await rows(as_(ADA), **{"$filter": f"target/objectId eq '{LEO.id}'"})
    assert (leo["targetMail"], leo["endDateTime"].endswith("Z")) == (LEO.mail, True)
    assert await rows(as_(ADA), **{"$filter": "state eq 'expired'"}) == []


async def test_no_cell_is_a_formula(database: Database, as_: Clients) -> None:
    await open_office(database, replace(NO_APPROVAL, display_name="+1"))
    for person, name in ((LEO, "=1+1"), (CY, "@cmd"), (EVE, "-2"), (BOB, "\tx"), (BEA, 'Bea "B", Hart')):
        await change_person(database, person, display_name=name)
        await give(as_(person))
    found = await rows(as_(ADA), **{"$orderby": "createdDateTime"})
    assert [one["targetDisplayName"] for one in found] == ["'=1+1", "'@cmd", "'-2", "'\tx", 'Bea "B", Hart']
    assert {one["assignmentPolicyDisplayName"] for one in found} == {"'+1"}


@pytest.mark.parametrize("option", [{"$top": "5"}, {"$select": "id"}, {"$expand": "target"}, {"$filter": "x eq 1"}])
async def test_what_no_export_takes_is_refused_before_the_first_line(
    database: Database, as_: Clients, option: dict[str, str]
) -> None:
    await open_office(database, NO_APPROVAL)
    assert error_of(await as_(ADA).get(CSV, params=option)) == (400, "invalidRequest")
