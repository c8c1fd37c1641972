"""A policy can want a reason."""

from grantline.errors import JustificationRequired, Refused
from grantline.model.policy import Policy
from grantline.rules.case import Case

ID = "justification"


def judge(case: Case, policy: Policy) -> Refused | None:
    """Object when the policy wants a justification and none was given."""
    if not policy.approval_settings.is_requestor_justification_required:
        return None
    if case.ask.justification and case.ask.justification.strip():
        return None
    return JustificationRequired(
        f"The policy '{policy.display_name}' of '{case.package.display_name}' wants a justification; "
        f"say why {case.target.display_name} needs it.",
        target="justification",
    )
