"""Whoever may ask for a package finds it, for themselves or for somebody else; nobody else does."""

from typing import Any

import pytest
from sqlalchemy import update

from grantline.model.person import Actor
from grantline.persistence.database import Database
from grantline.persistence.tables import people
from grantline.services.requests import submission
from tests.api.configured import (
    CATALOGS,
    MANAGERS_ASK,
    PACKAGES,
    UNKNOWN_ID,
    a_catalog,
    a_package,
    a_policy,
    enter_request,
    error_of,
    message_of,
    names,
)
from tests.api.conftest import BASE, Clients
from tests.cast import ADA, BEA, BOB, CY, DAN, EVE, LEO, MAX, MIA, OWNERS

MINE = f"{PACKAGES}/filterByCurrentUser(on='allowedRequestor')"
PLAIN = f"{BASE}/api/packages"
GROUP_OF_OWNERS = {"@odata.type": "#microsoft.graph.groupMembers", "groupId": OWNERS.id}


def one(person: Any) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.singleUser", "userId": person.id}


def only(*subjects: dict[str, Any]) -> dict[str, Any]:
    return {"allowedTargetScope": "specificDirectoryUsers", "specificAllowedTargets": list(subjects)}


def asked_by(*subjects: dict[str, Any]) -> dict[str, Any]:
    return {"requestorSettings": {"enableOnBehalfRequestorsToAddAccess": True, "onBehalfRequestors": list(subjects)}}


def manager(level: int) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.targetManager", "managerLevel": level}


# Max manages Mia, Mia manages Leo (and Dan, who left); Bob, Bea and Cy report to Max; Bob and Bea are the owners.
FINDERS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("everybody asks for themselves", {}, {"max", "mia", "leo", "bob", "bea", "cy", "eve", "ada"}),
    ("only administrators assign", {"requestorSettings": {}}, set()),
    ("nobody in scope", {"allowedTargetScope": "notSpecified"}, set()),
    ("Eve alone", only(one(EVE)), {"eve"}),
    ("the owners", only(GROUP_OF_OWNERS), {"bob", "bea"}),
    ("managers, for anybody", {"requestorSettings": MANAGERS_ASK}, {"mia", "max"}),
    ("managers, for Leo", only(one(LEO)) | {"requestorSettings": MANAGERS_ASK}, {"mia"}),
    ("managers up to two levels, for Leo", only(one(LEO)) | asked_by(manager(2)), {"mia", "max"}),
    ("managers, for the owners", only(GROUP_OF_OWNERS) | asked_by(manager(1)), {"max"}),
    ("managers, for Dan who left", only(one(DAN)) | asked_by(manager(1)), set()),
    ("managers, for Eve who has none", only(one(EVE)) | asked_by(manager(4)), set()),
    ("Cy, for anybody", asked_by(one(CY)), {"cy"}),
    ("Cy, for Cy alone", only(one(CY)) | asked_by(one(CY)), set()),
    ("the owners, for each other", only(GROUP_OF_OWNERS) | asked_by(GROUP_OF_OWNERS), {"bob", "bea"}),
    ("a list of nobody", asked_by(), set()),
    (
        "a list that is switched off",
        {"requestorSettings": {"enableOnBehalfRequestorsToAddAccess": False, "onBehalfRequestors": [manager(1)]}},
        set(),
    ),
    (
        "the owners themselves, managers for Leo",
        only(GROUP_OF_OWNERS, one(LEO)) | {"requestorSettings": MANAGERS_ASK | {"enableTargetsToSelfAddAccess": True}},
        {"bob", "bea", "leo", "mia", "max"},
    ),
]
FREE = {person.user_principal_name.partition("@")[0]: person for person in (MAX, MIA, LEO, BOB, BEA, CY, EVE, ADA)}


async def test_each_finds_what_they_may_ask_for(as_: Clients) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    for number, (_, policy, _) in enumerate(FINDERS):
        await a_policy(ada, await a_package(ada, catalog_id, f"{number:02}"), **policy)
    found = {name: names(await as_(person).get(MINE)) for name, person in FREE.items()}
    for number, (story, _, expected) in enumerate(FINDERS):
        assert {name for name, listed in found.items() if f"{number:02}" in listed} == expected, story


