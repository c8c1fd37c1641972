"""Deliver and end what lies in Grantline's own database: the act and its record are one transaction.

What services/assignments/provisioning.py does with looks, leases and versions, a target
system needs because it cannot share our transaction. Our own groups can.
Where that is not so, or somebody is at one of the grants, nothing is done about
that assignment and its caller goes the long way.

Whoever ends one assignment ends with it what else is due, some in a transaction
and several transactions in a row: of hundreds that end in the same second, the
first workflow to wake does it for all, and the others find it done.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from grantline.ambient import utc_now
from grantline.connectors.base import Connector, Connectors, KeptHere
from grantline.errors import TargetRefused, TryAgain
from grantline.model.assignment import Assignment, AssignmentState, EndCause
from grantline.model.briefing import Ending
from grantline.model.event import EventType
from grantline.persistence import assignments, grant_states
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.persistence.grant_states import GrantState
from grantline.services import trail
from grantline.services.assignments import endings, lifecycle, notices
from grantline.services.requests import prolongation

HELD = (AssignmentState.DELIVERED, AssignmentState.PARTIALLY_DELIVERED)

BATCH = 50
"""How many assignments end in one transaction; on SQLite nobody else writes meanwhile."""

MOST_BATCHES = 10
"""How many of them one workflow's step does for others; it is to end well within its time (`recorded.AT_ONCE`)."""


async def deliver(db: Database, connectors: Connectors, assignment_id: str) -> Mapping[str, str] | None:
    """Give every grant of an assignment and record the delivery; None if that cannot be done at once.

    Returns the reason for each grant that was refused, by its id. Safe to
    repeat: what is delivered already is left as it is.
    """
    try:
        async with db.write() as tx:
            held = await lifecycle.delivering(tx, assignment_id)
            if held is None:
                return {}
            failures: dict[str, str] = {}
            for state in await grant_states.states_held(tx, [assignment_id]):
                connector = connectors.get(state.entitlement.origin_system)
                if not isinstance(connector, KeptHere):
                    raise TryAgain(f"{state.entitlement.origin_system} is not kept here.")
                if reason := await _give(tx, connector.within(tx), state, utc_now()):
                    failures[state.id] = reason
            await lifecycle.settle_delivery(tx, held, failures)
    except (TryAgain, IntegrityError):
        # Asked elsewhere, busy, or deleted while we looked: the long way has the words for each.
        return None
    return failures


async def _give(tx: Transaction, connector: Connector, state: GrantState, now: datetime) -> str | None:
    """Make one grant real and say so; return why it was refused, if it was."""
    if not state.is_wanted:
        return None
    try:
        is_held = await connector.holds(state.entitlement)
        if is_held and state.is_applied:
            return None
        if not is_held:
            await connector.grant(state.entitlement)
    except TargetRefused as refusal:
        if await grant_states.record_error(tx, state, refusal.message):
            tx.audit(trail.about_grant(state, EventType.GRANT_FAILED, now, reason=refusal.message, code=refusal.code))
        return refusal.message
    # What we had given and somebody took away is ours again, whatever was there before us.
    existed_before = False if state.is_applied else (is_held if state.existed_before is None else state.existed_before)
    if not await grant_states.settle(tx, state, existed_before=existed_before, now=now):
        raise TryAgain(f"{state.summary}: another worker is at it.")
    tx.audit(trail.about_grant(state, EventType.GRANT_GRANTED, now, existedBefore=existed_before))
    return None


