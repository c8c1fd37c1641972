"""How `facts.json` was made; run again only when Graph's surface changes.

    python -m tests.api.conformance.derive OPENAPI.yaml EXAMPLES.jsonl

The first file describes Graph's v1.0 entitlement management as OpenAPI, the
second has one documented call a line: method, path_template, request_json,
response_status, response_json. What is kept are facts: paths and methods that
we serve, names and kinds of properties, members of an enumeration, and for
each documented call its status and the members of its body and its answer.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml
from fastapi.routing import APIRoute

from api.app import ROUTERS

FACTS = Path(__file__).with_name("facts.json")
NAMESPACE = "microsoft.graph."
# Types of what we do not offer; nothing of them is ever shown.
ELSEWHERE = ("connect", "custom", "external", "patternedRecurrence", "objectIdentity", "employeeOrgData")
# What the documentation shows and the model does not have, or has by another name.
DEFECTS = frozenset(
    {
        "accessPackageAssignment",
        "assignmentState",
        "completedDate",
        "customExtensionHandlerInstances",
        "isValidationOnly",
        "requestState",
        "requestStatus",
        "verifiedCredentialsData",
    }
)


def plain(path: str) -> str:
    """Return a path with every placeholder alike, in lower case."""
    return re.sub(r"\{[^}]*\}", "{}", path).replace(NAMESPACE, "graph.").lower()


def served() -> dict[tuple[str, str], str]:
    """Return what we serve: method and plain path, with our own spelling."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {(method, plain(route.path)): route.path for route in routes for method in route.methods or ()}


def kind(schema: dict[str, Any]) -> str:
    """Return a property's kind: a type's name, or string, boolean, integer, number; `[…]` for a list."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2].removeprefix(NAMESPACE)
    if schema.get("type") == "array":
        return f"[{kind(schema['items'])}]"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return kind(next((one for one in schema[several] if "$ref" in one), schema[several][0]))
    return next((one for one in ("date-time", "duration") if schema.get("format") == one), schema.get("type", "any"))


def properties(schemas: dict[str, Any], name: str) -> dict[str, str]:
    """Return the properties of a type and of those it is made from."""
    schema, found = schemas[name], {}
    for part in schema.get("allOf", [schema]):
        if "$ref" in part:
            found |= properties(schemas, part["$ref"].rpartition("/")[2])
        found |= {prop: kind(value) for prop, value in part.get("properties", {}).items()}
    return found


def answer_kind(document: dict[str, Any], operation: dict[str, Any]) -> str | None:
    """Return the type that an operation answers with, `[…]` for a list of it."""
    for status, response in operation["responses"].items():
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        content = response.get("content", {}).get("application/json")
        if status.startswith("2") and content:
            name = kind(content["schema"])
            return f"[{name.removesuffix('CollectionResponse')}]" if name.endswith("CollectionResponse") else name
    return None


def members(value: Any) -> Any:
    """Return the shape of a documented JSON value: names, without what they say."""
    if isinstance(value, dict):
        return {name: members(inner) for name, inner in value.items() if name not in DEFECTS}
    if isinstance(value, list):
        return [members(value[0])] if value else []
    return None


def written(facts: dict[str, Any]) -> str:
    """Return the facts as JSON, a line each."""

    def one(value: Any) -> str:
        if isinstance(value, list):
            return "[\n" + ",\n".join(f"  {json.dumps(entry)}" for entry in value) + "\n ]"
        return (
            "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in value.items()) + "\n }"
        )

    return "{\n" + ",\n".join(f' "{part}": {one(value)}' for part, value in facts.items()) + "\n}\n"


def main(openapi: str, examples: str) -> None:
    """Write the facts."""
    document = yaml.safe_load(Path(openapi).read_text(encoding="utf-8"))
    schemas, ours = document["components"]["schemas"], served()
    operations: dict[str, str | None] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if (method.upper(), plain(path)) in ours:
                operations[f"{method.upper()} {ours[method.upper(), plain(path)]}"] = answer_kind(document, operation)
    types: dict[str, Any] = {}
    waiting = {one.strip("[]") for one in operations.values() if one}
    while waiting:
        name = waiting.pop()
        full = NAMESPACE + name
        if name in types or full not in schemas:
            continue
        if "enum" in schemas[full]:
            types[name] = schemas[full]["enum"]
            continue
        types[name] = properties(schemas, full)
        types[name] = {prop: one for prop, one in types[name].items() if not prop.startswith("@")}
        waiting |= {one.strip("[]") for one in types[name].values() if not one.strip("[]").startswith(ELSEWHERE)}
    calls = []
    for line in Path(examples).read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        key = (call["method"], plain(call["path_template"] or ""))
        if key in ours:
            answer = call["response_json"]
            calls.append(
                {
                    "id": call["id"],
                    "call": f"{call['method']} {ours[key]}",
                    "status": call["response_status"],
                    "sends": members(call["request_json"]),
                    "answers": members(answer),
                }
            )
    facts = {"operations": dict(sorted(operations.items())), "types": dict(sorted(types.items())), "calls": calls}
    FACTS.write_text(written(facts), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
