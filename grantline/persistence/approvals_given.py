"""The approvals that access rests on: who said yes in which request about an assignment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from grantline.model.policy import ApproverVisibility
from grantline.model.request import ADDS, UPDATES, RequestState, Verdict
from grantline.persistence.database import Transaction
from grantline.persistence.tables import people, requests, stages

CARRIED_OUT = (RequestState.DELIVERING, RequestState.DELIVERED, RequestState.PARTIALLY_DELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """One stage that a person approved, of a request that gave or prolonged an assignment."""

    request_id: str
    stage_number: int
    approver_id: str
    approver_name: str
    visibility: ApproverVisibility
    decided_at: datetime


async def of_assignment(tx: Transaction, assignment_id: str) -> list[ApprovalGiven]:
    """Return the approvals of everything that was carried out about an assignment, the latest request first.

    What counted as approved by nobody's word is not among them.
    """
    statement = (
        select(
            requests.c.id,
            stages.c.number,
            stages.c.decided_by_id,
            stages.c.decided_at,
            stages.c.approver_visibility,
            people.c.display_name,
        )
        .join(stages, stages.c.request_id == requests.c.id)
        .join(people, people.c.id == stages.c.decided_by_id)
        .where(
            requests.c.assignment_id == assignment_id,
            requests.c.type.in_([kind.value for kind in ADDS | UPDATES]),
            requests.c.state.in_([state.value for state in CARRIED_OUT]),
            stages.c.verdict == Verdict.APPROVE.value,
        )
        .order_by(requests.c.created_at.desc(), requests.c.id, stages.c.number)
    )
    return [
        ApprovalGiven(
            request_id=row.id,
            stage_number=row.number,
            approver_id=row.decided_by_id,
            approver_name=row.display_name,
            visibility=ApproverVisibility(row.approver_visibility),
            decided_at=row.decided_at,
        )
        for row in await tx.all(statement)
    ]
