"""One access request, from submit to hand-over.

    pendingApproval ──► (scheduled) ──► delivering ─ ─► outbox ─ ─► workflows/assignment.py
         │    │   │          │
         │    │   └► canceled┘
         │    └────► denied
         └─────────► expired      nobody decided before the stage's deadline

While the answer of a custom extension is awaited it is pendingApproval without an open stage.

The database decides; this workflow owns time. Signals and instants wake it (the
next reminder, the turn of the alternates, the deadline: whichever is first), it
asks the database what is so now (one local activity each), and waits on. A signal
that came past the API is judged when it is heard, and refused like any other.
"""

from collections import deque
from dataclasses import replace
from datetime import datetime

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError, is_cancelled_exception
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

from activities.recording import Recording
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import (
    AnsweredSignal,
    ApproversChangedSignal,
    CancelSignal,
    DecideSignal,
    Progress,
    RequestBriefing,
)
from grantline.model.request import OPEN_STATES, RequestState
from workflows.alarm import Alarm
from workflows.assignment import AssignmentWorkflow
from workflows.messages import (
    DUE_AT,
    STATE,
    assignment_attributes,
    assignment_workflow_id,
    instant,
    short,
    table,
)
from workflows.recorded import is_about_nothing, reason_of, record

Heard = DecideSignal | CancelSignal | AnsweredSignal | ApproversChangedSignal


