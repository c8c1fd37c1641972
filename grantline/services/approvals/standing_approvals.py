"""Whose approval an assignment stands on, and who may therefore take it back (EF-071).

The latest request that a person approved is what access stands on. An
extension that was approved takes the place of what was approved before it;
one that needed no approval leaves it standing.
"""

from grantline.errors import Conflict, JustificationRequired, NotAnApprover, NotFound, OwnRequest
from grantline.model.event import AuditEvent, EventType
from grantline.model.person import Actor
from grantline.model.request import Request
from grantline.persistence import approvals_given
from grantline.persistence.approvals_given import ApprovalGiven
from grantline.persistence.assignments import AssignmentOnRecord
from grantline.persistence.database import Transaction
from grantline.rules.times import iso
from grantline.services import sight


async def examine(tx: Transaction, actor: Actor, held: AssignmentOnRecord, reason: str | None) -> ApprovalGiven:
    """Return the actor's approval that the assignment stands on, or raise why they may not take it back."""
    given = await approvals_given.of_assignment(tx, held.assignment.id)
    mine = [one for one in given if one.approver_id == actor.id]
    if not mine:
        raise _approved_nothing(actor, held)
    if actor.id in (held.requestor_id, held.target.id):
        raise OwnRequest(f"{actor.person} may not decide on assignment {held.assignment.id}: it is their own.")
    latest = given[0].request_id
    standing = next((one for one in mine if one.request_id == latest), None)
    if standing is None:
        names = " and ".join(one.approver_name for one in given if one.request_id == latest)
        raise Conflict(
            f"What you approved at {iso(mine[0].decided_at)} was superseded: assignment {held.assignment.id} stands on "
            f"request {latest}, which {names} approved; ask them, or an administrator."
        )
    require_reason(reason)
    return standing


def require_reason(reason: str | None) -> None:
    """Raise that taking back an approval says why, if it does not."""
    if not (reason and reason.strip()):
        raise JustificationRequired(
            "Say why you take your approval back: justification is missing.", target="justification"
        )


def taken_back(removal: Request, approval: ApprovalGiven) -> AuditEvent:
    """Make the event of an approval that was taken back by a removal."""
    return AuditEvent(
        type=EventType.APPROVAL_TAKEN_BACK,
        at=removal.created_at,
        actor_id=removal.requestor_id,
        object_type="request",
        object_id=approval.request_id,
        on_behalf_of_id=removal.target_id,
        request_id=approval.request_id,
        assignment_id=removal.assignment_id,
        reason=removal.justification,
        details={"stage": approval.stage_number, "removal": removal.id},
    )


def _approved_nothing(actor: Actor, held: AssignmentOnRecord) -> NotAnApprover | NotFound:
    """Say so to who may see the assignment; for others it does not exist."""
    if not sight.sees_assignment(actor, held):
        return NotFound(f"There is no assignment {held.assignment.id}.", target="assignment/id")
    return NotAnApprover(
        f"{actor.person} approved nothing that assignment {held.assignment.id} stands on, so there is nothing to take "
        "back; userRemove and adminRemove end an assignment for others."
    )
