"""The portal's types, made from the OpenAPI description: `python -m tests.docs.portal_types`, which `make docs` runs.

The generator comes from npm by `tests/docs/types`, and only when there is
something to make: the file is in git, and says of which description it is.
"""

import hashlib
import json
import re
import shutil
import subprocess
from typing import Any

from tests.api.promised import description
from tests.architecture.house import ROOT
from tests.provider.npm import NODE, NPM

FILE = ROOT / "portal/src/api/generated.ts"
RECIPE = ROOT / "tests/docs/types"
TOOL = ROOT / ".venv/types"
MADE_FROM = re.compile(r"^// Description (\w{64}), text (\w{64})$", re.MULTILINE)
HEAD = """\
// Made from the OpenAPI description by `make docs`; do not edit it here. A test says when it is old.
// Description {description}, text {text}
"""
CALL = (
    "export interface Answers<Answer> { sent: { body?: never }; answer: Answer }",
    "export interface Takes<Body, Answer> { sent: { body: Body }; answer: Answer }",
    "export interface MayTake<Body, Answer> { sent: { body?: Body }; answer: Answer }",
    'export interface Value<Item> { value: Item[]; "@odata.nextLink"?: string }',
    "export interface Items<Item> { items: Item[]; next?: string | null }",
)
SAID_ALREADY = {"title", "default"}
NOT_THE_PORTALS = ("/auth/", "/healthz", "/metrics", "/readyz", "/scim/")


def shapes() -> dict[str, Any]:
    """Return what the description says of bodies and answers; which belong to a path, `calls` says in few words."""
    schemas = description()["components"]["schemas"]
    info = {"title": "Grantline", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": _bare(schemas)}}


def calls() -> str:
    """Return what each path takes and answers, a line a path; Graph's lists have a `value`, ours `items`."""
    lines = ["", "/** What each path takes and answers, by method. */", "export interface Calls {"]
    for path, methods in sorted(description()["paths"].items()):
        if path.startswith(NOT_THE_PORTALS):
            continue
        said = "; ".join(f"{name.upper()}: {_call(of)}" for name, of in sorted(methods.items()) if "responses" in of)
        lines.append(f"    {json.dumps(path)}: {{ {said} }};")
    return "\n".join([*lines, "}", "", *CALL, ""])


def is_current() -> bool:
    """Tell whether the file is what the generator made from today's description."""
    text = FILE.read_text(encoding="utf-8") if FILE.is_file() else ""
    found = MADE_FROM.search(text)
    if found is None:
        return False
    return found.groups() == (_digest(_described()), _digest(text[found.end() + 1 :]))


def write() -> None:
    """Install the generator if need be, and make the file."""
    described = json.dumps(shapes(), sort_keys=True)
    TOOL.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(RECIPE / name, TOOL / name)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error")
    subprocess.run([NODE, NPM, "ci", "--prefix", TOOL, *quiet], check=True)
    given, made = TOOL / "described.json", TOOL / "generated.ts"
    given.write_text(described, encoding="utf-8")
    script = TOOL / "node_modules/openapi-typescript/bin/cli.js"
    options = ("--root-types", "--root-types-no-schema-prefix", "--alphabetize")
    subprocess.run([NODE, script, given, "--output", made, *options], check=True, stdout=subprocess.DEVNULL)
    body = made.read_text(encoding="utf-8") + calls()
    head = HEAD.format(description=_digest(_described()), text=_digest(body))
    FILE.write_text(head + body, encoding="utf-8")


def _bare(schema: Any, *, are_names: bool = True) -> Any:
    """Leave out what repeats a member's name; `are_names` where the keys are names of ours and not of JSON Schema."""
    if isinstance(schema, list):
        return [_bare(one, are_names=False) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _bare(of, are_names=not are_names and name == "properties")
        for name, of in schema.items()
        if are_names or name not in SAID_ALREADY
    }


def _described() -> str:
    return json.dumps(shapes(), sort_keys=True) + calls()


def _call(operation: dict[str, Any]) -> str:
    """Write a call: its body, if it takes one or may, and the answer where all went well."""
    answers = {_content(of) for status, of in operation["responses"].items() if status.startswith("2")}
    answer = " | ".join(sorted(answers)) or "unknown"
    if "requestBody" not in operation:
        return f"Answers<{answer}>"
    body = _content(operation["requestBody"])
    if body.endswith(" | null"):
        return f"MayTake<{body.removesuffix(' | null')}, {answer}>"
    return f"Takes<{body}, {answer}>"


def _content(of: dict[str, Any]) -> str:
    content = list(of.get("content", {}).values())
    return _type(content[0]["schema"]) if content else "undefined"


def _type(schema: dict[str, Any]) -> str:
    """Write what a body or an answer is: a schema by its name, a list of such, or a few to choose among."""
    properties = schema.get("properties", {})
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return name if name.isalnum() else f'components["schemas"]["{name}"]'
    if "allOf" in schema:
        # The second says that it has a context, as all of Graph's have.
        return _type(schema["allOf"][0])
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    for wrapped, members in (("Value", properties.get("value")), ("Items", properties.get("items"))):
        if members and members.get("type") == "array":
            return f"{wrapped}<{_type(members['items'])}>"
    plain = {"string": "string", "integer": "number", "null": "null"}
    return plain.get(str(schema.get("type")), "unknown")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    if not is_current():
        write()
