"""Packages and policies for stories about requests, entered without the routes that make them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from grantline.model.catalog import AccessPackage
from grantline.model.person import Person
from grantline.model.policy import (
    ApprovalSettings,
    Expiration,
    ExpirationType,
    Policy,
    RequestorSettings,
    StageSettings,
    TargetScope,
)
from grantline.model.subjects import SingleUser, TargetManager
from grantline.persistence import packages, policies
from grantline.persistence.database import Database
from grantline.persistence.tables import package_roles
from tests.cast import BEA, BOB, LONG_AGO, fixed_id
from tests.packages import PAYROLL, enter_packages

PAYROLL_ID = fixed_id("payroll")
POLICY_ID = fixed_id("payroll-policy")

REQUESTS = "/identityGovernance/entitlementManagement/assignmentRequests"
APPROVALS = "/identityGovernance/entitlementManagement/accessPackageAssignmentApprovals"
ASSIGNMENTS = "/identityGovernance/entitlementManagement/assignments"

OPEN_TO_ALL = RequestorSettings(
    self_add=True,
    self_remove=True,
    on_behalf_add=True,
    on_behalf_remove=True,
    on_behalf_requestors=(TargetManager(manager_level=1),),
)
BOB_OR_BEA = StageSettings(
    deadline=timedelta(days=7),
    primary_approvers=(SingleUser(user_id=BOB.id), SingleUser(user_id=BEA.id)),
)
POLICY = Policy(
    id=POLICY_ID,
    package_id=PAYROLL_ID,
    display_name="Managers ask",
    target_scope=TargetScope.ALL_MEMBERS,
    requestor_settings=OPEN_TO_ALL,
    approval_settings=ApprovalSettings(is_required_for_add=True, stages=(BOB_OR_BEA,)),
    expiration=Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(days=90)),
    created_at=LONG_AGO,
    modified_at=LONG_AGO,
)
NO_APPROVAL = replace(POLICY, approval_settings=ApprovalSettings())


def stage(*approvers: Person, needs_reason: bool = False) -> StageSettings:
    """Return a stage that any of these may decide."""
    return replace(
        BOB_OR_BEA,
        primary_approvers=tuple(SingleUser(user_id=approver.id) for approver in approvers),
        is_approver_justification_required=needs_reason,
    )


def with_stages(*stages: StageSettings) -> Policy:
    """Return the policy with other stages."""
    return replace(POLICY, approval_settings=replace(POLICY.approval_settings, stages=stages))


async def open_office(db: Database, policy: Policy = POLICY, more_packages: Sequence[str] = ()) -> None:
    """Enter the package Payroll, which gives the group of the same name, with one policy; others are alike."""
    async with db.write() as tx:
        await enter_packages(tx)
        for name in ("payroll", *more_packages):
            package = AccessPackage(
                id=fixed_id(name),
                catalog_id=fixed_id("finance"),
                display_name=name.capitalize(),
                created_at=LONG_AGO,
                modified_at=LONG_AGO,
            )
            await packages.insert_package(tx, package)
            await tx.execute(
                insert(package_roles).values(package_id=package.id, role_id=PAYROLL.read, created_at=LONG_AGO)
            )
            policy_id = policy.id if name == "payroll" else fixed_id(f"{name}-policy")
            await policies.insert_policy(tx, replace(policy, id=policy_id, package_id=package.id))


def user_add(target: Person | None = None, **more: Any) -> dict[str, Any]:
    """Return the body of an ask for Payroll."""
    assignment: dict[str, Any] = {"accessPackageId": PAYROLL_ID}
    if target is not None:
        assignment["target"] = {"objectId": target.id}
    return {"requestType": "userAdd", "assignment": assignment, **more}
