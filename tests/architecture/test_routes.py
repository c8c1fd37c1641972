"""Every file of routes is mounted, and every route asks who is calling but for those that tell of health."""

import importlib
from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIRouter

from api.app import OPEN_ROUTERS, ROUTERS
from api.dependencies import actor_or_token, current_actor
from api.routes import callbacks
from tests.architecture.house import ROOT

RESUME = "/v1.0/identityGovernance/entitlementManagement/assignmentRequests/{request_id}/resume"
FOR_EVERYBODY = {"/healthz", "/readyz", "/metrics"}


def routers() -> dict[str, APIRouter]:
    """Return the router of every file in api/routes."""
    names = sorted(path.stem for path in (ROOT / "api/routes").glob("*.py") if path.stem != "__init__")
    modules = {name: importlib.import_module(f"api.routes.{name}") for name in names}
    return {name: module.router for name, module in modules.items() if hasattr(module, "router")}


def calls(dependant: Dependant) -> Iterator[object]:
    """Yield everything that is called before a route is."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls(inner)


def test_every_router_is_mounted_once() -> None:
    mounted = [*ROUTERS, *OPEN_ROUTERS]
    assert {name: mounted.count(router) for name, router in routers().items()} == dict.fromkeys(routers(), 1)


def test_whoever_calls_an_open_route_is_asked_who_they_are_unless_it_is_about_health() -> None:
    unasked = {
        route.path
        for router in OPEN_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and current_actor not in calls(route.dependant)
    }
    # The answer to a callout may prove itself by the callout's token instead of a person's.
    assert unasked == FOR_EVERYBODY | {RESUME}
    (resume,) = (route for route in callbacks.router.routes if isinstance(route, APIRoute))
    assert actor_or_token in calls(resume.dependant)
