"""Delivers one message of the outbox: a start, or a signal.

A signal can find no workflow: its start may still be on the way from another
process, or Temporal may have lost what the database still has open. Either way
the record says how the workflow would begin now, so the signal brings the start along.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

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
from grantline.model.message import Message, Unreadable
from grantline.model.upkeep import CorrectionBriefing
from workflows.access_request import AccessRequestWorkflow
from workflows.assignment import AssignmentWorkflow
from workflows.correction import CorrectionWorkflow
from workflows.messages import (
    MAX_DETAILS_BYTES,
    assignment_attributes,
    assignment_workflow_id,
    change_attributes,
    change_workflow_id,
    correction_workflow_id,
    request_attributes,
    request_workflow_id,
    short,
)
from workflows.package_change import PackageChangeWorkflow

logger = logging.getLogger(__name__)

SOON = (0.05, 0.1, 0.2)
"""Seconds between looks for a workflow whose start may be on its way."""

ALREADY_COMPLETED = "already completed"

Signal = (
    DecideSignal
    | CancelSignal
    | AnsweredSignal
    | ApproversChangedSignal
    | RemoveSignal
    | ExtendSignal
    | ReprocessSignal
    | LookSignal
)
NAMES: dict[type[Signal], str] = {
    DecideSignal: "decide",
    CancelSignal: "cancel",
    AnsweredSignal: "answered",
    ApproversChangedSignal: "approvers_changed",
    RemoveSignal: "remove",
    ExtendSignal: "extend",
    ReprocessSignal: "reprocess",
    LookSignal: "look",
}
ABOUT_ACCESS = (RemoveSignal, ExtendSignal, ReprocessSignal, LookSignal)


class OutboxStore(Protocol):
    """What the relay needs of the database. Every method raises Unavailable when that is away."""

    def tell(self, listener: Callable[[Sequence[Message]], None]) -> None:
        """Have the listener told of the messages that this process writes, once they are committed."""
        ...

    async def due(self, limit: int) -> list[Message]:
        """Return messages whose time has come, oldest first."""
        ...

    async def delivered(self, ids: Sequence[str]) -> None:
        """Forget messages that Temporal has."""
        ...

    async def postpone(self, message: Message, error: str) -> None:
        """Try a message again later."""
        ...

    async def briefing(self, subject_id: str) -> RequestBriefing | AssignmentBriefing | None:
        """Tell how the workflow of a request or assignment would begin now; None if there is nothing to do."""
        ...


class Courier:
    """Knows which workflow each message is for, and what to do when it is not there."""

    def __init__(self, outbox: OutboxStore, client: Client, task_queue: str) -> None:
        self._outbox = outbox
        self._client = client
        self._task_queue = task_queue

    async def deliver(self, message: Message) -> None:
        """Return once Temporal has the message, or nobody needs it any more."""
        subject_id, body = message.subject_id, message.body
        match body:
            case RequestBriefing():
                await self._start(body, reuse=WorkflowIDReusePolicy.REJECT_DUPLICATE)
            case AssignmentBriefing():
                await self._start_assignment(body, reuse=WorkflowIDReusePolicy.REJECT_DUPLICATE)
            case ChangeBriefing():
                await self._start_change(body)
            case CorrectionBriefing():
                await self._start_correction(body)
            case Unreadable():
                raise AssertionError(f"message {message.id} on record cannot be read (this is a bug): {body.fault}")
            case Revival():
                await self._begin_again(subject_id)
            case _ if not await self._signal(subject_id, body):
                await self._begin_again(subject_id, signal=body)
            case _:
                pass

    async def _signal(self, subject_id: str, signal: Signal) -> bool:
        """Signal the workflow if it runs; tell whether it did."""
        for pause in (*SOON, None):
            try:
                await self._client.get_workflow_handle(_workflow_id(subject_id, signal)).signal(
                    NAMES[type(signal)], signal
                )
                return True
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                if pause is None or ALREADY_COMPLETED in error.message:
                    break
            await asyncio.sleep(pause)
        return False

    async def _begin_again(self, subject_id: str, *, signal: Signal | None = None) -> None:
        """Start the workflow from the record, with a signal if there is one, if the record has something for it.

        A run that completed is left alone: it did its part, and whoever follows is at work.
        """
        briefing = await self._outbox.briefing(subject_id)
        if briefing is None:
            return
        reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
        if isinstance(briefing, RequestBriefing):
            lost, is_new = request_workflow_id(subject_id), await self._start(briefing, reuse=reuse, signal=signal)
        else:
            lost = assignment_workflow_id(subject_id)
            is_new = await self._start_assignment(briefing, reuse=reuse, signal=signal)
        if is_new:
            logger.warning("workflow %s was missing; started it from the record", lost)

    async def _start(
        self, briefing: RequestBriefing, *, reuse: WorkflowIDReusePolicy, signal: Signal | None = None
    ) -> bool:
        return await self._start_once(
            AccessRequestWorkflow.run,
            briefing,
            id=request_workflow_id(briefing.request_id),
            id_reuse_policy=reuse,
            search_attributes=request_attributes(briefing),
            static_summary=short(briefing.summary),
            static_details=short(briefing.details, MAX_DETAILS_BYTES),
            **_with(signal),
        )

    async def _start_assignment(
        self, briefing: AssignmentBriefing, *, reuse: WorkflowIDReusePolicy, signal: Signal | None = None
    ) -> bool:
        return await self._start_once(
            AssignmentWorkflow.run,
            briefing,
            id=assignment_workflow_id(briefing.assignment_id),
            id_reuse_policy=reuse,
            search_attributes=assignment_attributes(briefing, briefing.state.value),
            static_summary=short(briefing.summary),
            static_details=short(briefing.details, MAX_DETAILS_BYTES),
            **_with(signal),
        )

    async def _start_change(self, briefing: ChangeBriefing) -> None:
        # One that was stopped by hand begins again; how far it had come is on record.
        await self._start_once(
            PackageChangeWorkflow.run,
            briefing,
            id=change_workflow_id(briefing.change_id),
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            search_attributes=change_attributes(briefing),
            static_summary=short(briefing.summary),
        )

    async def _start_correction(self, briefing: CorrectionBriefing) -> None:
        # What was corrected once may have to be once more.
        await self._start_once(
            CorrectionWorkflow.run,
            briefing,
            id=correction_workflow_id(briefing.grant.grant_id),
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=short(f"take back again: {briefing.grant.summary}"),
        )

    async def _start_once(self, *arguments: Any, **options: Any) -> bool:
        """Start a workflow; False if there was one, running or done, which is as good."""
        try:
            await self._client.start_workflow(
                *arguments,
                **options,
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
            return True
        except WorkflowAlreadyStartedError:
            return False


def _with(signal: Signal | None) -> dict[str, Any]:
    return {} if signal is None else {"start_signal": NAMES[type(signal)], "start_signal_args": [signal]}


def _workflow_id(subject_id: str, signal: Signal) -> str:
    return assignment_workflow_id(subject_id) if isinstance(signal, ABOUT_ACCESS) else request_workflow_id(subject_id)
