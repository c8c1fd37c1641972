"""What the record says, in sentences: where something is, what comes next, what has happened.

Pure: the record and the time come as arguments. Every sentence is for people;
programs read the members beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from grantline.model.assignment import AssignmentState
from grantline.model.callout import Callout, OnTimeout
from grantline.model.event import EventType
from grantline.model.explanation import Life, Next
from grantline.model.fulfilment import TaskAct, TaskState
from grantline.model.request import REMOVALS, Request, RequestState, Stage
from grantline.rules.times import iso

OVERDUE_AFTER = timedelta(minutes=1)
"""How long taking access back may take before it shows on a list."""

MOST_NAMES = 8
ENDED = (AssignmentState.ENDING, AssignmentState.EXPIRED)

CLOSED = {
    RequestState.DENIED: "was denied",
    RequestState.EXPIRED: "expired: nobody decided in time",
    RequestState.CANCELED: "was cancelled",
    RequestState.DELIVERY_FAILED: "could not be delivered",
    RequestState.PARTIALLY_DELIVERED: "was delivered in part",
    RequestState.DELIVERED: "was delivered",
    RequestState.SCHEDULED: "is approved and waits for its start",
    RequestState.DELIVERING: "is approved; the access is being given",
}

EVENTS: Mapping[str, str] = {
    EventType.REQUEST_SUBMITTED: "{actor} asked for it",
    EventType.STAGE_REMINDED: "reminded {approvers} that stage {stage} waits for them",
    EventType.STAGE_ESCALATED: "asked {approvers} as well to decide stage {stage}",
    EventType.ASSIGNMENT_EXTENDED: "the end was moved to {endsAt}",
    EventType.ASSIGNMENT_NEAR_END: "announced that the access ends at {endsAt}",
    EventType.REQUEST_APPROVED: "approved",
    EventType.REQUEST_DENIED: "denied",
    EventType.REQUEST_EXPIRED: "expired: nobody decided stage {stage} in time",
    EventType.REQUEST_CANCELED: "{actor} cancelled it",
    EventType.REQUEST_DELIVERED: "every role is in place",
    EventType.REQUEST_DELIVERY_FAILED: "not every role could be given",
    EventType.REQUEST_HELD: "waits for the answer of {name} until {until}",
    EventType.CALLOUT_ANSWERED: "{name} answered: {state}",
    EventType.CALLOUT_TIMED_OUT: "{name} did not answer in time, which means: {means}",
    EventType.CALLOUT_SENT: "the custom extension was called",
    EventType.CALLOUT_FAILED: "the custom extension could not be called",
    EventType.STAGE_OPENED: "stage {stage} waits for {approvers} until {deadline}",
    EventType.STAGE_REROUTED: "stage {stage} {moves}",
    EventType.STAGE_REASSIGNED: "{actor} gave stage {stage} to {approvers} in place of {gone}",
    EventType.STAGE_DECIDED: "{actor}{inPlaceOf}: {verdict} (stage {stage}){shortened}",
    EventType.APPROVAL_TAKEN_BACK: "{actor} took back the approval of stage {stage}",
    EventType.ANSWERS_EDITED: "{actor} edited the answers to {questions}",
    EventType.REMOVAL_REQUESTED: "{actor} asked to end it",
    EventType.ASSIGNMENT_STARTED: "the access is owed, until {endsAt}",
    EventType.ASSIGNMENT_ENDING: "it ends ({cause}); the access is being taken back",
    EventType.ASSIGNMENT_ENDED: "nothing of it is left",
    EventType.GRANT_GRANTED: "given: {summary}",
    EventType.GRANT_REVOKED: "taken back: {summary}",
    EventType.GRANT_KEPT: "kept, since it was there before: {summary}",
    EventType.GRANT_FAILED: "failed: {summary}",
    EventType.GRANT_DRIFTED: "the target system shows otherwise ({drift}): {summary}",
    EventType.GRANT_REPROCESSED: "{actor} had it taken back once more: {summary}",
    EventType.TASK_OPENED: "asked {asked} to {act} by hand: {summary}",
    EventType.TASK_SETTLED: "{actor} {settled} the task to {act} by hand: {summary}",
    EventType.REQUEST_REPROCESSED: "{actor} had it delivered again",
    EventType.ASSIGNMENT_REPROCESSED: "{actor} had every role looked at again",
    EventType.ASSIGNMENT_REDELIVERED: "brought about once more, and now {state}",
}
"""One sentence per kind of event; a kind that is not here is told by its own name."""


ACTS = {TaskAct.GRANT.value: "give", TaskAct.REVOKE.value: "take away"}
SETTLED = {TaskState.DONE.value: "did", TaskState.REFUSED.value: "refused", TaskState.WITHDRAWN.value: "withdrew"}


class _Words(dict[str, Any]):
    """The words of a sentence; what an event does not have reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _ids(approvers: Iterable[str | Mapping[str, str]]) -> Iterator[str]:
    """Take ids alone or with the route by which somebody was asked."""
    for one in approvers:
        yield one if isinstance(one, str) else one["id"]