async def end(db: Database, connectors: Connectors, assignment_id: str, at: datetime) -> Ending | None:
    """End an assignment whose time is up by `at` and take everything back; None if that cannot be done at once.

    Safe to repeat. Not ended: the end has moved.
    """
    ended, are_more = [assignment_id], False
    answer = await _found_over(db, assignment_id)
    if answer is None:
        try:
            async with db.write() as tx:
                held = await lifecycle.on_hold(tx, assignment_id)
                answer = _answer(held, at)
                if answer is None:
                    others = await _others(tx, assignment_id, at)
                    over = await _end(tx, connectors, [held, *others], at)
                    ended, answer, are_more = list(over), over.get(assignment_id), len(over) >= BATCH
        except (TryAgain, TargetRefused):
            # Somebody is at one of the grants: the long way has the patience.
            return None
    if answer is None or answer.is_taken_back:
        await prolongation.give_up(db, ended, at)
    if are_more:
        await _end_more(db, connectors, at)
    return answer


async def _end_more(db: Database, connectors: Connectors, at: datetime) -> None:
    """End what else is due, batch after batch; what cannot end so is left to its own workflow."""
    for _ in range(MOST_BATCHES):
        try:
            async with db.write() as tx:
                over = await _end(tx, connectors, await assignments.due(tx, min(at, utc_now()), BATCH), at)
        except (TryAgain, TargetRefused):
            return
        await prolongation.give_up(db, list(over), at)
        if len(over) < BATCH:
            return


async def _found_over(db: Database, assignment_id: str) -> Ending | None:
    """Say how the assignment ended already; one that is over stays so, and nobody need wait to read it."""
    async with db.read() as tx:
        held = await assignments.load(tx, assignment_id)
    is_over = held is not None and held.assignment.state is AssignmentState.EXPIRED
    return _over(held.assignment) if held and is_over else None


def _answer(held: AssignmentOnRecord, at: datetime) -> Ending | None:
    """Say what is so already; None if the assignment is to be ended now."""
    assignment = held.assignment
    if assignment.state is AssignmentState.EXPIRED:
        return _over(assignment)
    is_due = assignment.ends_at is not None and assignment.ends_at <= at
    is_ending = assignment.state is AssignmentState.ENDING
    return None if is_due or is_ending else notices.standing(held, at)


async def _others(tx: Transaction, assignment_id: str, at: datetime) -> list[AssignmentOnRecord]:
    # A workflow whose clock an operator moved ahead speaks for itself only.
    due = await assignments.due(tx, min(at, utc_now()), BATCH)
    return [held for held in due if held.assignment.id != assignment_id]


async def _end(
    tx: Transaction, connectors: Connectors, due: Sequence[AssignmentOnRecord], at: datetime
) -> Mapping[str, Ending]:
    """End those held assignments for which no target system has to be asked; say by id how."""
    systems = await grant_states.systems_of(tx, [held.assignment.id for held in due])
    ours = [
        held
        for held in due
        if held.assignment.state in HELD
        and all(isinstance(connectors.get(system), KeptHere) for system in systems.get(held.assignment.id, ()))
    ]
    if not ours:
        return {}
    ending = await endings.settle(tx, ours, EndCause.EXPIRED, at)
    for state in await grant_states.states_held(tx, [held.assignment.id for held in ending]):
        connector = connectors[state.entitlement.origin_system]
        if isinstance(connector, KeptHere) and not (state.is_wanted or state.is_applied):
            await _take(tx, connector.within(tx), state, utc_now())
    return {held.assignment.id: _over(held.assignment) for held in await endings.close(tx, ending)}


async def _take(tx: Transaction, connector: Connector, state: GrantState, now: datetime) -> None:
    """Make one grant gone and say so; what was there before us stays."""
    is_ours = state.existed_before is False
    if is_ours:
        await connector.revoke(state.entitlement)
    if not await grant_states.settle(tx, state, existed_before=state.existed_before, now=now):
        raise TryAgain(f"{state.summary}: another worker is at it.")
    if state.existed_before is not None:
        type_ = EventType.GRANT_REVOKED if is_ours else EventType.GRANT_KEPT
        tx.audit(trail.about_grant(state, type_, now, existedBefore=state.existed_before))


def _over(assignment: Assignment) -> Ending:
    return Ending(is_ended=True, cause=assignment.end_cause, ends_at=assignment.ends_at, is_taken_back=True)
