"""Pages that are made from code. `make docs` writes them; a test compares them."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from fastapi.routing import APIRoute
from pydantic import SecretStr, TypeAdapter
from pydantic.fields import FieldInfo

from api.app import OPEN_ROUTERS, PREFIX, ROUTERS
from api.auth.reach import FOR_EVERYBODY
from api.may import task_of
from api.not_offered import PARTS
from grantline.model.roles import Role
from grantline.rules.permissions.table import TABLE, Part, Task
from grantline.settings import PREFIX as VARIABLE
from grantline.settings import Settings
from tests.architecture.house import ROOT

SETTINGS_PAGE = ROOT / "docs/settings.md"
GOVERNANCE = "/v1.0/identityGovernance/entitlementManagement"
GRAPH_PAGE = ROOT / "docs/graph.md"
PERMISSIONS_PAGE = ROOT / "docs/permissions.md"

GRAPH_HEAD = """# What of Microsoft Graph is offered

Below `/v1.0`, with Graph's names, statuses, error body and annotations; `…` stands for
`/identityGovernance/entitlementManagement`. Microsoft's own clients for Python and JavaScript are clients of it, with
another base URL.

- Lists take `$filter` (`eq ne gt ge lt le in and or not`, parentheses, `contains startswith endswith tolower toupper`,
  paths one level deep), `$select`, `$expand` with options inside, `$orderby`, `$top`, `$skip`, `$count`, and page by
  `@odata.nextLink`. Lists of people and groups take `$search="displayName:text"` with AND and OR. Short lists that come
  whole take neither filter nor order. Every list is counted at its own path and `/$count`, which takes `$filter` and
  `$search`. What is not understood answers 400 and is named, never ignored; so do options on what is no GET.
  Answers are JSON; who accepts neither that nor `*/*` is answered 406.
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

PERMISSIONS_HEAD = """# Who may do what

Administrators are named in the settings (`GRANTLINE_ADMINISTRATORS`). Catalog creators, and who is what in a catalog,
are assigned through Microsoft Graph's `roleManagement/entitlementManagement/roleAssignments`, to people, groups (each
member holds the role) or applications (`principalId` is `application:` and the id at the OpenID provider); the ids of
the roles are at `roleDefinitions`. Whoever makes a catalog is its first owner.

A role in a catalog counts for what lies in that catalog. Lists show what lies in one's catalogs. What one may not see
answers like what does not exist, with 404; what one sees and may not change, with 403 and the roles that it takes.

- Whoever owns a catalog brings in resources that they control as well: groups of Grantline's own that they own.
  Administrators bring in everything.
- Whoever assigns directly does not get past an approval that the policy wants. Applications assign directly too, in
  their own name; they ask for nothing else.
- Requestor and target never decide, whatever they are besides.
- `GET /api/me/permissions` tells which of these tasks one may do, everywhere and in each
  catalog, by the names in brackets.

This page is made from `grantline/rules/permissions/table.py` and the routes by `make docs`; do not edit it here.
"""

ABBREVIATED = {
    Role.ADMINISTRATOR: "administrator",
    Role.CATALOG_CREATOR: "catalog creator",
    Role.CATALOG_OWNER: "catalog owner",
    Role.CATALOG_READER: "catalog reader",
    Role.PACKAGE_MANAGER: "package manager",
    Role.ASSIGNMENT_MANAGER: "assignment manager",
}

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
    return f"## `{VARIABLE}{name.upper()}`\n\n{field.description}\n\n{kind(field.annotation)}; {default(field)}.\n"


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


def permissions_page() -> str:
    """Return docs/permissions.md as the table and the routes have it."""
    head = ["task", *(ABBREVIATED[role] for role in Role), "and who has this part in it"]
    lines = [PERMISSIONS_HEAD, f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for task, row in TABLE.items():
        marks = ["✓" if role in row.roles else "" for role in Role]
        parts = ", ".join(part.value for part in Part if part in row.parts)
        lines.append(f"| {row.does} (`{task}`) | {' | '.join(marks)} | {parts} |")
    lines += [
        "",
        "## Which route does what",
        "",
        "`…` stands for `/v1.0/identityGovernance/entitlementManagement`.",
        "",
    ]
    done: dict[Task, list[str]] = {}
    for prefix, routers in ((PREFIX, ROUTERS), ("", OPEN_ROUTERS)):
        for route in (one for router in routers for one in router.routes if isinstance(one, APIRoute)):
            for method in sorted(route.methods or ()):
                if f"{method} {route.path}" not in FOR_EVERYBODY:
                    path = (prefix + route.path).replace(GOVERNANCE, "…")
                    done.setdefault(task_of(route), []).append(f"`{method} {path}`")
    for task, row in TABLE.items():
        if task in done:
            lines += [f"### {row.does[0].upper()}{row.does[1:]}", "", *(f"- {route}" for route in done[task]), ""]
    return "\n".join(lines)


def _in_page(path: str) -> str:
    return path.replace("/identityGovernance/entitlementManagement", "…")


def _says(route: APIRoute) -> str:
    return (route.description or "").splitlines()[0].replace("|", "\\|")


def _file(route: APIRoute) -> str:
    return route.endpoint.__module__.replace(".", "/") + ".py"


if __name__ == "__main__":
    PERMISSIONS_PAGE.write_text(permissions_page(), encoding="utf-8")
    GRAPH_PAGE.write_text(graph_page(), encoding="utf-8")
    SETTINGS_PAGE.write_text(settings_page(), encoding="utf-8")
