"""Messages owed to Temporal: rows of the outbox."""

from dataclasses import dataclass

from grantline.model.briefing import (
    ApproversChangedSignal,
    AssignmentBriefing,
    CancelSignal,
    DecideSignal,
    ExtendSignal,
    RemoveSignal,
    ReprocessSignal,
    RequestBriefing,
    Revival,
)
from grantline.model.change import ChangeBriefing

MessageBody = (
    RequestBriefing
    | AssignmentBriefing
    | ChangeBriefing
    | DecideSignal
    | CancelSignal
    | ApproversChangedSignal
    | RemoveSignal
    | ExtendSignal
    | ReprocessSignal
    | Revival
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One start or signal that a workflow must get, once or more often.

    The body's type says which: a RequestBriefing starts `request-<subject_id>`,
    an AssignmentBriefing `assignment-<subject_id>`, a ChangeBriefing
    `package-change-<subject_id>`. A DecideSignal, CancelSignal or
    ApproversChangedSignal goes to the request's workflow; a RemoveSignal,
    ExtendSignal or ReprocessSignal to the assignment's. A Revival starts
    either, from the record, if it does not run.
    """

    id: str
    subject_id: str
    body: MessageBody
    attempts: int = 0
