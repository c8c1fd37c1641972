"""Open stages follow the directory: a leaver, a new manager, another member of a group.

    a change ─► a row of directory_changes, by trigger, in its transaction
             ─► follow: the pending requests that it can touch, some at a time
             ─► each under its lock: looked up anew, people exchanged, on record

Called right after a change by whoever made it, and by a worker for all the
rest, so nothing is lost when a process dies. Safe to repeat: a stage that waits
for the right people is left alone.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grantline.ambient import utc_now
from grantline.errors import GrantlineError
from grantline.model.briefing import ApproversChangedSignal
from grantline.model.directory_change import ChangeKind, DirectoryChange
from grantline.model.event import AuditEvent, EventType
from grantline.model.message import Message
from grantline.model.request import RequestState, StageState
from grantline.persistence import directory_changes, facts, requests, stages
from grantline.persistence.database import Database, Transaction
from grantline.persistence.requests import RequestOnRecord
from grantline.persistence.stages import StageOnRecord
from grantline.rules.approvers import Approver, Source
from grantline.rules.rerouting import Rerouting, compared, resolve_anew
from grantline.rules.settlement import STATUS
from grantline.services import trail
from grantline.services.approvals import standing_in
from grantline.services.approvals.openings import look_up
from grantline.services.sending import mailing

logger = logging.getLogger(__name__)

BATCH = 100
"""Requests whose ids are read at once."""

SECOND_LOOK = timedelta(seconds=5)
"""After so long no transaction is still writing a stage that it opened by the old directory."""

PENDING = (RequestState.PENDING_APPROVAL,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a stage is looked up anew: a sentence for people, and what changed."""

    says: str
    change: DirectoryChange | None = None


async def follow(db: Database, *, administrators: Collection[str] = (), most: int | None = None) -> tuple[Message, ...]:
    """Let open stages follow whatever has changed; return what workflows are owed.

    With `most`, no more requests than that are looked at; the rest is left to
    whoever follows next.
    """
    async with db.read() as tx:
        changes = await directory_changes.waiting(tx, utc_now() - SECOND_LOOK)
    messages: list[Message] = []
    count = 0
    for change, numbers in changes.items():
        after = ""
        while ids := await _touched(db, change, after):
            for request_id in ids:
                if most is not None and count >= most:
                    return tuple(messages)
                messages += await _followed(db, request_id, change, administrators)
                count += 1
            after = ids[-1]
        async with db.write() as tx:
            await directory_changes.looked_at(tx, numbers, utc_now())
    return tuple(messages)


async def bring_up_to_date(
    tx: Transaction, story: RequestOnRecord, everything: list[StageOnRecord], administrators: Collection[str]
) -> bool:
    """Look the open stage up anew if the directory changed and nobody has followed yet; tell whether that moved it.

    The caller holds the request. So no decision is judged by a directory that is no more.
    """
    if story.request.state is not RequestState.PENDING_APPROVAL or not await directory_changes.is_any_new(tx):
        return False
    return await reroute(tx, story, everything, Why(says="the directory changed"), administrators)


async def reroute(
    tx: Transaction,
    story: RequestOnRecord,
    everything: list[StageOnRecord],
    why: Why,
    administrators: Collection[str],
) -> bool:
    """Exchange whom the open stage waits for, if that is others now; tell whether it was.

    The caller holds the request.
    """
    now = utc_now()
    found = next((one for one in everything if one.stage.state is StageState.OPEN), None)
    if found is None or (found.stage.deadline_at is not None and found.stage.deadline_at <= now):
        return False
    before = {one.id: Approver(person=one, source=Source(found.routes[one.id])) for one in found.waiting}
    change = compared(before, await _wanted(tx, story, found, before, administrators))
    if not change.is_any:
        return False
    tx.audit(_event(story, found, change, why, now))
    if change.is_stuck:
        await _deny(tx, story, everything, found, now)
    else:
        await exchange(tx, story, found, change, now)
    tx.post(story.request.id, ApproversChangedSignal(reason=why.says))
    return True