def sentence(kind: str, actor: str | None, details: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Tell one event; `names` are those of the people it names, by id."""
    words = _Words({key: value for key, value in details.items() if value is not None})
    for key in ("deadline", "endsAt", "until"):
        if key in words:
            words[key] = iso(datetime.fromisoformat(words[key]))
    words["actor"] = actor or "Grantline"
    shortened = details.get("shortenedTo")
    words["shortened"] = f"; the access ends {shortened['says']}" if shortened else ""
    words["questions"] = listed([f"'{one['question']}'" for one in details.get("edits", ())])
    words["act"] = ACTS.get(details.get("act", ""), "act")
    words["settled"] = SETTLED.get(details.get("state", ""), "settled")
    for key in ("approvers", "came", "gone", "asked"):
        words[key] = listed(list(dict.fromkeys(names.get(id_, id_) for id_ in _ids(details.get(key, ())))))
    words["moves"] = _moves(words, has_come=bool(details.get("came")), has_gone=bool(details.get("gone")))
    represented = details.get("inPlaceOf")
    words["inPlaceOf"] = f" in place of {names.get(represented, represented)}" if represented else ""
    if kind == EventType.ASSIGNMENT_STARTED and details.get("endsAt") is None:
        words["endsAt"] = "it is removed"
    return EVENTS.get(kind, kind).format_map(words)


def _moves(words: Mapping[str, Any], *, has_come: bool, has_gone: bool) -> str:
    """Say who came to a stage and who went."""
    come = f"now waits for {words['came']}" + ("" if has_gone else " too")
    gone = f"no longer waits for {words['gone']}"
    return " and ".join([come] * has_come + [gone] * has_gone)


def listed(names: Sequence[str]) -> str:
    """Name a few in a row, and say how many more there are."""
    some = sorted(names)[:MOST_NAMES]
    if not some:
        return "nobody"
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    *first, last = some + more
    return f"{', '.join(first)} {'and' if more else 'or'} {last}" if first else last


def grant_state(*, is_wanted: bool, is_applied: bool, existed_before: bool | None) -> str:
    """Say in a word where a grant is: owed, given, beingTakenBack, gone, or kept because it was there before."""
    if is_wanted:
        return "given" if is_applied else "owed"
    if not is_applied:
        return "beingTakenBack"
    return "kept" if existed_before else "gone"


def overdue_since(*, is_wanted: bool, is_applied: bool, changed_at: datetime, now: datetime) -> datetime | None:
    """Return since when a grant should be gone and is not, if that is longer than it should take."""
    if is_wanted or is_applied or changed_at + OVERDUE_AFTER > now:
        return None
    return changed_at


def standing(request: Request, subject: str, stage: Stage | None, waits_for: Sequence[str], life: Life | None) -> str:
    """Say in a sentence where a request is."""
    if request.type in REMOVALS:
        is_done = request.state is RequestState.DELIVERED
        return f"The removal of {subject} " + ("is done." if is_done else "is under way.")
    if request.state is RequestState.PENDING_APPROVAL and stage is not None:
        return f"{subject} waits for {listed(waits_for)} to decide stage {stage.number} of {len(request.plan.stages)}."
    if life is not None and life.state in ENDED:
        return f"{subject} was delivered; " + lifetime(life)
    return f"{subject} {CLOSED.get(request.state, f'is {request.state.value}')}."


def lifetime(life: Life) -> str:
    """Say in a clause where an assignment is."""
    if life.state == AssignmentState.EXPIRED:
        return f"it is over{_since(life.ended_at)} ({life.end_cause or AssignmentState.DELIVERY_FAILED.value})."
    if life.state == AssignmentState.ENDING:
        late = ", and that is overdue" if life.overdue_since else ""
        return f"its end is settled{_since(life.ending_at)}; the access is being taken back{late}."
    if life.state == AssignmentState.DELIVERING:
        return "the access is being given."
    if life.state == AssignmentState.DELIVERY_FAILED:
        return "nothing of it could be given."
    part = " in part" if life.state == AssignmentState.PARTIALLY_DELIVERED else ""
    return f"it is held{part}{f' until {iso(life.ends_at)}' if life.ends_at else ', without an end'}."


def waiting_for(awaited: Callout, subject: str) -> str:
    """Say in a sentence that a request waits for a custom extension."""
    return f"{subject} waits for the answer of {awaited.extension_name}{_until(awaited.times_out_at)}."


def next_of_hold(awaited: Callout) -> Next:
    """Say what happens to such a request if there is no answer."""
    at, goes = awaited.times_out_at, "is denied" if awaited.on_timeout is OnTimeout.DENY else "goes on"
    by = f" by {iso(at)}" if at else ""
    return Next(what="callback", at=at, says=f"If {awaited.extension_name} does not answer{by}, it {goes}.")


def next_of_request(request: Request, stage: Stage | None, life: Life | None, now: datetime) -> Next:
    """Say what happens to a request if nobody acts."""
    if request.state is RequestState.PENDING_APPROVAL and stage is not None and stage.deadline_at is not None:
        if stage.deadline_at <= now:
            return Next(
                what="expires", at=stage.deadline_at, says="Its time is up; it expires as soon as a worker runs."
            )
        return Next(
            what="expires",
            at=stage.deadline_at,
            says=f"If nobody decides by {iso(stage.deadline_at)}, it expires, which counts as a denial.",
        )
    if request.state is RequestState.SCHEDULED:
        starts_at = request.plan.starts_at
        return Next(what="begins", at=starts_at, says=f"The access begins{_at(starts_at)}, unless it is cancelled.")
    if life is not None:
        return next_of_assignment(life)
    if request.state in (RequestState.DENIED, RequestState.EXPIRED, RequestState.CANCELED):
        return Next(what=None, at=None, says="Nothing; the requestor may ask again.")
    return Next(what=None, at=None, says="Nothing.")


def next_of_assignment(life: Life) -> Next:
    """Say what happens to an assignment if nobody acts."""
    if life.state == AssignmentState.DELIVERING:
        return Next(what="delivers", at=None, says="Each role is tried until it is in place or refused for good.")
    if life.state == AssignmentState.ENDING:
        return Next(what="ends", at=None, says="Each role is taken back; that is tried until it has worked.")
    if life.state in (AssignmentState.EXPIRED, AssignmentState.DELIVERY_FAILED):
        return Next(what=None, at=None, says="Nothing; it can be asked for again.")
    if life.ends_at is None:
        return Next(what=None, at=None, says="Nothing; the access has no end and lasts until it is removed.")
    return Next(what="ends", at=life.ends_at, says=f"The access ends at {iso(life.ends_at)}.")


def _since(instant: datetime | None) -> str:
    return f" since {iso(instant)}" if instant else ""


def _until(instant: datetime | None) -> str:
    return f" until {iso(instant)}" if instant else ""


def _at(instant: datetime | None) -> str:
    return f" at {iso(instant)}" if instant else ""
