"""The HTTP application: every router by name, every failure as Graph writes it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Protocol, runtime_checkable

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from temporalio.client import Client

from api import problems
from api.auth import Authenticator
from api.dependencies import Dispatcher, current_actor
from api.middleware import ROOT, Bodies, Paths, Rewriting
from api.observability import Meters, Observation
from api.routes import (
    approvals,
    assignment_requests,
    assignments,
    callbacks,
    catalogs,
    custom_extensions,
    fulfilment_tasks,
    groups,
    health,
    incompatibilities,
    me,
    package_finder,
    packages,
    plain_assignments,
    plain_requests,
    policies,
    resource_requests,
    separation_of_duties,
    sponsors,
    users,
)
from grantline.issuer import TokenIssuer
from grantline.persistence.database import Database
from grantline.settings import Settings

PREFIX = f"/{ROOT}"

# Everything below /v1.0; each needs a token. One line per file of routes.
# They are tried in this order, each of their paths with a pattern: what is called most comes first.
ROUTERS: tuple[APIRouter, ...] = (
    approvals.router,
    assignment_requests.router,
    assignments.router,
    me.router,
    users.router,
    sponsors.router,
    groups.router,
    catalogs.router,
    custom_extensions.router,
    resource_requests.router,
    packages.router,
    incompatibilities.router,
    policies.router,
)
# Beside /v1.0; whatever is not for everybody asks for the actor itself.
OPEN_ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    callbacks.router,
    package_finder.router,
    separation_of_duties.router,
    fulfilment_tasks.router,
    plain_requests.router,
    plain_assignments.router,
)


@runtime_checkable
class BackgroundDispatcher(Dispatcher, Protocol):
    """A dispatcher with work of its own, which the app's life frames."""

    async def run(self) -> None:
        """Work until cancelled."""
        ...

    async def drain(self) -> None:
        """Finish what was begun."""
        ...


def create_app(
    *,
    settings: Settings,
    database: Database,
    relay: Dispatcher,
    issuer: TokenIssuer,
    temporal: Client | None = None,
) -> FastAPI:
    """Put the application together; what it works with is given, and whoever gives it closes it."""
    app = FastAPI(
        title="Grantline",
        summary="Access packages, requested by managers for their people.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_life,
    )
    meters = Meters()
    paths = Paths(_templates())
    app.state.settings = settings
    app.state.database = database
    app.state.relay = relay
    app.state.temporal = temporal
    app.state.authenticator = Authenticator(issuer, audience=settings.oidc_audience)
    app.state.meters = meters
    app.state.methods = paths
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX, dependencies=[Depends(current_actor)])
    for router in OPEN_ROUTERS:
        app.include_router(router)
    problems.install(app)
    # The last one added is the outermost.
    app.add_middleware(Bodies)
    app.add_middleware(Rewriting, paths=paths)
    app.add_middleware(Observation, meters=meters, answer=problems.of, unexpected=problems.unexpected)
    return app


def _templates() -> list[tuple[str, set[str]]]:
    return [
        (prefix + route.path, route.methods or set())
        for routers, prefix in ((OPEN_ROUTERS, ""), (ROUTERS, PREFIX))
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
    ]


@contextlib.asynccontextmanager
async def _life(app: FastAPI) -> AsyncGenerator[None]:
    relay = app.state.relay
    if not isinstance(relay, BackgroundDispatcher):
        yield
        return
    sweeping = asyncio.create_task(relay.run())
    try:
        yield
    finally:
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping
        await relay.drain()
