"""The messages that people get by mail, filled with sample values, and whose words they are. Administrators only.

The folder of one's own templates is read as it is now; a worker reads it when it starts.
"""

import asyncio
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Parameter
from typing_extensions import TypedDict

from api import may
from api.answers import Json
from api.dependencies import Config
from api.odata import present
from grantline.errors import InvalidInput, NotFound
from grantline.model.mail import MailKind
from grantline.notifications.rendering import Fault
from grantline.notifications.shelf import LANGUAGES, Shelf, Shown, TemplateFile
from grantline.settings import Settings

router = APIRouter(prefix="/api/mail-templates", tags=["mail templates"])


class FaultOut(TypedDict):
    """What is wrong with a template."""

    file: str
    line: int | None
    message: str


class MailOut(TypedDict):
    """A message, in short."""

    id: str
    subject: str | None
    isOverridden: bool
    overriddenBy: list[str]
    error: FaultOut | None


class MailsOut(TypedDict):
    """Every message there is, and what is wrong with the templates."""

    items: list[MailOut]
    next: None
    language: str
    languages: Sequence[str]
    folder: str | None
    errors: list[FaultOut]


class TemplateFileOut(TypedDict):
    """A file that a message is made from."""

    name: str
    path: str | None
    isOverridden: bool
    original: str


class LetterOut(MailOut):
    """A message as it would be sent, and its files."""

    language: str
    languages: Sequence[str]
    sample: str
    text: str | None
    html: str | None
    files: list[TemplateFileOut]


class Sample(StrEnum):
    """What the event of a preview knows: all that such an event can, or only what every one does."""

    FULL = "full"
    LEAST = "least"


Language = Annotated[str, Parameter(max_length=35, description="one of those that mail is written in")]


@router.get("")
async def list_all(actor: may.Govern, config: Config, language: Language = LANGUAGES[0]) -> Json[MailsOut]:
    """List every message there is, with the subject that it has in a sample, and what is wrong with the templates."""
    del actor
    written_in = _known(language)
    shelf, shown = await asyncio.to_thread(_all, config)
    return present.json_response(
        {
            "items": [_summary(one) for one in shown],
            "next": None,
            "language": written_in,
            "languages": LANGUAGES,
            "folder": str(config.mail_templates) if config.mail_templates else None,
            "errors": [_fault_out(fault) for fault in _faults(shelf, shown)],
        }
    )


@router.get("/{message}")
async def read(
    *,
    message: str,
    actor: may.Govern,
    config: Config,
    language: Language = LANGUAGES[0],
    sample: Annotated[Sample, Parameter(description="what the event of the preview knows")] = Sample.FULL,
) -> Json[LetterOut]:
    """Show one message as it would be sent, or why it cannot be, and the files that it is made from."""
    del actor
    written_in = _known(language)
    kind = next((kind for kind in MailKind if kind.value == message.lower()), None)
    if kind is None:
        raise NotFound(f"There is no message {message!r}; GET /api/mail-templates lists those there are.")
    shown = await asyncio.to_thread(_one, config, kind, is_least=sample is Sample.LEAST)
    letter = shown.letter
    return present.json_response(
        {
            **_summary(shown),
            "language": written_in,
            "languages": LANGUAGES,
            "sample": sample.value,
            "text": letter.text if letter else None,
            "html": letter.html if letter else None,
            "files": [_file_out(file) for file in shown.files],
        }
    )


def _known(language: str) -> str:
    """Return the language that is answered in: mail has to be written in it."""
    if language.lower() in LANGUAGES:
        return language.lower()
    raise InvalidInput(f"Mail is written in {', '.join(LANGUAGES)}, not in {language!r}.", target="language")


def _all(config: Settings) -> tuple[Shelf, list[Shown]]:
    shelf = Shelf(config.public_url, config.mail_templates)
    return shelf, shelf.messages()


def _one(config: Settings, kind: MailKind, *, is_least: bool) -> Shown:
    return Shelf(config.public_url, config.mail_templates).message(kind, is_least=is_least)


def _faults(shelf: Shelf, shown: Iterable[Shown]) -> list[Fault]:
    """Return the first fault of each file; one in a layout is met in every message."""
    found: dict[str, Fault] = {}
    for fault in (*shelf.broken_files, *(one.fault for one in shown if one.fault is not None)):
        found.setdefault(fault.file, fault)
    return list(found.values())


def _summary(one: Shown) -> MailOut:
    own = [file.name for file in one.files if file.is_overridden]
    return {
        "id": one.kind.value,
        "subject": one.letter.subject if one.letter else None,
        "isOverridden": bool(own),
        "overriddenBy": own,
        "error": _fault_out(one.fault) if one.fault else None,
    }


def _fault_out(fault: Fault) -> FaultOut:
    return {"file": fault.file, "line": fault.line, "message": " ".join(fault.why.split())}


def _file_out(file: TemplateFile) -> TemplateFileOut:
    return {
        "name": file.name,
        "path": str(file.path) if file.path else None,
        "isOverridden": file.is_overridden,
        "original": file.original,
    }
