"""Withdrawing a request: while it waits for approval or for its start, or longer by a role.

What is being delivered already ends like other access: by a removal, which the
assignment's workflow hears, and with which the request is canceled. What could
not be delivered has left nothing; only its state changes.
"""

from dataclasses import replace

from grantline.ambient import new_id, utc_now
from grantline.errors import NotAllowed, NotCancellable
from grantline.model.briefing import CancelSignal
from grantline.model.event import EventType
from grantline.model.message import Message
from grantline.model.person import Actor
from grantline.model.request import ADDS, CANCELLABLE_STATES, Ask, Request, RequestState, RequestType
from grantline.persistence import requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.rules.permissions import Task, may, refusal
from grantline.rules.settlement import STATUS
from grantline.services import sight, trail
from grantline.services.requests import removal
from grantline.services.requests.briefings import excerpt
from grantline.services.sending import callouts, mailing


async def cancel(db: Database, actor: Actor, request_id: str, reason: str | None = None) -> tuple[Message, ...]:
    """Withdraw a request for requestor, target or whoever governs it, or raise why it cannot be withdrawn."""
    async with db.read() as tx:
        story = await requests.load(tx, request_id)
    found = story.request if story else None
    if story and found and _is_in_delivery(found) and may(actor, Task.CANCEL_DELIVERY, story.catalog_id):
        ask = Ask(type=RequestType.ADMIN_REMOVE, assignment_id=found.assignment_id, justification=reason)
        return (await removal.remove(db, actor, ask)).messages
    async with db.write() as tx:
        was = await withdraw(tx, actor, request_id, reason)
        # The workflow of one that failed is over, and so hears nothing.
        if was in CANCELLABLE_STATES:
            tx.post(request_id, CancelSignal(actor_id=actor.id, cancellation_id=new_id(), reason=excerpt(reason)))
    return tuple(tx.messages)


def _is_in_delivery(request: Request) -> bool:
    return request.type in ADDS and request.state is RequestState.DELIVERING


async def withdraw(tx: Transaction, actor: Actor, request_id: str, reason: str | None) -> RequestState:
    """Judge a cancellation, through whatever door it came, and put it on record; return the state it was in.

    Nothing is written when it is refused.
    """
    now = utc_now()
    story, everything = await sight.seen(tx, actor, request_id, lock=True)
    if not may(actor, Task.CANCEL, story.catalog_id, sight.parts(actor.id, story, everything)):
        raise NotAllowed(f"{refusal(actor.person, Task.CANCEL).message} An approver denies instead.")
    has_failed = {RequestState.DELIVERY_FAILED} if may(actor, Task.CANCEL_DELIVERY, story.catalog_id) else frozenset()
    cancellable = CANCELLABLE_STATES | has_failed
    if story.request.state not in cancellable:
        raise NotCancellable(
            f"Request {request_id} is {story.request.state.value}; only while it waits for approval or for its start "
            "can it be cancelled, and by whoever assigns directly until it is delivered, or when that failed. Access "
            "that was given is removed by a removal request."
        )
    canceled = replace(
        story.request, state=RequestState.CANCELED, status=STATUS[RequestState.CANCELED], completed_at=now
    )
    await stages.close_all(tx, request_id)
    await callouts.withdraw(tx, request_id, now)
    await requests.move(tx, canceled, was=cancellable)
    tx.audit(trail.about_request(story, EventType.REQUEST_CANCELED, now, actor_id=actor.id, reason=reason))
    mailing.canceled(tx, story, everything, actor.person, reason)
    return story.request.state
