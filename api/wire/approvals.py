"""approval and approvalStage on the wire, and the body of a decision."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NotRequired

from typing_extensions import TypedDict

from api.wire.base import Text
from api.wire.lenient import ExactBody
from api.wire.schedules import ExpirationBody, limit_out
from api.wire.shapes import ExpirationOut, PersonOut, Typed, person_out
from grantline.errors import InvalidInput
from grantline.model.person import Person
from grantline.model.plan import Limit
from grantline.model.request import Stage, StageState, Verdict

VERDICTS = {
    "approve": Verdict.APPROVE,
    "approved": Verdict.APPROVE,
    "deny": Verdict.DENY,
    "denied": Verdict.DENY,
}
STATUSES: Mapping[StageState, str] = {
    StageState.WAITING: "Initializing",
    StageState.OPEN: "InProgress",
    StageState.APPROVED: "Completed",
    StageState.DENIED: "Completed",
    StageState.EXPIRED: "Expired",
    StageState.CLOSED: "Completed",
}
RESULTS = {Verdict.APPROVE: "Approve", Verdict.DENY: "Deny", None: "NotReviewed"}


class DecisionBody(ExactBody):
    """The body of PATCH stages/{id}. `shortenedTo` is our own: an end that is nearer than the one asked for."""

    read_only: ClassVar[frozenset[str]] = frozenset(
        {
            "approvers",
            "assignedinplaceof",
            "assignedtome",
            "deadlinedatetime",
            "displayname",
            "id",
            "reviewedby",
            "revieweddatetime",
            "reviewedinplaceof",
            "status",
        }
    )

    review_result: Text | None = None
    justification: Text | None = None
    shortened_to: ExpirationBody | None = None

    def limit(self) -> Limit | None:
        """Return what the approval shortens the access to, if it does."""
        return self.shortened_to.read_limit("shortenedTo") if self.shortened_to else None

    def verdict(self) -> Verdict:
        """Return what the approver says.

        Raises:
            InvalidInput: nothing is said, or something else than Approve and Deny.
        """
        word = (self.review_result or "").strip().lower()
        if word in VERDICTS:
            return VERDICTS[word]
        said = f"reviewResult {self.review_result!r} is unknown" if word else "reviewResult is missing"
        raise InvalidInput(f"{said}; it is Approve or Deny.", target="reviewResult")


class IdentityOut(Typed, PersonOut):
    """Somebody who decides."""


class ApproverOut(IdentityOut):
    """Somebody whom a stage waits for."""

    mail: str | None


class StageOut(TypedDict):
    """One round of approval."""

    id: str
    displayName: None
    status: str
    reviewResult: str
    assignedToMe: bool
    assignedInPlaceOf: IdentityOut | None
    justification: str
    reviewedBy: IdentityOut | None
    reviewedInPlaceOf: IdentityOut | None
    reviewedDateTime: datetime | None
    deadlineDateTime: datetime | None
    shortenedTo: ExpirationOut | None
    approvers: list[ApproverOut]


class ApprovalOut(TypedDict):
    """An approval; a list shows its stages if they are expanded."""

    id: str
    stages: NotRequired[list[StageOut]]


def stage_out(
    shown: Stage,
    *,
    is_mine: bool,
    in_place_of: Person | None,
    reviewer: Person | None,
    represented: Person | None,
    approvers: Sequence[Person],
) -> StageOut:
    """Show one stage. `is_mine` says that it waits for the caller, now.

    Members of our own: `assignedInPlaceOf`, the approver for whom the caller
    stands in; `reviewedInPlaceOf`, the one for whom a delegate decided;
    `deadlineDateTime`, by when it must be decided once it is open;
    `shortenedTo`, the nearer end that the approval gave; `approvers`, those it
    waits for. Whoever may not learn who decides is given neither these nor the
    reviewer.
    """
    return {
        "id": shown.id,
        "displayName": None,
        "status": STATUSES[shown.state],
        "reviewResult": RESULTS[shown.verdict],
        "assignedToMe": is_mine,
        "assignedInPlaceOf": _identity(in_place_of) if in_place_of else None,
        "justification": shown.justification or "",
        "reviewedBy": _identity(reviewer) if reviewer else None,
        "reviewedInPlaceOf": _identity(represented) if represented else None,
        "reviewedDateTime": shown.decided_at,
        "deadlineDateTime": shown.deadline_at,
        "shortenedTo": limit_out(shown.limit),
        "approvers": [{**_identity(one), "mail": one.mail} for one in approvers],
    }


def approval_out(request_id: str, stages: Sequence[StageOut]) -> ApprovalOut:
    """Show an approval with its stages inline."""
    return {"id": request_id, "stages": list(stages)}


def _identity(person: Person) -> IdentityOut:
    return {"@odata.type": "#microsoft.graph.userIdentity", **person_out(person)}
