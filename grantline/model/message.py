"""Messages owed to Temporal: rows of the outbox."""

from dataclasses import dataclass

from grantline.model.briefing import (
    ApproversChangedSignal,
    AssignmentBriefing,
    CancelSignal,
    DecideSignal,
    ExtendSignal,
    RemoveSignal,
    RequestBriefing,
)

MessageBody = (
    RequestBriefing
    | AssignmentBriefing
    | DecideSignal
    | CancelSignal
    | ApproversChangedSignal
    | RemoveSignal
    | ExtendSignal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One start or signal that a workflow must get, once or more often.

    The body's type says which: a RequestBriefing starts `request-<subject_id>`,
    a DecideSignal, CancelSignal or ApproversChangedSignal goes to it; an
    AssignmentBriefing starts `assignment-<subject_id>`, a RemoveSignal or
    ExtendSignal goes to that.
    """

    id: str
    subject_id: str
    body: MessageBody
    attempts: int = 0
