"""Separation of duties over HTTP: what administrators configure, what others are told, and who has both."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import insert, select

from grantline.model.person import Person
from grantline.persistence.database import Database
from grantline.persistence.tables import audit_events, group_members
from tests.api.configured import PACKAGES, UNKNOWN_ID, error_of, message_of, names
from tests.api.conftest import BASE, GOVERNANCE, V1, Clients
from tests.api.office import APPROVALS, ASSIGNMENTS, NO_APPROVAL, PAYROLL_ID, POLICY, REQUESTS, open_office, user_add
from tests.api.test_assignments import give, set_state
from tests.api.test_requests_read import walk
from tests.cast import ADA, BEA, BOB, CY, EVE, LEO, LONG_AGO, MAX, MIA, READERS, WRITERS, fixed_id

AUDIT_ID = fixed_id("audit books")
TREASURY_ID = fixed_id("treasury")
OTHERS = f"{PACKAGES}/{PAYROLL_ID}/incompatibleAccessPackages"
GROUPS = f"{PACKAGES}/{PAYROLL_ID}/incompatibleGroups"
REPORT = f"{BASE}/api/separation-of-duties"


async def open_shop(db: Database, policy: Any = NO_APPROVAL) -> None:
    """Enter Payroll, Audit books and Treasury."""
    await open_office(db, policy, ("audit books", "treasury"))


def refer(package_id: str) -> dict[str, str]:
    """Return the body of a reference to a package, as Graph's clients send it."""
    return {"@odata.id": f"{GOVERNANCE}/accessPackages/{package_id}"}


def refer_group(group_id: str) -> dict[str, str]:
    """Return the body of a reference to a group."""
    return {"@odata.id": f"{V1}/groups/{group_id}"}


async def exclude(ada: httpx2.AsyncClient, package_id: str, *others: str) -> None:
    """Let a package exclude others."""
    for other in others:
        answer = await ada.post(f"{PACKAGES}/{package_id}/incompatibleAccessPackages/$ref", json=refer(other))
        assert (answer.status_code, answer.content) == (204, b""), answer.text


async def join(db: Database, group_id: str, *members: Person) -> None:
    """Put people into a group."""
    async with db.write() as tx:
        rows = [{"group_id": group_id, "person_id": one.id, "added_at": LONG_AGO} for one in members]
        await tx.execute(insert(group_members), rows)


async def test_incompatible_packages_are_listed_one_way_and_taken_off(database: Database, as_: Clients) -> None:
    await open_shop(database)
    ada = as_(ADA)
    assert names(await ada.get(OTHERS)) == []
    await exclude(ada, PAYROLL_ID, TREASURY_ID, AUDIT_ID)

    listed = (await ada.get(OTHERS, params={"$count": "true", "$expand": "catalog"})).json()
    assert listed["@odata.count"] == 2
    assert [(one["id"], one["displayName"], one["catalog"]["displayName"]) for one in listed["value"]] == [
        (AUDIT_ID, "Audit books", "finance"),
        (TREASURY_ID, "Treasury", "finance"),
    ]
    assert (await ada.get(f"{OTHERS}/$count")).text == "2"
    references = (await ada.get(f"{OTHERS}/$ref")).json()["value"]
    assert references == [refer(AUDIT_ID), refer(TREASURY_ID)]
    assert names(await ada.get(OTHERS, params={"$filter": "displayName eq 'Treasury'"})) == ["Treasury"]
    pages = await walk(ada, OTHERS, {"$top": "1"})
    assert [[one["id"] for one in page["value"]] for page in pages] == [[AUDIT_ID], [TREASURY_ID]]

    for package_id, excludes, excluded_by in ((PAYROLL_ID, 2, 0), (AUDIT_ID, 0, 1), (TREASURY_ID, 0, 1)):
        for name, count in (("incompatibleAccessPackages", excludes), ("accessPackagesIncompatibleWith", excluded_by)):
            url = f"{PACKAGES}/{package_id}/{name}"
            assert len(names(await ada.get(url))) == int((await ada.get(f"{url}/$count")).text) == count, url
    assert names(await ada.get(f"{PACKAGES}/{AUDIT_ID}/accessPackagesIncompatibleWith")) == ["Payroll"]

    assert (await ada.delete(f"{OTHERS}/{AUDIT_ID}/$ref")).status_code == 204
    by_url = await ada.delete(f"{OTHERS}/$ref", params={"@id": refer(TREASURY_ID)["@odata.id"]})
    assert by_url.status_code == 204
    assert names(await ada.get(OTHERS)) == []


