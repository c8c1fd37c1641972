"""Pages that are made from code. `make docs` writes them; a test compares them."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from grantline.settings import PREFIX, Settings
from tests.architecture.house import ROOT

SETTINGS_PAGE = ROOT / "docs/settings.md"

HEAD = """# Settings

Every process reads the same environment variables, once, when it starts. What makes no sense is refused with one line
that names the variable, what it has and what would be right. An empty variable counts as absent.

This page is made from `grantline/settings.py` by `make docs`; do not edit it here.
"""

KINDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    bool: "`true` or `false`",
    Path: "folder",
    timedelta: "duration, such as `PT30M`",
    SecretStr: "secret text",
}


def settings_page() -> str:
    """Return docs/settings.md as the class has it."""
    return "\n".join([HEAD, *(entry(name, field) for name, field in Settings.model_fields.items())])


def entry(name: str, field: FieldInfo) -> str:
    """Return the paragraph of one setting."""
    return f"## `{PREFIX}{name.upper()}`\n\n{field.description}\n\n{kind(field.annotation)}; {default(field)}.\n"


def kind(annotation: Any) -> str:
    """Say in words what a value looks like."""
    if get_origin(annotation) is Literal:
        return "One of " + ", ".join(f"`{option}`" for option in get_args(annotation))
    if get_origin(annotation) is tuple:
        return "Comma-separated list"
    options = [option for option in get_args(annotation) if option is not type(None)]
    chosen = options[0] if options else annotation
    # An optional value may carry what checks it.
    words = KINDS[chosen.__origin__ if get_origin(chosen) is Annotated else chosen]
    return words[0].upper() + words[1:]


def default(field: FieldInfo) -> str:
    """Say in words what holds when the variable is absent."""
    if field.is_required():
        return "must be set"
    if field.default_factory is not None:
        return "absent, it follows from the others as described"
    if field.default is None or field.default == ():
        return "absent by default"
    value = field.default
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, timedelta):
        value = TypeAdapter(timedelta).dump_python(value, mode="json")
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"default `{value}`"


if __name__ == "__main__":
    SETTINGS_PAGE.write_text(settings_page(), encoding="utf-8")
