"""Our errors to Temporal failures: here only.

The failure's type is our error's code, so that a workflow matches on what
`errors.py` promises, and an operator reads the same word as an API client.
"""

from collections.abc import Generator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from grantline.errors import GrantlineError, NotFound, TryAgain


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
        raise ApplicationError(
            error.message,
            type=error.code,
            non_retryable=isinstance(error, NotFound) or not (error.retryable or never_final),
            next_retry_delay=error.after if isinstance(error, TryAgain) else None,
        ) from error
    except Exception as error:
        # Whatever a poisoned message provokes, a driver's refusal included, ends here.
        if not unexpected_is_final:
            raise
        raise ApplicationError(str(error)[:2000], type=type(error).__name__, non_retryable=True) from error
