"""What Graph has no word for about approvals: what one has decided so far.

Plain JSON below /api; failures look as they do below /v1.0.
"""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Parameter
from typing_extensions import TypedDict

from api import may
from api.answers import PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.approvals import RESULTS
from api.wire.schedules import limit_out
from api.wire.shapes import ExpirationOut, PartyOut
from grantline.persistence import decision_lists
from grantline.persistence.decision_lists import DecisionLine

router = APIRouter(prefix="/api/approvals", tags=["approvals, decided"])


class DecidedOut(TypedDict):
    """A decision of the caller's, and what has become of the request since."""

    requestId: str
    requestType: str
    requestState: str
    assignmentState: str | None
    stageId: str
    stage: int
    reviewResult: str
    justification: str | None
    shortenedTo: ExpirationOut | None
    reviewedDateTime: datetime
    accessPackage: PartyOut
    requestor: PartyOut
    target: PartyOut


@router.get("/history")
async def history(
    actor: may.SeeOwn,
    db: Db,
    paging: Paging,
    search: Annotated[
        str, Parameter(max_length=256, description="a part of the name of the package, of who asked or of who gets it")
    ] = "",
) -> PlainPage[DecidedOut]:
    """List what the caller decided, latest first; what waits for them is accessPackageAssignmentApprovals.

    `next`, if not null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        found = await decision_lists.page(tx, actor.id, paging, search=search.strip())
    return present.plain_page([_shown(one) for one in found.rows], found)


def _shown(one: DecisionLine) -> DecidedOut:
    return {
        "requestId": one.request_id,
        "requestType": one.request_type.value,
        "requestState": one.request_state.value,
        "assignmentState": one.assignment_state,
        "stageId": one.stage_id,
        "stage": one.stage_number,
        "reviewResult": RESULTS[one.verdict],
        "justification": one.justification,
        "shortenedTo": limit_out(one.limit),
        "reviewedDateTime": one.decided_at,
        "accessPackage": {"id": one.package_id, "displayName": one.package_name},
        "requestor": {"id": one.requestor_id, "displayName": one.requestor_name},
        "target": {"id": one.target_id, "displayName": one.target_name},
    }
