"""Asking for oneself is a switch of the policy."""

from grantline.errors import Refused, SelfRequestNotAllowed
from grantline.model.policy import Policy
from grantline.rules.case import Case

ID = "self-request"


def judge(case: Case, policy: Policy) -> Refused | None:
    """Object to a self request where the policy allows none."""
    if case.is_direct or case.is_on_behalf or policy.requestor_settings.self_add:
        return None
    ask_whom = (
        "ask your manager to request it for you" if policy.requestor_settings.on_behalf_add else "ask an administrator"
    )
    return SelfRequestNotAllowed(
        f"The policy '{policy.display_name}' of '{case.package.display_name}' does not let {case.target} ask for "
        f"themselves; {ask_whom}."
    )
