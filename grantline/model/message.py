"""Messages owed to Temporal: rows of the outbox."""

from dataclasses import dataclass

from grantline.model.briefing import (
    AnsweredSignal,
    ApproversChangedSignal,
    AssignmentBriefing,
    CancelSignal,
    DecideSignal,
    ExtendSignal,
    LookSignal,
    RemoveSignal,
    ReprocessSignal,
    RequestBriefing,
    Revival,
)
from grantline.model.change import ChangeBriefing
from grantline.model.upkeep import CorrectionBriefing

MessageBody = (
    RequestBriefing
    | AssignmentBriefing
    | ChangeBriefing
    | CorrectionBriefing
    | DecideSignal
    | CancelSignal
    | ApproversChangedSignal
    | AnsweredSignal
    | RemoveSignal
    | ExtendSignal
    | ReprocessSignal
    | LookSignal
    | Revival
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """In place of a body that is on record and cannot be read, and what is wrong with it."""

    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One start or signal that a workflow must get, once or more often.

    The body's type says which: a RequestBriefing starts `request-<subject_id>`,
    an AssignmentBriefing `assignment-<subject_id>`, a ChangeBriefing
    `package-change-<subject_id>`, a CorrectionBriefing `correction-<subject_id>`. A DecideSignal, CancelSignal,
    ApproversChangedSignal or AnsweredSignal goes to the request's workflow; a
    RemoveSignal, ExtendSignal, ReprocessSignal or LookSignal to the
    assignment's. A Revival starts either, from the record, if it does not run.
    """

    id: str
    subject_id: str
    body: MessageBody | Unreadable
    attempts: int = 0
