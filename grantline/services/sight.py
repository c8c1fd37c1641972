"""Who sees a request: one answer for every door. What one may not see does not exist (invariant 8)."""

from collections.abc import Sequence

from grantline.errors import NotFound
from grantline.model.person import Actor
from grantline.persistence import requests, stages
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.permissions import may_see_request


def sees(
    viewer_id: str, story: RequestOnRecord, everything: Sequence[StageOnRecord], *, is_administrator: bool
) -> bool:
    """Tell whether the viewer has a part in the request, as it and all its stages are on record, or administers."""
    return may_see_request(
        viewer_id,
        is_administrator=is_administrator,
        requestor_id=story.requestor.id,
        target_id=story.target.id,
        manager_id=story.onlooker_id,
        approver_ids={party for one in everything for party in one.party_ids},
    )


async def seen(
    tx: Transaction, actor: Actor, request_id: str, *, lock: bool = False
) -> tuple[RequestOnRecord, list[StageOnRecord]]:
    """Return a request with all its stages; with `lock` nobody else changes it until commit.

    Raises:
        NotFound: there is none, or not for the actor.
    """
    story = await requests.load(tx, request_id, lock=lock)
    everything = await stages.of_request(tx, request_id) if story else []
    if story is None or not sees(actor.id, story, everything, is_administrator=actor.is_administrator):
        raise NotFound(f"There is no request {request_id}.")
    return story, everything