async def test_incompatible_groups_are_listed_and_taken_off(database: Database, as_: Clients) -> None:
    await open_shop(database)
    ada = as_(ADA)
    for one in (WRITERS, READERS):
        assert (await ada.post(f"{GROUPS}/$ref", json=refer_group(one.id))).status_code == 204
    assert names(await ada.get(GROUPS)) == ["Payroll readers", "Payroll writers"]
    assert (await ada.get(f"{GROUPS}/$count")).text == "2"
    assert (await ada.get(f"{GROUPS}/$ref")).json()["value"] == [refer_group(READERS.id), refer_group(WRITERS.id)]
    assert error_of(await ada.delete(f"/groups/{WRITERS.id}"))[0] == 409

    assert (await ada.delete(f"{GROUPS}/{READERS.id}/$ref")).status_code == 204
    by_url = await ada.delete(f"{GROUPS}/$ref", params={"@id": refer_group(WRITERS.id)["@odata.id"]})
    assert by_url.status_code == 204
    assert names(await ada.get(GROUPS)) == []


async def test_a_group_that_a_package_excludes_is_not_deleted(database: Database, as_: Clients) -> None:
    await open_shop(database)
    ada = as_(ADA)
    made = (await ada.post("/groups", json={"displayName": "Auditors"})).json()["id"]
    await ada.post(f"{GROUPS}/$ref", json=refer_group(made))
    answer = await ada.delete(f"/groups/{made}")
    assert error_of(answer) == (409, "inUse")
    assert message_of(answer) == (
        "Auditors is an incompatible group of the access package 'Payroll'; take it off that list first."
    )
    await ada.delete(f"{GROUPS}/{made}/$ref")
    assert (await ada.delete(f"/groups/{made}")).status_code == 204


async def test_a_deleted_package_is_on_no_list(database: Database, as_: Clients) -> None:
    await open_shop(database)
    ada = as_(ADA)
    await exclude(ada, PAYROLL_ID, AUDIT_ID, TREASURY_ID)
    await exclude(ada, AUDIT_ID, PAYROLL_ID)
    assert (await ada.delete(f"{PACKAGES}/{AUDIT_ID}")).status_code == 204
    assert names(await ada.get(OTHERS)) == ["Treasury"]
    assert names(await ada.get(f"{PACKAGES}/{PAYROLL_ID}/accessPackagesIncompatibleWith")) == []


@pytest.mark.parametrize(
    ("story", "method", "url", "body", "expected", "says"),
    [
        (
            "no such package",
            "POST",
            f"{PACKAGES}/{UNKNOWN_ID}/incompatibleAccessPackages/$ref",
            refer(AUDIT_ID),
            (404, "itemNotFound"),
            "no access package",
        ),
        ("no such other", "POST", f"{OTHERS}/$ref", refer(UNKNOWN_ID), (400, "invalidRequest"), "no access package"),
        ("itself", "POST", f"{OTHERS}/$ref", refer(PAYROLL_ID), (400, "invalidRequest"), "with itself"),
        ("twice", "POST", f"{OTHERS}/$ref", refer(AUDIT_ID), (400, "invalidRequest"), "'Audit books' already"),
        ("no reference", "POST", f"{OTHERS}/$ref", {"id": AUDIT_ID}, (400, "invalidRequest"), "@odata.id"),
        ("no such group", "POST", f"{GROUPS}/$ref", refer_group(UNKNOWN_ID), (400, "invalidRequest"), "no group"),
        ("not on the list", "DELETE", f"{OTHERS}/{TREASURY_ID}/$ref", None, (404, "itemNotFound"), "'Payroll' has no"),
        ("no group there", "DELETE", f"{GROUPS}/{WRITERS.id}/$ref", None, (404, "itemNotFound"), "'Payroll' has no"),
        ("nobody named", "DELETE", f"{OTHERS}/$ref", None, (400, "invalidRequest"), "?@id="),
        ("a list of none", "GET", f"{PACKAGES}/{UNKNOWN_ID}/incompatibleGroups", None, (404, "itemNotFound"), "no acc"),
    ],
)
async def test_what_cannot_be_configured(
    *,
    database: Database,
    as_: Clients,
    story: str,
    method: str,
    url: str,
    body: Any,
    expected: tuple[int, str],
    says: str,
) -> None:
    await open_shop(database)
    await exclude(as_(ADA), PAYROLL_ID, AUDIT_ID)
    answer = await as_(ADA).request(method, url, json=body)
    assert (error_of(answer), says in message_of(answer)) == (expected, True), (story, answer.text)
    assert names(await as_(ADA).get(OTHERS)) == ["Audit books"]