@pytest.mark.timeout(180)
async def test_the_list_and_the_rules_agree_about_everybody(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    catalog_id = await a_catalog(ada)
    ids = []
    for number, (_, policy, _) in enumerate(FINDERS):
        ids.append(await a_package(ada, catalog_id, f"{number:02}"))
        await a_policy(ada, ids[-1], **policy)
    for asking in (MAX, MIA, EVE):
        client = as_(asking)
        mine = set(names(await client.get(MINE)))
        everything: set[str] = set()
        for target in (MAX, MIA, LEO, BOB, BEA, CY, EVE, DAN, ADA):
            listed = {one["displayName"] for one in (await client.get(f"{PLAIN}?for={target.id}")).json()["items"]}
            everything |= listed
            judged = set()
            for number, package_id in enumerate(ids):
                # The rules themselves: five hundred calls of the API would ask them no more, and take twice as long.
                if await submission.applicable_policies(database, Actor(person=asking), package_id, target.id):
                    judged.add(f"{number:02}")
            assert listed == judged, f"{asking} for {target}"
        assert everything == mine, f"{asking}"


async def test_what_is_hidden_withdrawn_or_deleted_is_not_listed(as_: Clients) -> None:
    ada, leo = as_(ADA), as_(LEO)
    catalog_id = await a_catalog(ada)
    package_id = await a_package(ada, catalog_id)
    await a_policy(ada, package_id)
    assert names(await leo.get(MINE)) == ["Payroll"]
    await ada.patch(f"{PACKAGES}/{package_id}", json={"isHidden": True})
    assert names(await leo.get(MINE)) == []
    assert (await leo.get(f"{PACKAGES}/{package_id}")).status_code == 200
    await ada.patch(f"{PACKAGES}/{package_id}", json={"isHidden": False})
    await ada.patch(f"{CATALOGS}/{catalog_id}", json={"state": "unpublished"})
    assert names(await leo.get(MINE)) == []
    assert error_of(await leo.get(f"{PACKAGES}/{package_id}")) == (404, "itemNotFound")


async def test_a_report_of_a_blocked_manager_is_still_within_reach_of_the_next(
    as_: Clients, database: Database
) -> None:
    ada = as_(ADA)
    package_id = await a_package(ada, await a_catalog(ada))
    await a_policy(ada, package_id, **(only(one(LEO)) | asked_by(manager(2))))
    async with database.write() as tx:
        await tx.changed(update(people).where(people.c.id == MIA.id).values(account_enabled=False))
    assert names(await as_(MAX).get(MINE)) == ["Payroll"]


async def test_the_list_is_paged_filtered_and_expanded(as_: Clients) -> None:
    ada, leo = as_(ADA), as_(LEO)
    catalog_id = await a_catalog(ada)
    for name in ("A", "B", "C"):
        package_id = await a_package(ada, catalog_id, name)
        await a_policy(ada, package_id)
        # Two policies that both apply must not list the package twice.
        await a_policy(ada, package_id, **only(one(LEO)))
    first = (await leo.get(f"{MINE}?$top=2&$count=true&$expand=catalog")).json()
    assert ([one["displayName"] for one in first["value"]], first["@odata.count"]) == (["A", "B"], 3)
    assert first["value"][0]["catalog"]["displayName"] == "Finance"
    assert names(await leo.get(first["@odata.nextLink"])) == ["C"]
    assert names(await leo.get(f"{MINE}?$filter=displayName eq 'b'")) == ["B"]
    for query in ("$expand=assignmentPolicies",):
        assert error_of(await leo.get(f"{MINE}?{query}")) == (403, "accessDenied")
        assert error_of(await leo.get(f"{PACKAGES}/{package_id}?{query}")) == (403, "accessDenied")
    assert error_of(await leo.get(f"{PACKAGES}/filterByCurrentUser(on='everybody')")) == (400, "invalidRequest")


async def test_who_has_nothing_to_do_with_a_package_does_not_find_it(as_: Clients, database: Database) -> None:
    ada = as_(ADA)
    package_id = await a_package(ada, await a_catalog(ada))
    await a_policy(ada, package_id, **(only(one(LEO)) | {"requestorSettings": MANAGERS_ASK}))
    paths = (
        ("GET", f"{PACKAGES}/{package_id}"),
        ("GET", f"{PACKAGES}/{package_id}/resourceRoleScopes"),
        ("POST", f"{PACKAGES}/{package_id}/getApplicablePolicyRequirements"),
        ("GET", f"{PLAIN}/{package_id}/requirements"),
    )
    for method, path in paths:
        assert (await as_(MIA).request(method, path)).status_code == 200
        hidden = await as_(EVE).request(method, path)
        absent = await as_(EVE).request(method, path.replace(package_id, UNKNOWN_ID))
        assert error_of(hidden) == error_of(absent) == (404, "itemNotFound")
        assert message_of(hidden) == message_of(absent).replace(UNKNOWN_ID, package_id)
        assert error_of(await as_(None).request(method, path)) == (401, "unauthenticated")
    assert error_of(await as_(LEO).get(f"{PACKAGES}/{package_id}")) == (404, "itemNotFound")
    await enter_request(database, package_id, state="denied")
    assert (await as_(LEO).get(f"{PACKAGES}/{package_id}")).status_code == 200


WANTED_FOR_REPORTS = {
    "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestRequirements",
    "policyDisplayName": "For reports",
    "policyDescription": "Managers ask",
    "isApprovalRequiredForAdd": True,
    "isApprovalRequiredForUpdate": False,
    "isRequestorJustificationRequired": True,
    "allowCustomAssignmentSchedule": True,
    "schedule": {
        "startDateTime": None,
        "recurrence": None,
        "expiration": {"endDateTime": None, "duration": "P90D", "type": "afterDuration"},
    },
    "questions": [],
}


async def test_requirements_say_what_each_policy_wants(as_: Clients) -> None:
    ada, mia = as_(ADA), as_(MIA)
    package_id = await a_package(ada, await a_catalog(ada))
    approval = {
        "isApprovalRequiredForAdd": True,
        "isRequestorJustificationRequired": True,
        "stages": [{"primaryApprovers": [one(BOB)]}],
    }
    behalf = await a_policy(
        ada,
        package_id,
        displayName="For reports",
        description="Managers ask",
        requestorSettings=MANAGERS_ASK | {"allowCustomAssignmentSchedule": True},
        requestApprovalSettings=approval,
        expiration={"type": "afterDuration", "duration": "P90D"},
        **only(one(LEO)),
    )
    everybody = await a_policy(ada, package_id)
    path = f"{PACKAGES}/{package_id}/getApplicablePolicyRequirements"
    answer = await mia.post(path)
    assert answer.status_code == 200
    for_reports, for_all = answer.json()["value"]
    assert for_reports == WANTED_FOR_REPORTS | {"policyId": behalf}
    assert for_all["policyId"] == everybody
    assert [one["policyId"] for one in (await as_(EVE).post(path)).json()["value"]] == [everybody]
    plain = (await mia.get(f"{PLAIN}/{package_id}/requirements?for={LEO.id}")).json()["items"]
    assert [one["policyId"] for one in plain] == [behalf]
    mine = (await mia.get(f"{PLAIN}/{package_id}/requirements")).json()["items"]
    assert [one["policyId"] for one in mine] == [everybody]


async def test_the_plain_list_goes_on_where_it_stopped(as_: Clients) -> None:
    ada, mia = as_(ADA), as_(MIA)
    catalog_id = await a_catalog(ada)
    for name in ("A", "B", "C"):
        await a_policy(ada, await a_package(ada, catalog_id, name), requestorSettings=MANAGERS_ASK)
    first = (await mia.get(f"{PLAIN}?for={LEO.id.upper()}&limit=2")).json()
    assert [one["displayName"] for one in first["items"]] == ["A", "B"]
    rest = (await mia.get(f"{PLAIN}?for={LEO.id}&limit=2&after={first['next']}")).json()
    assert ([one["displayName"] for one in rest["items"]], rest["next"]) == (["C"], None)
    assert (await mia.get(PLAIN)).json() == {"items": [], "next": None}
    assert error_of(await mia.get(f"{PLAIN}?for={UNKNOWN_ID}")) == (404, "itemNotFound")
    for query in ("for=leo", "limit=0", "limit=x", "after=x"):
        assert error_of(await mia.get(f"{PLAIN}?{query}")) == (400, "invalidRequest"), query


async def test_only_administrators_keep_packages(as_: Clients) -> None:
    ada, mia = as_(ADA), as_(MIA)
    package_id = await a_package(ada, await a_catalog(ada))
    await a_policy(ada, package_id)
    for answer in (
        await mia.get(PACKAGES),
        await mia.post(PACKAGES, json={"displayName": "x"}),
        await mia.patch(f"{PACKAGES}/{package_id}", json={"displayName": "x"}),
        await mia.delete(f"{PACKAGES}/{package_id}"),
    ):
        assert error_of(answer) == (403, "accessDenied")
