"""People, their managers and their groups, as Microsoft's clients ask for them."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, people
from tests.api.conftest import Clients
from tests.cast import ADA, BEA, BOB, CAST, DAN, EVE, LEO, MAX, MIA, OWNERS, READERS, WRITERS, fixed_id

USERS = "http://grantline.test/v1.0/users"
LEO_AS_GRAPH_SHOWS_HIM = {
    "id": LEO.id,
    "displayName": "Leo Park",
    "userPrincipalName": "leo@grantline.test",
    "mail": "leo.park@grantline.test",
    "jobTitle": "Analyst",
    "businessPhones": [],
    "givenName": None,
    "surname": None,
    "mobilePhone": None,
    "officeLocation": None,
    "preferredLanguage": None,
}


def ids(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["value"]]


async def test_leo_sees_himself_as_graph_shows_a_user(as_: Clients) -> None:
    answer = await as_(LEO).get("/me")
    context = {"@odata.context": "http://grantline.test/v1.0/$metadata#users/$entity"}
    assert (answer.status_code, answer.json()) == (200, context | LEO_AS_GRAPH_SHOWS_HIM)


@pytest.mark.parametrize("path", [f"/users/{LEO.id}", f"/users/{LEO.id.upper()}", "/users/Leo@grantline.test"])
async def test_a_user_is_found_by_id_and_by_sign_in_name(as_: Clients, path: str) -> None:
    answer = await as_(EVE).get(path)
    assert answer.json()["userPrincipalName"] == "leo@grantline.test"


async def test_what_is_selected_is_all_that_is_shown(as_: Clients) -> None:
    answer = await as_(MIA).get(f"/users/{LEO.id}?$select=DISPLAYNAME,department,accountEnabled,companyName")
    assert answer.json() == {
        "@odata.context": "http://grantline.test/v1.0/$metadata#users"
        "(DISPLAYNAME,department,accountEnabled,companyName)/$entity",
        "displayName": "Leo Park",
        "department": "Stories",
        "accountEnabled": True,
        "companyName": None,
    }


async def test_managers_expand_up_the_line(as_: Clients) -> None:
    answer = await as_(LEO).get("/me?$expand=manager($levels=max;$select=id)&$select=id")
    body = answer.json()
    assert body["manager"]["id"] == MIA.id
    assert body["manager"]["manager"]["id"] == MAX.id
    assert body["manager"]["manager"]["manager"] is None
    nested = (await as_(LEO).get("/me?$expand=manager($expand=manager)")).json()
    assert nested["manager"]["manager"]["displayName"] == "Max Moor"


async def test_a_manager_says_what_it_is(as_: Clients) -> None:
    answer = await as_(LEO).get("/me/manager")
    assert answer.json()["@odata.type"] == "#microsoft.graph.user"
    assert answer.json()["id"] == MIA.id
    where = await as_(LEO).get("/me/manager/$ref")
    assert where.json()["@odata.id"] == f"{USERS}/{MIA.id}"


async def test_nobody_above_max_answers_404(as_: Clients) -> None:
    answer = await as_(MAX).get("/me/manager")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "itemNotFound")
    assert answer.json()["error"]["message"] == "Max Moor (max@grantline.test) has no manager."


@pytest.mark.parametrize("cast", ["", "/graph.user", "/microsoft.graph.user"])
async def test_mias_reports(as_: Clients, cast: str) -> None:
    answer = await as_(MIA).get(f"/me/directReports{cast}?$count=true&$select=id,displayName")
    assert answer.json() == {
        "@odata.context": "http://grantline.test/v1.0/$metadata#directoryObjects(id,displayName)",
        "@odata.count": 2,
        "value": [
            {"@odata.type": "#microsoft.graph.user", "id": DAN.id, "displayName": "Dan Gone"},
            {"@odata.type": "#microsoft.graph.user", "id": LEO.id, "displayName": "Leo Park"},
        ],
    }


async def test_one_report_and_one_who_is_not(as_: Clients) -> None:
    assert (await as_(MIA).get(f"/me/directReports/{LEO.id}")).json()["id"] == LEO.id
    assert (await as_(MIA).get(f"/me/directReports/{BOB.id}")).status_code == 404
    assert (await as_(MIA).get("/me/directReports/$count")).text == "2"
    assert (await as_(MIA).get(f"/users/{MAX.id}/directReports/$count")).text == "4"


@pytest.mark.parametrize(
    ("story", "filter_", "expected"),
    [
        ("by name", "displayName eq 'Leo Park'", [LEO]),
        ("in any case", "displayName eq 'leo park'", [LEO]),
        ("by sign-in name", "userPrincipalName eq 'LEO@GRANTLINE.TEST'", [LEO]),
        ("by mail", "mail eq 'Leo.Park@grantline.test'", [LEO]),
        ("by id", f"id eq '{LEO.id.upper()}'", [LEO]),
        ("by a bare id", f"id eq {LEO.id}", [LEO]),
        ("names in any case", f"DisplayNAME eq 'Leo Park' and ID eq '{LEO.id}'", [LEO]),
        ("the other way round", "'Leo Park' eq displayName", [LEO]),
        ("beginning", "startswith(displayName,'B')", [BEA, BOB]),
        ("beginning, as a comparison", "startswith(displayName,'B') eq true", [BEA, BOB]),
        ("not beginning", "startsWith(displayName,'B') eq false and department eq 'Stories'", None),
        ("ending", "endswith(userPrincipalName,'OB@grantline.test')", [BOB]),
        ("holding", "contains(tolower(displayName),'oo')", [MAX]),
        ("no wildcard", "contains(displayName,'%')", []),
        ("no wildcard either", "contains(displayName,'_')", []),
        ("disabled", "accountEnabled eq false", [DAN]),
        ("disabled, otherwise said", "not accountEnabled", [DAN]),
        ("disabled, yet otherwise", "accountEnabled ne true", [DAN]),
        ("nothing set", "jobTitle eq null and startswith(displayName,'E')", [EVE]),
        ("something set", "jobTitle ne null", [LEO, MAX, MIA]),
        ("what is unset is not the title", "jobTitle ne 'Analyst' and startswith(displayName,'E')", [EVE]),
        ("not of what is unset", "not (jobTitle eq 'Analyst') and startswith(displayName,'E')", [EVE]),
        ("either", "displayName eq 'Leo Park' or (displayName eq 'Eve Wolf' and accountEnabled eq true)", [EVE, LEO]),
        ("one of", "displayName in ('Leo Park','eve wolf')", [EVE, LEO]),
        ("by manager", f"manager/id eq '{MIA.id}'", [DAN, LEO]),
        ("by instant", "createdDateTime lt 2026-01-01T00:00:00Z", []),
        ("by instant, inclusive", "createdDateTime le 2026-01-01T01:00:00+01:00 and id eq '" + LEO.id + "'", [LEO]),
        ("by day", "createdDateTime gt 2025-12-31 and id eq '" + LEO.id + "'", [LEO]),
        ("quotes", "displayName eq 'O''Neil'", []),
    ],
)
async def test_users_are_filtered(as_: Clients, story: str, filter_: str, expected: Any) -> None:
    answer = await as_(EVE).get("/users", params={"$filter": filter_})
    wanted = [p for p in CAST if p not in (BOB, BEA)] if expected is None else expected
    assert set(ids(answer)) == {p.id for p in wanted}, story


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ("displayName", BEA.id, MIA.id),
        ("displayName desc", MIA.id, BEA.id),
        ("jobTitle desc,displayName", MIA.id, EVE.id),
        ("accountEnabled,displayName asc", DAN.id, MIA.id),
    ],
)
async def test_users_are_ordered(as_: Clients, order: str, first: str, last: str) -> None:
    found = ids(await as_(EVE).get("/users", params={"$orderby": order, "$filter": f"id ne '{ADA.id}'"}))
    assert (found[0], found[-1]) == (first, last)


async def test_groups_of_people_and_people_of_groups(as_: Clients) -> None:
    assert ids(await as_(BOB).get("/me/memberOf")) == [OWNERS.id]
    (shown,) = (await as_(BOB).get("/me/memberOf/microsoft.graph.group?$select=displayName")).json()["value"]
    assert shown == {"@odata.type": "#microsoft.graph.group", "displayName": "Payroll owners"}
    assert ids(await as_(EVE).get(f"/groups/{OWNERS.id}/members")) == [BEA.id, BOB.id]
    assert (await as_(EVE).get(f"/groups/{OWNERS.id}/members/$count")).text == "2"
    held = await as_(BOB).post("/me/checkMemberGroups", json={"groupIds": [OWNERS.id, READERS.id]})
    assert held.json()["value"] == [OWNERS.id]


async def test_an_administrator_makes_a_group_and_fills_it(as_: Clients) -> None:
    ada = as_(ADA)
    made = await ada.post("/groups", json={"displayName": "Travel", "mailEnabled": False, "description": "They go."})
    assert made.status_code == 201
    group_id = made.json()["id"]
    assert made.headers["location"] == f"http://grantline.test/v1.0/groups/{group_id}"
    body = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{LEO.id}"}
    assert (await ada.post(f"/groups/{group_id}/members/$ref", json=body)).status_code == 204
    again = await ada.post(f"/groups/{group_id}/members/$ref", json=body)
    assert again.status_code == 400
    assert ids(await ada.get(f"/groups/{group_id}/members")) == [LEO.id]
    assert (await ada.delete(f"/groups/{group_id}/members/{LEO.id}/$ref")).status_code == 204
    assert (await ada.delete(f"/groups/{group_id}/members/{LEO.id}/$ref")).status_code == 404
    assert (await ada.patch(f"/groups/{group_id}", json={"displayName": "Travellers"})).status_code == 204
    assert (await ada.get(f"/groups/{group_id}")).json()["displayName"] == "Travellers"
    assert (await ada.delete(f"/groups/{group_id}")).status_code == 204
    assert (await ada.get(f"/groups/{group_id}")).status_code == 404


async def test_an_administrator_hires_somebody(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    made = await ada.post(
        "/users",
        json={
            "accountEnabled": "true",
            "DisplayName": "Noa New",
            "userPrincipalName": "Noa@grantline.test",
            "mail": "noa@grantline.test",
            "employeeHireDate": "2026-11-30T00:00:00Z",
            "passwordProfile": {"password": "is not kept"},
            "manager@odata.bind": f"{USERS}/{MIA.id}",
        },
    )
    assert made.status_code == 201, made.text
    noa = made.json()["id"]
    assert made.json()["employeeHireDate"] == "2026-11-30T00:00:00Z"
    assert (await ada.get("/users/noa@grantline.test/manager?$select=id")).json()["id"] == MIA.id
    twice = await ada.post("/users", json={"displayName": "N", "userPrincipalName": "NOA@grantline.test"})
    assert (twice.status_code, twice.json()["error"]["code"]) == (409, "nameAlreadyExists")
    assert (await ada.patch(f"/users/{noa}", json={"jobTitle": "Analyst", "mail": None})).status_code == 204
    changed = (await ada.get(f"/users/{noa}")).json()
    assert (changed["jobTitle"], changed["mail"]) == ("Analyst", None)
    assert (await ada.delete(f"/users/{noa}")).status_code == 204
    assert (await ada.get(f"/users/{noa}")).status_code == 404
    async with database.read() as tx:
        trail = await tx.all(select(audit_events).order_by(audit_events.c.number))
    assert [(row.type, row.actor_id, row.object_id, row.details["action"]) for row in trail] == [
        ("directory.changed", ADA.id, noa, "created"),
        ("directory.changed", ADA.id, noa, "changed"),
        ("directory.changed", ADA.id, noa, "deleted"),
    ]


@pytest.mark.parametrize(
    ("story", "person", "manager", "status"),
    [
        ("a new manager", LEO, MAX.id, 204),
        ("the same manager", LEO, MIA.id, 204),
        ("oneself", LEO, LEO.id, 400),
        ("a circle", MAX, LEO.id, 400),
        ("nobody", LEO, fixed_id("nobody"), 400),
        ("of nobody", None, LEO.id, 404),
    ],
)
async def test_managers_are_set(as_: Clients, story: str, person: Person | None, manager: str, status: int) -> None:
    ada = as_(ADA)
    who = person.id if person else fixed_id("nobody")
    answer = await ada.put(f"/users/{who}/manager/$ref", json={"@odata.id": f"{USERS}/{manager}"})
    assert answer.status_code == status, (story, answer.text)
    if status == 204:
        assert (await ada.get(f"/users/{who}/manager")).json()["id"] == manager
        assert (await ada.delete(f"/users/{who}/manager/$ref")).status_code == 204
        assert (await ada.delete(f"/users/{who}/manager/$ref")).status_code == 404


async def test_a_deleted_manager_leaves_people_without_one(as_: Clients) -> None:
    ada = as_(ADA)
    assert (await ada.delete(f"/users/{MIA.id}")).status_code == 204
    assert (await ada.get(f"/users/{LEO.id}/manager")).status_code == 404


async def test_administrators_neither_disable_nor_delete_themselves(as_: Clients) -> None:
    ada = as_(ADA)
    assert (await ada.patch("/me", json={"accountEnabled": False})).status_code == 409
    assert (await ada.delete(f"/users/{ADA.id}")).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/users", {"displayName": "X", "userPrincipalName": "x@grantline.test"}),
        ("PATCH", f"/users/{LEO.id}", {"jobTitle": "Director"}),
        ("PATCH", "/me", {"jobTitle": "Director"}),
        ("DELETE", f"/users/{LEO.id}", None),
        ("PUT", f"/users/{LEO.id}/manager/$ref", {"@odata.id": f"{USERS}/{EVE.id}"}),
        ("DELETE", f"/users/{LEO.id}/manager/$ref", None),
        ("POST", "/groups", {"displayName": "Mine"}),
        ("PATCH", f"/groups/{OWNERS.id}", {"displayName": "Mine"}),
        ("DELETE", f"/groups/{OWNERS.id}", None),
        ("POST", f"/groups/{OWNERS.id}/members/$ref", {"@odata.id": f"{USERS}/{EVE.id}"}),
        ("DELETE", f"/groups/{OWNERS.id}/members/{BOB.id}/$ref", None),
    ],
)
async def test_only_administrators_change_the_directory(
    as_: Clients, database: Database, method: str, path: str, body: dict[str, Any] | None
) -> None:
    answer = await as_(EVE).request(method, path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "accessDenied")
    async with database.read() as tx:
        assert await tx.first(select(audit_events)) is None


async def test_250_people_are_paged_while_some_come_and_go(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    async with database.write() as tx:
        (row,) = (await tx.execute(select(people).where(people.c.id == LEO.id))).mappings()
        for n in range(250):
            name = f"p{n:03}"
            copy = {"id": fixed_id(name), "user_principal_name": name, "user_key": name, "employee_id": name}
            await tx.execute(people.insert().values({**row, **copy, "display_name": f"P{n // 3:03}"}))
    seen: list[str] = []
    answer = await as_(EVE).get("/users?$top=40&$filter=startswith(displayName,'P')&$count=true")
    assert answer.json()["@odata.count"] == 250
    pages = 1
    while "@odata.nextLink" in answer.json():
        seen += ids(answer)
        if pages == 2:
            assert (await ada.delete(f"/users/{seen[0]}")).status_code == 204
            await ada.post("/users", json={"displayName": "P000", "userPrincipalName": "late@grantline.test"})
        link = answer.json()["@odata.nextLink"]
        assert link.startswith("http://grantline.test/v1.0/users?$top=40&")
        answer = await as_(EVE).get(link)
        pages += 1
    seen += ids(answer)
    assert pages == 7
    assert sorted(seen) == sorted(fixed_id(f"p{n:03}") for n in range(250))


@pytest.mark.parametrize("order", ["jobTitle desc,displayName", "displayName desc", "mail", "createdDateTime,jobTitle"])
async def test_pages_of_two_make_the_whole_in_any_order(as_: Clients, order: str) -> None:
    whole = ids(await as_(EVE).get("/users", params={"$orderby": order}))
    assert len(whole) == len(CAST)
    seen: list[str] = []
    answer = await as_(EVE).get("/users", params={"$orderby": order, "$top": "2"})
    while "@odata.nextLink" in answer.json():
        seen += ids(answer)
        answer = await as_(EVE).get(answer.json()["@odata.nextLink"])
    assert seen + ids(answer) == whole


async def test_groups_are_listed_by_name(as_: Clients) -> None:
    assert ids(await as_(EVE).get("/groups")) == [OWNERS.id, READERS.id, WRITERS.id]
    assert ids(await as_(EVE).get("/groups?$filter=displayName eq 'payroll readers'")) == [READERS.id]
    assert (await as_(EVE).get("/groups/$count")).text == "3"
