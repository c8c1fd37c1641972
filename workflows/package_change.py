"""A change of a package's roles, on its way to everybody who holds the package.

One page of holders an activity, until there is no further one. How far it has
come is in the database, so it begins again anywhere; what a holder is owed goes
to the holder's own workflow, which gives and takes it in its own time.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import is_cancelled_exception

from activities.changing import Changing
from grantline.model.change import ChangeBriefing, ChangeStep
from workflows.messages import table

ONE_PAGE = timedelta(minutes=10)
"""How long a page may take, and wait for the outbox to empty before."""

SIGN_OF_LIFE = timedelta(seconds=30)
FOR_EVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


@workflow.defn
class PackageChangeWorkflow:
    """Walks one change; its id is `package-change-<id>`."""

    @workflow.run
    async def run(self, briefing: ChangeBriefing) -> str:
        """Walk to the last holder; return how many there were, and for how many something changed."""
        self._show(briefing, ChangeStep(seen=0, changed=0, holders=briefing.holders, is_done=False))
        while True:
            try:
                step = await self._advance(briefing)
            except BaseException as interruption:
                # Half of the holders with the role and half without is no state to stop in.
                if not is_cancelled_exception(interruption):
                    raise
                workflow.logger.warning("a cancellation was ignored; change the package back instead")
                continue
            self._show(briefing, step)
            if step.is_done:
                return _outcome(step)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(briefing)

    async def _advance(self, briefing: ChangeBriefing) -> ChangeStep:
        return await workflow.execute_activity_method(
            Changing.advance,
            briefing.change_id,
            start_to_close_timeout=ONE_PAGE,
            heartbeat_timeout=SIGN_OF_LIFE,
            retry_policy=FOR_EVER,
            summary="look at the next holders",
        )

    def _show(self, briefing: ChangeBriefing, step: ChangeStep) -> None:
        workflow.set_current_details(
            table(
                {
                    "Change": briefing.summary,
                    "Holders": f"{step.seen} of {step.holders}",
                    "Changed": str(step.changed),
                    "Goes on in": step.superseded_by and f"package-change-{step.superseded_by}",
                }
            )
        )


def _outcome(step: ChangeStep) -> str:
    if step.superseded_by:
        return f"superseded by {step.superseded_by}"
    return f"{step.changed} of {step.seen} holders"
