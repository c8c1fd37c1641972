"""What a letter says: templates, Grantline's own or an administrator's, filled with what is known of an event.

A folder laid over the built-in one replaces it file by file. It is checked
whole before anything is sent: a template that names what does not exist, in
any branch, is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from grantline.errors import SetupError
from grantline.model.mail import VARIABLES, MailItem, MailKind
from grantline.notifications.base import Letter
from grantline.notifications.samples import samples

BUILT_IN = Path(__file__).parent / "templates"
PARTS = ("subject.txt", "body.txt", "body.html")
LAYOUTS = ("layout.txt", "layout.html")
NAMES = frozenset({f"{kind.value}/{part}" for kind in MailKind for part in PARTS}.union(LAYOUTS))

SHARED = "shared"
"""A folder of an administrator's own, for what several of their templates include."""

RENDERED = ("recipient", "is_for_you", "what", "facts", "link", "public_url")
"""What a template may use beside the event's own variables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a template, as far as can be told in which line."""

    file: str
    why: str
    line: int | None = None

    def __str__(self) -> str:
        """Say it in one line."""
        why = " ".join(self.why.split())
        return why if self.line is None else f"line {self.line}: {why}"


class Templates:
    """Every message there is, in words. `overrides` is the folder that goes first."""

    def __init__(self, public_url: str, overrides: Path | None = None) -> None:
        self._public_url = public_url
        self._overrides = overrides
        self._folders = [folder for folder in (overrides, BUILT_IN) if folder is not None]
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in self._folders]),
            autoescape=_is_html,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters["when"] = when

    def write(self, item: MailItem) -> Letter:
        """Fill the templates of an item."""
        values = self._values(item)
        subject, text, html = (self._filled(f"{item.kind.value}/{part}", values) for part in PARTS)
        return Letter(
            id=item.id,
            kind=item.kind.value,
            name=item.name,
            address=item.address,
            subject=" ".join(subject.split()),
            text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
            html=html,
            link=values["link"],
        )

    def check(self) -> None:
        """Read and fill every template that the overrides touch.

        Raises:
            SetupError: one of them is broken; the line names the file and what is wrong with it.
        """
        for fault in self.faults():
            raise SetupError(f"The mail template {self._overrides}/{fault.file} cannot be used: {fault}.")

    def faults(self) -> Iterator["Fault"]:
        """Find what is wrong with the overrides: with each file in itself, then with what is made of them all."""
        yield from self.faults_in_files()
        if self._overrides is not None:
            for kind in MailKind:
                yield from self.faults_in(kind)

    def faults_in_files(self) -> Iterator["Fault"]:
        """Find what is wrong with files of the overrides in themselves, at most one fault in each."""
        for name in self.overriding():
            if (fault := self._fault_of_file(name)) is not None:
                yield fault

    def faults_in(self, kind: MailKind) -> Iterator["Fault"]:
        """Find what keeps a message from being written, be it in a layout or in what its templates include."""
        for item in samples(kind):
            values = self._values(item)
            for part in PARTS:
                if (fault := self._fault_in_filled(f"{kind.value}/{part}", values)) is not None:
                    yield fault

    def overriding(self) -> list[str]:
        """List the files that go before the built-in ones, or try to."""
        if self._overrides is None:
            return []
        files = (path.relative_to(self._overrides) for path in self._overrides.rglob("*") if path.is_file())
        return sorted(name.as_posix() for name in files if not any(part.startswith(".") for part in name.parts))

    def _fault_of_file(self, name: str) -> "Fault | None":
        if name not in NAMES and not name.startswith(f"{SHARED}/"):
            return Fault(file=name, why="no message is made from it; the built-in folder has the names there are")
        try:
            source, _, _ = self._loader.get_source(self._environment, name)
            tree = self._environment.parse(source, name)
            unknown = meta.find_undeclared_variables(tree) - set(VARIABLES) - set(RENDERED)
        except TemplateSyntaxError as error:
            return Fault(file=name, line=error.lineno, why=error.message or "")
        except (OSError, UnicodeError) as error:
            return Fault(file=name, why=str(error))
        if unknown:
            line = next((one.lineno for one in tree.find_all(nodes.Name) if one.name in unknown), None)
            return Fault(file=name, line=line, why=f"there is no {' and no '.join(map(repr, sorted(unknown)))}")
        return None

    def _fault_in_filled(self, name: str, values: Mapping[str, Any]) -> "Fault | None":
        try:
            filled = self._filled(name, values)
        except TemplateSyntaxError as error:
            return Fault(file=error.name or name, line=error.lineno, why=error.message or "")
        except Exception as error:  # noqa: BLE001  (somebody else's template: it may provoke anything)
            file, line = self._place(error)
            return Fault(file=file or name, line=line, why=f"{type(error).__name__}: {error}")
        return None if filled.strip() else Fault(file=name, why="nothing comes of it")

    def _place(self, error: Exception) -> tuple[str | None, int | None]:
        """Say in which template something went wrong: Jinja names files and lines of templates in its tracebacks."""
        for frame in reversed(extract_tb(error.__traceback__)):
            for folder in self._folders:
                if Path(frame.filename).is_relative_to(folder):
                    return Path(frame.filename).relative_to(folder).as_posix(), frame.lineno
        return None, None

    @property
    def _loader(self) -> ChoiceLoader:
        loader = self._environment.loader
        assert isinstance(loader, ChoiceLoader)  # noqa: S101  (made above)
        return loader

    def _filled(self, name: str, values: Mapping[str, Any]) -> str:
        return self._environment.get_template(name).render(values)

    def _values(self, item: MailItem) -> dict[str, Any]:
        values: dict[str, Any] = dict.fromkeys(VARIABLES) | dict(item.details)
        by = f", asked by {values['requestor']}" if values["is_on_behalf"] else ""
        page = "approvals" if item.kind.value.startswith("approval-") else "requests"
        return values | {
            "recipient": item.name,
            "is_for_you": item.person_id == values["target_id"],
            "what": f"{values['package']} for {values['target']}{by}" if values["package"] else "Your approvals",
            "facts": _facts(values),
            "link": f"{self._public_url}/{page}" + (f"/{values['request_id']}" if values["request_id"] else ""),
            "public_url": self._public_url,
        }


def when(instant: str) -> str:
    """Say an ISO 8601 instant as people write it."""
    return datetime.fromisoformat(instant).strftime("%d %b %Y, %H:%M UTC").lstrip("0")


def _facts(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what is known of the request, as name and value."""
    department = values["requestor_department"]
    requestor = f"{values['requestor']}, {department}" if department else values["requestor"]
    instants = {name: when(values[name]) for name in VARIABLES if name.endswith("_at") and values[name]}
    stages = f"{values['stage']} of {values['stage_count']}" if values["stage"] else None
    facts = (
        ("Access package", values["package"]),
        ("For", values["target"]),
        ("Asked by", requestor),
        ("Asked on", instants.get("submitted_at")),
        ("Justification", values["justification"]),
        ("From", instants.get("starts_at")),
        ("Until", instants.get("ends_at")),
        ("Shortened by an approver", f"ends {values['shortened']}" if values["shortened"] else None),
        ("Stage", stages),
        ("Decide by", instants.get("deadline_at")),
        ("Reason", values["reason"]),
    )
    return [(name, str(value)) for name, value in facts if value]


def _is_html(name: str | None) -> bool:
    return name is not None and name.endswith(".html")
