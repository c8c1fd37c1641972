"""Query options: what is understood, and how everything else is refused."""

import pytest

from api.odata import present
from api.odata.query import ODataQuery, parse
from grantline.errors import InvalidInput
from grantline.persistence.database import Database
from grantline.persistence.listing import Order
from tests.api.configured import CATALOGS
from tests.api.conftest import BASE, GOVERNANCE, Clients
from tests.api.office import PAYROLL_ID, POLICY_ID, open_office
from tests.cast import ADA, LEO, MIA


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Stay with SQLite: nothing here depends on the kind of database."""
    return sqlite_database


def test_nested_expands_keep_their_own_options() -> None:
    query = parse(
        "$expand=assignment($expand=target($select=id,objectId),accessPackage;$select=state),requestor&$select=id,state"
    )
    assert query.select == ("id", "state")
    assert set(query.expand) == {"assignment", "requestor"}
    inner = query.expanding("ASSIGNMENT")
    assert inner is not None
    assert inner.select == ("state",)
    assert inner.expand == {"target": ODataQuery(select=("id", "objectId")), "accessPackage": ODataQuery()}
    assert query.expanding("target") is None


@pytest.mark.parametrize("prefix", ["$", "%24", ""])
def test_options_in_any_case_with_or_without_dollar(prefix: str) -> None:
    query = parse(f"{prefix}Top=5&{prefix}orderBy=displayName%20desc,id&{prefix}COUNT=True&{prefix}skip=2")
    assert (query.top, query.skip, query.count) == (5, 2, True)
    assert query.orderby == (Order(path="displayName", is_descending=True), Order(path="id"))


@pytest.mark.parametrize(
    ("prefer", "query_string", "top"),
    [
        ("odata.maxpagesize=5", "", 5),
        ('respond-async, odata.maxpagesize="7"', "", 7),
        ("odata.maxpagesize=5", "$top=3", 3),
        ("odata.maxpagesize=5000", "", 999),
        ("include-unknown-enum-members", "", 100),
        (None, "", 100),
    ],
)
def test_the_size_of_a_page(prefer: str | None, query_string: str, top: int) -> None:
    assert parse(query_string, prefer=prefer).listing().top == top


def test_what_may_be_expanded_is_told() -> None:
    query = parse("$expand=assignment($expand=owner)")
    with pytest.raises(InvalidInput, match=r"'assignment/owner' here; it can be one of assignment, assignment/target"):
        query.allow_expand("assignment/target")
    with pytest.raises(InvalidInput, match="nothing can be expanded here"):
        query.allow_expand()
    parse("$expand=Assignment($expand=TARGET)").allow_expand("assignment/target")


def test_selecting_inside_of_what_is_expanded() -> None:
    item = {
        "id": "1",
        "state": "open",
        "target": {"@odata.type": "#t", "id": "2", "mail": "m"},
        "all": [{"id": "3", "x": 4}],
    }
    query = parse("$select=state&$expand=target($select=id),all($select=x)")
    assert present.shape(item, query) == {
        "state": "open",
        "target": {"@odata.type": "#t", "id": "2"},
        "all": [{"x": 4}],
    }
    assert present.shape(item, parse("$select=*")) == item


@pytest.mark.parametrize(
    "query",
    [
        "$top=0",
        "$top=-1",
        "$top=1000",
        "$top=junk",
        "$top=",
        "$top=1.5",
        "$top=٣",
        "$top=1&$top=2",
        "$skip=-1",
        "$skip=x",
        "$count=maybe",
        "$search=leo",
        '$search="leo"',
        '$search="password:leo"',
        '$search="displayName:leo" "mail:leo"',
        '$search="displayName:leo" NOT "mail:leo"',
        "$search=" + " OR ".join(['"displayName:leo"'] * 11),
        "$apply=aggregate(x)",
        "$deltatoken=latest",
        "$format=xml",
        "$filter=displayName eq 'nobody'&$select=password",
        "$filter=displayName eq 'nobody'&$expand=manager($select=password)",
        "$select=displayName/first",
        "$levels=2",
        "fitler=displayName eq 'x'",
        "$filter=",
        "$filter=displayName",
        "$filter=displayName eq",
        "$filter=displayName eq Leo",
        "$filter=displayName eq 'Leo",
        "$filter=displayName == 'Leo'",
        "$filter=(displayName eq 'x'",
        "$filter=displayName eq 5",
        "$filter=displayName gt null",
        "$filter=password eq 'x'",
        "$filter=manager/displayName eq 'x'",
        "$filter=id",
        "$filter='a' eq 'a'",
        "$filter=true",
        "$filter=displayName eq mail",
        "$filter=accountEnabled gt true",
        "$filter=accountEnabled eq 'yes'",
        "$filter=createdDateTime gt 'yesterday'",
        "$filter=createdDateTime gt 2026-13-01",
        "$filter=createdDateTime gt 2026-02-30",
        "$filter=createdDateTime ge 9999-12-31T23:59:59-14:00",
        "$filter=employeeHireDate eq 5",
        "$filter=displayName add 1 eq 2",
        "$filter=-1 eq displayName",
        "$filter=contains(displayName)",
        "$filter=contains('x',displayName)",
        "$filter=contains(accountEnabled,'x')",
        "$filter=contains(displayName,5)",
        "$filter=contains(displayName,'x') eq 5",
        "$filter=contains(displayName,'x') gt true",
        "$filter=length(displayName) eq 5",
        "$filter=concat(displayName,'x') eq 'y'",
        "$filter=startswith(nothing,'x')",
        "$filter=members/any(m:m/id eq 'x')",
        "$filter=any(x)",
        "$filter=displayName in 'x'",
        "$filter=displayName in ()",
        "$filter=displayName eq ('a','b')",
        "$filter=displayName has 'x'",
        "$filter=" + " and ".join(["displayName eq 'x'"] * 150),
        "$filter=" + "not " * 300 + "accountEnabled",
        "$filter=" + "(" * 1500 + "accountEnabled" + ")" * 1500 + " eq",
        "$filter=displayName eq '" + "x" * 5000 + "'",
        "$orderby=password",
        "$orderby=displayName upwards",
        "$orderby=displayName,,mail",
        "$orderby=displayName desc asc",
        "$orderby=",
        "$orderby=" + ",".join(["displayName"] * 9),
        "$select=password",
        "$select=id,,mail",
        "$select=",
        "$expand=",
        "$expand=department",
        "$expand=manager(",
        "$expand=manager)",
        "$expand=manager()x",
        "$expand=manager($select)",
        "$expand=manager($filter=x eq 1)",
        "$expand=manager($levels=0)",
        "$expand=directReports($levels=2)",
        "$expand=manager($levels=99)",
        "$expand=" + "manager($expand=" * 30 + "manager" + ")" * 30,
        "$skiptoken=",
        "$skiptoken=abc",
        "$skiptoken=%F0%9F%98%80",
        "$skiptoken=" + "A" * 5000,
        "&".join(f"a{n}=1" for n in range(60)),
    ],
)
async def test_what_cannot_be_understood_is_refused_by_name(as_: Clients, query: str) -> None:
    answer = await as_(MIA).get(f"/users?{query}")
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["code"] == "invalidRequest"
    assert len(error["message"]) > 20


async def test_a_refusal_lists_what_would_be_right(as_: Clients) -> None:
    answer = await as_(MIA).get("/users?$filter=password eq 'x'")
    assert answer.json()["error"]["message"] == (
        "$filter cannot use 'password' here; it can use accountEnabled, createdDateTime, department, displayName, "
        "employeeHireDate, employeeId, id, jobTitle, mail, manager/id, userPrincipalName."
    )
    answer = await as_(MIA).get("/users?$search=x")
    assert answer.json()["error"]["target"] == "$search"
    assert '"displayName:park" OR "mail:leo"' in answer.json()["error"]["message"]
    answer = await as_(ADA).get(f"{CATALOGS}?$search=x")
    assert "use $filter=contains(displayName,'…')" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ('"displayName:Leo"', {LEO.display_name}),
        ('"displayName:LEO" OR "mail:mia"', {LEO.display_name, MIA.display_name}),
        ('"displayName:leo" AND "mail:mia"', set()),
        ('"displayName:leo" OR "displayName:mia" AND "mail:nobody"', {LEO.display_name}),
        ('"displayName:100%"', set()),
    ],
)
async def test_people_are_searched_for(as_: Clients, search: str, found: set[str]) -> None:
    answer = await as_(MIA).get("/users", params={"$search": search, "$count": "true", "$select": "displayName"})
    assert {one["displayName"] for one in answer.json()["value"]} == found
    assert answer.json()["@odata.count"] == len(found)
    counted = await as_(MIA).get("/users/$count", params={"$search": search}, headers={"ConsistencyLevel": "eventual"})
    assert counted.text == str(len(found))
    assert counted.headers["content-type"].startswith("text/plain")


async def test_a_search_narrows_what_a_filter_leaves(as_: Clients) -> None:
    params = {"$search": '"displayName:leo" OR "displayName:mia"', "$filter": f"id eq '{MIA.id}'"}
    answer = await as_(MIA).get("/users", params=params)
    assert [one["id"] for one in answer.json()["value"]] == [MIA.id]


@pytest.mark.parametrize("path", ["/me", f"/users/{LEO.id}", "/me/manager"])
async def test_one_object_is_not_a_list(as_: Clients, path: str) -> None:
    answer = await as_(MIA).get(f"{path}?$top=5")
    assert (answer.status_code, answer.json()["error"]["target"]) == (400, "$top")


async def test_a_cursor_serves_only_the_query_it_was_made_for(as_: Clients) -> None:
    first = await as_(MIA).get("/users?$top=2")
    token = first.json()["@odata.nextLink"].partition("$skiptoken=")[2]
    assert (await as_(MIA).get(f"/users?$top=3&$skiptoken={token}")).status_code == 200
    for other in ("$orderby=mail&", "$orderby=displayName desc&", "$filter=accountEnabled eq true&"):
        assert (await as_(MIA).get(f"/users?{other}$skiptoken={token}")).status_code == 400, other
    for n in range(len(token)):
        altered = token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :]
        assert (await as_(MIA).get(f"/users?$skiptoken={altered}")).status_code == 400, n
    assert (await as_(MIA).get(f"/users?$skiptoken={token[:-2]}")).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "$format=application/json;odata.metadata=minimal",
        f"$filter=id in ('{MIA.id}')",
        f"$filter=id in('{MIA.id}') and displayName ne ' in (''x'')'",
        f"$filter=not(id in ('{LEO.id}')) and id IN ( '{MIA.id}' )&$select=id,DISPLAYNAME",
    ],
)
async def test_what_graphs_own_clients_write_is_understood(as_: Clients, query: str) -> None:
    answer = await as_(MIA).get(f"/users?{query}")
    assert answer.status_code == 200, answer.text
    assert MIA.id in answer.text


async def test_every_list_is_counted_by_its_own_route_and_permission(database: Database, as_: Clients) -> None:
    await open_office(database)
    policies = f"{GOVERNANCE}/accessPackages/{PAYROLL_ID}/assignmentPolicies"
    for person, path in (
        (ADA, policies),
        (ADA, f"{GOVERNANCE}/accessPackages/{PAYROLL_ID}/resourceRoleScopes"),
        (ADA, f"{GOVERNANCE}/assignmentPolicies/{POLICY_ID}/questions"),
        (ADA, "/roleManagement/entitlementManagement/roleDefinitions"),
        (MIA, "/me/directReports/microsoft.graph.user"),
        (MIA, "/me/transitiveMemberOf"),
        (MIA, f"{GOVERNANCE}/assignmentRequests/filterByCurrentUser(on='target')"),
    ):
        listed = (await as_(person).get(f"{path}?$count=true")).json()
        counted = await as_(person).get(f"{path}/$count", headers={"Accept": "text/plain;q=0.9"})
        assert (counted.status_code, counted.text) == (200, str(listed["@odata.count"])), path
        assert counted.headers["content-type"].startswith("text/plain")
    found = await as_(MIA).get("/me/directReports/graph.user/$count", params={"$filter": f"id eq '{LEO.id}'"})
    assert found.text == "1"
    for person, path, status in (
        (MIA, f"{policies}/$count", 403),
        (None, f"{policies}/$count", 401),
        (ADA, "/me/$count", 404),
        (ADA, f"/users/{LEO.id}/$count", 404),
        (ADA, "/users/$count?$top=1", 400),
        (ADA, f"{policies}/$count?$expand=catalog", 400),
        (ADA, f"{policies}/$count?$filter=id eq 'x'", 400),
    ):
        answer = await as_(person).get(path)
        assert answer.status_code == status, answer.text
        assert answer.json()["error"]["message"]


async def test_nothing_asked_for_beside_the_path_is_passed_over(as_: Clients) -> None:
    for method, path in (
        ("POST", f"{CATALOGS}?$select=id"),
        ("PATCH", "/me?foo=1"),
        ("DELETE", f"/users/{LEO.id}?$filter=id"),
    ):
        answer = await as_(ADA).request(method, path, json={} if method != "DELETE" else None)
        assert (answer.status_code, "not supported here" in answer.json()["error"]["message"]) == (400, True), path
    for path in ("/api/drift?foo=1", "/api/audit?actorID=x", "/api/reports?$top=1"):
        answer = await as_(ADA).get(f"{BASE}{path}")
        assert (answer.status_code, "not supported here; use" in answer.json()["error"]["message"]) == (400, True), path
    for accept, status in (
        ("application/xml", 406),
        ("text/plain", 406),
        ("application/json;odata.metadata=none, text/plain;q=0.9", 200),
        ("text/html, */*;q=0.1", 200),
        ("", 200),
    ):
        answer = await as_(MIA).get("/me", headers={"Accept": accept})
        assert answer.status_code == status, accept
        assert answer.headers["x-content-type-options"] == "nosniff"
