"""Reading requests: who sees what, every way of listing, pages that never lose or repeat a row."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, text, update

from grantline.model.person import Person
from grantline.model.request import Schedule
from grantline.persistence.codec import to_json
from grantline.persistence.database import Database
from grantline.persistence.tables import requests, stages
from tests.api.conftest import Clients
from tests.api.office import APPROVALS, NO_APPROVAL, PAYROLL_ID, POLICY_ID, REQUESTS, open_office, user_add
from tests.cast import ADA, BEA, BOB, CAST, CY, DAN, EVE, LEO, LONG_AGO, MAX, MIA, fixed_id
from tests.engines import statements

MINE = f"{REQUESTS}/filterByCurrentUser(on='{{}}')"


async def ids(client: httpx2.AsyncClient, url: str, **options: Any) -> list[str]:
    """Return the ids of a list, which must be whole."""
    answer = await client.get(url, params={f"${name}": value for name, value in options.items()})
    assert answer.status_code == 200, answer.text
    assert "@odata.nextLink" not in answer.json()
    return [one["id"] for one in answer.json()["value"]]


async def ask(client: httpx2.AsyncClient, target: Person | None = None, package: str = "payroll") -> str:
    """Ask for a package and return the request's id."""
    body = user_add(target)
    body["assignment"]["accessPackageId"] = fixed_id(package)
    answer = await client.post(REQUESTS, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def enter_history(database: Database, count: int, *, state: str = "delivered") -> None:
    """Enter requests of the past: Mia asked for Leo, one a minute, two in each minute's very instant."""
    async with database.write() as tx:
        await tx.execute(
            insert(requests),
            [
                {
                    "id": fixed_id(f"old {n}"),
                    "type": "userAdd",
                    "state": state,
                    "status": "Delivered",
                    "requestor_id": MIA.id,
                    "target_id": LEO.id,
                    "package_id": PAYROLL_ID,
                    "catalog_id": fixed_id("finance"),
                    "policy_id": POLICY_ID,
                    "schedule": to_json(Schedule, Schedule()),
                    "plan": {},
                    "created_at": LONG_AGO + timedelta(minutes=n // 2),
                }
                for n in range(count)
            ],
        )


async def test_who_sees_a_request_that_mia_made_for_leo(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    seen = {}
    for person in CAST:
        if person is not DAN:
            answer = await as_(person).get(f"{REQUESTS}/{request_id}")
            seen[person.display_name] = answer.status_code
    assert seen == {
        "Max Moor": 404,
        "Mia Lind": 200,
        "Leo Park": 200,
        "Bob Stone": 200,
        "Bea Hart": 200,
        "Cy Frost": 404,
        "Eve Wolf": 404,
        "Ada King": 200,
    }


async def test_an_id_one_may_not_see_answers_as_one_that_does_not_exist(database: Database, as_: Clients) -> None:
    await open_office(database)
    hidden, absent = await ask(as_(MIA), LEO), fixed_id("no such request")
    stage = f"stages/{fixed_id('no such stage')}"
    calls = [
        ("GET", REQUESTS, "", None),
        ("POST", REQUESTS, "/cancel", None),
        ("DELETE", REQUESTS, "", None),
        ("POST", REQUESTS, "/reprocess", None),
        ("GET", APPROVALS, "", None),
        ("GET", APPROVALS, "/stages", None),
        ("GET", APPROVALS, f"/{stage}", None),
        ("PATCH", APPROVALS, f"/{stage}", {"reviewResult": "Approve"}),
    ]
    for method, where, what, body in calls:
        answers = []
        for request_id in (hidden, absent):
            answer = await as_(EVE).request(method, f"{where}/{request_id}{what}", json=body)
            error = answer.json()["error"]
            answers.append((answer.status_code, error["code"], error["message"].replace(request_id, "<id>")))
        assert answers[0] == answers[1], (method, where, what)
        assert answers[0][:2] == (404, "itemNotFound"), (method, where, what)


async def test_an_id_that_is_none_is_not_found_either(database: Database, as_: Clients) -> None:
    answer = await as_(MIA).get(f"{REQUESTS}/nonsense")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "itemNotFound")


async def test_each_way_of_listing_ones_own_requests(database: Database, as_: Clients) -> None:
    await open_office(database, more_packages=["travel"])
    for_leo, own, leos = await ask(as_(MIA), LEO), await ask(as_(MIA)), await ask(as_(LEO), package="travel")
    lists: dict[str, dict[str, list[str]]] = {
        "createdBy": {"mia": [own, for_leo], "leo": [leos], "bob": [], "max": []},
        "target": {"mia": [own], "leo": [leos, for_leo], "bob": [], "max": []},
        "targetOrRequestor": {"mia": [own, for_leo], "leo": [leos, for_leo], "bob": [], "max": []},
        "requestForOthers": {"mia": [for_leo], "leo": [], "bob": [], "max": []},
        "targetManager": {"mia": [leos, for_leo], "leo": [], "bob": [], "max": [own]},
        "approver": {"mia": [], "leo": [], "bob": [leos, own, for_leo], "max": []},
        "targetAgentIdentitySponsorOrOwner": {"mia": [], "leo": [], "bob": [], "max": []},
    }
    people = {"mia": MIA, "leo": LEO, "bob": BOB, "max": MAX}
    for on, expected in lists.items():
        for name, wanted in expected.items():
            assert await ids(as_(people[name]), MINE.format(on)) == wanted, (on, name)


@pytest.mark.parametrize(
    "url",
    [
        f"{REQUESTS}/filterByCurrentUser(on='TARGET')",
        f"{REQUESTS}/filterbycurrentuser(on='target')",
        f"{REQUESTS}/filterByCurrentUser(on=%27target%27)",
        f"{REQUESTS}/microsoft.graph.filterByCurrentUser(on='target')",
    ],
)
async def test_the_function_can_be_written_in_every_way_that_clients_write_it(
    database: Database, as_: Clients, url: str
) -> None:
    await open_office(database)
    assert await ids(as_(LEO), url) == []


async def test_an_unknown_way_of_listing_is_answered_with_those_there_are(database: Database, as_: Clients) -> None:
    answer = await as_(LEO).get(MINE.format("boss"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert answer.json()["error"]["message"] == (
        "on is 'boss'; it is one of target, createdBy, approver, targetOrRequestor, targetManager, "
        "requestForOthers, targetAgentIdentitySponsorOrOwner."
    )


async def test_everybodys_requests_are_for_administrators(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    assert await ids(as_(ADA), REQUESTS) == [request_id]
    refused = await as_(MIA).get(REQUESTS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "accessDenied")
    assert "filterByCurrentUser" in refused.json()["error"]["message"]


async def test_what_was_decided_waits_for_nobody(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    (stage,) = (await as_(BOB).get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
    await as_(BOB).patch(f"{APPROVALS}/{request_id}/stages/{stage['id']}", json={"reviewResult": "Deny"})
    for approver in (BOB, BEA):
        assert await ids(as_(approver), MINE.format("approver")) == []
        assert (await as_(approver).get(f"{REQUESTS}/{request_id}")).json()["state"] == "denied"


async def test_what_can_no_longer_be_decided_waits_for_nobody(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    async with database.write() as tx:
        await tx.changed(update(stages).where(stages.c.request_id == request_id).values(deadline_at=LONG_AGO))
    assert await ids(as_(BOB), MINE.format("approver")) == []


async def test_what_expired_reads_as_denied_and_is_found_as_denied(database: Database, as_: Clients) -> None:
    await open_office(database)
    await enter_history(database, 1, state="expired")
    request_id = fixed_id("old 0")
    body = (await as_(LEO).get(f"{REQUESTS}/{request_id}")).json()
    assert (body["state"], body["status"]) == ("denied", "Expired")
    assert await ids(as_(LEO), MINE.format("target"), filter="state eq 'denied'") == [request_id]
    assert await ids(as_(LEO), MINE.format("target"), filter="state ne 'denied'") == []


@pytest.mark.parametrize(
    ("filter_", "is_found"),
    [
        (f"accessPackage/id eq '{PAYROLL_ID}'", True),
        (f"accesspackage/ID eq '{PAYROLL_ID.upper()}'", True),
        (f"accessPackage/id eq '{POLICY_ID}'", False),
        ("state eq 'pendingApproval'", True),
        ("state eq 'PendingApproval'", True),
        ("state eq 'submitted'", False),
        ("state in ('delivered','pendingApproval')", True),
        ("not (state eq 'pendingApproval')", False),
        ("not(state eq 'denied')", True),
        ("requestType eq 'UserAdd'", True),
        ("requestType eq 'adminAdd'", False),
        ("createdDateTime gt 2026-01-01T00:00:00Z", True),
        ("createdDateTime lt 2026-01-01T00:00:00Z", False),
        (f"requestor/objectId eq '{MIA.id}'", True),
        (f"requestor/objectId eq '{LEO.id}'", False),
        (f"assignment/target/objectId eq '{LEO.id}' and state eq 'pendingApproval'", True),
        (f"assignment/target/objectId eq '{EVE.id}' or state eq 'denied'", False),
    ],
)
async def test_filters(database: Database, as_: Clients, filter_: str, is_found: bool) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    assert await ids(as_(ADA), REQUESTS, filter=filter_) == ([request_id] if is_found else [])


async def test_ones_own_lists_are_searched_by_name_and_everybodys_is_not(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    mine, waiting = MINE.format("targetOrRequestor"), MINE.format("approver")
    for who, url in ((MIA, mine), (LEO, mine), (BOB, waiting)):
        for property_, part in (
            ("accessPackage/displayName", "YROL"),
            ("requestor/displayName", "mia l"),
            ("assignment/target/displayName", "park"),
        ):
            for wanted, found in ((part, [request_id]), (part[::-1], []), ("%", [])):
                assert await ids(as_(who), url, filter=f"contains({property_},'{wanted}')") == found, (who, wanted)
    refused = await as_(ADA).get(REQUESTS, params={"$filter": "contains(accessPackage/displayName,'pay')"})
    assert (refused.status_code, refused.json()["error"]["target"]) == (400, "$filter")
    assert "accessPackage/id" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"filter": "state eq 'gone'"}, "pendingApproval"),
        ({"filter": "colour eq 'red'"}, "accessPackage/id"),
        ({"filter": "state eq"}, "$filter"),
        ({"expand": "manager"}, "requestor"),
        ({"expand": "assignment($expand=catalog)"}, "assignment/target"),
        ({"expand": "assignment/catalog"}, "assignment/target"),
        ({"orderby": "colour"}, "createdDateTime"),
        ({"select": "colour"}, "requestType"),
        ({"top": "0"}, "$top"),
        ({"search": "x"}, "$search"),
        ({"skiptoken": "x"}, "nextLink"),
    ],
)
async def test_what_cannot_be_asked_of_a_list_is_refused_by_name(
    database: Database, as_: Clients, options: dict[str, str], says: str
) -> None:
    await open_office(database)
    await ask(as_(MIA), LEO)
    answer = await as_(ADA).get(REQUESTS, params={f"${name}": value for name, value in options.items()})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert says in answer.json()["error"]["message"]


async def test_three_hundred_requests_in_pages_of_forty_seven(database: Database, as_: Clients) -> None:
    await open_office(database)
    await enter_history(database, 300)
    found = await walk(as_(LEO), MINE.format("target"), {"$top": "47", "$count": "true"})
    assert [len(page["value"]) for page in found] == [47] * 6 + [18]
    assert {page["@odata.count"] for page in found} == {300}
    rows = [one for page in found for one in page["value"]]
    assert len({row["id"] for row in rows}) == 300
    assert [row["createdDateTime"] for row in rows] == sorted((row["createdDateTime"] for row in rows), reverse=True)


async def test_pages_go_on_where_they_were_while_new_requests_come(database: Database, as_: Clients) -> None:
    await open_office(database)
    await enter_history(database, 6)
    first = (await as_(LEO).get(MINE.format("target"), params={"$top": "3"})).json()
    await ask(as_(MIA), LEO)
    second = (await as_(LEO).get(first["@odata.nextLink"])).json()
    seen = [one["id"] for one in first["value"] + second["value"]]
    assert sorted(seen) == sorted(fixed_id(f"old {n}") for n in range(6))
    assert "@odata.nextLink" not in second


async def test_the_oldest_can_come_first(database: Database, as_: Clients) -> None:
    await open_office(database)
    await enter_history(database, 30)
    found = await walk(
        as_(ADA), REQUESTS, {"$top": "7", "$orderby": "createdDateTime asc", "$select": "createdDateTime"}
    )
    times = [one["createdDateTime"] for page in found for one in page["value"]]
    assert len(times) == 30
    assert times == sorted(times)


async def walk(client: httpx2.AsyncClient, url: str, options: dict[str, str]) -> list[dict[str, Any]]:
    """Follow nextLink to the end, and return every page."""
    pages = [(await client.get(url, params=options)).json()]
    while "@odata.nextLink" in pages[-1]:
        pages.append((await client.get(pages[-1]["@odata.nextLink"])).json())
    return pages


EXPANDED = "requestor,accessPackage,assignment($expand=target,accessPackage,assignmentPolicy)"


async def test_a_longer_page_asks_the_database_no_more_questions(database: Database, as_: Clients) -> None:
    await open_office(database)
    await enter_history(database, 60)
    asked = []
    for top in ("2", "50"):
        with statements(database, beginning="SELECT") as seen:
            answer = await as_(ADA).get(REQUESTS, params={"$top": top, "$expand": EXPANDED})
        assert len(answer.json()["value"]) == int(top)
        asked.append(len(seen))
    assert asked[0] == asked[1]


async def test_no_list_reads_all_requests_there_ever_were(database: Database, as_: Clients) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("SQLite tells plainly what it reads; the indexes are the same on PostgreSQL")
    await open_office(database)
    await enter_history(database, 40)
    whose = ["target", "createdBy", "approver", "targetOrRequestor", "targetManager", "requestForOthers"]
    for url in (REQUESTS, *(MINE.format(on) for on in whose)):
        with statements(database, beginning="SELECT") as seen:
            await as_(ADA).get(url, params={"$top": "5"})
        plans = [await plan(database, *one) for one in seen if "FROM requests" in one[0]]
        assert plans, url
        for lines in plans:
            assert [line for line in lines if line.startswith("SCAN") and "USING" not in line] == [], (url, lines)


async def plan(database: Database, statement: str, parameters: Iterable[Any]) -> list[str]:
    """Return how SQLite would go about a statement."""
    async with database.engine.connect() as connection:
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))
        return [str(row[3]) for row in found]


async def test_a_request_that_delivers_shows_its_assignment(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    request_id = await ask(as_(MIA), LEO)
    body = (await as_(LEO).get(f"{REQUESTS}/{request_id}", params={"$expand": EXPANDED})).json()
    assert body["state"] == "delivering"
    assert body["assignment"]["state"] == "delivering"
    assert body["assignment"]["target"]["objectId"] == LEO.id
    assert body["assignment"]["schedule"]["expiration"]["type"] == "afterDateTime"


async def test_requestor_target_and_administrators_cancel_and_others_do_not(database: Database, as_: Clients) -> None:
    await open_office(database)
    for person, status in ((CY, 404), (BOB, 403), (LEO, 204), (MIA, 204), (ADA, 204)):
        request_id = await ask(as_(MIA), LEO)
        answer = await as_(person).post(f"{REQUESTS}/{request_id}/cancel")
        assert answer.status_code == status, (person, answer.text)
        if status != 204:
            await as_(MIA).post(f"{REQUESTS}/{request_id}/cancel")
        again = await as_(MIA).post(f"{REQUESTS}/{request_id}/cancel")
        assert again.status_code == 409, again.text
        assert again.json()["error"]["code"] in {"requestClosed", "notCancellable"}


async def test_requests_are_never_deleted(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await ask(as_(MIA), LEO)
    answer = await as_(ADA).delete(f"{REQUESTS}/{request_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "notSupported")
    assert await ids(as_(ADA), REQUESTS) == [request_id]
    async with database.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM requests")) == 1
