"""Assignments over HTTP: who sees who holds what, lists and filters, and how they end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from grantline.model.person import Person
from grantline.model.policy import RequestorSettings
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments
from tests.api.conftest import Clients, RecordingRelay
from tests.api.office import (
    ASSIGNMENTS,
    NO_APPROVAL,
    OPEN_TO_ALL,
    PAYROLL_ID,
    POLICY_ID,
    REQUESTS,
    open_office,
    user_add,
)
from tests.api.test_requests_read import EXPANDED, ids, statements, walk
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, LONG_AGO, MAX, MIA, fixed_id

MINE = f"{ASSIGNMENTS}/filterByCurrentUser(on='{{}}')"
RELATIONS = "target,accessPackage,assignmentPolicy"


async def give(client: httpx2.AsyncClient, target: Person | None = None, package: str = "payroll") -> str:
    """Ask for a package that needs no approval, and return the assignment's id."""
    body = user_add(target)
    body["assignment"]["accessPackageId"] = fixed_id(package)
    asked = await client.post(REQUESTS, json=body)
    assert asked.status_code == 201, asked.text
    read = await client.get(f"{REQUESTS}/{asked.json()['id']}", params={"$expand": "assignment"})
    return str(read.json()["assignment"]["id"])


async def set_state(database: Database, assignment_id: str, state: str, **more: Any) -> None:
    """Put an assignment into a state that a worker would bring about."""
    async with database.write() as tx:
        values = {"state": state, "status": state.capitalize(), **more}
        await tx.changed(update(assignments).where(assignments.c.id == assignment_id).values(**values))


def removal(assignment_id: str, kind: str = "userRemove") -> dict[str, Any]:
    """Return the body of a removal."""
    return {"requestType": kind, "assignment": {"id": assignment_id}}


async def test_an_assignment_reads_as_graph_writes_it(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(MIA), LEO)
    await set_state(database, assignment_id, "delivered", delivered_at=LONG_AGO)
    body = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}", params={"$expand": RELATIONS})).json()
    assert {name: body[name] for name in ("id", "state", "status", "expiredDateTime")} == {
        "id": assignment_id,
        "state": "delivered",
        "status": "Delivered",
        "expiredDateTime": None,
    }
    assert body["schedule"]["recurrence"] is None
    assert body["schedule"]["expiration"]["type"] == "afterDateTime"
    assert body["schedule"]["expiration"]["endDateTime"].endswith("Z")
    assert (body["target"]["objectId"], body["target"]["principalName"]) == (LEO.id, "leo@grantline.test")
    assert (body["accessPackage"]["id"], body["accessPackage"]["displayName"]) == (PAYROLL_ID, "Payroll")
    assert body["assignmentPolicy"]["id"] == POLICY_ID
    bare = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}", params={"$select": "id,state"})).json()
    assert {name for name in bare if not name.startswith("@")} == {"id", "state"}


