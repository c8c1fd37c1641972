"""Microsoft's client reads a policy, changes one field, and writes it back."""

from datetime import timedelta

import pytest
from msgraph.generated.models.single_user import SingleUser

from tests.cast import BOB
from tests.journeys.conftest import System
from tests.journeys.graph import prepare

pytestmark = [
    pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated:DeprecationWarning"),
]


async def test_one_field_changes_and_every_duration_stays(system: System) -> None:
    async with system.cast() as who:
        prepared = await prepare(who.ada, BOB)
        policies = who.ada.identity_governance.entitlement_management.assignment_policies
        one = policies.by_access_package_assignment_policy_id(prepared.policy_id)
        policy = await one.get()
        assert policy is not None
        policy.description = "Managers ask, from May on"
        # The client writes the durations that it has read as `7 days, 0:00:00`.
        written = await one.put(policy)
        assert written is not None
        again = await one.get()
        assert again is not None
        assert again.description == "Managers ask, from May on"
        assert again.expiration is not None
        assert again.expiration.duration == timedelta(days=90)
        assert again.request_approval_settings is not None
        (stage,) = again.request_approval_settings.stages or []
        assert stage.duration_before_automatic_denial == timedelta(days=7)
        (approver,) = stage.primary_approvers or []
        assert isinstance(approver, SingleUser)
        assert approver.user_id == BOB.id
