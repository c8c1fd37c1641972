"""Pages that are made from code. `make docs` writes them; a test compares them."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi.routing import APIRoute
from pydantic import SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from api.app import ROUTERS
from api.not_offered import PARTS
from grantline.settings import PREFIX, Settings
from tests.architecture.house import ROOT

SETTINGS_PAGE = ROOT / "docs/settings.md"
GRAPH_PAGE = ROOT / "docs/graph.md"

GRAPH_HEAD = """# What of Microsoft Graph is offered

Below `/v1.0`, with Graph's names, statuses, error body and annotations; `…` stands for
`/identityGovernance/entitlementManagement`. Microsoft's own clients for Python and JavaScript are clients of it, with
another base URL.

- Lists take `$filter` (`eq ne gt ge lt le in and or not`, parentheses, `contains startswith endswith tolower toupper`,
  paths one level deep), `$select`, `$expand` with options inside, `$orderby`, `$top`, `$skip`, `$count`, and page by
  `@odata.nextLink`. Lists of people and groups take `$search="displayName:text"` with AND and OR. Short lists that come
  whole take neither filter nor order. What is not understood answers 400 and is named, never ignored.
- Names of paths, properties and members of enumerations match in any case. Functions and casts may stand with
  `microsoft.graph.`.
- `Prefer: include-unknown-enum-members` brings members that Graph's enumerations got later (`approverRemove`);
  without it they read `unknownFutureValue`.
- `POST /$batch` takes up to 20 requests, with `dependsOn`.
- `Idempotency-Key` on a POST: it is carried out once, and the same call again has the same answer for a week;
  the same key with another body answers 409.
- Who calls too often is answered 429 with `Retry-After`; an answer that does not begin in time is given up with 504.

This page is made from the routes by `make docs`; do not edit it here.
"""

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


def graph_page() -> str:
    """Return docs/graph.md as the routes have it."""
    lines = [GRAPH_HEAD]
    for router in ROUTERS:
        routes = [route for route in router.routes if isinstance(route, APIRoute)]
        rows = [
            f"| {' '.join(sorted(route.methods or ()))} | `{_in_page(route.path)}` | {_says(route)} |"
            for route in routes
        ]
        lines += [f"## {router.tags[0]}, in `{_file(routes[0])}`", "", "| | path | does |", "|---|---|---|", *rows, ""]
    lines += ["## Not offered", "", "These answer 501 and say so; every other path answers 404.", ""]
    lines += [f"- `{name}`: {what}" for name, what in sorted(PARTS.items())]
    return "\n".join(lines) + "\n"


def _in_page(path: str) -> str:
    return path.replace("/identityGovernance/entitlementManagement", "…")


def _says(route: APIRoute) -> str:
    return (route.description or "").splitlines()[0].replace("|", "\\|")


def _file(route: APIRoute) -> str:
    return route.endpoint.__module__.replace(".", "/") + ".py"


if __name__ == "__main__":
    GRAPH_PAGE.write_text(graph_page(), encoding="utf-8")
    SETTINGS_PAGE.write_text(settings_page(), encoding="utf-8")
