"""Withdrawing a request, while it waits for approval or for its start."""

from dataclasses import replace

from grantline.ambient import new_id, utc_now
from grantline.errors import NotAllowed, NotCancellable, NotFound
from grantline.model.briefing import CancelSignal
from grantline.model.event import EventType
from grantline.model.message import Message
from grantline.model.person import Actor
from grantline.model.request import CANCELLABLE_STATES, RequestState
from grantline.persistence import requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.rules.permissions import may_cancel_request, may_see_request
from grantline.rules.settlement import STATUS
from grantline.services import callouts, mailing, trail
from grantline.services.briefings import excerpt


async def cancel(db: Database, actor: Actor, request_id: str, reason: str | None = None) -> tuple[Message, ...]:
    """Withdraw a request for requestor, target or administrator, or raise why it cannot be withdrawn."""
    async with db.write() as tx:
        await withdraw(tx, actor, request_id, reason)
        tx.post(request_id, CancelSignal(actor_id=actor.id, cancellation_id=new_id(), reason=excerpt(reason)))
    return tuple(tx.messages)


async def withdraw(tx: Transaction, actor: Actor, request_id: str, reason: str | None) -> None:
    """Judge a cancellation, through whatever door it came, and put it on record. Nothing is written when refused."""
    now = utc_now()
    story = await requests.load(tx, request_id, lock=True)
    if story is None:
        raise NotFound(f"There is no request {request_id}.")
    everything = await stages.of_request(tx, request_id)
    requestor_id, target_id = story.requestor.id, story.target.id
    if not may_see_request(
        actor.id,
        is_administrator=actor.is_administrator,
        requestor_id=requestor_id,
        target_id=target_id,
        manager_id=story.target.manager_id,
        approver_ids={asked for one in everything for asked in one.stage.approver_ids},
    ):
        raise NotFound(f"There is no request {request_id}.")
    if not may_cancel_request(
        actor.id, is_administrator=actor.is_administrator, requestor_id=requestor_id, target_id=target_id
    ):
        raise NotAllowed(
            f"{actor.person} may not cancel request {request_id}; its requestor, its target or an administrator may. "
            "An approver denies instead."
        )
    if story.request.state not in CANCELLABLE_STATES:
        raise NotCancellable(
            f"Request {request_id} is {story.request.state.value}; only while it waits for approval or for its start "
            "can it be cancelled. Access that was given is removed by a removal request."
        )
    canceled = replace(
        story.request, state=RequestState.CANCELED, status=STATUS[RequestState.CANCELED], completed_at=now
    )
    await stages.close_all(tx, request_id)
    await callouts.withdraw(tx, request_id, now)
    await requests.move(tx, canceled, was=CANCELLABLE_STATES)
    tx.audit(trail.about_request(story, EventType.REQUEST_CANCELED, now, actor_id=actor.id, reason=reason))
    mailing.canceled(tx, story, everything, actor.person, reason)
