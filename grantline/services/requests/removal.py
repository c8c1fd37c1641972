"""Ending an assignment before its time: a request of its own, which needs no approval.

By who may remove it, or by who approved it and takes that back (approverRemove).
"""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from grantline.ambient import new_id, utc_now
from grantline.errors import AssignmentEnded, InvalidInput, NotFound, Refused
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import RemoveSignal
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import Actor
from grantline.model.plan import Plan
from grantline.model.policy import ApproverIsRequestor
from grantline.model.request import Ask, Request, RequestState, RequestType
from grantline.persistence import assignments, facts, requests
from grantline.persistence.approvals_given import ApprovalGiven
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Database, Transaction
from grantline.rules.case import named_groups
from grantline.rules.permissions import Task, may
from grantline.rules.permissions.by_policy import removal_type
from grantline.services import sight
from grantline.services.approvals import standing_approvals
from grantline.services.requests.briefings import excerpt
from grantline.services.requests.submitted import Idempotency, Submitted, repeated

NO_PLAN = Plan(
    stages=(), approver_is_requestor=ApproverIsRequestor.NEXT_MANAGER, starts_at=None, ends_at=None, lasts=None
)


async def remove(db: Database, actor: Actor, ask: Ask, *, idempotency: Idempotency | None = None) -> Submitted:
    """Put a removal on record and tell the assignment's workflow, or raise why the actor may not end it."""
    assignment_id = named(ask)
    try:
        return await _remove(db, actor, ask, assignment_id, idempotency)
    except IntegrityError:
        # The same idempotency key at the same instant: its request is there now.
        return await _remove(db, actor, ask, assignment_id, idempotency)


def named(ask: Ask) -> str:
    """Return the id of the assignment that a removal names, or raise that it names none."""
    if ask.assignment_id is None:
        raise InvalidInput("Name the assignment to remove: assignment.id is missing.", target="assignment/id")
    return ask.assignment_id


async def _remove(
    db: Database, actor: Actor, ask: Ask, assignment_id: str, idempotency: Idempotency | None
) -> Submitted:
    async with db.write() as tx:
        if idempotency:
            # Whoever had to wait for the row sees the key of the one before, if it is the same ask.
            await assignments.load(tx, assignment_id, lock=True)
            if known := await requests.remembered(tx, actor.id, idempotency.key):
                return await repeated(tx, idempotency, *known)
        request = await ask_for(tx, actor, ask.type, assignment_id, ask.justification)
        if idempotency:
            await requests.remember(tx, actor.id, idempotency.key, idempotency.body_hash, request)
    return Submitted(request=request, messages=tuple(tx.messages))


async def ask_for(tx: Transaction, actor: Actor, asked: RequestType, assignment_id: str, reason: str | None) -> Request:
    """Put a removal on record and tell the assignment's workflow, in the caller's transaction; or raise why not."""
    request = await record(tx, actor, asked, assignment_id, reason)
    tx.post(assignment_id, RemoveSignal(actor_id=actor.id, removal_id=request.id, reason=excerpt(reason)))
    return request


async def record(tx: Transaction, actor: Actor, asked: RequestType, assignment_id: str, reason: str | None) -> Request:
    """Judge a removal, through whatever door it came, and put it on record. Nothing is written when refused."""
    now = utc_now()
    held, kind, approval = await examine(tx, actor, asked, assignment_id, reason)
    request = _request(actor, kind, held, reason, now)
    await requests.add(tx, request)
    if approval is not None:
        tx.audit(standing_approvals.taken_back(request, approval))
    tx.audit(
        AuditEvent(
            type=EventType.REMOVAL_REQUESTED,
            at=now,
            actor_id=actor.id,
            object_type="assignment",
            object_id=assignment_id,
            on_behalf_of_id=request.target_id if request.is_on_behalf else None,
            request_id=request.id,
            assignment_id=assignment_id,
            reason=reason,
            details={"type": kind.value, "package": request.package_id},
        )
    )
    return request


async def examine(
    tx: Transaction, actor: Actor, asked: RequestType, assignment_id: str, reason: str | None
) -> tuple[AssignmentOnRecord, RequestType, ApprovalGiven | None]:
    """Return the assignment, which stays as it is until commit, and as what its removal goes on record; or raise.

    With them comes the approval that is taken back, if one is.
    """
    held = await assignments.load(tx, assignment_id, lock=True)
    if held is None:
        raise _absent(assignment_id)
    approval = None
    if asked is RequestType.APPROVER_REMOVE:
        approval = await standing_approvals.examine(tx, actor, held, reason)
    kind = asked if approval else await _judged(tx, actor, asked, held)
    if held.assignment.state in (AssignmentState.ENDING, AssignmentState.EXPIRED):
        raise AssignmentEnded(
            f"{held.target} no longer holds '{held.package_name}' by assignment {assignment_id}: "
            f"it is {held.assignment.state.value}; there is nothing to remove."
        )
    if removal_id := await requests.open_removal(tx, assignment_id):
        raise AssignmentEnded(f"Request {removal_id} is removing assignment {assignment_id} already; wait for it.")
    return held, kind, approval


async def _judged(tx: Transaction, actor: Actor, asked: RequestType, held: AssignmentOnRecord) -> RequestType:
    """Return as what the removal goes on record; who may not even see the assignment learns nothing."""
    policy = await assignments.policy_of(tx, held.assignment)
    subjects = policy.requestor_settings.on_behalf_requestors if policy else ()
    people = await facts.crowd(
        tx, held.target.id, asked_groups=named_groups(subjects), asked_people={actor.id, held.target.id}
    )
    try:
        return removal_type(
            actor,
            asked,
            may_assign=may(actor, Task.ASSIGN, held.catalog_id),
            target=held.target,
            package_name=held.package_name,
            policy=policy,
            managers=people.line,
            memberships=people.memberships,
        )
    except Refused:
        if sight.sees_assignment(actor, held):
            raise
        raise _absent(held.assignment.id) from None


def _absent(assignment_id: str) -> NotFound:
    return NotFound(f"There is no assignment {assignment_id}.", target="assignment/id")


def _request(actor: Actor, kind: RequestType, held: AssignmentOnRecord, reason: str | None, now: datetime) -> Request:
    return Request(
        id=new_id(),
        type=kind,
        state=RequestState.DELIVERING,
        status="Delivering",
        requestor_id=actor.id,
        requestor_name=actor.person.name_on_record,
        target_id=held.target.id,
        package_id=held.assignment.package_id,
        policy_id=held.assignment.policy_id,
        assignment_id=held.assignment.id,
        justification=reason,
        schedule=Ask(type=kind).schedule,
        plan=NO_PLAN,
        created_at=now,
        completed_at=None,
    )
