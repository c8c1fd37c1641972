"""Taking back an approval by its request, whatever has become of that since (EF-071).

    waits for a later stage, or for its start   denied, with the reason
    is being delivered, or was                  the assignment is removed: approverRemove

The approver knows the request, not the assignment; Graph's own way in, a
request of type approverRemove that names the assignment, is removal.py.
"""

from dataclasses import dataclass, replace

from grantline.ambient import new_id, utc_now
from grantline.errors import NotAnApprover, OwnRequest, RequestClosed
from grantline.model.briefing import DecideSignal
from grantline.model.event import EventType
from grantline.model.message import Message
from grantline.model.person import Actor
from grantline.model.request import CANCELLABLE_STATES, REMOVALS, Ask, Request, RequestState, RequestType, Verdict
from grantline.persistence import requests, stages
from grantline.persistence.approvals_given import CARRIED_OUT
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.settlement import STATUS
from grantline.rules.times import iso
from grantline.services import sight, trail
from grantline.services.approvals.standing_approvals import require_reason
from grantline.services.requests import removal
from grantline.services.requests.briefings import excerpt
from grantline.services.sending import callouts, mailing


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What came of it: the request itself, denied, or the removal of what it had given."""

    request: Request
    messages: tuple[Message, ...]


async def take_back(db: Database, actor: Actor, request_id: str, reason: str | None) -> TakenBack:
    """Take back the actor's approval of a request, or raise why there is none, or none any more.

    Two transactions, never one: who denies holds the request, who removes holds
    the assignment, and whoever delivers takes these the other way round.
    """
    async with db.write() as tx:
        denied = await _deny(tx, actor, request_id, reason)
    if denied is not None:
        return TakenBack(request=denied, messages=tuple(tx.messages))
    async with db.read() as tx:
        request = (await _approved(tx, actor, request_id))[0].request
    if request.assignment_id is None or request.state not in CARRIED_OUT:
        raise _closed(request)
    ask = Ask(type=RequestType.APPROVER_REMOVE, assignment_id=request.assignment_id, justification=reason)
    submitted = await removal.remove(db, actor, ask)
    return TakenBack(request=submitted.request, messages=submitted.messages)


async def _deny(tx: Transaction, actor: Actor, request_id: str, reason: str | None) -> Request | None:
    """Deny a request that nothing has come of yet; None if something has, or if it is closed."""
    story, everything, number = await _approved(tx, actor, request_id, lock=True)
    request = story.request
    if request.state not in CANCELLABLE_STATES:
        return None
    require_reason(reason)
    now = utc_now()
    status = f"{STATUS[RequestState.DENIED]}: an approval was taken back"
    denied = replace(request, state=RequestState.DENIED, status=status, completed_at=now)
    await stages.close_all(tx, request_id)
    await callouts.withdraw(tx, request_id, now)
    await requests.move(tx, denied, was=CANCELLABLE_STATES)
    for kind, details in ((EventType.APPROVAL_TAKEN_BACK, {"stage": number}), (EventType.REQUEST_DENIED, None)):
        tx.audit(trail.about_request(story, kind, now, actor_id=actor.id, reason=reason, details=details))
    mailing.denied(tx, story, everything, actor.person.display_name, reason)
    told = DecideSignal(approver_id=actor.id, verdict=Verdict.DENY, decision_id=new_id(), justification=excerpt(reason))
    tx.post(request_id, told)
    return denied


async def _approved(
    tx: Transaction, actor: Actor, request_id: str, *, lock: bool = False
) -> tuple[RequestOnRecord, list[StageOnRecord], int]:
    """Return the request with its stages and the number of the one that the actor approved, or raise that none is."""
    story, everything = await sight.seen(tx, actor, request_id, lock=lock)
    if actor.id in (story.requestor.id, story.target.id):
        raise OwnRequest(f"{actor.person} may not decide on request {request_id}: it is their own; cancel it instead.")
    for one in everything:
        if one.stage.decided_by_id == actor.id and one.stage.verdict is Verdict.APPROVE:
            return story, everything, one.stage.number
    what = "needed no approval" if story.request.type in REMOVALS or not everything else "was not approved by you"
    raise NotAnApprover(f"Request {request_id} {what}, {actor.person}; there is no approval to take back.")


def _closed(request: Request) -> RequestClosed:
    when = f" since {iso(request.completed_at)}" if request.completed_at else ""
    return RequestClosed(
        f"Request {request.id} is {request.state.value}{when}; there is no approval left to take back."
    )
