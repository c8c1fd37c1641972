"""What an operator sees of each HTTP request: one log line, its ids, two metrics.

The outermost middleware; so it is also the one that catches bugs, logs them
and answers 500 without a word about our inside.
"""

import re
import time
import uuid
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CLIENT_ID = re.compile(rb"[\x21-\x7e]{1,128}")
UNMATCHED = "(none)"
STREAM = "/api/events"
"""Lasts for minutes by design; it is counted, and its time says nothing."""

QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics", "(portal)", STREAM})
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

log = structlog.get_logger("api.access")


class Meters:
    """The metrics of one app, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "grantline_http_requests",
            "HTTP requests, by route template and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "grantline_http_request_seconds",
            "Time to answer an HTTP request.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.outbox = Gauge(
            "grantline_outbox_messages",
            "Messages that workflows have not got yet; counted up to 10000.",
            registry=self.registry,
        )
        self.overdue = Gauge(
            "grantline_overdue_revocations",
            "Assignments whose time is over and whose access is not gone yet; counted up to 10000.",
            registry=self.registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.requests.labels(method, route, str(status)).inc()
        if route != STREAM:
            self.seconds.labels(method, route).observe(seconds)


class Observation:
    """Pure ASGI middleware around everything else.

    `answer` turns an error into a response, or says None to one nobody expected;
    `unexpected` makes the response to those.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        meters: Meters,
        answer: Callable[[Scope, Exception], Response | None],
        unexpected: Callable[[Scope], Response],
    ) -> None:
        self._app = app
        self._meters = meters
        self._answer = answer
        self._unexpected = unexpected

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        path = scope["path"]
        extra = _headers_of(scope)
        status = 0

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=scope["state"]["request_id"])
        try:
            await self._app(scope, receive, send_with_ids)
        except ClientDisconnect:
            log.info("the caller left", method=scope["method"], path=path)
        except Exception as error:
            found = self._answer(scope, error)
            if found is None:
                log.exception("bug", method=scope["method"], path=path)
                found = self._unexpected(scope)
            if status == 0:
                await found(scope, receive, send_with_ids)
        finally:
            self._tell(scope, path, status, time.perf_counter() - started)
            structlog.contextvars.clear_contextvars()

    def _tell(self, scope: Scope, path: str, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        method = scope["method"] if scope["method"] in KNOWN_METHODS else "OTHER"
        self._meters.count(method, route, status, seconds)
        speak: Any = log.debug if route in QUIET_ROUTES else log.info
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == 0:
            speak = log.warning
        speak(
            "request",
            method=scope["method"],
            path=path,
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 2),
        )


KNOWN_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def _headers_of(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Give the request its id, and return the headers every answer has."""
    request_id = str(uuid.uuid4())
    state = scope.setdefault("state", {})
    state["request_id"] = request_id
    headers = [(b"request-id", request_id.encode()), (b"date", formatdate(usegmt=True).encode())]
    for name, value in scope["headers"]:
        if name == b"client-request-id" and CLIENT_ID.fullmatch(value):
            state["client_request_id"] = value.decode()
            headers.append((name, value))
            break
    return headers
