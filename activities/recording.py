"""Ask and tell the database: what workflows know of the world, they know through here.

Every method is one call of a service, nearly all of `lifecycle.py`, and safe to repeat.
`at` is always the workflow's instant, never the worker's clock.
"""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from temporalio import activity

from activities.failures import as_temporal_failures
from grantline.model.assignment import AssignmentState
from grantline.model.briefing import (
    CancelSignal,
    DecideSignal,
    Ending,
    ExtendSignal,
    Progress,
    Redelivery,
    RemoveSignal,
    ReprocessSignal,
)
from grantline.persistence.database import Database
from grantline.services.approvals import nudging
from grantline.services.assignments import abandonment, lifecycle, notices, reprocessing
from grantline.services.requests import extension
from grantline.services.sending import callbacks


class Recording:
    """The record of requests and assignments; `administrators` are sign-in names, for signals from outside."""

    def __init__(self, database: Database, administrators: Collection[str] = ()) -> None:
        self._database = database
        self._administrators = administrators

    @activity.defn
    async def progress(self, request_id: str) -> Progress:
        """Tell where a request stands."""
        with as_temporal_failures(never_final=True):
            return await lifecycle.progress(self._database, request_id)

    @activity.defn
    async def hear_decision(self, request_id: str, signal: DecideSignal) -> Progress:
        """Judge a decision the database has not seen yet, then tell where the request stands."""
        with _judging(is_from_outside=signal.decision_id is None):
            return await lifecycle.hear_decision(
                self._database, request_id, signal, administrators=self._administrators
            )

    @activity.defn
    async def hear_cancellation(self, request_id: str, signal: CancelSignal) -> Progress:
        """Judge a withdrawal the database has not seen yet, then tell where the request stands."""
        with _judging(is_from_outside=signal.cancellation_id is None):
            return await lifecycle.hear_cancellation(
                self._database, request_id, signal, administrators=self._administrators
            )

    @activity.defn
    async def expire_stage(self, request_id: str, stage_id: str, at: datetime) -> Progress:
        """Close a stage that nobody decided in time, unless somebody just did."""
        with as_temporal_failures(never_final=True):
            return await lifecycle.expire_stage(self._database, request_id, stage_id, at)

    @activity.defn
    async def remind_stage(self, request_id: str, stage_id: str, at: datetime) -> Progress:
        """Remind those an open stage waits for, if a reminder is due."""
        with as_temporal_failures(never_final=True):
            return await nudging.remind_stage(self._database, request_id, stage_id, at)

    @activity.defn
    async def escalate_stage(self, request_id: str, stage_id: str, at: datetime) -> Progress:
        """Ask the alternates of an open stage too, if it is time."""
        with as_temporal_failures(never_final=True):
            return await nudging.escalate_stage(self._database, request_id, stage_id, at)

    @activity.defn
    async def time_out_callout(self, request_id: str, callout_id: str, at: datetime) -> Progress:
        """Do what the silence of a custom extension means, unless it just answered."""
        with as_temporal_failures(never_final=True):
            return await callbacks.time_out(
                self._database, request_id, callout_id, at, administrators=self._administrators
            )

    @activity.defn
    async def begin(self, request_id: str, at: datetime) -> Progress:
        """Owe the access of a scheduled request whose start has come."""
        with as_temporal_failures(never_final=True):
            return await lifecycle.begin(self._database, request_id, at)

    @activity.defn
    async def record_delivery(self, assignment_id: str, failures: Mapping[str, str]) -> AssignmentState | None:
        """Put on record what was delivered; `failures` maps a grant's id to the reason. Tell where that leaves it.

        Earlier histories were not told.
        """
        with as_temporal_failures(never_final=True):
            return await lifecycle.record_delivery(self._database, assignment_id, failures)

    @activity.defn
    async def end(self, assignment_id: str, at: datetime, signal: RemoveSignal | None) -> Ending:
        """End an assignment, if its time is up or somebody may remove it; tell what must be revoked."""
        with _judging(is_from_outside=signal is not None and signal.removal_id is None):
            return await lifecycle.end(self._database, assignment_id, at, signal, administrators=self._administrators)

    @activity.defn
    async def hear_extension(self, assignment_id: str, at: datetime, signal: ExtendSignal) -> Ending:
        """Judge an extension the database has not seen yet, then tell until when the access lasts."""
        with _judging(is_from_outside=signal.extension_id is None):
            return await extension.hear(self._database, assignment_id, signal, at, administrators=self._administrators)

    @activity.defn
    async def hear_reprocess(self, assignment_id: str, signal: ReprocessSignal) -> Redelivery:
        """Judge a wish to reprocess that the database has not seen yet; tell what is to be brought about."""
        with _judging(is_from_outside=signal.reprocess_id is None):
            return await reprocessing.hear(self._database, assignment_id, signal, administrators=self._administrators)

    @activity.defn
    async def record_redelivery(self, assignment_id: str, failures: Mapping[str, str]) -> AssignmentState:
        """Put on record how that went; `failures` as for `record_delivery`. Tell where it leaves the assignment."""
        with as_temporal_failures(never_final=True):
            return await reprocessing.settle(self._database, assignment_id, dict(failures))

    @activity.defn
    async def give_notice(self, assignment_id: str, at: datetime) -> Ending:
        """Announce the end of an assignment, if that is due; tell when it ends and is announced next."""
        with as_temporal_failures(never_final=True):
            return await notices.give_notice(self._database, assignment_id, at)

    @activity.defn
    async def abandon(self, assignment_id: str, at: datetime) -> Ending:
        """End an assignment of which nothing was delivered; tell what to look after."""
        with as_temporal_failures(never_final=True):
            return await abandonment.abandon(self._database, assignment_id, at)

    @activity.defn
    async def record_ended(self, assignment_id: str) -> None:
        """Put on record that everything that had to be revoked is revoked."""
        with as_temporal_failures(never_final=True):
            await lifecycle.record_ended(self._database, assignment_id)


def _judging(*, is_from_outside: bool) -> AbstractContextManager[None]:
    """Give up on a message made by hand that cannot be judged; never on one the database sent."""
    return as_temporal_failures(never_final=not is_from_outside, unexpected_is_final=is_from_outside)
