"""What the OpenAPI description says of answers: the shape of what succeeds, and Graph's error body for failures.

The shape is what a route's return annotation says (`api.answers`), and nothing is
written down twice. FastAPI would promise 422 with a body of its own, which no
caller here ever gets. All of it is worked out when somebody asks for it.
"""

from collections.abc import Iterable
from typing import Any, get_type_hints

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from api.answers import Answer
from grantline.model.explanation import spelt

FAILURE = {
    "4XX": "Refused: something about the request, or about who asks; `error` says what and what would be right.",
    "5XX": "Not done: a part is down or does not exist here; `Retry-After` says when to try again, where that helps.",
}
HOW: JsonSchemaMode = "serialization"
REFERENCE = "#/components/schemas/{model}"


class InnerError(BaseModel):
    """What identifies the request in our logs."""

    model_config = ConfigDict(extra="forbid")
    date: str
    request_id: str | None = Field(alias="request-id")
    client_request_id: str | None = Field(alias="client-request-id")


class Problem(BaseModel):
    """One failure: `code` is for programs and stable, `message` for people, `target` the member it is about."""

    model_config = ConfigDict(extra="forbid")
    code: str
    message: str
    target: str | None = None
    inner_error: InnerError = Field(alias="innerError")


class Failure(BaseModel):
    """The body of every failure, as in Microsoft Graph."""

    model_config = ConfigDict(extra="forbid")
    error: Problem


class _AsWritten(GenerateJsonSchema):
    """Explanations are spelt as `shown` writes them, which leaves nothing out."""

    def dataclass_schema(self, schema: Any) -> dict[str, Any]:
        """Return what an explanation looks like."""
        made = super().dataclass_schema(schema)
        members = {spelt(name): of for name, of in made["properties"].items()}
        return made | {"properties": members, "required": list(members)}

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Say no: it would only say the name once more."""
        del schema
        return False


def describe_answers(app: FastAPI, routes: Iterable[tuple[str, APIRoute]]) -> None:
    """Have the app's description say what every operation answers; each route comes with its whole path."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = original()
            schemas = described.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            own = Failure.model_json_schema(ref_template=REFERENCE)
            schemas |= own.pop("$defs") | {"Failure": own}
            schemas |= _describe_successes(described["paths"], routes)
            for operations in described["paths"].values():
                for operation in operations.values():
                    _describe_failures(operation["responses"])
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi


def answer_of(route: APIRoute) -> type[Answer[Any]] | None:
    """Return what a route answers with: None for a page, a stream or a redirection."""
    kind = get_type_hints(route.endpoint).get("return")
    return kind if isinstance(kind, type) and issubclass(kind, Answer) else None


def _describe_successes(paths: dict[str, Any], routes: Iterable[tuple[str, APIRoute]]) -> dict[str, Any]:
    """Write the schema of its body into each answer, and return the shapes that these refer to."""
    answers = [(path, route, kind) for path, route in routes if (kind := answer_of(route)) is not None]
    shapes = list(dict.fromkeys(kind.shape for _, _, kind in answers if kind.media is not None))
    adapters: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (str(place), HOW, TypeAdapter(shape)) for place, shape in enumerate(shapes)
    ]
    found, shared = TypeAdapter.json_schemas(adapters, ref_template=REFERENCE, schema_generator=_AsWritten)
    of = {shape: found[str(place), HOW] for place, shape in enumerate(shapes)}
    for path, route, kind in answers:
        for method in route.methods or ():
            responses = paths[path][method.lower()]["responses"]
            for status in [one for one in responses if one.startswith("2")]:
                responses[status].pop("content", None)
                if kind.media is not None:
                    responses[status]["content"] = {kind.media: {"schema": kind.schema(of[kind.shape])}}
                elif not route.status_code:
                    del responses[status]
    return shared["$defs"]


def _describe_failures(responses: dict[str, Any]) -> None:
    responses.pop("422", None)
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model="Failure")}}}
    responses |= {status: {"description": says, "content": content} for status, says in FAILURE.items()}
