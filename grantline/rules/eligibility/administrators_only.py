"""Only an administrator assigns directly."""

from grantline.errors import NotAllowed, Refused
from grantline.rules.case import Case

ID = "administrators-only"


def judge(case: Case) -> Refused | None:
    """Object to an adminAdd by anybody but an administrator."""
    if case.is_administrator or not case.is_direct:
        return None
    return NotAllowed(
        f"{case.requestor} is not an administrator and cannot assign '{case.package.display_name}' directly; "
        "use requestType userAdd.",
        target="requestType",
    )
