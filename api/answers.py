"""What a route answers with, said by its return annotation: `-> Entity[UserOut]`.

The shape in the brackets is what `present` was given, so the type checker holds
the two together, and the OpenAPI description is made of it. Documentation alone:
an answer is written as it is, and nothing is checked while somebody waits.
"""

from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from starlette.responses import Response

Shape = TypeVar("Shape")
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
CONTEXT: Schema = {"@odata.context": TEXT}


class Answer(Response, Generic[Shape]):
    """A response that has a body of one shape."""

    media: ClassVar[str | None] = "application/json"
    shape: ClassVar[Any] = None
    """The shape, in the class that an annotation makes."""

    def __class_getitem__(cls, shape: Any) -> Any:
        """Return a class, for FastAPI takes only those for responses, and would make anything else its own model."""
        return cls if isinstance(shape, TypeVar) else _of(cls, shape)

    @classmethod
    def schema(cls, of: Schema) -> Schema:
        """Return the schema of the body, given that of the shape."""
        return of


@cache
def _of(kind: type[Response], shape: Any) -> type[Response]:
    return type(kind.__name__, (kind,), {"shape": shape})


class Json(Answer[Shape]):
    """The shape itself."""


class Items(Answer[Shape]):
    """A list below /api that is whole."""

    @classmethod
    def schema(cls, of: Schema) -> Schema:
        """Return the list in its frame."""
        return _object({"items": _list(of)})


class PlainPage(Answer[Shape]):
    """A page of a list below /api."""

    @classmethod
    def schema(cls, of: Schema) -> Schema:
        """Return the list in its frame; `next` is null on the last page."""
        return _object({"items": _list(of), "next": {"anyOf": [TEXT, {"type": "null"}]}})


class Entity(Answer[Shape]):
    """One object, as Graph shows it."""

    @classmethod
    def schema(cls, of: Schema) -> Schema:
        """Return the object with its context."""
        return {"allOf": [of, _object(CONTEXT)]}


class Collection(Answer[Shape]):
    """A list, as Graph shows it."""

    @classmethod
    def schema(cls, of: Schema) -> Schema:
        """Return the list in its frame: a count if it was asked for, a link unless this is the last page."""
        frame = CONTEXT | {"@odata.count": {"type": "integer"}, "@odata.nextLink": TEXT, "value": _list(of)}
        return _object(frame, required=["@odata.context", "value"])


class Number(Answer[int]):
    """What `/$count` answers: a number as text."""

    media = "text/plain"
    shape = int


class PlainText(Answer[str]):
    """Text."""

    media = "text/plain"
    shape = str


class Nothing(Answer[None]):
    """No body."""

    media = None


class Refusal(Answer[None]):
    """Never: a call that Graph has and that is always refused here, with a reason."""

    media = None


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _object(members: Schema, required: list[str] | None = None) -> Schema:
    return {"type": "object", "properties": members, "required": required or list(members)}
