"""Our errors to Temporal failures: here only.

The failure's type is our error's code, so that a workflow matches on what
`errors.py` promises, and an operator reads the same word as an API client.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from grantline.errors import GrantlineError, NotFound, TryAgain, WaitsForPerson

ALARM_EVERY = 10
"""Attempts after which what keeps failing is logged again."""

LONGEST_WAIT = timedelta(hours=1)
"""Whatever a target system asks for, it is tried again after this."""


@contextmanager
def as_temporal_failures(*, never_final: bool = False, unexpected_is_final: bool = False) -> Generator[None]:
    """Translate what leaves the block; Temporal retries what is not final.

    An unexpected error is a mistake of ours and is retried, so that the work
    goes on by itself once the mistake is mended. Two kinds of callers differ:
    `never_final` keeps trying even what was refused, unless its object does not
    exist (access that should be gone, a record that must be made);
    `unexpected_is_final` gives up on what cannot even be judged (a message made
    by hand must not hold a workflow).
    """
    try:
        yield
    except GrantlineError as error:
        _say(error)
        raise ApplicationError(
            error.message,
            type=error.code,
            # What waits for somebody is tried again by the workflow, when it hears that they are done.
            non_retryable=isinstance(error, NotFound | WaitsForPerson) or not (error.retryable or never_final),
            next_retry_delay=_pause(error),
            # Expected, and said above in one line; the SDK need not log it with a traceback.
            category=ApplicationErrorCategory.BENIGN,
        ) from error
    except Exception as error:
        # Whatever a poisoned message provokes, a driver's refusal included, ends here.
        if not unexpected_is_final:
            raise
        raise ApplicationError(str(error)[:2000], type=type(error).__name__, non_retryable=True) from error


def _say(error: GrantlineError) -> None:
    """Log the first failure, and then now and then: the attempts in between are in Temporal's UI."""
    attempt = activity.info().attempt if activity.in_activity() else 1
    if attempt == 1 or attempt % ALARM_EVERY == 0:
        activity.logger.warning("attempt %d failed, %s: %s", attempt, error.code, error.message)


def _pause(error: GrantlineError) -> timedelta | None:
    """Return how long to stay away at least, if the target system said."""
    return min(error.after, LONGEST_WAIT) if isinstance(error, TryAgain) and error.after else None
