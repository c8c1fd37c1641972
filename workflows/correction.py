"""Access that somebody gave outside Grantline after we had taken it back, taken back again as an administrator asks.

What is wanted is the database's word when it is acted on: if the person has
come to need the role meanwhile, they keep it.
"""

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

from grantline.model.upkeep import CorrectionBriefing
from workflows.targets import Targets


@workflow.defn
class CorrectionWorkflow:
    """Brings one grant to its target system; its id is `correction-<grant id>`."""

    @workflow.run
    async def run(self, briefing: CorrectionBriefing) -> str:
        """Try until it has worked; return what that was."""
        while True:
            try:
                await Targets().revoke(briefing.grant)
            except BaseException as interruption:
                # As with an assignment: access that should be gone does not stay because a workflow was cancelled.
                if not is_cancelled_exception(interruption):
                    raise
                workflow.logger.warning("a cancellation was ignored; the access is still to be taken back")
                continue
            return f"corrected: {briefing.grant.summary}"
