"""What every notifier does: carry letters, one after the other, and say what became of each."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message to one person, in words. The same `id` again is the same letter."""

    id: str
    kind: str
    name: str
    address: str
    subject: str
    text: str
    html: str
    link: str


class Carrier(Protocol):
    """A way to people that is open now."""

    async def carry(self, letter: Letter) -> None:
        """Hand a letter over; when this returns, somebody else answers for it.

        Raises:
            MailDeferred: this letter was not taken, for now.
            MailBounced: this letter will never be taken.
            Unavailable: no letter is taken; leave the others where they are.
        """
        ...


class Notifier(Protocol):
    """A way to people."""

    def open(self) -> AbstractAsyncContextManager[Carrier]:
        """Open the way for a few letters; entering raises `Unavailable` when there is none."""
        ...
