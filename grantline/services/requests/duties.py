"""Separation of duties, looked at when somebody asks and once more right before access is owed.

Only packages that exclude something cost anything. For those the target is
held first, so that two conflicting asks at one instant come one after the
other, and the second sees what the first left.
"""

from dataclasses import replace

from grantline.model.duties import Collision
from grantline.model.request import UPDATES, RequestState
from grantline.persistence import incompatibilities
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules.duties import in_the_way
from grantline.rules.settlement import Turn


async def collisions(tx: Transaction, package_id: str, target_id: str) -> tuple[Collision, ...]:
    """Return what the target has or asks for that the package excludes, and keep it so until this commits."""
    await incompatibilities.hold_target(tx, target_id)
    return await incompatibilities.collisions(tx, package_id, target_id)


async def once_more(tx: Transaction, story: RequestOnRecord, turn: Turn) -> Turn:
    """Return the turn, or the failure it is instead: weeks may have passed since the judgement.

    Access that an update prolongs is held already, and that is left alone. Of two
    requests that are open together the one that was asked first goes first, so an
    open request counts if it is older than this one.
    """
    request = story.request
    if turn.state is not RequestState.DELIVERING or not story.is_exclusive or request.type in UPDATES:
        return turn
    await incompatibilities.hold_target(tx, request.target_id)
    found = await incompatibilities.collisions(
        tx, request.package_id, request.target_id, asked_before=(request.created_at, request.id)
    )
    if not found:
        return turn
    reason = f"separation of duties, {story.target.display_name} has {in_the_way(found)}"
    return replace(turn, state=RequestState.DELIVERY_FAILED, reason=reason)
