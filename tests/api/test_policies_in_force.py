"""What a policy says is what happens: from the policy that Ada writes to the request that Leo makes."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from grantline.ambient import utc_now
from grantline.model.person import Person
from tests.api.configured import MANAGERS_ASK, PACKAGES, POLICIES, a_catalog, a_package, a_policy, error_of, message_of
from tests.api.conftest import BASE, Clients
from tests.api.office import REQUESTS
from tests.api.test_approvals import decide, stages_of
from tests.api.test_packages_found import one, only
from tests.cast import ADA, BOB, CY, EVE, LEO, MIA

SELF = {"enableTargetsToSelfAddAccess": True}
APPROVED = {"isApprovalRequiredForAdd": True, "stages": [{"primaryApprovers": [one(BOB)]}]}
DAYS = {"type": "afterDuration", "duration": "P90D"}


async def payroll(client: httpx2.AsyncClient) -> str:
    """Make the package without any policy; return its id."""
    return await a_package(client, await a_catalog(client))


async def asking(
    client: httpx2.AsyncClient, package_id: str, target: Person | None = None, **more: Any
) -> httpx2.Response:
    """Ask for the package."""
    policy_id = more.pop("policy_id", None)
    assignment: dict[str, Any] = {"accessPackageId": package_id, "assignmentPolicyId": policy_id}
    if target is not None:
        assignment["target"] = {"objectId": target.id}
    return await client.post(REQUESTS, json={"requestType": "userAdd", "assignment": assignment, **more})


async def policy_of(client: httpx2.AsyncClient, answer: httpx2.Response) -> str:
    """Return the policy that a request was made under."""
    assert answer.status_code == 201, answer.text
    params = {"$expand": "assignment($expand=assignmentPolicy)"}
    read = (await client.get(f"{REQUESTS}/{answer.json()['id']}", params=params)).json()
    return str(read["assignment"]["assignmentPolicy"]["id"])


async def state_of(client: httpx2.AsyncClient, answer: httpx2.Response) -> str:
    """Return where a request is now."""
    assert answer.status_code == 201, answer.text
    return str((await client.get(f"{REQUESTS}/{answer.json()['id']}")).json()["state"])


async def test_each_policy_has_its_own_scope_approval_and_end(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    for_leo = await a_policy(ada, package_id, displayName="Leo", **only(one(LEO)), expiration=DAYS)
    for_all = await a_policy(ada, package_id, requestApprovalSettings=APPROVED)
    leos, eves = await asking(as_(LEO), package_id), await asking(as_(EVE), package_id)
    assert await policy_of(ada, leos) == for_leo, "the most specific wins"
    assert await policy_of(ada, eves) == for_all
    assert (await state_of(ada, leos), await state_of(ada, eves)) == ("delivering", "pendingApproval")


async def test_only_among_equals_the_requestor_picks(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    await a_policy(ada, package_id)
    short = await a_policy(ada, package_id, displayName="Short", **only(one(LEO)), expiration=DAYS)
    await a_policy(ada, package_id, displayName="Long", **only(one(LEO), one(CY)))
    several = await asking(as_(LEO), package_id)
    assert error_of(several) == (400, "policyRequired")
    assert "'Long'" in message_of(several)
    assert f"'Short' ({short})" in message_of(several)
    assert "Everybody" not in message_of(several)
    assert await policy_of(ada, await asking(as_(LEO), package_id, policy_id=short)) == short
    other = await asking(as_(EVE), package_id, policy_id=short)
    assert error_of(other) == (403, "targetOutOfScope")


async def test_new_requests_are_switched_off_and_on_per_policy(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    policy_id = await a_policy(ada, package_id, requestorSettings={})
    assert error_of(await asking(as_(LEO), package_id)) == (403, "notRequestable")
    read = (await ada.get(f"{POLICIES}/{policy_id}")).json()
    assert (await ada.put(f"{POLICIES}/{policy_id}", json=read | {"requestorSettings": SELF})).status_code == 200
    assert (await asking(as_(LEO), package_id)).status_code == 201


async def test_managers_ask_for_reports_only_where_that_is_switched_on(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    policy_id = await a_policy(ada, package_id)
    assert error_of(await asking(as_(MIA), package_id, LEO)) == (403, "onBehalfNotAllowed")
    read = (await ada.get(f"{POLICIES}/{policy_id}")).json()
    await ada.put(f"{POLICIES}/{policy_id}", json=read | {"requestorSettings": MANAGERS_ASK})
    assert error_of(await asking(as_(EVE), package_id, LEO)) == (403, "notYourReport")
    assert error_of(await asking(as_(LEO), package_id)) == (403, "selfRequestNotAllowed")
    assert (await asking(as_(MIA), package_id, LEO)).status_code == 201


async def test_a_target_out_of_scope_is_refused_whoever_asks(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    await a_policy(ada, package_id, requestorSettings=MANAGERS_ASK, **only(one(CY)))
    assert error_of(await asking(as_(MIA), package_id, LEO)) == (403, "targetOutOfScope")


async def test_scope_nobody_is_for_direct_assignment_alone(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    policy_id = await a_policy(ada, package_id, allowedTargetScope="notSpecified", requestorSettings={})
    assert (await asking(as_(LEO), package_id)).status_code == 403
    body = {
        "requestType": "adminAdd",
        "justification": "Audit",
        "assignment": {"accessPackageId": package_id, "assignmentPolicyId": policy_id, "targetId": LEO.id},
    }
    assert await state_of(ada, await ada.post(REQUESTS, json=body)) == "delivering"
    assert error_of(await as_(MIA).post(REQUESTS, json=body)) == (404, "itemNotFound")


async def test_editing_the_end_changes_later_requests_only(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    policy_id = await a_policy(ada, package_id, requestApprovalSettings=APPROVED, expiration=DAYS)
    asked = await asking(as_(LEO), package_id)
    read = (await ada.get(f"{POLICIES}/{policy_id}")).json()
    shorter = {"type": "afterDuration", "duration": "P1D"}
    assert (await ada.put(f"{POLICIES}/{policy_id}", json=read | {"expiration": shorter})).status_code == 200
    later = await asking(as_(EVE), package_id)
    lasting = {}
    for person, answer in ((LEO, asked), (EVE, later)):
        await decide(as_(BOB), answer.json()["id"])
        shown = await as_(person).get(f"{REQUESTS}/{answer.json()['id']}", params={"$expand": "assignment"})
        lasting[person.display_name] = shown.json()["assignment"]["schedule"]["expiration"]["endDateTime"]
    assert lasting["Leo Park"] > (utc_now() + timedelta(days=89)).isoformat()
    assert lasting["Eve Wolf"] < (utc_now() + timedelta(days=2)).isoformat()


async def test_a_justification_may_be_asked_of_requestor_and_approver(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    settings = {
        "isApprovalRequiredForAdd": True,
        "isRequestorJustificationRequired": True,
        "stages": [
            {"primaryApprovers": [one(BOB)], "isApproverJustificationRequired": True},
            {"primaryApprovers": [one(CY)]},
        ],
    }
    await a_policy(ada, package_id, requestApprovalSettings=settings)
    for nothing in (None, " "):
        assert error_of(await asking(as_(LEO), package_id, justification=nothing)) == (400, "justificationRequired")
    request_id = (await asking(as_(LEO), package_id, justification="Month end")).json()["id"]
    assert error_of(await decide(as_(BOB), request_id)) == (400, "justificationRequired")
    assert (await decide(as_(BOB), request_id, justification="Known")).status_code == 204
    assert (await decide(as_(CY), request_id, number=1)).status_code == 204, "each stage has its own rule"
    for person in (LEO, CY, ADA):
        assert [one["justification"] for one in await stages_of(as_(person), request_id)] == ["Known", ""]


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_times_are_asked_for_where_the_policy_lets_them(as_: Clients, *, is_allowed: bool) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    settings = SELF | {"allowCustomAssignmentSchedule": is_allowed}
    await a_policy(ada, package_id, requestorSettings=settings, expiration=DAYS)
    begins, ends = utc_now() + timedelta(days=3), utc_now() + timedelta(days=10)
    end = {"type": "afterDateTime", "endDateTime": ends.isoformat()}
    answer = await asking(as_(LEO), package_id, schedule={"startDateTime": begins.isoformat(), "expiration": end})
    if is_allowed:
        assert await state_of(as_(LEO), answer) == "scheduled"
    else:
        assert error_of(answer) == (400, "scheduleNotAllowed")


async def test_a_second_open_request_is_refused_and_names_the_first(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    await a_policy(ada, package_id, requestApprovalSettings=APPROVED, requestorSettings=SELF | MANAGERS_ASK | SELF)
    first = (await asking(as_(LEO), package_id)).json()["id"]
    for again in (await asking(as_(LEO), package_id), await asking(as_(MIA), package_id, LEO)):
        assert error_of(again) == (409, "duplicateRequest")
        assert first in message_of(again)


async def test_what_is_needed_can_be_asked_for_oneself_and_for_a_report(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    settings = APPROVED | {"isRequestorJustificationRequired": True}
    for_reports = await a_policy(
        ada, package_id, displayName="Reports", requestorSettings=MANAGERS_ASK, requestApprovalSettings=settings
    )
    for_all = await a_policy(ada, package_id)
    mine = (await as_(MIA).post(f"{PACKAGES}/{package_id}/getApplicablePolicyRequirements")).json()["value"]
    assert for_all in [one["policyId"] for one in mine]
    plain = f"{BASE}/api/packages/{package_id}/requirements"
    (leos,) = (await as_(MIA).get(plain, params={"for": LEO.id})).json()["items"]
    assert (leos["policyId"], leos["isRequestorJustificationRequired"], leos["isApprovalRequiredForAdd"]) == (
        for_reports,
        True,
        True,
    )
    assert (await as_(EVE).get(plain, params={"for": LEO.id})).json()["items"] == []


@pytest.mark.parametrize("scope", ["allMemberUsers", "allDirectoryUsers"])
async def test_scope_everybody_is_everybody_of_the_directory(as_: Clients, scope: str) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    await a_policy(ada, package_id, allowedTargetScope=scope)
    for person in (LEO, EVE, CY):
        assert await state_of(ada, await asking(as_(person), package_id)) == "delivering"


async def test_people_of_other_organisations_are_refused_by_name(as_: Clients) -> None:
    ada = as_(ADA)
    body = {
        "displayName": "Partners",
        "accessPackage": {"id": await payroll(ada)},
        **only({"@odata.type": "#microsoft.graph.connectedOrganizationMembers", "connectedOrganizationId": LEO.id}),
    }
    refused = await ada.post(POLICIES, json=body)
    assert error_of(refused) == (501, "notSupported")
    assert "connectedOrganizationMembers is not offered" in message_of(refused)


async def test_an_approver_sees_who_asks_for_whom(as_: Clients) -> None:
    ada = as_(ADA)
    package_id = await payroll(ada)
    await a_policy(ada, package_id, requestorSettings=SELF | MANAGERS_ASK | SELF, requestApprovalSettings=APPROVED)
    asked = (await asking(as_(MIA), package_id, LEO)).json()["id"]
    params = {"$expand": "requestor,assignment($expand=target)"}
    read = (await as_(BOB).get(f"{REQUESTS}/{asked}", params=params)).json()
    assert (read["requestor"]["objectId"], read["assignment"]["target"]["objectId"]) == (MIA.id, LEO.id)
    explained = (await as_(BOB).get(f"{BASE}/api/requests/{asked}/explain")).json()
    assert (explained["requestor"]["displayName"], explained["target"]["displayName"]) == ("Mia Lind", "Leo Park")
