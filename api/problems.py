"""Every failure as Graph's error body, with the right status. The one place that knows both."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.not_offered import reason
from grantline.errors import (
    GrantlineError,
    NotSupported,
    PermissionMissing,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

JSON = "application/json; charset=utf-8"
RETRY_AFTER_SECONDS = "2"
CODES = {
    400: "invalidRequest",
    401: "unauthenticated",
    403: "accessDenied",
    404: "itemNotFound",
    405: "notAllowed",
    406: "notSupported",
    413: "invalidRequest",
    415: "notSupported",
    503: "serviceNotAvailable",
    504: "timedOut",
}
SHOWN = 80
MOST_FINDINGS = 3
UNEXPECTED = (
    "Something went wrong on our side. It has been logged under the request-id; nothing more is known to be wrong."
)

log = structlog.get_logger(__name__)


def answer(
    scope: Scope,
    status: int,
    code: str,
    message: str,
    *,
    target: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error in Graph's form."""
    error: dict[str, Any] = {"code": code, "message": message}
    if target is not None:
        error["target"] = target
    state = scope.get("state", {})
    error["innerError"] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": state.get("request_id"),
        "client-request-id": state.get("client_request_id") or state.get("request_id"),
    }
    body = to_json({"error": error})
    return Response(body, status_code=status, media_type=JSON, headers=dict(headers) if headers else None)


def of(scope: Scope, error: Exception) -> Response | None:
    """Return the answer to an error, or None for one that is a bug of ours."""
    if isinstance(error, GrantlineError):
        return _refusal(scope, error)
    if isinstance(error, RequestValidationError):
        return _invalid(scope, error)
    if isinstance(error, HTTPException):
        return _plain(scope, error)
    return None


def unexpected(scope: Scope) -> Response:
    """Return the answer to a bug of ours; it says nothing of its inside."""
    return answer(scope, 500, "generalException", UNEXPECTED)


def install(app: FastAPI) -> None:
    """Make an app answer every failure in Graph's form. Bugs go through to `observability`, which catches them."""
    for kind in (GrantlineError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _handle)


async def _handle(request: Request, error: Exception) -> Response:
    found = of(request.scope, error)
    if found is None:
        raise AssertionError(f"no answer to {error!r} (this is a bug)") from error
    return found


def _refusal(scope: Scope, error: GrantlineError) -> Response:
    headers: dict[str, str] = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"' if _has_token(scope) else "Bearer"
    if isinstance(error, PermissionMissing):
        wanted = " ".join(error.sufficient)
        headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{wanted}"'
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unavailable):
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, NotSupported):
        log.warning("refused", code=error.code, exc_info=error)
    return answer(scope, error.status, error.code, error.message, target=error.target, headers=headers)


def _has_token(scope: Scope) -> bool:
    """Tell whether a token came that was not good enough; RFC 6750 wants the two cases told apart."""
    return any(name == b"authorization" for name, _ in scope["headers"])


def _invalid(scope: Scope, error: RequestValidationError) -> Response:
    findings = error.errors()
    target = field_name(findings[0]["loc"]) or None
    message = " ".join(sentence(finding) for finding in findings[:MOST_FINDINGS])
    return answer(scope, 400, "invalidRequest", message, target=target)


def _plain(scope: Scope, error: HTTPException) -> Response:
    status = error.status_code
    headers = dict(error.headers or {})
    message = str(error.detail)
    if status == HTTPStatus.NOT_FOUND:
        if (lacking := reason(scope["path"])) is not None:
            return _refusal(scope, NotSupported(f"Grantline does not offer this part of Microsoft Graph: {lacking}."))
        message = f"Nothing is served at {scope['path'][: SHOWN * 3]!r}."
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = scope["app"].state.methods.at(scope["path"])
        headers["Allow"] = ", ".join(allowed)
        message = f"{scope['method']} is not possible here; {' or '.join(allowed)} is."
    return answer(scope, status, CODES.get(status, "invalidRequest"), message, headers=headers)


def field_name(loc: Sequence[Any]) -> str:
    """Name a field as the caller wrote it: `assignment.target.objectId`, `stages[0].durationBeforeAutomaticDenial`."""
    name = ""
    for part in loc[1:]:
        name += f"[{part}]" if isinstance(part, int) else f".{part}"
    return name.lstrip(".")


def sentence(finding: Mapping[str, Any]) -> str:
    """Turn one finding of pydantic into a sentence that names the field and what would be right."""
    name = field_name(finding["loc"])
    kind, place = finding["type"], finding["loc"][0] if finding["loc"] else "body"
    if kind == "missing" or (kind == "model_attributes_type" and not name):
        return f"{name} is required." if name else "A JSON object is expected as the body."
    if kind == "json_invalid":
        return f"The body is not well-formed JSON: {finding['ctx']['error']} at character {finding['loc'][-1]}."
    says = finding["msg"].removeprefix("Value error, ").removeprefix("Input ")
    subject = name or ("The body" if place == "body" else str(place))
    return f"{subject}: {says}; it was {_shown(finding.get('input'))}."


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    shown = repr(value)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
