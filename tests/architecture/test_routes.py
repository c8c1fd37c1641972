"""Every file of routes is mounted, and every route asks who is calling but for a few; each says what it reaches for."""

import importlib
import re
from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIRouter

from api.app import OPEN_ROUTERS, ROUTERS
from api.auth.reach import FOR_EVERYBODY, ROUTES
from api.dependencies import actor_or_token, current_actor
from api.may import task_of
from api.routes import callbacks
from grantline.rules.permissions import Task
from grantline.rules.scopes import Reach
from tests.architecture.house import ROOT, tracked

RESUME = "POST /v1.0/identityGovernance/entitlementManagement/assignmentRequests/{request_id}/resume"
# Ask inside: who is not signed in is told so, not refused; a custom extension has the token of its callout.
ASK_THEMSELVES = {"GET /api/session", RESUME}


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


def routes(*of: APIRouter) -> dict[str, APIRoute]:
    """Return every route of these routers as `METHOD path`."""
    found = [route for router in of for route in router.routes if isinstance(route, APIRoute)]
    return {f"{method} {route.path}": route for route in found for method in route.methods or ()}


def test_whoever_calls_an_open_route_is_asked_who_they_are_unless_it_is_for_everybody() -> None:
    unasked = {name for name, route in routes(*OPEN_ROUTERS).items() if current_actor not in calls(route.dependant)}
    assert unasked == set(FOR_EVERYBODY) | ASK_THEMSELVES
    assert actor_or_token in calls(routes(callbacks.router)[RESUME].dependant)


def test_every_route_says_once_what_it_reaches_for_and_no_other_is_listed() -> None:
    listed = [*FOR_EVERYBODY, *(route for named in ROUTES.values() for route in named)]
    assert sorted(listed) == sorted(routes(*ROUTERS, *OPEN_ROUTERS))


def test_what_only_reads_changes_nothing_and_the_other_way_round() -> None:
    """A route that changes something never stands under a reach that reading permissions have."""
    changing = {reach: {r.partition(" ")[0] for r in named} - {"GET"} for reach, named in ROUTES.items()}
    assert {reach for reach, methods in changing.items() if methods} == {
        *(reach for reach in Reach if reach.value.endswith("Change")),
        Reach.DECISION,
        # A batch changes nothing itself.
        Reach.SIGNED_IN,
        # They ask by POST because what they ask with is long.
        Reach.OWN_ACCESS,
        Reach.OWN_PROFILE,
        Reach.EXPLANATION,
        Reach.DIRECTORY,
        Reach.PEOPLE,
    }


def test_only_the_table_asks_what_anybody_is() -> None:
    """What is open to everybody who is signed in reaches for nothing but that; and nobody asks past the door."""
    looking = {Reach.SIGNED_IN, Reach.OWN_PROFILE, Reach.DIRECTORY, Reach.PEOPLE, Reach.GROUPS}
    reach_of = {route: reach for reach, named in ROUTES.items() for route in named}
    open_to_all = {
        name
        for name, route in routes(*ROUTERS, *OPEN_ROUTERS).items()
        if task_of(route) is Task.LOOK_UP and name not in FOR_EVERYBODY and reach_of[name] not in looking
    }
    assert {name for name in open_to_all if "/roleDefinitions" not in name} == set()
    asks = re.compile(r"\b(actor|viewer)\.(is_administrator|held)\b")
    allowed = {"grantline/rules/permissions/__init__.py", "api/routes/sign_in.py"}
    rooms = [path for path in tracked() if path.parts[0] in {"grantline", "api", "activities"} and path.suffix == ".py"]
    found = {str(path) for path in rooms if asks.search((ROOT / path).read_text(encoding="utf-8"))}
    assert found == allowed


def test_no_route_hides_another_that_comes_after_it() -> None:
    """`/users/$count` is not the user called `$count`: whatever is spelt out is tried before what fits anything."""
    in_order = [route for router in (*ROUTERS, *OPEN_ROUTERS) for route in router.routes if isinstance(route, APIRoute)]
    hidden = []
    for route in in_order:
        path = re.sub(r"\{[^}]*\}", "something", route.path)
        first = next(one for one in in_order if one.path_regex.match(path) and one.methods == route.methods)
        hidden += [f"{route.path} by {first.path}"] if first.path_regex != route.path_regex else []
    assert hidden == []
