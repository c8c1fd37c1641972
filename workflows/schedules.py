"""The schedules in Temporal: made by every worker at its start, and the same however many do so.

A schedule that is there is brought to what the settings say now. That somebody
paused it, and why, stays.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from grantline.model.upkeep import DriftBriefing, HousekeepingBriefing
from workflows.upkeep import DriftWorkflow, HousekeepingWorkflow

logger = logging.getLogger(__name__)

CATCH_UP = timedelta(hours=1)
"""What was missed longer ago, because Temporal was down, is left to the next time."""

LONGEST_JITTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often each is done; None for never."""

    drift: timedelta | None
    housekeeping: timedelta
    mail_kept_days: int


async def establish(client: Client, rhythm: Rhythm, *, task_queue: str) -> None:
    """Make the schedules as they should be, or change them to that.

    Raises:
        RPCError: Temporal does not take one now.
    """
    housekeeping = ScheduleActionStartWorkflow(
        HousekeepingWorkflow.run,
        HousekeepingBriefing(mail_kept_days=rhythm.mail_kept_days),
        id=f"{task_queue}-housekeeping",
        task_queue=task_queue,
        static_summary="Begin again what Temporal lost, throw away old mail",
    )
    await _make(client, housekeeping, rhythm.housekeeping)
    drift = ScheduleActionStartWorkflow(
        DriftWorkflow.run,
        DriftBriefing(),
        id=f"{task_queue}-drift",
        task_queue=task_queue,
        static_summary="Look at every grant in its target system",
    )
    if rhythm.drift is not None:
        await _make(client, drift, rhythm.drift)
    else:
        await _unmake(client, drift.id)


async def _make(client: Client, action: ScheduleActionStartWorkflow, every: timedelta) -> None:
    wanted = Schedule(
        action=action,
        spec=ScheduleSpec(
            intervals=[ScheduleIntervalSpec(every=every)],
            # Not every installation at the full hour, nor both schedules at the same second.
            jitter=min(every / 10, LONGEST_JITTER),
        ),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
    try:
        await client.create_schedule(action.id, wanted)
    except ScheduleAlreadyRunningError:

        def change(known: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule=replace(wanted, state=known.description.schedule.state))

        await client.get_schedule_handle(action.id).update(change)
    else:
        logger.info("schedule %s runs every %s", action.id, every)


async def _unmake(client: Client, schedule_id: str) -> None:
    try:
        await client.get_schedule_handle(schedule_id).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
