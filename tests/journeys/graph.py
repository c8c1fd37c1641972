"""Microsoft's Graph client, pointed at us, and what an administrator prepares with it."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import graph_request_adapter
from msgraph.generated.models.access_package import AccessPackage
from msgraph.generated.models.access_package_approval_stage import AccessPackageApprovalStage
from msgraph.generated.models.access_package_assignment import AccessPackageAssignment
from msgraph.generated.models.access_package_assignment_approval_settings import (
    AccessPackageAssignmentApprovalSettings,
)
from msgraph.generated.models.access_package_assignment_policy import AccessPackageAssignmentPolicy
from msgraph.generated.models.access_package_assignment_request import AccessPackageAssignmentRequest
from msgraph.generated.models.access_package_assignment_requestor_settings import (
    AccessPackageAssignmentRequestorSettings,
)
from msgraph.generated.models.access_package_catalog import AccessPackageCatalog
from msgraph.generated.models.access_package_catalog_state import AccessPackageCatalogState
from msgraph.generated.models.access_package_request_type import AccessPackageRequestType
from msgraph.generated.models.access_package_resource import AccessPackageResource
from msgraph.generated.models.access_package_resource_request import AccessPackageResourceRequest
from msgraph.generated.models.access_package_resource_role import AccessPackageResourceRole
from msgraph.generated.models.access_package_resource_role_scope import AccessPackageResourceRoleScope
from msgraph.generated.models.access_package_resource_scope import AccessPackageResourceScope
from msgraph.generated.models.access_package_subject import AccessPackageSubject
from msgraph.generated.models.allowed_target_scope import AllowedTargetScope
from msgraph.generated.models.approval_stage import ApprovalStage
from msgraph.generated.models.entitlement_management_schedule import EntitlementManagementSchedule
from msgraph.generated.models.expiration_pattern import ExpirationPattern
from msgraph.generated.models.expiration_pattern_type import ExpirationPatternType
from msgraph.generated.models.group import Group
from msgraph.generated.models.single_user import SingleUser
from msgraph.generated.models.target_manager import TargetManager
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient
from msgraph_core import GraphClientFactory

from grantline.model.person import Person


class _OneToken(AccessTokenProvider):
    def __init__(self, token: str) -> None:
        self._token = token

    async def get_authorization_token(
        self, uri: str, additional_authentication_context: dict[str, Any] | None = None
    ) -> str:
        del uri, additional_authentication_context
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator([])


@asynccontextmanager
async def signed_in(base_url: str, token: str) -> AsyncGenerator[GraphServiceClient]:
    """Yield Microsoft's client for whoever the token is; only its base URL is ours."""
    # The adapter never closes its connections, so these are ours.
    async with httpx.AsyncHTTPTransport() as transport:
        http = GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(transport=transport, timeout=30), options=graph_request_adapter.options
        )
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(_OneToken(token)), http)
        adapter.base_url = f"{base_url}/v1.0"
        yield GraphServiceClient(request_adapter=adapter)


