"""Only those assign directly whose role lets them."""

from grantline.errors import NotAllowed, Refused
from grantline.model.request import RequestType
from grantline.rules.case import Case
from grantline.rules.permissions import Task, refusal
from grantline.rules.permissions.asking import instead

ID = "direct-assignment"


def judge(case: Case) -> Refused | None:
    """Object to an adminAdd by anybody whose role does not reach the package."""
    if case.may_assign or not case.is_direct:
        return None
    says = f"{refusal(case.requestor, Task.ASSIGN).message}{instead(case.requestor, RequestType.USER_ADD)}"
    return NotAllowed(f"'{case.package.display_name}': {says}", target="requestType")
