"""One of a fixed set of words, in any case."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from grantline.errors import InvalidInput

Choice = TypeVar("Choice", bound=StrEnum)


def chosen(given: str, choices: Sequence[Choice], *, name: str = "on") -> Choice:
    """Return the choice that was named.

    Raises:
        InvalidInput: it is none of them; lists them.
    """
    for choice in choices:
        if choice.value.lower() == given.strip().lower():
            return choice
    raise InvalidInput(f"{name} is {given!r}; it is one of {', '.join(choices)}.", target=name)
