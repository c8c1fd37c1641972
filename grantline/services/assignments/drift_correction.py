"""Correcting what a target system shows otherwise, because an administrator asks.

What is missing is given again by the workflow of an assignment that needs it.
What is there and should not be belongs to no assignment any more, so it has a
workflow of its own: the grant counts as not brought about from here on, shows
among the overdue revocations until it is, and one call after another asks for
the same.
"""

from dataclasses import dataclass

from grantline.ambient import utc_now
from grantline.errors import Conflict, NotFound
from grantline.model.briefing import GrantReference
from grantline.model.catalog import OWN_GROUPS
from grantline.model.event import EventType
from grantline.model.fulfilment import BY_HAND
from grantline.model.message import Message
from grantline.model.person import Actor
from grantline.model.upkeep import CorrectionBriefing
from grantline.persistence import grant_states, package_grants
from grantline.persistence.database import Database, Transaction
from grantline.persistence.grant_states import GrantState
from grantline.services import trail
from grantline.services.assignments import reprocessing


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """What is corrected: the grant, and the assignment that does it where one needs the grant."""

    grant_id: str
    is_missing: bool
    assignment_id: str | None
    messages: tuple[Message, ...]


async def correct(db: Database, actor: Actor, grant_id: str, reason: str | None = None) -> Corrected:
    """Have a drifted grant brought to its target system again.

    Raises:
        NotFound: there is no such grant.
        Conflict: it has not drifted, or the assignment that needs it is on its way already.
    """
    async with db.write() as tx:
        known = await grant_states.find(tx, grant_id)
        if known is None:
            raise NotFound(f"There is no grant {grant_id}.")
        assignment_id = await _give_again(tx, actor, known, reason) if known.is_wanted else None
        if assignment_id is None:
            await _take_again(tx, actor, grant_id, reason)
    return Corrected(
        grant_id=grant_id, is_missing=known.is_wanted, assignment_id=assignment_id, messages=tuple(tx.messages)
    )


def briefing_of(state: GrantState) -> CorrectionBriefing:
    """Brief the workflow that takes surplus access back."""
    system = state.entitlement.origin_system
    return CorrectionBriefing(
        grant=GrantReference(
            grant_id=state.id,
            origin_system=system,
            summary=state.summary,
            is_kept_here=system == OWN_GROUPS,
            is_by_hand=system == BY_HAND,
        )
    )


async def _give_again(tx: Transaction, actor: Actor, known: GrantState, reason: str | None) -> str:
    _require_drifted(known)
    found = await package_grants.held_for(tx, known.id)
    if found is None:
        raise Conflict(
            f"{known.summary} is missing, and whoever needs it is being given or losing it; its workflow is at it."
        )
    await reprocessing.once_more(tx, actor, found, reason)
    return found


async def _take_again(tx: Transaction, actor: Actor, grant_id: str, reason: str | None) -> None:
    state = await grant_states.find(tx, grant_id, lock=True)
    if state is None:
        raise NotFound(f"There is no grant {grant_id}.")
    _require_drifted(state)
    if state.is_wanted:
        raise Conflict(f"{state.summary} has come to be needed just now; its workflow is at it.")
    now = utc_now()
    if state.is_applied:
        await grant_states.take_again(tx, state, now)
        event = trail.about_grant(state, EventType.GRANT_REPROCESSED, now, reason=reason, actor_id=actor.id)
        tx.audit(event)
    tx.post(grant_id, briefing_of(state))


def _require_drifted(state: GrantState) -> None:
    if state.drifted_at is None:
        raise Conflict(
            f"{state.summary} is in its target system as it should be, as far as is known; GET /api/drift lists what "
            "is not."
        )
