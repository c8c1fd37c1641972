"""A blocked account asks for nothing."""

from grantline.errors import Refused, RequestorDisabled
from grantline.rules.case import Case

ID = "requestor-enabled"


def judge(case: Case) -> Refused | None:
    """Object when the requestor's account is disabled."""
    if case.requestor.account_enabled:
        return None
    return RequestorDisabled(f"The account of {case.requestor} is disabled; it must be enabled before it can ask.")
