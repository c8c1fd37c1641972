"""Separation of duties with Microsoft's own client: configured, refused, stopped before delivery, listed."""

import pytest
from msgraph.generated.models.access_package_request_state import AccessPackageRequestState
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.graph_service_client import GraphServiceClient

from tests.cast import BOB, LEO
from tests.journeys.conftest import System, until
from tests.journeys.graph import Prepared, ask, decide, members, options, prepare
from tests.journeys.test_on_behalf import code_of, state_of

# Microsoft's client warns about itself when its parts are first imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated:DeprecationWarning"),
]


async def test_payroll_and_audit_never_meet_in_leo(system: System) -> None:
    async with system.cast() as who:
        payroll, audit = await prepare(who.ada, BOB), await prepare(who.ada, name="Audit")
        await exclude(who.ada, system.url, payroll, audit)
        pending = str((await ask(who.mia, payroll, LEO)).id)

        held = str((await ask(who.leo, audit)).id)
        assert await until(lambda: state_of(who.leo, held), AccessPackageRequestState.Delivered)
        await decide(who.bob, pending, "Approve")
        assert await state_of(who.mia, pending) is AccessPackageRequestState.DeliveryFailed
        assert await members(who.ada, payroll.group_id) == set()

        with pytest.raises(ODataError) as refused:
            await ask(who.mia, payroll, LEO)
        assert (refused.value.response_status_code, code_of(refused.value)) == (409, "incompatibleAccess")
        assert refused.value.error is not None
        assert "'Audit access' (held by assignment " in str(refused.value.error.message)


async def exclude(ada: GraphServiceClient, url: str, package: Prepared, other: Prepared) -> None:
    """Let a package exclude another and the members of its group, take the group off again, and read the lists."""
    packages = ada.identity_governance.entitlement_management.access_packages
    mine = packages.by_access_package_id(package.package_id)
    others, groups = mine.incompatible_access_packages, mine.incompatible_groups
    where = f"{url}/v1.0/identityGovernance/entitlementManagement/accessPackages/{other.package_id}"
    await others.ref.post(ReferenceCreate(odata_id=where))
    await groups.ref.post(ReferenceCreate(odata_id=f"{url}/v1.0/groups/{other.group_id}"))
    listed = await groups.get()
    assert listed is not None
    assert [one.id for one in listed.value or []] == [other.group_id]
    await groups.by_group_id(other.group_id).ref.delete()
    assert await groups.count.get() == 0
    found = await others.get(options(others, top=5))
    assert found is not None
    assert [one.display_name for one in found.value or []] == ["Audit access"]
    reverse = await packages.by_access_package_id(other.package_id).access_packages_incompatible_with.get()
    assert reverse is not None
    assert [one.id for one in reverse.value or []] == [package.package_id]


async def test_an_administrator_lists_who_holds_both_before_excluding_them(system: System) -> None:
    async with system.cast() as who:
        payroll, audit = await prepare(who.ada), await prepare(who.ada, name="Audit")
        for package in (payroll, audit):
            asked = str((await ask(who.leo, package)).id)
            assert await until(lambda asked=asked: state_of(who.leo, asked), AccessPackageRequestState.Delivered)
        await ask(who.mia, payroll)
        assignments = who.ada.identity_governance.entitlement_management.assignments
        builder = assignments.additional_access_with_access_package_id_with_incompatible_access_package_id(
            payroll.package_id, audit.package_id
        )
        both = await builder.get(options(builder, expand=["target"]))
        assert both is not None
        assert [one.target.object_id for one in both.value or [] if one.target] == [LEO.id]
