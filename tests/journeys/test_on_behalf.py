"""The main job: a manager asks for a report, an approver decides, the access is real, and it is taken back."""

from datetime import datetime, timedelta

import pytest
from msgraph.generated.models.access_package_assignment_state import AccessPackageAssignmentState
from msgraph.generated.models.access_package_request_state import AccessPackageRequestState
from msgraph.generated.models.access_package_request_type import AccessPackageRequestType
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_service_client import GraphServiceClient

from grantline.ambient import utc_now
from tests.cast import ADA, BOB, EVE, LEO, MIA
from tests.journeys.conftest import Clients, System, until
from tests.journeys.graph import Prepared, ask, decide, extend, members, options, prepare, remove

# Microsoft's client warns about itself when its parts are first imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated:DeprecationWarning"),
]


async def test_mia_asks_for_leo_bob_approves_and_mia_takes_it_back(system_on_either: System) -> None:
    async with system_on_either.cast() as who:
        ada, mia, bob = who.ada, who.mia, who.bob
        prepared = await prepare(ada, BOB)
        reports = await mia.me.direct_reports.get()
        assert reports is not None
        assert LEO.id in {report.id for report in reports.value or []}
        assert await members(ada, prepared.group_id) == set()

        asked = await ask(mia, prepared, LEO)
        assert (asked.state, asked.status) == (AccessPackageRequestState.Submitted, "Accepted")
        request_id = str(asked.id)
        await sees_what_waits(bob, request_id, prepared)

        await decide(bob, request_id, "Approve")
        assert await until(lambda: state_of(mia, request_id), AccessPackageRequestState.Delivered)
        assert await members(ada, prepared.group_id) == {LEO.id}

        assignment_id = await sees_what_the_team_holds(mia, prepared)
        await remove(mia, assignment_id)
        assert await until(lambda: assignment_state(mia, assignment_id), AccessPackageAssignmentState.Expired)
        assert await members(ada, prepared.group_id) == set()


async def sees_what_waits(bob: GraphServiceClient, request_id: str, prepared: Prepared) -> None:
    """Assert that the request is on the approver's list, with who asks for whom and for what."""
    requests = bob.identity_governance.entitlement_management.assignment_requests
    mine = requests.filter_by_current_user_with_on("approver")
    waiting = await mine.get(options(mine, expand=["requestor", "accessPackage", "assignment($expand=target)"]))
    assert waiting is not None
    (pending,) = waiting.value or []
    assert (pending.id, pending.state) == (request_id, AccessPackageRequestState.PendingApproval)
    assert pending.requestor is not None
    assert pending.requestor.object_id == MIA.id
    assert pending.assignment is not None
    assert pending.assignment.target is not None
    assert pending.assignment.target.object_id == LEO.id
    assert pending.access_package is not None
    assert pending.access_package.id == prepared.package_id


async def sees_what_the_team_holds(mia: GraphServiceClient, prepared: Prepared) -> str:
    """Assert that the manager's list shows the report's one assignment, and return its id."""
    assignments = mia.identity_governance.entitlement_management.assignments
    team = assignments.filter_by_current_user_with_on("targetManager")
    held = await team.get(options(team, expand=["target", "accessPackage", "assignmentPolicy"]))
    assert held is not None
    (assignment,) = held.value or []
    assert assignment.state is AccessPackageAssignmentState.Delivered
    assert assignment.target is not None
    assert assignment.target.object_id == LEO.id
    assert assignment.assignment_policy is not None
    assert assignment.assignment_policy.id == prepared.policy_id
    return str(assignment.id)


async def test_leo_asks_for_himself_and_has_it_at_once_where_no_approval_is_needed(system: System) -> None:
    async with system.cast() as who:
        prepared = await prepare(who.ada)
        asked = await ask(who.leo, prepared)
        assert await until(lambda: state_of(who.leo, str(asked.id)), AccessPackageRequestState.Delivered)
        assert await members(who.ada, prepared.group_id) == {LEO.id}


async def test_ada_moves_the_end_of_what_leo_holds(system: System) -> None:
    async with system.cast() as who:
        asked = await ask(who.leo, await prepare(who.ada))
        assert await until(lambda: state_of(who.leo, str(asked.id)), AccessPackageRequestState.Delivered)
        assignments = who.leo.identity_governance.entitlement_management.assignments
        mine = await assignments.filter_by_current_user_with_on("target").get()
        assert mine is not None
        (held,) = mine.value or []
        ends_at = utc_now().replace(microsecond=0) + timedelta(days=20)
        with pytest.raises(ODataError) as refused:
            await extend(who.leo, str(held.id), AccessPackageRequestType.UserUpdate, ends_at)
        assert code_of(refused.value) == "extensionNotAllowed"

        update = await extend(who.ada, str(held.id), AccessPackageRequestType.AdminUpdate, ends_at)

        assert await state_of(who.leo, str(update.id)) is AccessPackageRequestState.Delivered
        found = await assignments.by_access_package_assignment_id(str(held.id)).get()
        assert found is not None
        assert (found.state, found.status) == (AccessPackageAssignmentState.Delivered, "Access extended")
        assert await end_of(who.leo, str(held.id)) == ends_at


