"""What `grantline up` says when it serves: addresses, tokens, and a first request to paste."""

import shlex
import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from sqlalchemy import select

from grantline.model.request import OPEN_STATES
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, packages, people, policies, requests
from grantline.sample.organisation import (
    ADMINISTRATOR,
    APPROVER,
    FIRST_GROUP,
    FIRST_PACKAGE,
    MANAGER,
    person_id,
    sample_id,
)
from grantline.settings import Settings

PASTE = "Paste this into another terminal: a manager asks for a report, the approver approves, the group has a member."
"""The line before the commands; an empty line ends them."""


NOT_BUILT = "not built: it takes an npm registry, once. Build it with `make portal`, then start again"

LAST = "Ctrl-C ends everything; the data stays."


def is_portal_built(folder: Traversable | None = None) -> bool:
    """Tell whether the API has pages to serve; it looks once, when it starts."""
    return (folder or files("api").joinpath("static")).joinpath("index.html").is_file()


async def greeting(settings: Settings, database: Database, *, ui_port: int, has_portal: bool) -> str:
    """Return everything there is to say, from the ready line to `LAST`."""
    lines = [
        f"ready {settings.public_url}",
        "",
        f"  Portal        {settings.public_url if has_portal else NOT_BUILT}",
        f"  API           {settings.public_url}/v1.0",
        f"  Temporal UI   http://127.0.0.1:{ui_port}",
        f"  Data, logs    {settings.home}, {settings.home / 'logs'}",
        "",
    ]
    if settings.oidc_issuer is not None:
        return "\n".join([*lines, f"Sign in with a token of {settings.oidc_issuer}.", "", LAST])
    lines += [
        *([f"Sign in as anybody of the directory: {settings.public_url}/auth/login"] if has_portal else []),
        f"A token for anybody of the directory: {_token(settings, 'USER')}",
        "",
    ]
    if not settings.administrators:
        lines += ["Nobody is an administrator; set GRANTLINE_ADMINISTRATORS to userPrincipalNames.", ""]
    report = await _report_without_package(database)
    if report is None:
        return "\n".join([*lines, LAST])
    lines += [
        f"  administrator  {_token(settings, ADMINISTRATOR)}",
        f"  manager        {_token(settings, MANAGER)}",
        f"  approver       {_token(settings, APPROVER)}",
        "",
        PASTE,
        *_story(settings, *report),
        "",
        LAST,
    ]
    return "\n".join(lines)


def _story(settings: Settings, report_id: str, report_name: str, policy_id: str) -> list[str]:
    """Return shell commands that work as they stand, in sh, bash and zsh."""
    ask = (
        f'{{"requestType":"userAdd","justification":"{report_name} joined the team","assignment":'
        f'{{"targetId":"{report_id}","assignmentPolicyId":"{policy_id}",'
        f'"accessPackageId":"{sample_id("package", FIRST_PACKAGE)}"}}}}'
    )
    decision = '{"reviewResult":"Approve","justification":"Part of the job"}'
    approval = "$EM/accessPackageAssignmentApprovals/$REQUEST"
    state = """curl -sS -H "$MANAGER" $EM/assignmentRequests/$REQUEST | pick '["state"]'"""
    python = shlex.quote(sys.executable)
    first_name = report_name.partition(" ")[0]
    return [
        f"API={settings.public_url}/v1.0; EM=$API/identityGovernance/entitlementManagement",
        "JSON='Content-Type: application/json'",
        f'MANAGER="Authorization: Bearer $({_token(settings, MANAGER)})"',
        f'APPROVER="Authorization: Bearer $({_token(settings, APPROVER)})"',
        f'ADMIN="Authorization: Bearer $({_token(settings, ADMINISTRATOR)})"',
        f'pick() {{ {python} -c "import json,sys; print(json.load(sys.stdin)$1)"; }}',
        "echo; echo The manager sees her reports:",
        """curl -sS -H "$MANAGER" "$API/me/directReports?\\$select=id,displayName" """.rstrip(),
        f"echo; echo She asks for {FIRST_PACKAGE} on behalf of {first_name}:",
        f"""ANSWER=$(curl -sS -H "$MANAGER" -H "$JSON" -d '{ask}' $EM/assignmentRequests)""",
        """printf '%s\\n' "$ANSWER"; REQUEST=$(printf '%s' "$ANSWER" | pick '["id"]')""",
        "echo; echo The approver approves:",
        f"""STAGE=$(curl -sS -H "$APPROVER" {approval}/stages | pick '["value"][0]["id"]')""",
        f"""curl -sS -X PATCH -H "$APPROVER" -H "$JSON" -d '{decision}' {approval}/stages/$STAGE""",
        f"""until [ "$({state})" = delivered ]; do sleep 1; done""",
        f"echo; echo Delivered. The members of {FIRST_GROUP}:",
        f"""curl -sS -H "$ADMIN" "$API/groups/{sample_id("group", FIRST_GROUP)}/members?\\$select=displayName"; echo""",
    ]


async def _report_without_package(database: Database) -> tuple[str, str, str] | None:
    """Return id and name of one of the manager's reports who could get the first package, and its policy.

    None when the sample is not there, or everybody has it or waits for it.
    """
    package_id = sample_id("package", FIRST_PACKAGE)
    has = select(assignments.c.target_id).where(
        assignments.c.package_id == package_id, assignments.c.state != "expired"
    )
    waits = select(requests.c.target_id).where(
        requests.c.package_id == package_id, requests.c.state.in_([state.value for state in OPEN_STATES])
    )
    statement = (
        select(people.c.id, people.c.display_name, policies.c.id)
        .join(policies, policies.c.package_id == package_id)
        .join(packages, packages.c.id == policies.c.package_id)
        .where(
            people.c.manager_id == person_id(MANAGER),
            people.c.account_enabled.is_(True),
            people.c.id.not_in(has),
            people.c.id.not_in(waits),
        )
        .order_by(people.c.created_at.desc(), people.c.hire_date.desc())
        .limit(1)
    )
    async with database.read() as tx:
        row = await tx.first(statement)
    return (row[0], row[1], row[2]) if row else None


def _token(settings: Settings, user: str) -> str:
    """Return the command that prints a token, as it works from any folder."""
    program = Path(sys.argv[0])
    if program.name == "grantline":
        command = shlex.quote(str(program.absolute()))
    else:
        command = f"{shlex.quote(sys.executable)} -m grantline"
    return f"{command} token {user} --home {shlex.quote(str(settings.home))}"
