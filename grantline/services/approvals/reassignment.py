"""Reassigning: an administrator gives one open approval to others, and says why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from grantline.ambient import utc_now
from grantline.errors import Conflict, DeadlinePassed, InvalidInput, JustificationRequired, NotFound, RequestClosed
from grantline.model.briefing import ApproversChangedSignal
from grantline.model.event import EventType
from grantline.model.message import Message
from grantline.model.person import Actor, Person
from grantline.model.request import RequestState, StageState
from grantline.persistence import people, requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.approvers import Approver, Source
from grantline.rules.permissions import Task, require
from grantline.rules.rerouting import Rerouting
from grantline.rules.times import iso
from grantline.services import sight, trail
from grantline.services.approvals.rerouting import exchange, told

MOST_APPROVERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """The stage as it waits now; its deadline is what it was."""

    stage_number: int
    deadline_at: datetime | None
    approvers: tuple[Person, ...]
    messages: tuple[Message, ...]


async def reassign(
    db: Database, actor: Actor, request_id: str, approver_ids: Collection[str], reason: str | None
) -> Reassigned:
    """Let the open stage wait for these and nobody else; whoever stands in for one of them may decide too.

    Alternates whose turn has not
    come are asked at their time all the same.

    Raises:
        NotFound: there is no such request for the actor.
        NotAllowed: they may not.
        RequestClosed, DeadlinePassed: nothing of it waits for a decision.
        InvalidInput: nobody, too many, or somebody who could not decide is named.
        JustificationRequired: no reason is given.
        Conflict: the stage waits for exactly these already.
    """
    async with db.write() as tx:
        story = await requests.load(tx, request_id, lock=True)
        everything = await stages.of_request(tx, request_id) if story else []
        if story is None or not sight.sees(actor, story, everything):
            raise NotFound(f"There is no request {request_id}.")
        require(actor, Task.REASSIGN, story.catalog_id)
        now = utc_now()
        if not (reason and reason.strip()):
            raise JustificationRequired("Say why the approval is given to others.", target="reason")
        found = await _open_stage(tx, story, now)
        new = await _suitable(tx, story, approver_ids)
        before = {one.id: Approver(person=one, source=Source(found.routes[one.id])) for one in found.waiting}
        if set(before) == {one.person.id for one in new}:
            raise Conflict(f"Stage {found.stage.number} of request {request_id} waits for exactly these already.")
        change = Rerouting(came=_only(new, not_in=before), gone=(*before.values(),), is_stuck=False)
        await exchange(tx, story, found, change, now)
        stay = [one for one in new if one.person.id in before]
        await stages.add_approvers(tx, found.stage, stay, at=now)
        details = {
            "stage": found.stage.number,
            "approvers": told(new),
            "came": told(change.came),
            "gone": told(_only(change.gone, not_in=new)),
        }
        tx.audit(
            trail.about_request(
                story, EventType.STAGE_REASSIGNED, now, actor_id=actor.id, reason=reason, details=details
            )
        )
        tx.post(request_id, ApproversChangedSignal(reason="reassigned by an administrator"))
    return Reassigned(
        stage_number=found.stage.number,
        deadline_at=found.stage.deadline_at,
        approvers=tuple(one.person for one in new),
        messages=tuple(tx.messages),
    )


def _only(some: Sequence[Approver], *, not_in: Collection[str] | Sequence[Approver]) -> tuple[Approver, ...]:
    ids = {one.person.id if isinstance(one, Approver) else one for one in not_in}
    return tuple(one for one in some if one.person.id not in ids)


async def _open_stage(tx: Transaction, story: RequestOnRecord, now: datetime) -> StageOnRecord:
    everything = await stages.of_request(tx, story.request.id, at=now)
    found = next((one for one in everything if one.stage.state is StageState.OPEN), None)
    if found is None or story.request.state is not RequestState.PENDING_APPROVAL:
        raise RequestClosed(
            f"Request {story.request.id} is {story.request.state.value} and waits for no decision; there is nothing to "
            "reassign."
        )
    deadline_at = found.stage.deadline_at
    if deadline_at is not None and deadline_at <= now:
        raise DeadlinePassed(
            f"Stage {found.stage.number} of request {story.request.id} could be decided until {iso(deadline_at)}; "
            "a new request is needed."
        )
    return found


async def _suitable(tx: Transaction, story: RequestOnRecord, approver_ids: Collection[str]) -> tuple[Approver, ...]:
    """Return the people named, if all of them could decide."""
    ids = list(dict.fromkeys(approver_ids))
    if not 1 <= len(ids) <= MOST_APPROVERS:
        raise InvalidInput(f"Name 1 to {MOST_APPROVERS} approvers, not {len(ids)}.", target="approvers")
    known = await people.by_ids(tx, ids)
    for id_ in ids:
        if id_ not in known:
            raise InvalidInput(f"There is no user {id_!r} who could approve.", target="approvers")
        person = known[id_].person
        if id_ in (story.requestor.id, story.target.id):
            raise InvalidInput(
                f"{person} asks for this or would get it, and nobody decides on their own request; name somebody else.",
                target="approvers",
            )
        if not person.account_enabled:
            raise InvalidInput(f"The account of {person} is disabled; name somebody else.", target="approvers")
    return tuple(Approver(person=known[id_].person, source=Source.REASSIGNED) for id_ in ids)
