"""What the database tells a workflow, and what a workflow is told.

These values cross Temporal: every field added later needs a default, and
nothing in here is ever renamed while a workflow that knows it is alive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from grantline.model.assignment import AssignmentState, EndCause
from grantline.model.plan import Limit
from grantline.model.request import RequestState, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantReference:
    """One grant that an assignment needs. `summary` is what an operator reads.

    `is_kept_here` says that the target system is Grantline's own database,
    `is_by_hand` that people do it, who take their time.
    """

    grant_id: str
    origin_system: str
    summary: str
    is_kept_here: bool = False
    is_by_hand: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentBriefing:
    """All an AssignmentWorkflow needs to begin; the access itself is already owed.

    `is_delivered` means that delivery is on record, and only the holding is left.
    `notices` are the instants, in order, at which the end is announced.
    `details` are for operators. `ends_at_once`: when its time is up it is asked
    whether all can be taken back in one stroke; the first ones did not ask.
    `state` is where the record has the assignment, for a workflow that begins again.
    """

    assignment_id: str
    request_id: str
    target_id: str
    package_id: str
    summary: str
    grants: tuple[GrantReference, ...]
    ends_at: datetime | None
    is_delivered: bool = False
    notices: tuple[datetime, ...] = ()
    details: str = ""
    ends_at_once: bool = False
    state: AssignmentState = AssignmentState.DELIVERING


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a request stands, as the database has it.

    `stage_*` and `deadline_at` are set while approval is pending, `starts_at`
    while the start is awaited, `assignment_id` once the access is owed. Only
    what was recorded before the outbox started assignments has `assignment`.
    `reminds_at` and `escalates_at` are the next instants before the deadline at
    which something is due; None: nothing of the kind. `callout_*` are set while
    the answer of a custom extension is awaited, at most until `callout_until`.
    """

    state: RequestState
    stage_id: str | None = None
    stage_number: int = 0
    stage_count: int = 0
    approvers: str = ""
    deadline_at: datetime | None = None
    starts_at: datetime | None = None
    assignment: AssignmentBriefing | None = None
    assignment_id: str | None = None
    reminds_at: datetime | None = None
    escalates_at: datetime | None = None
    callout_id: str | None = None
    callout_name: str = ""
    callout_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBriefing:
    """All an AccessRequestWorkflow needs to begin, or to begin again.

    `starts_assignment`: the workflow starts the assignment's, as the first ones
    did; otherwise the outbox does (ADR 0013).
    """

    request_id: str
    requestor_id: str
    target_id: str
    package_id: str
    summary: str
    details: str
    progress: Progress
    starts_assignment: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideSignal:
    """Somebody decided. With a `decision_id` the database knows already.

    Without one the signal came past the API, and is judged when it is heard.
    `limit` is what an approval shortens the access to.
    """

    approver_id: str
    verdict: Verdict
    decision_id: str | None = None
    stage_id: str | None = None
    justification: str | None = None
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelSignal:
    """Somebody withdrew the request; `cancellation_id` as for decisions."""

    actor_id: str
    cancellation_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproversChangedSignal:
    """The open stage waits for others, or the request has ended for want of any.

    It carries nothing that counts: the workflow asks the database what is so.
    """

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSignal:
    """Somebody ended an assignment. `removal_id` is the removal request on record."""

    actor_id: str
    removal_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendSignal:
    """Somebody moved an assignment's end. `extension_id` is the update request on record.

    Without one the signal came past the API: `ends_at` is then the end asked
    for, None for the policy's duration from now.
    """

    actor_id: str
    extension_id: str | None = None
    ends_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredSignal:
    """A custom extension's answer is on record. It carries no authority: whoever hears it asks the database."""

    callout_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LookSignal:
    """Somebody did by hand what a grant waits for, or refused to; look at the record again."""

    grant_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprocessSignal:
    """What an assignment gives is to be brought about once more; `reprocess_id` as for decisions.

    With `looks` every target system is asked, so that what was taken away there
    comes back; without, only what is not on record as done is brought about.
    """

    actor_id: str
    reprocess_id: str | None = None
    reason: str | None = None
    looks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Revival:
    """Temporal lost a workflow that the record has at work. It begins again where the record is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redelivery:
    """What an assignment gives now (`grants`), and what of that is to be brought about: given, or taken back."""

    grants: tuple[GrantReference, ...]
    gives: tuple[GrantReference, ...] = ()
    takes: tuple[GrantReference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was refused of what an assignment gives, by grant, and when the rest was given."""

    failures: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What the database says when an assignment's end is asked for.

    `is_ended` is False when the end has moved; `ends_at` is then the new one,
    and `notices` are the instants at which it is announced. `is_taken_back`:
    everything is revoked and on record as such.
    """

    is_ended: bool
    cause: EndCause | None = None
    ends_at: datetime | None = None
    grants: tuple[GrantReference, ...] = ()
    notices: tuple[datetime, ...] = ()
    is_taken_back: bool = False
