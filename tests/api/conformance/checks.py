"""What of Graph is known here, and whether an answer of ours fits it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FACTS: dict[str, Any] = json.loads(Path(__file__).with_name("facts.json").read_text(encoding="utf-8"))
TYPES: dict[str, Any] = FACTS["types"]
# Lists of these hold objects of several types; without its own, a client builds the wrong one.
POLYMORPHIC = {"directoryObject", "subjectSet", "accessPackageQuestion", "accessPackageAnswer"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
DURATION = re.compile(r"P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")
PLAIN: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
}


def faults(value: Any, kind: str, place: str = "") -> Iterator[str]:  # noqa: C901  (a line per kind)
    """Yield what of a JSON value does not fit a kind of `facts.json`, such as `accessPackage` or `[string]`."""
    if value is None:
        return
    if kind.startswith("["):
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for n, one in enumerate(value):
            yield from faults(one, kind[1:-1], f"{place}[{n}]")
    elif kind in {"date-time", "duration"}:
        if not isinstance(value, str) or not (INSTANT if kind == "date-time" else DURATION).fullmatch(value):
            yield f"{place} is no {kind}: {value!r}"
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]) or (kind != "boolean" and isinstance(value, bool)):
            yield f"{place} is no {kind}: {value!r}"
    elif isinstance(TYPES.get(kind), list):
        if value not in TYPES[kind]:
            yield f"{place} is none of the {kind}: {value!r}"
    elif kind in TYPES:
        yield from _object_faults(value, kind, place)


def _object_faults(value: Any, kind: str, place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} is no object"
        return
    # A more special type says so, and has more properties than the list's.
    if kind in POLYMORPHIC and "@odata.type" not in value:
        yield f"{place} does not say its @odata.type"
    special = str(value.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    known = TYPES[kind] | (TYPES[special] if isinstance(TYPES.get(special), dict) else {})
    is_open = bool(special) and special not in TYPES
    for name, inner in value.items():
        if name.startswith("@"):
            continue
        if name in known:
            yield from faults(inner, known[name], f"{place}.{name}")
        elif not is_open:
            yield f"{place}.{name} is not in Graph's {kind}"


def lacking(documented: Any, value: Any, place: str = "") -> Iterator[str]:
    """Yield the documented members that a JSON value has not."""
    if isinstance(documented, list) and isinstance(value, list):
        for inner in value[:1] if documented else []:
            yield from lacking(documented[0], inner, f"{place}[0]")
    if isinstance(documented, dict) and isinstance(value, dict):
        for name, inner in documented.items():
            if name.startswith("@"):
                continue
            if name in value:
                yield from lacking(inner, value[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}"
