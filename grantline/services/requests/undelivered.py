"""What becomes of a request whose access ends before it was delivered: it is canceled, and can be asked for anew."""

from dataclasses import replace
from datetime import datetime

from grantline.model.assignment import EndCause
from grantline.model.event import EventType
from grantline.model.request import RequestState
from grantline.persistence import requests
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Transaction
from grantline.rules.settlement import STATUS
from grantline.services import trail

DELIVERING = (RequestState.DELIVERING,)

WHY = {EndCause.EXPIRED: "its time was up before it was delivered"}
REMOVED = "it was removed before it was delivered"


async def give_up(
    tx: Transaction,
    held: AssignmentOnRecord,
    cause: EndCause,
    at: datetime,
    *,
    actor_id: str | None,
    reason: str | None,
) -> None:
    """Cancel the request that a locked assignment came from, unless its delivery is on record.

    Whoever delivers takes the assignment first and then the request, and so does this.
    """
    story = await requests.load(tx, held.request_id, lock=True)
    if story is None or story.request.state is not RequestState.DELIVERING:
        return
    why = WHY.get(cause, REMOVED)
    status = f"{STATUS[RequestState.CANCELED]}: {why}"
    canceled = replace(story.request, state=RequestState.CANCELED, status=status, completed_at=at)
    await requests.move(tx, canceled, was=DELIVERING)
    tx.audit(trail.about_request(story, EventType.REQUEST_CANCELED, at, actor_id=actor_id, reason=reason or why))
