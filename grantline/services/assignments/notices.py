"""Announcing that access ends soon, 14 days and 1 day before."""

from dataclasses import replace
from datetime import datetime, timedelta

from grantline.errors import NotFound
from grantline.model.briefing import Ending
from grantline.model.event import EventType
from grantline.persistence import assignments
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.rules import notices
from grantline.services import trail
from grantline.services.sending import callouts, mailing


async def give_notice(db: Database, assignment_id: str, at: datetime) -> Ending:
    """Announce the end if that is due at this instant, and say what is to come. Safe to repeat.

    Whether the policy wants notices is looked up now, months after the
    assignment was given. Of two that are due, because nobody was at work for
    long, only the latter is given.
    """
    async with db.write() as tx:
        held = await assignments.load(tx, assignment_id, lock=True)
        if held is None:
            raise NotFound(f"There is no assignment {assignment_id}.")
        lead = notices.due(held.assignment, at)
        if lead is not None and not notices.is_silenced(await assignments.policy_of(tx, held.assignment)):
            status = notices.reworded(held.assignment.status, notices.STATUS[lead])
            await assignments.save(tx, replace(held.assignment, status=status))
            announce(tx, held, lead, at)
            await callouts.of_notice(tx, held, lead)
        return standing(held, at)


def announce(tx: Transaction, held: AssignmentOnRecord, lead: timedelta, at: datetime) -> None:
    """Tell the trail and whom it concerns that the access ends in `lead`."""
    ends_at = held.assignment.ends_at
    details = {"daysBefore": lead.days, "endsAt": ends_at.isoformat() if ends_at else None}
    tx.audit(trail.about_assignment(held, EventType.ASSIGNMENT_NEAR_END, at, details=details))
    mailing.near_end(tx, held, lead)


def standing(held: AssignmentOnRecord, at: datetime) -> Ending:
    """Say to the assignment's workflow until when the access lasts, and when that is announced next."""
    ends_at = held.assignment.ends_at
    return Ending(is_ended=False, ends_at=ends_at, notices=notices.instants(ends_at, at))
