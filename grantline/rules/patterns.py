r"""Regular expressions that administrators write and strangers' texts meet.

Matching takes time in proportion to the text, whatever the pattern: the engine
is RE2, which never tries a text a second way. So it knows no look-around and
no back-references. Classes such as `\s` and `\w` mean ASCII; `\p{L}` is any letter.
"""

from functools import cache
from typing import Any

import re2

LONGEST_PATTERN = 1_000
LARGEST_PROGRAM = 10_000
"""Instructions a pattern may come to: each may be looked at for each character of the text."""

_MEMORY = 2 * 1024 * 1024


def fault(pattern: str) -> str | None:
    """Say what is wrong with a pattern, or None."""
    if len(pattern) > LONGEST_PATTERN:
        return f"it has {len(pattern)} characters, {LONGEST_PATTERN} at most"
    try:
        compiled = _compiled(pattern)
    except re2.error as error:
        (says,) = error.args
        return says.decode(errors="replace") if isinstance(says, bytes) else str(says)
    if compiled.programsize > LARGEST_PROGRAM:
        return "pattern too large; repeat less, or smaller parts"
    return None


def matches(pattern: str, text: str) -> bool:
    """Tell whether the whole text matches."""
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return options


def _compiled(pattern: str) -> Any:
    # The package keeps the last 128 by itself.
    return re2.compile(pattern, _options())
