"""The HTTP application: every router by name, every failure as Graph writes it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine, Sequence
from functools import cache
from typing import Any, Protocol, runtime_checkable

import httpx2
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from temporalio.client import Client

from api import problems
from api.answers import Collection
from api.asked import Asked, only_known
from api.auth.door import door_of
from api.dependencies import current_actor
from api.description import answer_of, describe_answers
from api.guard import Guard, Seal
from api.live import Live
from api.middleware import ROOT, Bodies, Paths, Rewriting
from api.observability import Meters, Observation
from api.portal import Portal
from api.rates import Rates
from api.repetition import GivenBefore, Keeping, give_again, once_only
from api.routes import (
    approval_delegations,
    approvals,
    assignment_requests,
    assignments,
    audit,
    available_packages,
    batch,
    callbacks,
    catalogs,
    control_configurations,
    custom_extensions,
    development_sign_in,
    directory_objects,
    drift,
    entitlement_settings,
    exports,
    fulfilment_tasks,
    group_owners,
    groups,
    health,
    incompatibilities,
    live_updates,
    mail_templates,
    many_assignments,
    me,
    my_permissions,
    navigation,
    package_changes,
    package_finder,
    packages,
    plain_approvals,
    plain_assignments,
    plain_controls,
    plain_requests,
    policies,
    reports,
    resource_requests,
    retirement,
    role_management,
    separation_of_duties,
    sign_in,
    sponsors,
    subjects,
    users,
)
from grantline.errors import Unavailable
from grantline.issuer import TokenIssuer
from grantline.model.message import Message
from grantline.persistence.database import Database
from grantline.services import repetition, sessions
from grantline.settings import Settings

PREFIX = f"/{ROOT}"
SWEEP_SECONDS = 600

# Everything below /v1.0; each needs a token. One line per file of routes.
# They are tried in this order, each of their paths with a pattern: what is called most comes first.
ROUTERS: tuple[APIRouter, ...] = (
    approvals.router,
    assignment_requests.router,
    assignments.router,
    users.router,
    me.router,
    sponsors.router,
    groups.router,
    group_owners.router,
    catalogs.router,
    custom_extensions.router,
    resource_requests.router,
    packages.router,
    incompatibilities.router,
    policies.router,
    navigation.router,
    available_packages.router,
    subjects.router,
    directory_objects.router,
    entitlement_settings.router,
    control_configurations.router,
    role_management.router,
    batch.router,
)
# Of those beside /v1.0, for everybody: what is in them asks who is there itself, if at all.
FOR_EVERYBODY = (health.router, callbacks.router, sign_in.router, development_sign_in.router)
OPEN_ROUTERS: tuple[APIRouter, ...] = (
    *FOR_EVERYBODY,
    package_finder.router,
    separation_of_duties.router,
    fulfilment_tasks.router,
    plain_requests.router,
    plain_approvals.router,
    many_assignments.router,
    exports.router,
    plain_assignments.router,
    approval_delegations.router,
    package_changes.router,
    retirement.router,
    drift.router,
    plain_controls.router,
    mail_templates.router,
    audit.router,
    live_updates.router,
    my_permissions.router,
    reports.router,
)
BY_SOMEBODY = [Depends(current_actor), Depends(once_only)]


class Dispatcher(Protocol):
    """Takes messages that were committed, and sees to it that workflows get them."""

    def send(self, messages: Sequence[Message]) -> None:
        """Return at once; sending goes on in the background."""
        ...


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
    transport: httpx2.AsyncBaseTransport | None = None,
) -> FastAPI:
    """Put the application together; what it works with is given, and whoever gives it closes it.

    `transport` is how the OpenID provider is reached at sign-in; by default, over the network.
    """
    app = FastAPI(
        title="Grantline",
        summary="Access packages, requested by managers for their people.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_life,
        routes=routes(),
    )
    meters = Meters()
    paths = _paths()
    app.state.settings = settings
    app.state.database = database
    app.state.relay = relay
    # Whatever a request commits is on its way before it is answered; no route has to think of it.
    database.on_owed = relay.send
    app.state.temporal = temporal
    app.state.door = door_of(settings, issuer, transport)
    app.state.meters = meters
    app.state.live = Live(database)
    app.state.rates = Rates(settings.rate_limit_per_minute)
    app.state.methods = paths
    app.router.default = Portal(app.router.default, taken=[path for path, _ in mounted()])
    problems.install(app)
    describe_answers(app, mounted())
    app.add_exception_handler(GivenBefore, give_again)
    _surround(app, settings, paths, meters)
    return app


def _surround(app: FastAPI, settings: Settings, paths: Paths, meters: Meters) -> None:
    """Put around every route what sees each request first."""
    # The last one added is the outermost.
    app.add_middleware(Keeping)
    app.add_middleware(Bodies)
    app.add_middleware(Asked, paths=paths, lists=_lists)
    app.add_middleware(Rewriting, paths=paths)
    app.add_middleware(Guard, seconds=settings.request_timeout_seconds)
    app.add_middleware(Observation, meters=meters, answer=problems.of, unexpected=problems.unexpected)
    app.add_middleware(Seal, public_url=settings.public_url)


@cache
def routes() -> list[BaseRoute]:
    """Return what every application of this process answers; FastAPI takes long to work out what each call needs."""
    everything = APIRouter()
    for router in ROUTERS:
        everything.include_router(router, prefix=PREFIX, dependencies=BY_SOMEBODY)
    for router in OPEN_ROUTERS:
        dependencies = [] if router in FOR_EVERYBODY else [*BY_SOMEBODY, Depends(only_known)]
        everything.include_router(router, dependencies=dependencies)
    return everything.routes


@cache
def _paths() -> Paths:
    return Paths((path, route.methods or set()) for path, route in mounted())


@cache
def _lists() -> Paths:
    """Return the paths of Graph's lists; it takes a while to look through all of the routes."""
    answers = ((path, answer_of(route)) for path, route in mounted() if "GET" in (route.methods or ()))
    return Paths((path, ("GET",)) for path, kind in answers if kind is not None and issubclass(kind, Collection))


def mounted() -> list[tuple[str, APIRoute]]:
    """Return every route with its whole path."""
    return [
        (prefix + route.path, route)
        for routers, prefix in ((OPEN_ROUTERS, ""), (ROUTERS, PREFIX))
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
    ]


@contextlib.asynccontextmanager
async def _life(app: FastAPI) -> AsyncGenerator[None]:
    relay = app.state.relay
    # The provider is asked before anybody comes; if it is away, the first who comes asks again.
    works: list[Coroutine[Any, Any, None]] = [
        _warm_up(app.state.door.issuer),
        _sweep(app.state.database),
        app.state.live.run(),
    ]
    if isinstance(relay, BackgroundDispatcher):
        works.append(relay.run())
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if isinstance(relay, BackgroundDispatcher):
            await relay.drain()


async def _warm_up(issuer: TokenIssuer) -> None:
    with contextlib.suppress(Unavailable):
        await issuer.check()


async def _sweep(database: Database) -> None:
    """Delete sessions that are over and answers nobody asks for again; each API process does, and none minds."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        with contextlib.suppress(Unavailable):
            await sessions.sweep(database)
            await repetition.sweep(database)
