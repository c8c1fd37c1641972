"""Messages owed to Temporal: rows of the outbox."""

from dataclasses import dataclass

from grantline.model.briefing import (
    AnsweredSignal,
    AssignmentBriefing,
    CancelSignal,
    DecideSignal,
    ExtendSignal,
    LookSignal,
    RemoveSignal,
    RequestBriefing,
)

MessageBody = (
    RequestBriefing
    | AssignmentBriefing
    | DecideSignal
    | CancelSignal
    | AnsweredSignal
    | RemoveSignal
    | ExtendSignal
    | LookSignal
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One start or signal that a workflow must get, once or more often.

    The body's type says which: a RequestBriefing starts `request-<subject_id>`,
    a DecideSignal, CancelSignal or AnsweredSignal goes to it; an AssignmentBriefing
    starts `assignment-<subject_id>`, a RemoveSignal, ExtendSignal or LookSignal goes to that.
    """

    id: str
    subject_id: str
    body: MessageBody
    attempts: int = 0
