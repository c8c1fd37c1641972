"""Deliver what lies in Grantline's own database: giving and recording are one transaction.

What services/provisioning.py does with looks, leases and versions, a target
system needs because it cannot share our transaction. Our own groups can.
Where that is not so, or somebody is at one of the grants, nothing is done and
the caller goes the long way.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from grantline.ambient import utc_now
from grantline.connectors.base import Connector, Connectors, KeptHere
from grantline.errors import TargetRefused, TryAgain
from grantline.model.event import EventType
from grantline.persistence import grant_states
from grantline.persistence.database import Database, Transaction
from grantline.persistence.grant_states import GrantState
from grantline.services import lifecycle, trail


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
            for state in await grant_states.states_held(tx, assignment_id):
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
