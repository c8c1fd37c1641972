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
SAID_ALREADY = {"title", "default"}


def shapes() -> dict[str, Any]:
    """Return what the description says of bodies and answers; the paths are no matter of types."""
    schemas = description()["components"]["schemas"]
    info = {"title": "Grantline", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": _bare(schemas)}}


def is_current() -> bool:
    """Tell whether the file is what the generator made from today's description."""
    text = FILE.read_text(encoding="utf-8") if FILE.is_file() else ""
    found = MADE_FROM.search(text)
    if found is None:
        return False
    return found.groups() == (_digest(json.dumps(shapes(), sort_keys=True)), _digest(text[found.end() + 1 :]))


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
    body = made.read_text(encoding="utf-8")
    head = HEAD.format(description=_digest(described), text=_digest(body))
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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    if not is_current():
        write()