def options(builder: Any, **parameters: Any) -> Any:
    """Build a request configuration with the query parameters of a builder's GET."""
    kinds = [value for name, value in vars(type(builder)).items() if name.endswith("GetQueryParameters")]
    return RequestConfiguration(query_parameters=kinds[0](**parameters))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What an administrator set up: a package that makes whoever holds it a member of the group."""

    group_id: str
    package_id: str
    policy_id: str


async def prepare(ada: GraphServiceClient, *approvers: Person, name: str = "Payroll") -> Prepared:
    """Set up group, catalog, resource, package, role and policy, all through Microsoft's client.

    The policy lets direct managers ask and remove, lets people ask for
    themselves, and lasts 90 days. Each approver has a stage; of several, managers
    may ask for more time too, which goes the same way. Without one no approval is needed.
    """
    governance = ada.identity_governance.entitlement_management
    group = await ada.groups.post(
        Group(display_name=f"{name} members", mail_enabled=False, mail_nickname=name.lower(), security_enabled=True)
    )
    assert group is not None
    assert group.id is not None
    catalog = await governance.catalogs.post(
        AccessPackageCatalog(
            display_name=name,
            description=f"All of {name}",
            state=AccessPackageCatalogState.Published,
            is_externally_visible=False,
        )
    )
    assert catalog is not None
    assert catalog.id is not None
    package = await governance.access_packages.post(
        AccessPackage(display_name=f"{name} access", description="", catalog=AccessPackageCatalog(id=catalog.id))
    )
    assert package is not None
    assert package.id is not None
    await add_membership(ada, catalog.id, package.id, group.id)
    policy = await governance.assignment_policies.post(policy_for(package.id, approvers))
    assert policy is not None
    assert policy.id is not None
    return Prepared(group_id=group.id, package_id=package.id, policy_id=policy.id)


async def add_membership(client: GraphServiceClient, catalog_id: str, package_id: str, group_id: str) -> None:
    """Bring a group into a catalog, and its membership into a package."""
    governance = client.identity_governance.entitlement_management
    await governance.resource_requests.post(
        AccessPackageResourceRequest(
            request_type=AccessPackageRequestType.AdminAdd,
            resource=AccessPackageResource(origin_id=group_id, origin_system="AadGroup"),
            catalog=AccessPackageCatalog(id=catalog_id),
        )
    )
    resources = governance.catalogs.by_access_package_catalog_id(catalog_id).resources
    found = await resources.get(options(resources, filter=f"originId eq '{group_id}'", expand=["roles", "scopes"]))
    assert found is not None
    assert found.value is not None
    (resource,) = found.value
    assert resource.roles is not None
    (member,) = [role for role in resource.roles if role.display_name == "Member"]
    assert resource.scopes is not None
    (root,) = resource.scopes
    await governance.access_packages.by_access_package_id(package_id).resource_role_scopes.post(
        AccessPackageResourceRoleScope(
            role=AccessPackageResourceRole(
                id=member.id,
                display_name=member.display_name,
                origin_id=member.origin_id,
                origin_system=member.origin_system,
                resource=AccessPackageResource(id=resource.id, origin_id=group_id, origin_system="AadGroup"),
            ),
            scope=AccessPackageResourceScope(id=root.id, origin_id=root.origin_id, origin_system=root.origin_system),
        )
    )


def policy_for(package_id: str, approvers: Sequence[Person] = ()) -> AccessPackageAssignmentPolicy:
    """Return the policy that `prepare` makes: a stage for each approver."""
    is_long = len(approvers) > 1
    approval = AccessPackageAssignmentApprovalSettings(
        is_approval_required_for_add=bool(approvers),
        is_approval_required_for_update=is_long,
        is_requestor_justification_required=bool(approvers) and not is_long,
        stages=[
            AccessPackageApprovalStage(
                duration_before_automatic_denial=timedelta(days=7),
                is_approver_justification_required=True,
                is_escalation_enabled=False,
                primary_approvers=[SingleUser(user_id=one.id, odata_type="#microsoft.graph.singleUser")],
                fallback_primary_approvers=[],
            )
            for one in approvers
        ],
    )
    return AccessPackageAssignmentPolicy(
        display_name="Ninety days",
        description="Managers ask for their people",
        allowed_target_scope=AllowedTargetScope.AllMemberUsers,
        expiration=ExpirationPattern(type=ExpirationPatternType.AfterDuration, duration=timedelta(days=90)),
        requestor_settings=AccessPackageAssignmentRequestorSettings(
            allow_custom_assignment_schedule=is_long,
            enable_targets_to_self_add_access=True,
            enable_targets_to_self_update_access=False,
            enable_targets_to_self_remove_access=True,
            enable_on_behalf_requestors_to_add_access=True,
            enable_on_behalf_requestors_to_update_access=is_long,
            enable_on_behalf_requestors_to_remove_access=True,
            on_behalf_requestors=[TargetManager(manager_level=1, odata_type="#microsoft.graph.targetManager")],
        ),
        request_approval_settings=approval,
        access_package=AccessPackage(id=package_id),
    )


async def ask(
    client: GraphServiceClient,
    prepared: Prepared,
    target: Person | None = None,
    justification: str = "month end",
    *,
    until: datetime | None = None,
) -> AccessPackageAssignmentRequest:
    """Post a userAdd, for oneself or for a target, as Graph's documentation writes it for Python."""
    subject = AccessPackageSubject(object_id=target.id) if target else None
    end = ExpirationPattern(type=ExpirationPatternType.AfterDateTime, end_date_time=until)
    answer = await client.identity_governance.entitlement_management.assignment_requests.post(
        AccessPackageAssignmentRequest(
            request_type=AccessPackageRequestType.UserAdd,
            justification=justification,
            schedule=EntitlementManagementSchedule(expiration=end) if until else None,
            assignment=AccessPackageAssignment(
                target=subject,
                additional_data={
                    "accessPackageId": prepared.package_id,
                    "assignmentPolicyId": prepared.policy_id,
                },
            ),
        )
    )
    assert answer is not None
    return answer


async def remove(client: GraphServiceClient, assignment_id: str) -> AccessPackageAssignmentRequest:
    """Post a userRemove."""
    answer = await client.identity_governance.entitlement_management.assignment_requests.post(
        AccessPackageAssignmentRequest(
            request_type=AccessPackageRequestType.UserRemove,
            assignment=AccessPackageAssignment(id=assignment_id),
        )
    )
    assert answer is not None
    return answer


async def extend(
    client: GraphServiceClient, assignment_id: str, kind: AccessPackageRequestType, ends_at: datetime
) -> AccessPackageAssignmentRequest:
    """Post a userUpdate or adminUpdate that moves an assignment's end."""
    answer = await client.identity_governance.entitlement_management.assignment_requests.post(
        AccessPackageAssignmentRequest(
            request_type=kind,
            assignment=AccessPackageAssignment(id=assignment_id),
            schedule=EntitlementManagementSchedule(
                expiration=ExpirationPattern(type=ExpirationPatternType.AfterDateTime, end_date_time=ends_at)
            ),
        )
    )
    assert answer is not None
    return answer


async def decide(client: GraphServiceClient, request_id: str, result: str, justification: str | None = "fine") -> None:
    """Decide the stage of an approval that waits for the caller."""
    approvals = client.identity_governance.entitlement_management.access_package_assignment_approvals
    stages = await approvals.by_approval_id(request_id).stages.get()
    assert stages is not None
    (mine,) = [stage for stage in stages.value or [] if stage.assigned_to_me]
    assert mine.id is not None
    await (
        approvals.by_approval_id(request_id)
        .stages.by_approval_stage_id(mine.id)
        .patch(ApprovalStage(review_result=result, justification=justification))
    )


async def members(client: GraphServiceClient, group_id: str) -> set[str]:
    """Return the ids of the group's members."""
    found = await client.groups.by_group_id(group_id).members.get()
    assert found is not None
    return {member.id for member in found.value or [] if member.id}
