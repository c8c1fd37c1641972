"""The policy must cover the one who gets the access; who asks need not be in scope (OBO-8, POL-10)."""

from grantline.errors import Refused, TargetOutOfScope
from grantline.model.policy import Policy, TargetScope
from grantline.rules.case import Case
from grantline.rules.scope import covers

ID = "in-scope"


def judge(case: Case, policy: Policy) -> Refused | None:
    """Object when the target is outside the policy; "not specified" covers everybody, for administrators."""
    if case.is_direct and policy.target_scope is TargetScope.NOT_SPECIFIED:
        return None
    if covers(policy, case.target.id, case.memberships):
        return None
    if policy.target_scope is TargetScope.NOT_SPECIFIED:
        return TargetOutOfScope(
            f"The policy '{policy.display_name}' of '{case.package.display_name}' is for direct assignment by an "
            "administrator only; name a policy that takes requests.",
            target="assignmentPolicyId",
        )
    return TargetOutOfScope(
        f"The policy '{policy.display_name}' of '{case.package.display_name}' does not cover {case.target}; "
        "an administrator can widen its scope.",
        target="assignment/target",
    )
