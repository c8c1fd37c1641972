"""How workflows reach the record: at once if the database answers, patiently if not."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, is_cancelled_exception

from grantline.errors import NotFound, WaitsForPerson

T = TypeVar("T")

AT_ONCE = timedelta(seconds=5)
"""For as long as a local activity runs, its workflow hears no signal."""

ONE_TRY = timedelta(seconds=30)
BRIEFLY = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_attempts=3)
FOR_EVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


async def record(method: Callable[..., Awaitable[T]], *arguments: Any, summary: str) -> T:
    """Call a method of `Recording`: as a local activity, and if that fails as one that is retried for ever.

    Raises FailureError only for what is final, and when the workflow is being cancelled.
    """
    try:
        return await workflow.execute_local_activity_method(
            method,
            args=arguments,
            schedule_to_close_timeout=AT_ONCE,
            retry_policy=BRIEFLY,
            summary=summary,
        )
    except FailureError as failure:
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


def is_final(failure: FailureError) -> bool:
    """Tell whether trying again would be no use."""
    actual = _actual(failure)
    return isinstance(actual, ApplicationError) and actual.non_retryable


def is_about_nothing(failure: FailureError) -> bool:
    """Tell whether the record knows no such request or assignment."""
    actual = _actual(failure)
    return isinstance(actual, ApplicationError) and actual.type == NotFound.code


def waits_for_person(failure: FailureError) -> bool:
    """Tell whether trying again is no use before somebody has done something."""
    actual = _actual(failure)
    return isinstance(actual, ApplicationError) and actual.type == WaitsForPerson.code


def reason_of(failure: FailureError) -> str:
    """Return the message that somebody wrote for people."""
    actual = _actual(failure)
    return actual.message if isinstance(actual, FailureError) else str(failure)


def _actual(failure: FailureError) -> BaseException | None:
    """Unwrap what a normal activity failed with; a local one fails with just that."""
    return failure.cause if isinstance(failure, ActivityError) else failure
