"""Delegated administration, with Microsoft's own client: a catalog is given away, and its people run it."""

from collections.abc import Awaitable

import pytest
from msgraph.generated.models.access_package import AccessPackage
from msgraph.generated.models.access_package_assignment import AccessPackageAssignment
from msgraph.generated.models.access_package_assignment_request import AccessPackageAssignmentRequest
from msgraph.generated.models.access_package_catalog import AccessPackageCatalog
from msgraph.generated.models.access_package_request_state import AccessPackageRequestState
from msgraph.generated.models.access_package_request_type import AccessPackageRequestType
from msgraph.generated.models.group import Group
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.unified_role_assignment import UnifiedRoleAssignment
from msgraph.graph_service_client import GraphServiceClient

from grantline.model.person import Person
from tests.cast import BOB, EVE, LEO, MIA
from tests.journeys.conftest import Clients, System, until
from tests.journeys.graph import Prepared, add_membership, members, options, policy_for

# Microsoft's client warns about itself when its parts are first imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore:This class is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:GetQueryParameters is deprecated:DeprecationWarning"),
]


async def test_ada_delegates_a_catalog_and_its_people_run_it(system_on_either: System) -> None:
    async with system_on_either.cast() as who:
        catalog_id, group_id = await gives_away_a_catalog(who, system_on_either.url)
        prepared = await bob_fills_it(who.bob, catalog_id, group_id)
        for person, name in ((EVE, "Access package assignment manager"), (MIA, "Catalog reader")):
            await gives_role(who.bob, person, name, catalog_id)

        request_id = await assigns(who.eve, prepared, LEO)
        assert await until(lambda: state_of(who.eve, request_id), AccessPackageRequestState.Delivered)
        assert await members(who.ada, group_id) == {LEO.id}
        assert await status_of(who.eve.identity_governance.entitlement_management.catalogs.post(named("Mine"))) == 403

        await mia_only_reads(who.mia, catalog_id, prepared)
        await leo_sees_nothing_of_it(who.leo, catalog_id)


async def gives_away_a_catalog(who: Clients, url: str) -> tuple[str, str]:
    """Let Ada make a catalog, and Bob its owner and the owner of a group; return the ids of both."""
    catalog = await who.ada.identity_governance.entitlement_management.catalogs.post(named("Finance"))
    assert catalog is not None
    assert catalog.id is not None
    await gives_role(who.ada, BOB, "Catalog owner", catalog.id)
    group = await who.ada.groups.post(
        Group(display_name="Ledger", mail_enabled=False, mail_nickname="ledger", security_enabled=True)
    )
    assert group is not None
    assert group.id is not None
    owner = ReferenceCreate(odata_id=f"{url}/v1.0/users/{BOB.id}")
    await who.ada.groups.by_group_id(group.id).owners.ref.post(owner)
    return catalog.id, group.id


async def gives_role(client: GraphServiceClient, person: Person, name: str, catalog_id: str) -> None:
    """Find a role by its name, give it, and find it given."""
    roles = client.role_management.entitlement_management
    found = await roles.role_definitions.get(options(roles.role_definitions, filter=f"displayName eq '{name}'"))
    assert found is not None
    (definition,) = found.value or []
    given = await roles.role_assignments.post(
        UnifiedRoleAssignment(
            principal_id=person.id,
            role_definition_id=definition.id,
            directory_scope_id="/",
            app_scope_id=f"/AccessPackageCatalog/{catalog_id}",
        )
    )
    assert given is not None
    wanted = f"principalId eq '{person.id}' and appScopeId eq '/AccessPackageCatalog/{catalog_id}'"
    listed = await roles.role_assignments.get(options(roles.role_assignments, filter=wanted, expand=["principal"]))
    assert listed is not None
    (one,) = listed.value or []
    assert one.principal is not None
    assert (one.id, one.role_definition_id, one.principal.id) == (given.id, definition.id, person.id)


async def bob_fills_it(bob: GraphServiceClient, catalog_id: str, group_id: str) -> Prepared:
    """Let the owner make a package that gives the group, and a policy that wants no approval."""
    governance = bob.identity_governance.entitlement_management
    package = await governance.access_packages.post(
        AccessPackage(display_name="Ledger access", description="", catalog=AccessPackageCatalog(id=catalog_id))
    )
    assert package is not None
    assert package.id is not None
    await add_membership(bob, catalog_id, package.id, group_id)
    policy = await governance.assignment_policies.post(policy_for(package.id))
    assert policy is not None
    assert policy.id is not None
    return Prepared(group_id=group_id, package_id=package.id, policy_id=policy.id)


async def assigns(eve: GraphServiceClient, prepared: Prepared, target: Person) -> str:
    """Let the assignment manager assign directly; return the request's id."""
    ids = {"targetId": target.id, "accessPackageId": prepared.package_id, "assignmentPolicyId": prepared.policy_id}
    made = await eve.identity_governance.entitlement_management.assignment_requests.post(
        AccessPackageAssignmentRequest(
            request_type=AccessPackageRequestType.AdminAdd,
            assignment=AccessPackageAssignment(additional_data=dict(ids)),
        )
    )
    assert made is not None
    return str(made.id)


async def mia_only_reads(mia: GraphServiceClient, catalog_id: str, prepared: Prepared) -> None:
    """Assert that a reader sees the catalog and its package, changes neither, and sees no assignments."""
    governance = mia.identity_governance.entitlement_management
    package = governance.access_packages.by_access_package_id(prepared.package_id)
    seen = await package.get(options(package, expand=["assignmentPolicies"]))
    assert seen is not None
    assert [policy.id for policy in seen.assignment_policies or []] == [prepared.policy_id]
    assert await status_of(package.patch(AccessPackage(description="Mine"))) == 403
    assert await status_of(governance.catalogs.by_access_package_catalog_id(catalog_id).delete()) == 403
    assert await status_of(governance.assignments.get()) == 403


async def leo_sees_nothing_of_it(leo: GraphServiceClient, catalog_id: str) -> None:
    """Assert that for who has no role the catalog does not exist; what he holds is his to see."""
    governance = leo.identity_governance.entitlement_management
    assert await status_of(governance.catalogs.by_access_package_catalog_id(catalog_id).get()) == 404
    assert await status_of(governance.catalogs.get()) == 403
    assert await status_of(leo.role_management.entitlement_management.role_assignments.get()) == 403
    mine = await governance.assignments.filter_by_current_user_with_on("target").get()
    assert mine is not None
    assert len(mine.value or []) == 1


async def state_of(client: GraphServiceClient, request_id: str) -> AccessPackageRequestState | None:
    """Return where a request is."""
    requests = client.identity_governance.entitlement_management.assignment_requests
    found = await requests.by_access_package_assignment_request_id(request_id).get()
    return found.state if found else None


async def status_of(call: Awaitable[object]) -> int | None:
    """Return the status with which a call is refused."""
    with pytest.raises(ODataError) as refused:
        await call
    return refused.value.response_status_code


def named(name: str) -> AccessPackageCatalog:
    """Return a catalog that is to be made."""
    return AccessPackageCatalog(display_name=name, description="")