async def test_who_sees_what_leo_holds(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    seen = {}
    for person in (LEO, MIA, ADA, MAX, BOB, EVE):
        answer = await as_(person).get(f"{ASSIGNMENTS}/{assignment_id}")
        seen[person.display_name] = answer.status_code
    assert seen == {
        "Leo Park": 200,
        "Mia Lind": 200,
        "Ada King": 200,
        "Max Moor": 404,
        "Bob Stone": 404,
        "Eve Wolf": 404,
    }


async def test_an_assignment_one_may_not_see_answers_as_one_that_does_not_exist(
    database: Database, as_: Clients
) -> None:
    await open_office(database, NO_APPROVAL)
    hidden, absent = await give(as_(LEO)), fixed_id("no such assignment")
    for method, url, body in (
        ("GET", f"{ASSIGNMENTS}/{{}}", None),
        ("DELETE", f"{ASSIGNMENTS}/{{}}", None),
        ("POST", f"{ASSIGNMENTS}/{{}}/reprocess", None),
        ("POST", REQUESTS, "userRemove"),
    ):
        answers = []
        for assignment_id in (hidden, absent):
            json = removal(assignment_id, body) if body else None
            answer = await as_(EVE).request(method, url.format(assignment_id), json=json)
            error = answer.json()["error"]
            answers.append((answer.status_code, error["code"], error["message"].replace(assignment_id, "<id>")))
        assert answers[0] == answers[1], (method, url)
        assert answers[0][:2] == (404, "itemNotFound"), (method, url)


async def test_each_way_of_listing_ones_own_assignments(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL, more_packages=["travel"])
    from_mia, own, mias = await give(as_(MIA), LEO), await give(as_(LEO), package="travel"), await give(as_(MIA))
    lists: dict[str, dict[str, list[str]]] = {
        "target": {"leo": [own, from_mia], "mia": [mias], "max": [], "bob": []},
        "createdBy": {"leo": [own], "mia": [mias, from_mia], "max": [], "bob": []},
        "targetManager": {"leo": [], "mia": [own, from_mia], "max": [mias], "bob": []},
        "targetAgentIdentitySponsorOrOwner": {"leo": [], "mia": [], "max": [], "bob": []},
    }
    people = {"mia": MIA, "leo": LEO, "bob": BOB, "max": MAX}
    for on, expected in lists.items():
        for name, wanted in expected.items():
            assert await ids(as_(people[name]), MINE.format(on)) == wanted, (on, name)
    answer = await as_(LEO).get(MINE.format("approver"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalidRequest")
    assert "targetManager" in answer.json()["error"]["message"]


async def test_everybodys_assignments_are_for_administrators(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    assert await ids(as_(ADA), ASSIGNMENTS, expand=RELATIONS) == [assignment_id]
    refused = await as_(LEO).get(ASSIGNMENTS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "accessDenied")
    assert "filterByCurrentUser" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("filter_", "is_found"),
    [
        ("state eq 'delivered'", True),
        ("state eq 'Delivered'", True),
        ("assignmentState eq 'Delivered'", True),
        ("state eq 'expired'", False),
        (f"accessPackage/id eq '{PAYROLL_ID}' and state eq 'delivered'", True),
        (f"accessPackage/id eq '{POLICY_ID}'", False),
        (f"target/objectid eq '{LEO.id}'", True),
        (f"target/objectid eq '{LEO.id}' and accessPackage/id eq '{PAYROLL_ID}'", True),
        (f"target/objectId eq '{EVE.id}'", False),
        (f"assignmentPolicy/id eq '{POLICY_ID}'", True),
    ],
)
@pytest.mark.parametrize("state", ["delivered", "ending"])
async def test_filters_see_access_that_is_being_taken_back_as_still_there(
    database: Database, as_: Clients, state: str, filter_: str, is_found: bool
) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    await set_state(database, assignment_id, state)
    assert await ids(as_(ADA), ASSIGNMENTS, filter=filter_) == ([assignment_id] if is_found else [])


async def test_what_ends_soon_is_found_by_when_and_the_next_comes_first(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL, more_packages=["safe", "archive"])
    soon, later, never = [await give(as_(LEO), package=package) for package in ("payroll", "safe", "archive")]
    for held, ends_at in ((later, LONG_AGO + timedelta(days=20)), (soon, LONG_AGO + timedelta(days=10)), (never, None)):
        await set_state(database, held, "delivered", starts_at=LONG_AGO, ends_at=ends_at)
    end, start = "schedule/expiration/endDateTime", "schedule/startDateTime"
    for who, whose in ((LEO, "target"), (MIA, "targetManager")):
        for filter_, found in (
            (f"{end} lt 2026-02-01T00:00:00Z", [soon, later]),
            (f"{end} lt 2026-01-12T00:00:00Z and {start} le 2026-01-01T00:00:00Z", [soon]),
            (f"{end} eq null", [never]),
            ("contains(accessPackage/displayName,'SAF') and contains(target/displayName,'leo')", [later]),
            ("contains(accessPackage/displayName,'%')", []),
        ):
            assert await ids(as_(who), MINE.format(whose), filter=filter_, orderby=end) == found, filter_
    refused = await as_(ADA).get(ASSIGNMENTS, params={"$filter": "contains(target/displayName,'leo')"})
    assert (refused.status_code, refused.json()["error"]["target"]) == (400, "$filter")


async def test_access_that_is_being_taken_back_says_so(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    await set_state(database, assignment_id, "ending")
    body = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()
    assert (body["state"], body["status"]) == ("delivered", "Revoking")
    await set_state(database, assignment_id, "expired", ended_at=LONG_AGO)
    body = (await as_(LEO).get(f"{ASSIGNMENTS}/{assignment_id}")).json()
    assert (body["state"], body["expiredDateTime"]) == ("expired", "2026-01-01T00:00:00Z")


async def test_many_assignments_in_pages_with_everything_expanded(database: Database, as_: Clients) -> None:
    packages = [f"package {n}" for n in range(25)]
    await open_office(database, NO_APPROVAL, more_packages=packages)
    given = [await give(as_(MIA), LEO, package) for package in packages]
    pages = await walk(as_(MIA), MINE.format("targetManager"), {"$top": "10", "$expand": RELATIONS, "$count": "true"})
    assert [len(page["value"]) for page in pages] == [10, 10, 5]
    rows = [one for page in pages for one in page["value"]]
    assert [row["id"] for row in rows] == given[::-1]
    assert {row["accessPackage"]["id"] for row in rows} == {fixed_id(package) for package in packages}
    asked = []
    for top in ("1", "25"):
        with statements(database) as seen:
            await as_(ADA).get(ASSIGNMENTS, params={"$top": top, "$expand": RELATIONS})
        asked.append(len(seen))
    assert asked[0] == asked[1]


async def test_leo_gives_up_what_he_holds(database: Database, as_: Clients, relay: RecordingRelay) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    await set_state(database, assignment_id, "delivered")
    relay.sent.clear()
    answer = await as_(LEO).post(REQUESTS, json=removal(assignment_id))
    assert (answer.status_code, answer.json()["requestType"], answer.json()["state"]) == (
        201,
        "userRemove",
        "submitted",
    )
    assert [message.subject_id for message in relay.sent] == [assignment_id]
    read = await as_(LEO).get(f"{REQUESTS}/{answer.json()['id']}", params={"$expand": EXPANDED})
    assert (read.json()["state"], read.json()["assignment"]["id"]) == ("delivering", assignment_id)
    again = await as_(LEO).post(REQUESTS, json=removal(assignment_id))
    assert (again.status_code, again.json()["error"]["code"]) == (409, "assignmentEnded")


@pytest.mark.parametrize(
    ("story", "rules", "who", "kind", "status", "code"),
    [
        ("Mia, where the policy lets her", OPEN_TO_ALL, MIA, "userRemove", 201, "userRemove"),
        (
            "Mia, where it does not",
            replace(OPEN_TO_ALL, on_behalf_remove=False),
            MIA,
            "userRemove",
            403,
            "removalNotAllowed",
        ),
        (
            "Leo, where he may not give it up",
            replace(OPEN_TO_ALL, self_remove=False),
            LEO,
            "userRemove",
            403,
            "removalNotAllowed",
        ),
        ("Mia, as if she administered", OPEN_TO_ALL, MIA, "adminRemove", 403, "accessDenied"),
        ("Ada", RequestorSettings(self_add=True), ADA, "adminRemove", 201, "adminRemove"),
        ("Bea, who has nothing to do with it", OPEN_TO_ALL, BEA, "userRemove", 404, "itemNotFound"),
        ("Max, two levels up", OPEN_TO_ALL, MAX, "userRemove", 404, "itemNotFound"),
        ("Cy, as if he administered", OPEN_TO_ALL, CY, "adminRemove", 404, "itemNotFound"),
    ],
)
async def test_who_ends_what_leo_holds(
    *,
    database: Database,
    as_: Clients,
    story: str,
    rules: RequestorSettings,
    who: Person,
    kind: str,
    status: int,
    code: str,
) -> None:
    await open_office(database, replace(NO_APPROVAL, requestor_settings=rules))
    assignment_id = await give(as_(LEO))
    await set_state(database, assignment_id, "delivered")
    answer = await as_(who).post(REQUESTS, json=removal(assignment_id, kind))
    body = answer.json()
    assert (answer.status_code, body.get("requestType") or body["error"]["code"]) == (status, code), (story, body)


async def test_what_graph_has_and_we_do_not_says_so(database: Database, as_: Clients) -> None:
    await open_office(database, NO_APPROVAL)
    assignment_id = await give(as_(LEO))
    for method, url in (
        ("DELETE", f"{ASSIGNMENTS}/{assignment_id}"),
        ("GET", f"{ASSIGNMENTS}/additionalAccess()"),
    ):
        answer = await as_(ADA).request(method, url)
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "notSupported"), url
    assert "userRemove" in (await as_(ADA).delete(f"{ASSIGNMENTS}/{assignment_id}")).json()["error"]["message"]
