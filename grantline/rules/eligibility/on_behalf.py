"""Asking for somebody else: a switch of the policy, and a list resolved against the target (OBO-4, OBO-5)."""

from grantline.errors import NotYourReport, OnBehalfNotAllowed, Refused
from grantline.model.policy import Policy
from grantline.rules.case import Case
from grantline.rules.scope import may_act_for

ID = "on-behalf"


def judge(case: Case, policy: Policy) -> Refused | None:
    """Object when the policy has no on-behalf requests, or not by this requestor for this target."""
    if case.is_direct or not case.is_on_behalf:
        return None
    settings = policy.requestor_settings
    if not settings.on_behalf_add or not settings.on_behalf_requestors:
        return OnBehalfNotAllowed(
            f"The policy '{policy.display_name}' of '{case.package.display_name}' does not let anyone ask on behalf "
            f"of {case.target}" + (f"; {case.target.display_name} can ask themselves." if settings.self_add else ".")
        )
    if may_act_for(settings.on_behalf_requestors, case.requestor.id, case.managers, case.memberships):
        return None
    return NotYourReport(
        f"{case.requestor} may not ask on behalf of {case.target}: the policy '{policy.display_name}' of "
        f"'{case.package.display_name}' reserves that for the target's managers and others it names.",
        target="assignment/target",
    )
