"""Keeps a signal made by hand from wedging a workflow.

With one argument too many, the SDK passes all of them on undecoded, and the
handler's TypeError would fail the workflow task, for ever, since the signal is in
the history. A single argument that cannot be decoded the SDK drops by itself.
"""

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class Doorkeeper(Interceptor):
    """The interceptor; worker and replayer alike must have it."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        """Tell Temporal which class stands at a workflow's door."""
        del input
        return _OneArgument


class _OneArgument(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:
        """Let in what has the one argument that all our signals have; the handlers take none for nothing said."""
        if len(input.args) > 1:
            workflow.logger.warning("signal %s came with %d arguments; dropped", input.signal, len(input.args))
            return
        await super().handle_signal(input)
