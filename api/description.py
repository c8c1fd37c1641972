"""What the OpenAPI description says of failures: Graph's error body for each, on every operation.

FastAPI would promise 422 with a body of its own, which no caller here ever gets.
"""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

FAILURE = {
    "4XX": "Refused: something about the request, or about who asks; `error` says what and what would be right.",
    "5XX": "Not done: a part is down or does not exist here; `Retry-After` says when to try again, where that helps.",
}
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


def describe_failures(app: FastAPI) -> None:
    """Have the app's description say how every operation fails."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = original()
            schemas = described.setdefault("components", {}).setdefault("schemas", {})
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            own = Failure.model_json_schema(ref_template=REFERENCE)
            schemas |= own.pop("$defs") | {"Failure": own}
            for operations in described["paths"].values():
                for operation in operations.values():
                    _describe(operation["responses"])
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = openapi


def _describe(responses: dict[str, Any]) -> None:
    responses.pop("422", None)
    content = {"application/json": {"schema": {"$ref": REFERENCE.format(model="Failure")}}}
    responses |= {status: {"description": says, "content": content} for status, says in FAILURE.items()}