async def exchange(
    tx: Transaction, story: RequestOnRecord, found: StageOnRecord, change: Rerouting, now: datetime
) -> None:
    """Wait for those who come, and no more for those who go; who comes is told, and whoever stands in for them."""
    stage = found.stage
    await stages.let_go(tx, stage, [one.person.id for one in change.gone])
    await stages.add_approvers(tx, stage, change.came, at=now)
    mailing.asked_anew(tx, story, stage, [one.person for one in change.came], now)
    await standing_in.tell(tx, story, stage, change.came, now)


async def _touched(db: Database, change: DirectoryChange, after: str) -> list[str]:
    async with db.read() as tx:
        return await directory_changes.touched(tx, change, after, BATCH)


async def _followed(
    db: Database, request_id: str, change: DirectoryChange, administrators: Collection[str]
) -> list[Message]:
    """Let one request follow; one that cannot, for a mistake of ours, must not keep back all others for ever."""
    try:
        return await _follow_one(db, request_id, change, administrators)
    except GrantlineError:
        raise
    except Exception:
        logger.exception("request %s cannot follow the directory", request_id)
        return []


async def _follow_one(
    db: Database, request_id: str, change: DirectoryChange, administrators: Collection[str]
) -> list[Message]:
    async with db.write() as tx:
        story = await requests.load(tx, request_id, lock=True)
        if story is None or story.request.state is not RequestState.PENDING_APPROVAL:
            return []
        everything = await stages.of_request(tx, request_id)
        await reroute(tx, story, everything, await _why(tx, change), administrators)
    return tx.messages


async def _wanted(
    tx: Transaction,
    story: RequestOnRecord,
    found: StageOnRecord,
    before: dict[str, Approver],
    administrators: Collection[str],
) -> tuple[Approver, ...]:
    plan = story.request.plan
    planned = plan.stages[found.stage.number - 1]
    is_escalated = found.stage.escalated_at is not None
    late = (*planned.escalation_approvers, *planned.fallback_escalation_approvers) if is_escalated else ()
    people = await look_up(tx, story, (*planned.primary_approvers, *planned.fallback_approvers, *late))
    option = plan.approver_is_requestor
    wanted = resolve_anew(planned, option, people, before, is_escalated=is_escalated)
    if wanted or not administrators:
        return wanted
    owners = await facts.people_by_user_name(tx, administrators)
    people = replace(people, owners=tuple(owners))
    return resolve_anew(planned, option, people, before, is_escalated=is_escalated)


async def _deny(
    tx: Transaction, story: RequestOnRecord, everything: list[StageOnRecord], found: StageOnRecord, now: datetime
) -> None:
    """End a request whose open stage nobody may decide any more: it fails closed."""
    reason = f"nobody may decide stage {found.stage.number} any more"
    status = f"{STATUS[RequestState.DENIED]}: {reason}"
    denied = replace(story.request, state=RequestState.DENIED, status=status, completed_at=now)
    await stages.close_all(tx, denied.id)
    await requests.move(tx, denied, was=PENDING)
    tx.audit(trail.about_request(story, EventType.REQUEST_DENIED, now, reason=reason))
    mailing.denied(tx, story, everything, None, reason)


async def _why(tx: Transaction, change: DirectoryChange) -> Why:
    name, is_enabled = await directory_changes.subject_name(tx, change)
    says = {
        ChangeKind.SWITCHED: f"the account of {name} was {'enabled' if is_enabled else 'disabled'}",
        ChangeKind.MOVED: f"{name} has another manager, or none",
        ChangeKind.MEMBERS: f"the members of {name} changed",
        ChangeKind.SPONSORS: f"the sponsors of {name} changed",
        ChangeKind.OWNERS: f"the owners of {name} changed",
    }
    return Why(says=says[change.kind], change=change)


def _event(story: RequestOnRecord, found: StageOnRecord, change: Rerouting, why: Why, now: datetime) -> AuditEvent:
    details = {
        "stage": found.stage.number,
        "came": told(change.came),
        "gone": told(change.gone),
        "because": {"kind": why.change.kind.value, "id": why.change.subject_id} if why.change else None,
    }
    return trail.about_request(story, EventType.STAGE_REROUTED, now, reason=why.says, details=details)


def told(approvers: Collection[Approver]) -> list[dict[str, str]]:
    """Name approvers as the trail does, each with where they come from."""
    return [{"id": one.person.id, "source": one.source.value} for one in approvers]