async def test_only_administrators_read_and_configure_it(database: Database, as_: Clients) -> None:
    await open_shop(database)
    both = f"accessPackageId='{PAYROLL_ID}',incompatibleAccessPackageId='{AUDIT_ID}'"
    for method, url in (
        ("GET", OTHERS),
        ("GET", GROUPS),
        ("GET", f"{PACKAGES}/{PAYROLL_ID}/accessPackagesIncompatibleWith"),
        ("POST", f"{OTHERS}/$ref"),
        ("POST", f"{GROUPS}/$ref"),
        ("DELETE", f"{OTHERS}/{AUDIT_ID}/$ref"),
        ("DELETE", f"{GROUPS}/{WRITERS.id}/$ref"),
        ("GET", f"{ASSIGNMENTS}/additionalAccess({both})"),
        ("GET", REPORT),
    ):
        for person in (MIA, BOB, EVE):
            answer = await as_(person).request(method, url, json=refer(AUDIT_ID) if method == "POST" else None)
            assert error_of(answer) == (403, "accessDenied"), (person, url)
        assert (await as_(None).request(method, url)).status_code == 401, url


async def test_each_change_is_in_the_trail_with_who_made_it(database: Database, as_: Clients) -> None:
    await open_shop(database)
    ada = as_(ADA)
    await exclude(ada, PAYROLL_ID, AUDIT_ID)
    await ada.post(f"{GROUPS}/$ref", json=refer_group(WRITERS.id))
    await ada.delete(f"{OTHERS}/{AUDIT_ID}/$ref")
    await ada.delete(f"{GROUPS}/{WRITERS.id}/$ref")
    async with database.read() as tx:
        rows = await tx.all(select(audit_events).order_by(audit_events.c.number))
    assert {(row.type, row.actor_id, row.object_type, row.object_id) for row in rows} == {
        ("configuration.changed", ADA.id, "accessPackage", PAYROLL_ID)
    }
    audit = {"id": AUDIT_ID, "display_name": "Audit books"}
    writers = {"id": WRITERS.id, "display_name": "Payroll writers"}
    assert [row.details["changes"] for row in rows] == [
        {"incompatible_access_packages": {"from": None, "to": audit}},
        {"incompatible_groups": {"from": None, "to": writers}},
        {"incompatible_access_packages": {"from": audit, "to": None}},
        {"incompatible_groups": {"from": writers, "to": None}},
    ]


async def test_whoever_asks_is_told_what_collides_and_still_finds_the_package(database: Database, as_: Clients) -> None:
    await open_shop(database)
    await exclude(as_(ADA), PAYROLL_ID, AUDIT_ID)
    held = await give(as_(LEO), LEO, "audit books")
    says = (
        "Leo Park (leo@grantline.test) may not have 'Payroll' together with 'Audit books' "
        f"(held by assignment {held}): separation of duties. First remove assignment {held}, then ask again."
    )
    direct = {"requestType": "adminAdd", "assignment": user_add(LEO)["assignment"]}
    for person, body in ((LEO, user_add()), (MIA, user_add(LEO)), (ADA, direct)):
        answer = await as_(person).post(REQUESTS, json=body)
        assert (*error_of(answer), message_of(answer)) == (409, "incompatibleAccess", says), person
    finding = f"{PACKAGES}/filterByCurrentUser(on='allowedRequestor')"
    assert "Payroll" in names(await as_(LEO).get(finding))
    wanted = await as_(LEO).post(f"{PACKAGES}/{PAYROLL_ID}/getApplicablePolicyRequirements")
    assert len(wanted.json()["value"]) == 1
    for_leo = await as_(MIA).get(f"{BASE}/api/packages", params={"for": LEO.id})
    assert "Payroll" in [one["displayName"] for one in for_leo.json()["items"]]


