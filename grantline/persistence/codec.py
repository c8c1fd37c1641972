"""Model values to JSON columns and back. Types decide; no value is trusted twice."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(kind: Any, value: Any) -> Any:
    """Turn a value of `kind` into plain JSON; durations become ISO 8601."""
    return _adapter(kind).dump_python(value, mode="json")


def from_json(kind: type[T], data: Any) -> T:
    """Build a value of `kind` from what `to_json` wrote."""
    return _adapter(kind).validate_python(data)
