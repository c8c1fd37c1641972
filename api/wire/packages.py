"""accessPackage, its resource role scopes, and what a caller must give to request it, on the wire."""

from collections.abc import Sequence
from typing import Any

from pydantic.alias_generators import to_camel

from api.wire.base import Body, Guid, Name, Text, Truth
from api.wire.catalogs import ResourceBody, resource_out, role_out, root_scope_out
from api.wire.configuration_shapes import PackageOut, RequirementsOut, RoleScopeOut
from api.wire.policies import expiration_out
from api.wire.questions import questions_out
from api.wire.strict import ById, StrictBody, one_reference, refuse_members
from grantline.errors import InvalidInput
from grantline.model.catalog import AccessPackage
from grantline.model.policy import Policy
from grantline.persistence.packages import PackageRole
from grantline.services.configuration.packages import RoleReference

INNER = (
    "access_packages_incompatible_with",
    "assignment_policies",
    "incompatible_access_packages",
    "incompatible_groups",
    "resource_role_scopes",
)


class PackageBody(StrictBody):
    """The body of POST and PATCH accessPackages."""

    display_name: Name | None = None
    description: Text | None = None
    is_hidden: Truth | None = None
    catalog: ById | None = None
    catalog_id: Guid | None = None
    access_packages_incompatible_with: list[Any] | None = None
    assignment_policies: list[Any] | None = None
    incompatible_access_packages: list[Any] | None = None
    incompatible_groups: list[Any] | None = None
    resource_role_scopes: list[Any] | None = None

    def read(self) -> dict[str, Any]:
        """Return the members given, as the configuration service takes them; `catalog_id` when it was named.

        Raises:
            InvalidInput: a member is null.
            NotSupported: objects inside.
        """
        refuse_members("An access package", {to_camel(name): getattr(self, name) for name in INNER})
        given = {name: value for name, value in self.given().items() if name not in (*INNER, "catalog", "catalog_id")}
        catalog_id = one_reference("catalog", self.catalog_id, self.catalog)
        return given | ({"catalog_id": catalog_id} if catalog_id is not None else {})


def package_out(package: AccessPackage) -> PackageOut:
    """Show an access package."""
    return {
        "id": package.id,
        "displayName": package.display_name,
        "description": package.description,
        "isHidden": package.is_hidden,
        "createdDateTime": package.created_at,
        "modifiedDateTime": package.modified_at,
    }


class _Role(Body):
    id: Guid | None = None
    origin_id: Name | None = None
    origin_system: Name | None = None
    resource: ResourceBody | None = None


class _Scope(Body):
    id: Guid | None = None
    origin_id: Name | None = None
    is_root_scope: Truth | None = None


class RoleScopeBody(Body):
    """The body of POST resourceRoleScopes: a role and a scope, as they were read from the catalog."""

    role: _Role | None = None
    scope: _Scope | None = None

    def read(self) -> RoleReference:
        """Return how the role is named.

        Raises:
            InvalidInput: a scope that is said not to be the root.
        """
        role, scope = self.role or _Role(), self.scope or _Scope()
        if scope.is_root_scope is False:
            raise InvalidInput("Resources have one scope, their root; isRootScope is true.", target="scope/isRootScope")
        resource = role.resource or ResourceBody()
        return RoleReference(
            role_id=role.id,
            origin_system=role.origin_system or resource.origin_system,
            origin_id=role.origin_id,
            resource_id=resource.id,
            resource_origin_id=resource.origin_id,
            scope_id=scope.id,
            scope_origin_id=scope.origin_id,
        )


def role_scope_out(
    held: PackageRole, *, with_role: bool = False, with_resource: bool = False, with_scope: bool = False
) -> RoleScopeOut:
    """Show a role as part of a package; role, the role's resource and scope only when they were asked for."""
    shown: RoleScopeOut = {"id": held.id, "createdDateTime": held.created_at}
    if with_role:
        shown["role"] = role_out(held.role)
        if with_resource:
            shown["role"]["resource"] = resource_out(held.resource)
    if with_scope:
        shown["scope"] = root_scope_out(held.resource, held.root_scope_id)
    return shown


def requirements_out(policy: Policy, wanted: Sequence[str] = ()) -> RequirementsOut:
    """Show what the policy wants of somebody who requests under it, in a language of theirs where it has one."""
    return {
        "@odata.type": "#microsoft.graph.accessPackageAssignmentRequestRequirements",
        "policyId": policy.id,
        "policyDisplayName": policy.display_name,
        "policyDescription": policy.description,
        "isApprovalRequiredForAdd": policy.approval_settings.is_required_for_add,
        "isApprovalRequiredForUpdate": policy.approval_settings.is_required_for_update,
        "isRequestorJustificationRequired": policy.approval_settings.is_requestor_justification_required,
        "allowCustomAssignmentSchedule": policy.requestor_settings.allow_custom_schedule,
        "schedule": {"startDateTime": None, "recurrence": None, "expiration": expiration_out(policy.expiration)},
        "questions": questions_out(policy.questions, wanted),
    }
