"""What is done again and again, by schedules (workflows/schedules.py), each a page at a time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

from activities.upkeep import Upkeep
from grantline.model.upkeep import DriftBriefing, DriftStep, HousekeepingBriefing
from workflows.messages import table
from workflows.recorded import reason_of

ONE_PAGE = timedelta(minutes=10)
SIGN_OF_LIFE = timedelta(minutes=1)

GIVE_UP_AFTER = timedelta(hours=1)
"""How long a target system may be away before it is left to the next time."""

PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn
class HousekeepingWorkflow:
    """Has begin again what Temporal lost, and throws away what nobody needs any more."""

    @workflow.run
    async def run(self, briefing: HousekeepingBriefing) -> str:
        """Look at everything that must have a workflow; return how much that was, and how much was lost."""
        while briefing.mark is not None:
            step = await workflow.execute_activity_method(
                Upkeep.find_lost,
                briefing.mark,
                start_to_close_timeout=ONE_PAGE,
                heartbeat_timeout=SIGN_OF_LIFE,
                retry_policy=PATIENTLY,
                summary="look whether workflows are missing",
            )
            briefing = replace(
                briefing, mark=step.mark, looked=briefing.looked + step.looked, lost=briefing.lost + step.lost
            )
            workflow.set_current_details(table({"Looked at": str(briefing.looked), "Lost": str(briefing.lost)}))
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(briefing)
        changes = await workflow.execute_activity_method(
            Upkeep.find_lost_changes,
            start_to_close_timeout=ONE_PAGE,
            retry_policy=PATIENTLY,
            summary="look whether changes of packages stand still",
        )
        await workflow.execute_activity_method(
            Upkeep.purge_mail,
            briefing.mail_kept_days,
            start_to_close_timeout=GIVE_UP_AFTER,
            heartbeat_timeout=SIGN_OF_LIFE,
            retry_policy=PATIENTLY,
            summary="throw away old mail",
        )
        looked, lost = briefing.looked + changes.looked, briefing.lost + changes.lost
        return f"{lost} of {looked} were lost and begin again"


@workflow.defn
class DriftWorkflow:
    """Looks at every grant in its target system. Target systems wait for themselves only."""

    @workflow.run
    async def run(self, briefing: DriftBriefing) -> str:
        """Look at everything; return what was found."""
        self._briefing = briefing
        if briefing.cursors is None:
            systems = await workflow.execute_activity_method(
                Upkeep.target_systems,
                start_to_close_timeout=SIGN_OF_LIFE,
                retry_policy=PATIENTLY,
                summary="name the target systems",
            )
            self._briefing = replace(briefing, cursors=dict.fromkeys(systems, ""))
        await asyncio.gather(*(self._walk(system) for system in sorted(self._briefing.cursors or {})))
        if self._briefing.cursors:
            workflow.continue_as_new(self._briefing)
        found = self._briefing
        return f"{found.drifted} of {found.looked} have drifted" + "".join(
            f"; {system} was not reached: {why}" for system, why in sorted(found.unreached.items())
        )

    async def _walk(self, system: str) -> None:
        """Look at one target system's grants until the last, or until the history is long."""
        while (cursor := (self._briefing.cursors or {}).get(system)) is not None:
            try:
                step = await workflow.execute_activity_method(
                    Upkeep.check_drift,
                    args=[system, cursor],
                    start_to_close_timeout=ONE_PAGE,
                    schedule_to_close_timeout=GIVE_UP_AFTER,
                    retry_policy=PATIENTLY,
                    summary=f"look at the next grants in {system}",
                )
            except ActivityError as failure:
                self._leave(system, reason_of(failure))
                return
            self._note(system, step)
            if workflow.info().is_continue_as_new_suggested():
                return

    def _note(self, system: str, step: DriftStep) -> None:
        known = self._briefing
        cursors = {name: cursor for name, cursor in (known.cursors or {}).items() if name != system}
        if step.cursor is not None:
            cursors[system] = step.cursor
        self._briefing = replace(
            known,
            cursors=cursors,
            looked=known.looked + step.looked,
            drifted=known.drifted + step.drifted,
            unreadable=known.unreadable + step.unreadable,
        )
        self._show()

    def _leave(self, system: str, why: str) -> None:
        known = self._briefing
        cursors = {name: cursor for name, cursor in (known.cursors or {}).items() if name != system}
        self._briefing = replace(known, cursors=cursors, unreached={**known.unreached, system: why})
        self._show()

    def _show(self) -> None:
        found = self._briefing
        counts = {"Looked at": found.looked, "Drifted": found.drifted, "Could not be read": found.unreadable}
        workflow.set_current_details(
            table(
                {name: str(count) for name, count in counts.items()}
                | {f"Not reached: {system}": why for system, why in sorted(found.unreached.items())}
            )
        )
