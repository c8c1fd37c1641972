"""What a letter says: templates, Grantline's own or an administrator's, filled with what is known of an event.

A folder laid over the built-in one replaces it file by file. It is checked
whole before anything is sent: a template that names what does not exist, in
any branch, is refused.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateSyntaxError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from grantline.errors import SetupError
from grantline.model.mail import VARIABLES, MailItem, MailKind
from grantline.notifications.base import Letter
from grantline.notifications.samples import samples

BUILT_IN = Path(__file__).parent / "templates"
PARTS = ("subject.txt", "body.txt", "body.html")
LAYOUTS = ("layout.txt", "layout.html")

SHARED = "shared"
"""A folder of an administrator's own, for what several of their templates include."""

RENDERED = ("recipient", "is_for_you", "what", "facts", "link", "public_url")
"""What a template may use beside the event's own variables."""


class Templates:
    """Every message there is, in words. `overrides` is the folder that goes first."""

    def __init__(self, public_url: str, overrides: Path | None = None) -> None:
        self._public_url = public_url
        self._overrides = overrides
        folders = [folder for folder in (overrides, BUILT_IN) if folder is not None]
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
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
        if self._overrides is None:
            return
        for path in sorted(self._overrides.rglob("*")):
            name = path.relative_to(self._overrides).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in Path(name).parts):
                self._check_file(name)
        for kind in MailKind:
            for item in samples(kind):
                values = self._values(item)
                for part in PARTS:
                    self._check_filled(f"{kind.value}/{part}", values)

    def _check_file(self, name: str) -> None:
        known = {f"{kind.value}/{part}" for kind in MailKind for part in PARTS}.union(LAYOUTS)
        if name not in known and not name.startswith(f"{SHARED}/"):
            raise self._broken(name, "no message is made from it; the built-in folder has the names there are")
        try:
            source, _, _ = self._loader.get_source(self._environment, name)
            tree = self._environment.parse(source, name)
            unknown = meta.find_undeclared_variables(tree) - set(VARIABLES) - set(RENDERED)
        except TemplateSyntaxError as error:
            raise self._broken(name, f"line {error.lineno}: {error.message}") from error
        except (OSError, UnicodeError) as error:
            raise self._broken(name, str(error)) from error
        if unknown:
            raise self._broken(name, f"there is no {' and no '.join(map(repr, sorted(unknown)))}")

    def _check_filled(self, name: str, values: Mapping[str, Any]) -> None:
        try:
            filled = self._filled(name, values)
        except TemplateSyntaxError as error:
            raise self._broken(error.name or name, f"line {error.lineno}: {error.message}") from error
        except Exception as error:  # somebody else's template: it may provoke anything
            raise self._broken(name, f"{type(error).__name__}: {error}") from error
        if not filled.strip():
            raise self._broken(name, "nothing comes of it")

    def _broken(self, name: str, why: str) -> SetupError:
        return SetupError(f"The mail template {self._overrides}/{name} cannot be used: {' '.join(why.split())}.")

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
