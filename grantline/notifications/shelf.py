"""Every message as an administrator looks at it: its files, which of them are their own, and a letter of sample values.

What is shown is what is in the folder now. A worker reads it when it starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grantline.model.mail import MailKind
from grantline.notifications.base import Letter
from grantline.notifications.rendering import BUILT_IN, LAYOUTS, PARTS, Fault, Templates
from grantline.notifications.samples import samples

LANGUAGES = ("en",)
"""Languages that the built-in messages are written in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFile:
    """A file that a message is made from; `path` is where one's own goes, if there is a folder for it."""

    name: str
    path: Path | None
    is_overridden: bool
    original: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message: `letter` of sample values, or the fault that none can be made of it."""

    kind: MailKind
    files: tuple[TemplateFile, ...]
    letter: Letter | None
    fault: Fault | None


class Shelf:
    """All messages, with an administrator's folder laid over the built-in one, as it is at this moment.

    Made anew for every look: what is kept would not notice a file that was not there before.
    """

    def __init__(self, public_url: str, overrides: Path | None) -> None:
        self._overrides = overrides
        self._templates = Templates(public_url, overrides)
        self._own = frozenset(self._templates.overriding())
        self.broken_files = tuple(self._templates.faults_in_files())

    def messages(self) -> list[Shown]:
        """Return every message there is."""
        return [self.message(kind) for kind in MailKind]

    def message(self, kind: MailKind, *, is_least: bool = False) -> Shown:
        """Return one message, filled with all that can be known of an event, or with the least that always is."""
        names = (*(f"{kind.value}/{part}" for part in PARTS), *LAYOUTS)
        fault = self._fault(kind, names)
        full, least = samples(kind)
        letter = self._templates.write(least if is_least else full) if fault is None else None
        return Shown(kind=kind, files=tuple(map(self._file, names)), letter=letter, fault=fault)

    def _fault(self, kind: MailKind, names: Sequence[str]) -> Fault | None:
        in_itself = next((fault for fault in self.broken_files if fault.file in names), None)
        return in_itself or (next(self._templates.faults_in(kind), None) if self._own else None)

    def _file(self, name: str) -> TemplateFile:
        return TemplateFile(
            name=name,
            path=self._overrides / name if self._overrides else None,
            is_overridden=name in self._own,
            original=(BUILT_IN / name).read_text(encoding="utf-8"),
        )
