"""Ending an assignment of which nothing could be delivered, so that its package can be asked for again."""

from dataclasses import replace
from datetime import datetime

from grantline.errors import NotFound
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import Ending
from grantline.model.event import EventType
from grantline.persistence import assignments, grants
from grantline.persistence.database import Database
from grantline.services import trail

ENDED = (AssignmentState.ENDING, AssignmentState.EXPIRED)


async def abandon(db: Database, assignment_id: str, at: datetime) -> Ending:
    """Settle that a failed assignment ends; its request keeps saying why. Safe to repeat.

    What may have reached a target system all the same is taken back like any
    other access. Not ended: the assignment did not fail.
    """
    async with db.write() as tx:
        held = await assignments.load(tx, assignment_id, lock=True)
        if held is None:
            raise NotFound(f"There is no assignment {assignment_id}.")
        assignment = held.assignment
        is_failed = assignment.state is AssignmentState.DELIVERY_FAILED
        if is_failed:
            settled = replace(assignment, state=AssignmentState.ENDING, status="Ending")
            await assignments.save(tx, settled, ending_at=at)
            await grants.release(tx, [assignment_id], at)
            details = {"cause": AssignmentState.DELIVERY_FAILED.value}
            tx.audit(trail.about_assignment(held, EventType.ASSIGNMENT_ENDING, at, details=details))
        references = await grants.references(tx, assignment_id)
        return Ending(
            is_ended=is_failed or assignment.state in ENDED,
            cause=assignment.end_cause,
            ends_at=assignment.ends_at,
            grants=tuple(references),
        )
