"""Packages and policies with what `$expand` asked for, a page at a time."""

from collections.abc import Sequence

from api.odata.query import ODataQuery
from api.wire.catalogs import catalog_out
from api.wire.configuration_shapes import ExtensionOut, PackageOut, PolicyOut, RoleScopeOut
from api.wire.custom_extensions import extension_out
from api.wire.packages import package_out, role_scope_out
from api.wire.policies import policy_out
from api.wire.questions import questions_out
from api.wire.stage_settings import SETTINGS, uses_out
from grantline.model.catalog import AccessPackage
from grantline.model.policy import Policy
from grantline.persistence import catalogs as catalog_store
from grantline.persistence import custom_extensions as extension_store
from grantline.persistence import packages as package_store
from grantline.persistence import policies as policy_store
from grantline.persistence.database import Transaction
from grantline.persistence.packages import PackageRole

ROLE_SCOPE_PATHS = ("role/resource", "scope")
PACKAGE_PATHS = (
    "catalog",
    "assignmentPolicies/questions",
    *(f"resourceRoleScopes/{path}" for path in ROLE_SCOPE_PATHS),
)
POLICY_PATHS = ("accessPackage", "catalog", "questions", f"{SETTINGS}/customExtension")


async def packages(tx: Transaction, found: Sequence[AccessPackage], query: ODataQuery) -> list[PackageOut]:
    """Show packages, expanded.

    Raises:
        InvalidInput: `$expand` names what a package does not have.
    """
    query.allow_expand(*PACKAGE_PATHS)
    ids = [package.id for package in found]
    inner = query.expanding("resourceRoleScopes")
    with_catalog, of_policies = query.expanding("catalog") is not None, query.expanding("assignmentPolicies")
    catalogs = await catalog_store.catalogs_by_id(tx, [one.catalog_id for one in found]) if with_catalog else {}
    policies = await policy_store.policies_of(tx, ids) if of_policies is not None else {}
    roles = await package_store.roles_in(tx, ids) if inner is not None else {}
    shown: list[PackageOut] = []
    for package in found:
        one = package_out(package)
        if with_catalog:
            one["catalog"] = catalog_out(catalogs[package.catalog_id])
        if of_policies is not None:
            one["assignmentPolicies"] = [_policy(policy, of_policies) for policy in policies[package.id]]
        if inner is not None:
            one["resourceRoleScopes"] = [role_scope(held, inner) for held in roles[package.id]]
        shown.append(one)
    return shown


def role_scope(held: PackageRole, query: ODataQuery) -> RoleScopeOut:
    """Show a role of a package, expanded."""
    role = query.expanding("role")
    return role_scope_out(
        held,
        with_role=role is not None,
        with_resource=role is not None and role.expanding("resource") is not None,
        with_scope=query.expanding("scope") is not None,
    )


async def policies(tx: Transaction, found: Sequence[Policy], query: ODataQuery) -> list[PolicyOut]:
    """Show policies, expanded.

    Raises:
        InvalidInput: `$expand` names what a policy does not have.
    """
    query.allow_expand(*POLICY_PATHS)
    with_package, with_catalog = (query.expanding(name) is not None for name in ("accessPackage", "catalog"))
    wanted = [policy.package_id for policy in found] if with_package or with_catalog else []
    of = await package_store.packages_by_id(tx, wanted)
    catalog_ids = [package.catalog_id for package in of.values()] if with_catalog else []
    catalogs = await catalog_store.catalogs_by_id(tx, catalog_ids)
    calls = query.expanding(SETTINGS)
    extensions = await _extensions(tx, found, calls)
    shown: list[PolicyOut] = []
    for policy in found:
        one = _policy(policy, query)
        if with_package:
            one["accessPackage"] = package_out(of[policy.package_id])
        if with_catalog:
            one["catalog"] = catalog_out(catalogs[of[policy.package_id].catalog_id])
        if calls is not None:
            one["customExtensionStageSettings"] = uses_out(policy.extensions, extensions)
        shown.append(one)
    return shown


async def _extensions(tx: Transaction, found: Sequence[Policy], calls: ODataQuery | None) -> dict[str, ExtensionOut]:
    """Show the extensions that policies name, if they are expanded."""
    if calls is None or calls.expanding("customExtension") is None:
        return {}
    named = {use.extension_id for policy in found for use in policy.extensions}
    return {id_: extension_out(one) for id_, one in (await extension_store.by_id(tx, named)).items()}


def _policy(policy: Policy, query: ODataQuery) -> PolicyOut:
    """Show a policy with its questions if they are expanded, as they were written: who reads them may write them."""
    shown = policy_out(policy)
    if query.expanding("questions") is not None:
        shown["questions"] = questions_out(policy.questions)
    return shown
