"""A blocked account is given nothing."""

from grantline.errors import Refused, TargetDisabled
from grantline.rules.case import Case

ID = "target-enabled"


def judge(case: Case) -> Refused | None:
    """Object when the target's account is disabled."""
    if case.target.account_enabled:
        return None
    return TargetDisabled(
        f"The account of {case.target} is disabled; it must be enabled before it can get "
        f"'{case.package.display_name}'.",
        target="assignment/target",
    )
