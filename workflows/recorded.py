"""How workflows reach the record: at once if the database answers, patiently if not."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

T = TypeVar("T")

AT_ONCE = timedelta(seconds=5)
"""For as long as a local activity runs, its workflow hears no signal."""

ONE_TRY = timedelta(seconds=30)
BRIEFLY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=3)
FOR_EVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


async def record(method: Callable[..., Awaitable[T]], *arguments: Any, summary: str) -> T:
    """Call a method of `Recording`: as a local activity, and if that fails as one that is retried for ever.

    Raises ActivityError only for what is final, and when the workflow is being cancelled.
    """
    try:
        return await workflow.execute_local_activity_method(
            method,
            args=arguments,
            schedule_to_close_timeout=AT_ONCE,
            retry_policy=BRIEFLY,
            summary=summary,
        )
    except ActivityError as failure:
        if is_cancelled_exception(failure) or is_final(failure):
            raise
        workflow.logger.warning("not recorded at once, trying on: %s", reason_of(failure))
    return await workflow.execute_activity_method(
        method,
        args=arguments,
        start_to_close_timeout=ONE_TRY,
        retry_policy=FOR_EVER,
        summary=f"{summary} (not recorded at once)",
    )


def is_final(failure: ActivityError) -> bool:
    """Tell whether trying again would be no use."""
    return isinstance(failure.cause, ApplicationError) and failure.cause.non_retryable


def reason_of(failure: ActivityError) -> str:
    """Return the innermost message of a failure: the one somebody wrote for people."""
    innermost: FailureError = failure
    while isinstance(innermost.cause, FailureError):
        innermost = innermost.cause
    return innermost.message or type(innermost).__name__