async def test_a_request_that_is_stopped_before_delivery_shows_why(database: Database, as_: Clients) -> None:
    await open_shop(database, POLICY)
    await exclude(as_(ADA), PAYROLL_ID, AUDIT_ID)
    asked = (await as_(MIA).post(REQUESTS, json=user_add(LEO))).json()["id"]
    other = user_add(LEO)
    other["assignment"]["accessPackageId"] = AUDIT_ID
    for request_id in ((await as_(MIA).post(REQUESTS, json=other)).json()["id"], asked):
        (stage,) = (await as_(BOB).get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
        verdict = {"reviewResult": "Approve", "justification": "fine"}
        decided = await as_(BOB).patch(f"{APPROVALS}/{request_id}/stages/{stage['id']}", json=verdict)
        assert decided.status_code == 204
    shown = (await as_(MIA).get(f"{REQUESTS}/{asked}")).json()
    (held,) = (await as_(LEO).get(f"{ASSIGNMENTS}/filterByCurrentUser(on='target')")).json()["value"]
    assert (shown["state"], shown["status"]) == (
        "deliveryFailed",
        f"DeliveryFailed: separation of duties, Leo Park has 'Audit books' (held by assignment {held['id']})",
    )


async def test_members_of_an_incompatible_group_are_refused(database: Database, as_: Clients) -> None:
    await open_shop(database)
    await as_(ADA).post(f"{GROUPS}/$ref", json=refer_group(WRITERS.id))
    await join(database, WRITERS.id, LEO)
    answer = await as_(MIA).post(REQUESTS, json=user_add(LEO))
    assert error_of(answer) == (409, "incompatibleAccess")
    assert message_of(answer) == (
        "Leo Park (leo@grantline.test) may not have 'Payroll' together with membership of the group 'Payroll writers': "
        "separation of duties. First end the membership of 'Payroll writers', then ask again."
    )


async def give_everybody(db: Database, as_: Clients) -> dict[str, str]:
    """Give Payroll to Leo, Mia, Max and Cy, and Audit books to all but Cy; return Payroll's assignments by holder."""
    held = {}
    for person in (LEO, MIA, MAX, CY):
        held[person.id] = await give(as_(person), person)
        if person is not CY:
            await give(as_(person), person, "audit books")
    await set_state(db, held[MAX.id], "expired")
    return held


async def test_who_holds_two_packages_is_listed_before_they_exclude_each_other(
    database: Database, as_: Clients
) -> None:
    await open_shop(database)
    held = await give_everybody(database, as_)
    ada = as_(ADA)
    both = f"{ASSIGNMENTS}/additionalAccess(accessPackageId='{PAYROLL_ID}',incompatibleAccessPackageId='{AUDIT_ID}')"
    pages = await walk(ada, both, {"$top": "1", "$expand": "target", "$select": "id,state", "$count": "true"})
    assert [page["@odata.count"] for page in pages] == [2, 2]
    found = {one["target"]["objectId"]: one["id"] for page in pages for one in page["value"]}
    assert found == {LEO.id: held[LEO.id], MIA.id: held[MIA.id]}
    filtered = await ada.get(both, params={"$filter": f"target/objectId eq '{LEO.id}'"})
    assert [one["id"] for one in filtered.json()["value"]] == [held[LEO.id]]
    qualified = await ada.get(both.replace("additionalAccess", "microsoft.graph.additionalAccess"))
    assert len(qualified.json()["value"]) == 2
    other_way = both.replace(PAYROLL_ID, "x").replace(AUDIT_ID, PAYROLL_ID).replace("x", AUDIT_ID)
    assert len((await ada.get(other_way)).json()["value"]) == 2
    swapped = f"{ASSIGNMENTS}/additionalAccess(incompatibleAccessPackageId='{AUDIT_ID}',accessPackageId='{PAYROLL_ID}')"
    assert {one["id"] for one in (await ada.get(swapped)).json()["value"]} == set(found.values())
    assert error_of(await ada.get(both.replace(AUDIT_ID, UNKNOWN_ID))) == (404, "itemNotFound")
    assert error_of(await ada.get(both.replace(AUDIT_ID, "x"))) == (400, "invalidRequest")


async def test_the_report_lists_everybody_who_has_what_excludes_each_other(database: Database, as_: Clients) -> None:
    await open_shop(database)
    held = await give_everybody(database, as_)
    await join(database, WRITERS.id, CY, BEA)
    ada = as_(ADA)
    assert (await ada.get(REPORT)).json() == {"items": [], "next": None}
    await exclude(ada, PAYROLL_ID, AUDIT_ID, TREASURY_ID)
    await ada.post(f"{GROUPS}/$ref", json=refer_group(WRITERS.id))

    items: list[Any] = []
    after: dict[str, str] = {}
    for _ in range(3):
        body = (await ada.get(REPORT, params={"limit": "1", **after})).json()
        items += body["items"]
        after = {"after": body["next"] or ""}
    assert after == {"after": ""}
    payroll = {"id": PAYROLL_ID, "displayName": "Payroll"}
    writers = {"kind": "group", "id": WRITERS.id, "displayName": "Payroll writers", "assignmentId": None}
    assert items[0] == {
        "target": {
            "id": CY.id,
            "displayName": "Cy Frost",
            "userPrincipalName": "cy@grantline.test",
            "mail": "cy.frost@grantline.test",
            "accountEnabled": True,
        },
        "accessPackage": payroll,
        "assignmentId": held[CY.id],
        "incompatibleWith": writers,
    }
    assert [(one["target"]["id"], one["assignmentId"], one["incompatibleWith"]["id"]) for one in items[1:]] == [
        (LEO.id, held[LEO.id], AUDIT_ID),
        (MIA.id, held[MIA.id], AUDIT_ID),
    ]
    assert {one["incompatibleWith"]["kind"] for one in items[1:]} == {"accessPackage"}
    assert all(one["incompatibleWith"]["assignmentId"] for one in items[1:])
    assert error_of(await ada.get(REPORT, params={"limit": "0"})) == (400, "invalidRequest")
