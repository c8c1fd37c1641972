"""One open request per package and target."""

from grantline.errors import DuplicateRequest, Refused
from grantline.rules.case import Case

ID = "open-request"


def judge(case: Case) -> Refused | None:
    """Object while another request for the same package and target is open, and name it."""
    if case.open_request_id is None:
        return None
    return DuplicateRequest(
        f"Request {case.open_request_id} for '{case.package.display_name}' for {case.target} is open already; "
        "wait for it, or cancel it first."
    )
