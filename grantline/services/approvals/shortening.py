"""Approving for less time than was asked: the plan stays as it was judged, and a limit comes on record beside it."""

from dataclasses import replace
from datetime import datetime

from grantline.model.plan import Limit
from grantline.model.request import UPDATES
from grantline.persistence import assignments, requests
from grantline.persistence.database import Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.rules import limiting


async def shorten(tx: Transaction, story: RequestOnRecord, limit: Limit, now: datetime) -> RequestOnRecord:
    """Put on record that an approval shortens the access, and return the request as it is then; or raise why not.

    Of several limits the shortest holds. Nothing is written when it is refused.
    """
    request = story.request
    held_until = None
    if request.type in UPDATES and request.assignment_id is not None:
        held = await assignments.load(tx, request.assignment_id)
        held_until = held.assignment.ends_at if held else None
    if refusal := limiting.objection(request, limit, now, held_until=held_until):
        raise refusal
    shortened = replace(request, limit=limit.and_(request.limit))
    await requests.shorten(tx, shortened)
    return replace(story, request=shortened)
