"""Ada turns switches that hold for everybody: what managers see of their reports, and who learns who approves."""

from typing import Any

import httpx2

from grantline.model.request import RequestType
from grantline.persistence.database import Database
from tests.api.configured import error_of, message_of
from tests.api.conftest import BASE, Clients
from tests.api.office import APPROVALS, ASSIGNMENTS, REQUESTS, open_office, user_add
from tests.cast import ADA, BOB, EVE, LEO, MIA, fixed_id
from tests.services.scene import events

PLAIN = f"{BASE}/api/control-configurations"
GRAPH = "/identityGovernance/entitlementManagement/controlConfigurations"
OF_REPORTS = (
    f"{ASSIGNMENTS}/filterByCurrentUser(on='targetManager')",
    f"{REQUESTS}/filterByCurrentUser(on='targetManager')",
)


async def asked(client: httpx2.AsyncClient, body: dict[str, Any]) -> str:
    answer = await client.post(REQUESTS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def ids(client: httpx2.AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["value"]]


async def given(as_: Clients, request_id: str) -> str:
    """Let Bob approve; return the assignment's id."""
    (stage,) = (await as_(BOB).get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
    decided = await as_(BOB).patch(f"{APPROVALS}/{request_id}/stages/{stage['id']}", json={"reviewResult": "Approve"})
    assert decided.status_code == 204, decided.text
    return (await as_(LEO).get(f"{REQUESTS}/{request_id}?$expand=assignment")).json()["assignment"]["id"]


async def test_with_the_managers_view_off_a_manager_sees_only_what_they_asked_for(
    database: Database, as_: Clients
) -> None:
    """Long because it is one story: on, off, and on again, at every door."""
    await open_office(database, more_packages=["library"])
    leos = await asked(as_(LEO), user_add())
    held = await given(as_, leos)
    hers = await asked(
        as_(MIA),
        {
            "requestType": RequestType.USER_ADD.value,
            "assignment": {"accessPackageId": fixed_id("library"), "target": {"objectId": LEO.id}},
        },
    )
    given_by_her = await given(as_, hers)
    pages = {
        leos: (f"{REQUESTS}/{leos}", f"{BASE}/api/requests/{leos}/explain", f"{APPROVALS}/{leos}"),
        held: (f"{ASSIGNMENTS}/{held}", f"{BASE}/api/assignments/{held}/explain"),
        hers: (f"{REQUESTS}/{hers}", f"{BASE}/api/requests/{hers}/explain", f"{APPROVALS}/{hers}"),
        given_by_her: (f"{ASSIGNMENTS}/{given_by_her}", f"{BASE}/api/assignments/{given_by_her}/explain"),
    }

    async def seen(who: httpx2.AsyncClient) -> set[str]:
        """Return what somebody sees, and hold each page of it against the others."""
        answers = {what: {(await who.get(page)).status_code for page in some} for what, some in pages.items()}
        assert all(len(some) == 1 for some in answers.values()), answers
        return {what for what, some in answers.items() if some == {200}}

    assert await seen(as_(MIA)) == set(pages)
    assert [set(await ids(as_(MIA), path)) for path in OF_REPORTS] == [{held, given_by_her}, {leos, hers}]
    assert (await as_(MIA).get(f"{BASE}/api/session")).json()["seesReportsAccess"] is True
    assert (await as_(ADA).get(PLAIN)).json() == {
        "managersSeeReportsAccess": True,
        "showApproverDetailsToMembers": True,
    }

    turned = await as_(ADA).patch(PLAIN, json={"managersSeeReportsAccess": False})

    assert (turned.status_code, turned.json()["managersSeeReportsAccess"]) == (200, False)
    assert (await as_(MIA).get(f"{BASE}/api/session")).json()["seesReportsAccess"] is False
    assert [await ids(as_(MIA), path) for path in OF_REPORTS] == [[], []]
    assert await seen(as_(MIA)) == {hers, given_by_her}
    assert await ids(as_(MIA), f"{ASSIGNMENTS}/filterByCurrentUser(on='createdBy')") == [given_by_her]
    # Nobody else sees less; and Eve, who has no part in it, never saw anything.
    assert [await seen(as_(one)) for one in (LEO, ADA, EVE)] == [set(pages), set(pages), set()]
    await refused_like_what_is_not_there(as_(MIA), held)

    assert (await as_(ADA).patch(PLAIN, json={"managersSeeReportsAccess": "true"})).status_code == 200
    assert await seen(as_(MIA)) == set(pages)


async def refused_like_what_is_not_there(mia: httpx2.AsyncClient, assignment_id: str) -> None:
    """Expect that Mia learns no more about an assignment by asking to extend it than about none at all."""
    said = []
    for id_ in (assignment_id, fixed_id("no such assignment")):
        body = {"requestType": "userUpdate", "assignment": {"id": id_}}
        answer = await mia.post(REQUESTS, json=body)
        said.append((error_of(answer), message_of(answer).replace(id_, "…")))
    assert said[0] == said[1]
    assert said[0][0] == (404, "itemNotFound")


async def test_graphs_switch_says_who_learns_who_approves(database: Database, as_: Clients) -> None:
    await open_office(database)
    request_id = await asked(as_(LEO), user_add())

    async def approvers() -> list[str]:
        (stage,) = (await as_(LEO).get(f"{APPROVALS}/{request_id}/stages")).json()["value"]
        explained = (await as_(LEO).get(f"{BASE}/api/requests/{request_id}/explain")).json()
        shown = [one["displayName"] for one in stage["approvers"]]
        assert bool(shown) == ("Bob Stone" in str(explained))
        # The policy names them as well, wherever it is shown beside what was asked under it.
        for path in (
            f"{REQUESTS}/{request_id}/assignment?$expand=assignmentPolicy",
            f"{REQUESTS}/filterByCurrentUser(on='target')?$expand=assignment($expand=assignmentPolicy)",
        ):
            assert (BOB.id in (await as_(LEO).get(path)).text) == bool(shown)
        assert BOB.id in (await as_(ADA).get(f"{REQUESTS}/{request_id}/assignment?$expand=assignmentPolicy")).text
        return shown

    (one,) = (await as_(ADA).get(GRAPH)).json()["value"]
    assert one == {
        "@odata.type": "#microsoft.graph.endUserSettings",
        "id": "endUserSettings",
        "isEnabled": True,
        "relatedPeopleInsightLevel": "disabled",
        "showApproverDetailsToMembers": True,
    }
    assert len(await approvers()) == 2
    # What was read is written back with one member changed, as Graph's own clients do.
    put = await as_(ADA).put(f"{GRAPH}/EndUserSettings", json=one | {"showApproverDetailsToMembers": False})
    assert (put.status_code, put.json()["showApproverDetailsToMembers"]) == (200, False)
    assert await approvers() == []
    assert (await as_(ADA).get(PLAIN)).json()["showApproverDetailsToMembers"] is False
    assert (await as_(ADA).get(f"{GRAPH}/$count")).text == "1"
    again = await as_(ADA).patch(f"{GRAPH}/endUserSettings", json={"showApproverDetailsToMembers": False})
    assert again.status_code == 200

    (event,) = await events(database, "configuration.changed")
    assert (event.actor_id, event.object_type) == (ADA.id, "controls")
    assert event.details == {"changes": {"shows_approvers": {"from": True, "to": False}}}


async def test_switches_are_for_administrators_and_what_makes_no_sense_is_named(as_: Clients) -> None:
    for path, method in ((PLAIN, "PATCH"), (GRAPH, "GET"), (f"{GRAPH}/endUserSettings", "PATCH")):
        assert error_of(await as_(MIA).request(method, path, json={})) == (403, "accessDenied")
    assert error_of(await as_(MIA).get(PLAIN)) == (403, "accessDenied")
    bad = await as_(ADA).patch(PLAIN, json={"managersSeeReports": False})
    assert bad.status_code == 400
    assert "managersSeeReportsAccess, showApproverDetailsToMembers" in message_of(bad)
    assert (await as_(ADA).patch(PLAIN, json={"managersSeeReportsAccess": None})).status_code == 400
    insights = await as_(ADA).put(f"{GRAPH}/endUserSettings", json={"relatedPeopleInsightLevel": "countAndNames"})
    assert error_of(insights) == (501, "notSupported")
    unknown = await as_(ADA).get(f"{GRAPH}/guestSettings")
    assert error_of(unknown) == (404, "itemNotFound")
    assert "endUserSettings" in message_of(unknown)