@workflow.defn
class AccessRequestWorkflow:
    """Carries one request; its id is `request-<id>`."""

    @workflow.init
    def __init__(self, briefing: RequestBriefing) -> None:
        self._briefing = briefing
        self._progress = briefing.progress
        self._heard: deque[Heard] = deque()
        self._alarm = Alarm()
        self._shown = (briefing.progress.state, _due_at(briefing.progress))

    @workflow.signal(description="Somebody decided the open stage. Without decision_id it is judged first.")
    def decide(self, signal: DecideSignal | None = None) -> None:
        """Hear of a decision. An empty signal, possible by hand, says nothing."""
        if signal is not None:
            self._heard.append(signal)

    @workflow.signal(description="Somebody withdrew the request. Without cancellation_id it is judged first.")
    def cancel(self, signal: CancelSignal | None = None) -> None:
        """Hear of a withdrawal. An empty signal, possible by hand, says nothing."""
        if signal is not None:
            self._heard.append(signal)

    @workflow.signal(description="A custom extension's answer is on record. By hand it changes nothing.")
    def answered(self, signal: AnsweredSignal | None = None) -> None:
        """Hear that the record has an answer. An empty signal, possible by hand, says nothing."""
        if signal is not None:
            self._heard.append(signal)

    @workflow.signal(description="The open stage waits for others now, or for nobody. The database is asked.")
    def approvers_changed(self, signal: ApproversChangedSignal | None = None) -> None:
        """Hear that whom the request waits for may have changed; said by hand, that is harmless."""
        self._heard.append(signal or ApproversChangedSignal())

    @workflow.run
    async def run(self, briefing: RequestBriefing) -> str:
        """Carry the request to its end; return the state it left this workflow in."""
        del briefing
        while True:
            try:
                return await self._carry()
            except BaseException as interruption:
                # Cancelling the workflow is no door: the record would say open for ever. The signal `cancel` is.
                if not is_cancelled_exception(interruption):
                    raise
                workflow.logger.warning("a cancellation of the workflow itself was ignored; send the signal instead")

    async def _carry(self) -> str:
        self._show()
        while self._progress.state in OPEN_STATES:
            if self._progress.state is RequestState.DELIVERING:
                await self._hand_over()
                break
            if not self._heard and workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(replace(self._briefing, progress=self._progress))
            self._progress = await self._next()
            self._show()
        return self._progress.state.value

    async def _next(self) -> Progress:
        """Wait for word or for time, whichever comes first, and ask what is so then."""
        self._alarm.set(*self._next_instant())
        await workflow.wait_condition(lambda: bool(self._heard) or self._alarm.rang)
        if self._heard:
            return await self._hear(self._heard.popleft())
        request_id = self._briefing.request_id
        at = workflow.now()
        if self._progress.state is RequestState.SCHEDULED:
            return await record(Recording.begin, request_id, at, summary="begin: the start has come")
        return await self._pass_time(at)

    async def _pass_time(self, at: datetime) -> Progress:
        """Do what is due for the open stage; what matters more goes first, and the rest is due again at once."""
        progress, request_id = self._progress, self._briefing.request_id
        if progress.callout_id is not None:
            says = f"time out: {progress.callout_name} did not answer"
            return await record(Recording.time_out_callout, request_id, progress.callout_id, at, summary=short(says))
        is_over = progress.deadline_at is not None and progress.deadline_at <= at
        if not is_over and progress.escalates_at is not None and progress.escalates_at <= at:
            return await record(
                Recording.escalate_stage, request_id, progress.stage_id, at, summary="escalate: ask the alternates too"
            )
        if not is_over and progress.reminds_at is not None and progress.reminds_at <= at:
            return await record(
                Recording.remind_stage, request_id, progress.stage_id, at, summary="remind: nobody decided yet"
            )
        return await record(
            Recording.expire_stage, request_id, progress.stage_id, at, summary="expire: nobody decided in time"
        )

    async def _hear(self, signal: Heard) -> Progress:
        request_id = self._briefing.request_id
        try:
            if isinstance(signal, DecideSignal):
                verdict = signal.verdict.value
                return await record(Recording.hear_decision, request_id, signal, summary=f"hear: {verdict}")
            if isinstance(signal, CancelSignal):
                return await record(Recording.hear_cancellation, request_id, signal, summary="hear: cancel")
            heard = (
                "hear: the extension answered" if isinstance(signal, AnsweredSignal) else "ask: the approvers changed"
            )
            return await record(Recording.progress, request_id, summary=heard)
        except FailureError as failure:
            if is_cancelled_exception(failure):
                self._heard.appendleft(signal)
                raise
            if is_about_nothing(failure):
                raise
            # A message made by hand that cannot even be judged changes nothing.
            workflow.logger.warning("a signal was ignored: %s", reason_of(failure))
            return self._progress

    async def _hand_over(self) -> None:
        """Start the workflow that will hold the access, unless the outbox does."""
        assignment = self._progress.assignment
        if assignment is None or not self._briefing.starts_assignment:
            return
        try:
            await workflow.start_child_workflow(
                AssignmentWorkflow.run,
                assignment,
                id=assignment_workflow_id(assignment.assignment_id),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                cancellation_type=ChildWorkflowCancellationType.ABANDON,
                search_attributes=assignment_attributes(assignment, AssignmentState.DELIVERING.value),
                static_summary=short(assignment.summary),
                static_details=short(self._briefing.details, 4000),
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("the assignment's workflow was there already")

    def _next_instant(self) -> tuple[datetime | None, str]:
        """Return when to wake by oneself, and what for."""
        progress = self._progress
        if progress.state is RequestState.SCHEDULED:
            return progress.starts_at, f"start of the access, {instant(progress.starts_at)}"
        if progress.callout_id is not None:
            return progress.callout_until, short(
                f"answer of {progress.callout_name}, {instant(progress.callout_until)}"
            )
        at, what = _next_turn(progress) or (progress.deadline_at, "deadline")
        return at, f"{what} of stage {progress.stage_number}, {instant(at)}"

    def _show(self) -> None:
        """Tell operators what is so now. The search attributes cost an event, so only when they change."""
        progress = self._progress
        is_held = progress.callout_id is not None
        is_pending = progress.state is RequestState.PENDING_APPROVAL and not is_held
        workflow.set_current_details(
            table(
                {
                    "State": progress.state.value,
                    "Waits for the answer of": progress.callout_name if is_held else None,
                    "Until": instant(progress.callout_until),
                    "Stage": f"{progress.stage_number} of {progress.stage_count}" if is_pending else None,
                    "May decide": progress.approvers if is_pending else None,
                    "Deadline": instant(progress.deadline_at) if is_pending else None,
                    "Next": _shown_turn(progress) if is_pending else None,
                    "Starts": instant(progress.starts_at),
                    "Assignment": progress.assignment_id and assignment_workflow_id(progress.assignment_id),
                }
            )
        )
        showing = (progress.state, _due_at(progress))
        if showing == self._shown:
            return
        self._shown = showing
        state, due_at = showing
        due = DUE_AT.value_unset() if due_at is None else DUE_AT.value_set(due_at)
        workflow.upsert_search_attributes([STATE.value_set(state.value), due])


def _due_at(progress: Progress) -> datetime | None:
    """Return the instant at which the request goes on by itself."""
    if progress.state is RequestState.SCHEDULED:
        return progress.starts_at
    if progress.callout_id is not None:
        return progress.callout_until
    return progress.deadline_at if progress.state is RequestState.PENDING_APPROVAL else None


def _next_turn(progress: Progress) -> tuple[datetime, str] | None:
    """Return what is due before the deadline, if anything, with its name."""
    turns = ((progress.escalates_at, "escalation"), (progress.reminds_at, "reminder"))
    return min(((at, what) for at, what in turns if at is not None), default=None)


def _shown_turn(progress: Progress) -> str | None:
    turn = _next_turn(progress)
    return f"{turn[1]}, {instant(turn[0])}" if turn else None
