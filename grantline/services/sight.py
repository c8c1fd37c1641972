"""Who sees a request or an assignment: one answer for every door. What one may not see does not exist (invariant 8)."""

from collections.abc import Sequence

from grantline.errors import NotFound
from grantline.model.person import Actor
from grantline.persistence import requests, stages
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.permissions import Part, Task, may, parts_in


def parts(viewer_id: str, story: RequestOnRecord, everything: Sequence[StageOnRecord]) -> frozenset[Part]:
    """Return the parts that somebody has in a request, as it and all its stages are on record."""
    return parts_in(
        viewer_id,
        requestor_id=story.requestor.id,
        target_id=story.target.id,
        manager_id=story.onlooker_id,
        approver_ids={party for one in everything for party in one.party_ids},
    )


def sees(viewer: Actor, story: RequestOnRecord, everything: Sequence[StageOnRecord]) -> bool:
    """Tell whether the viewer has a part in the request, or a role that reaches it."""
    return may(viewer, Task.READ_REQUEST, story.catalog_id, parts(viewer.id, story, everything))


def sees_assignment(viewer: Actor, held: AssignmentOnRecord) -> bool:
    """Tell whether the viewer has a part in the assignment, or a role that reaches it."""
    found = parts_in(viewer.id, requestor_id=held.requestor_id, target_id=held.target.id, manager_id=held.onlooker_id)
    return may(viewer, Task.READ_ASSIGNMENT, held.catalog_id, found)


async def seen(
    tx: Transaction, actor: Actor, request_id: str, *, lock: bool = False
) -> tuple[RequestOnRecord, list[StageOnRecord]]:
    """Return a request with all its stages; with `lock` nobody else changes it until commit.

    Raises:
        NotFound: there is none, or not for the actor.
    """
    story = await requests.load(tx, request_id, lock=lock)
    everything = await stages.of_request(tx, request_id) if story else []
    if story is None or not sees(actor, story, everything):
        raise NotFound(f"There is no request {request_id}.")
    return story, everything