async def test_three_stages_more_time_by_three_more_and_the_end(system: System) -> None:
    async with system.cast() as who:
        prepared = await prepare(who.ada, BOB, EVE, ADA)
        first, later = (utc_now().replace(microsecond=0) + timedelta(days=days) for days in (30, 60))
        asked = await ask(who.mia, prepared, LEO, until=first)
        await all_approve(who, str(asked.id))
        assert await until(lambda: state_of(who.mia, str(asked.id)), AccessPackageRequestState.Delivered)
        assert await members(who.ada, prepared.group_id) == {LEO.id}
        assignment_id = await sees_what_the_team_holds(who.mia, prepared)
        assert await end_of(who.leo, assignment_id) == first

        more = await extend(who.mia, assignment_id, AccessPackageRequestType.UserUpdate, later)
        assert (more.request_type, more.state) == (
            AccessPackageRequestType.UserUpdate,
            AccessPackageRequestState.Submitted,
        )
        await all_approve(who, str(more.id))
        assert await state_of(who.leo, str(more.id)) is AccessPackageRequestState.Delivered
        assert await end_of(who.leo, assignment_id) == later

        await remove(who.mia, assignment_id)
        assert await until(lambda: assignment_state(who.mia, assignment_id), AccessPackageAssignmentState.Expired)
        assert await members(who.ada, prepared.group_id) == set()


async def all_approve(who: Clients, request_id: str) -> None:
    """Let Bob, Eve and Ada approve in turn; each has nothing to decide before their stage opens."""
    for waiting, after in ((who.bob, who.eve), (who.eve, who.ada), (who.ada, None)):
        assert await state_of(who.mia, request_id) is AccessPackageRequestState.PendingApproval
        if after is not None:
            approvals = after.identity_governance.entitlement_management.access_package_assignment_approvals
            mine = await approvals.filter_by_current_user_with_on("approver").get()
            assert mine is not None
            assert mine.value == []
        await decide(waiting, request_id, "Approve")


async def end_of(client: GraphServiceClient, assignment_id: str) -> datetime | None:
    """Return when an assignment ends."""
    assignments = client.identity_governance.entitlement_management.assignments
    found = await assignments.by_access_package_assignment_id(assignment_id).get()
    assert found is not None
    assert found.schedule is not None
    assert found.schedule.expiration is not None
    return found.schedule.expiration.end_date_time


async def test_bob_denies_and_nobody_gets_anything(system: System) -> None:
    async with system.cast() as who:
        prepared = await prepare(who.ada, BOB)
        asked = await ask(who.mia, prepared, LEO)
        await decide(who.bob, str(asked.id), "Deny", "not this quarter")
        assert await state_of(who.leo, str(asked.id)) is AccessPackageRequestState.Denied
        approvals = who.leo.identity_governance.entitlement_management.access_package_assignment_approvals
        approval = await approvals.by_approval_id(str(asked.id)).get()
        assert approval is not None
        (stage,) = approval.stages or []
        assert (stage.status, stage.review_result, stage.justification) == ("Completed", "Deny", "not this quarter")
        assert stage.reviewed_by is not None
        assert stage.reviewed_by.id == BOB.id
        assert await members(who.ada, prepared.group_id) == set()


async def test_leo_cancels_what_mia_asked_for_him(system: System) -> None:
    async with system.cast() as who:
        prepared = await prepare(who.ada, BOB)
        asked = await ask(who.mia, prepared, LEO)
        requests = who.leo.identity_governance.entitlement_management.assignment_requests
        await requests.by_access_package_assignment_request_id(str(asked.id)).cancel.post()
        assert await state_of(who.mia, str(asked.id)) is AccessPackageRequestState.Canceled
        with pytest.raises(ODataError) as refused:
            await ask(who.leo, prepared, EVE)
        assert code_of(refused.value) == "notYourReport"


async def test_what_is_refused_comes_as_an_odata_error_with_our_code(system: System) -> None:
    async with system.cast() as who:
        prepared = await prepare(who.ada, BOB)
        with pytest.raises(ODataError) as refused:
            await ask(who.mia, prepared, EVE)
        assert (refused.value.response_status_code, code_of(refused.value)) == (403, "notYourReport")
        asked = await ask(who.mia, prepared, LEO)
        with pytest.raises(ODataError) as refused:
            await ask(who.leo, prepared)
        assert (refused.value.response_status_code, code_of(refused.value)) == (409, "duplicateRequest")
        assert refused.value.error is not None
        assert str(asked.id) in str(refused.value.error.message)
        with pytest.raises(ODataError) as refused:
            await state_of(who.eve, str(asked.id))
        assert (refused.value.response_status_code, code_of(refused.value)) == (404, "itemNotFound")
        with pytest.raises(ODataError) as refused:
            await decide(who.bob, str(asked.id), "Approve", None)
        assert (refused.value.response_status_code, code_of(refused.value)) == (400, "justificationRequired")


async def state_of(client: GraphServiceClient, request_id: str) -> AccessPackageRequestState | None:
    """Return where a request stands, as the caller may see it."""
    requests = client.identity_governance.entitlement_management.assignment_requests
    found = await requests.by_access_package_assignment_request_id(request_id).get()
    assert found is not None
    return found.state


async def assignment_state(client: GraphServiceClient, assignment_id: str) -> AccessPackageAssignmentState | None:
    """Return where an assignment stands, as the caller may see it."""
    assignments = client.identity_governance.entitlement_management.assignments
    found = await assignments.by_access_package_assignment_id(assignment_id).get()
    assert found is not None
    return found.state


def code_of(error: ODataError) -> str | None:
    """Return the code in an error's body."""
    assert error.error is not None
    return error.error.code
