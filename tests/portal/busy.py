"""A busy week of the sample company's, so that its pages have something to show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from grantline.sample.organisation import person_id, sample_id
from tests.portal.conftest import Company, Visitor, sign_in_name
from tests.portal.test_administration import GOVERNANCE, Api

REQUESTS = f"{GOVERNANCE}/assignmentRequests"
APPROVALS = f"{GOVERNANCE}/accessPackageAssignmentApprovals"


def busy_week(ada: Visitor, company: Company) -> None:
    """Give Mia's people access, some of which ends soon, and have some ask her for more."""
    everybodys = {who: Api(ada, company, who) for who in ("ada", "bob", "jon", "max", "mia", "tess")}
    for who, package, days in (
        ("tess", "Payroll reports", 12),
        ("jon", "Payroll reports", 140),
        ("jon", "Quarter close", 26),
    ):
        expiration = {"type": "afterDateTime", "endDateTime": _in(days)}
        _ask(everybodys["ada"], package, who, requestType="adminAdd", schedule={"expiration": expiration})
    _ask(everybodys["mia"], "Data warehouse", "mia")
    _approve_all(everybodys["bob"])
    _approve_all(everybodys["max"])
    _ask(everybodys["mia"], "Remote access", "tess")
    _ask(everybodys["jon"], "Remote access", "jon", why="I work from Lisbon in May")
    _ask(everybodys["tess"], "Data warehouse", "tess", why="The board wants last year's figures")
    max_ = person_id(sign_in_name("max"))
    away = {"delegateId": max_, "startDateTime": _in(days=21), "endDateTime": _in(days=35)}
    everybodys["mia"]("POST", "/api/approval-delegations", away)


def _in(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def _ask(api: Api, package: str, who: str, *, why: str = "Part of the job", **more: Any) -> None:
    wanted = {"targetId": person_id(sign_in_name(who)), "accessPackageId": sample_id("package", package)}
    api("POST", REQUESTS, {"requestType": "userAdd", "assignment": wanted, "justification": why} | more)


def _approve_all(api: Api) -> None:
    for waiting in api("GET", f"{APPROVALS}/filterByCurrentUser(on='approver')?$expand=stages")["value"]:
        (stage,) = (one for one in waiting["stages"] if one["assignedToMe"])
        decision = {"reviewResult": "Approve", "justification": "Part of the job"}
        api("PATCH", f"{APPROVALS}/{waiting['id']}/stages/{stage['id']}", decision)
