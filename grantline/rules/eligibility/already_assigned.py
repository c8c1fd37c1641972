"""Nobody holds a package twice."""

from grantline.errors import AlreadyAssigned, Refused
from grantline.rules.case import Case

ID = "already-assigned"


def judge(case: Case) -> Refused | None:
    """Object when the target holds the package, or is still losing it."""
    if case.live_assignment_id is None:
        return None
    held = f"'{case.package.display_name}' by assignment {case.live_assignment_id}"
    if case.is_assignment_ending:
        return AlreadyAssigned(f"{case.target} is losing {held}; ask again once it has ended.")
    return AlreadyAssigned(f"{case.target} holds {held} already; it must end before it can be asked for again.")
