"""The moment access becomes owed: the assignment, its grants and their reasons come into the books.

The workflow that will hold the access is owed in the same transaction (ADR 0013).
"""

from datetime import datetime

from grantline.errors import Unavailable
from grantline.model.assignment import Assignment, AssignmentState
from grantline.model.briefing import AssignmentBriefing
from grantline.model.event import EventType
from grantline.persistence import assignments, grants, packages
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.planning import end_of_access
from grantline.services import trail
from grantline.services.requests import briefings


async def hand_over(tx: Transaction, story: RequestOnRecord, at: datetime) -> AssignmentBriefing:
    """Write that the request's access is owed from this instant.

    The request is on record as delivering and carries the new assignment's id;
    that the target may still get it was looked at in this same transaction.

    Raises:
        Unavailable: the package was retired since; whoever tries again finds it so.
    """
    request = story.request
    if request.assignment_id is None:
        raise AssertionError(f"request {request.id} is handed over without an assignment id (this is a bug)")
    if not await packages.is_given(tx, request.package_id):
        raise Unavailable(f"'{story.package_name}' was retired at this very moment; look again.")
    ends_at = end_of_access(request.terms, at)
    assignment = Assignment(
        id=request.assignment_id,
        target_id=request.target_id,
        package_id=request.package_id,
        policy_id=request.policy_id,
        state=AssignmentState.DELIVERING,
        status="Delivering",
        starts_at=at,
        ends_at=ends_at,
        delivered_at=None,
        ended_at=None,
        end_cause=None,
        created_at=at,
    )
    await assignments.add(tx, assignment, request.id)
    references = await grants.owe_package(tx, assignment.id, story.target, request.package_id, at)
    tx.audit(
        trail.about_request(
            story,
            EventType.ASSIGNMENT_STARTED,
            at,
            details={
                "assignment": assignment.id,
                "endsAt": ends_at.isoformat() if ends_at else None,
                "grants": [reference.grant_id for reference in references],
            },
        )
    )
    briefing = briefings.of_assignment(story, assignment, references)
    tx.post(assignment.id, briefing)
    return briefing
