"""Every route, walked by every role, on what is theirs and on what is not, and compared with the table.

Eve has each role in turn, in Finance and nowhere else; Ada administers; Mia
asked for Leo in Finance, and Bob approves there. The routes are those of the
app: a new one is walked without being named here, and fails if it does what
its task does not say.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import SecretStr

from api.app import OPEN_ROUTERS, PREFIX, ROUTERS, create_app
from api.auth.reach import FOR_EVERYBODY
from api.may import task_of
from grantline.issuer import DevelopmentIssuer
from grantline.model.person import Actor, Person
from grantline.model.roles import Held, Role
from grantline.persistence.database import Database
from grantline.rules.permissions import Part, Task, holds_any, may, realm
from grantline.rules.permissions.table import TABLE
from grantline.settings import Settings
from tests.api.conftest import Clients, RecordingRelay
from tests.api.walk import PACKAGES, ROLES, TAKES_BACK, Side, UndoneDatabase, call, furnish, holding
from tests.cast import ADA, BOB, EVE, LEO, MIA

ALLOWED, REFUSED, ABSENT, BROKEN = "allowed", "refused", "absent", "broken"

SEEN_BY = {
    "catalog_id": Task.READ_CATALOG,
    "package_id": Task.READ_PACKAGE,
    "policy_id": Task.READ_CATALOG,
    "resource_id": Task.READ_CATALOG,
    "resource_request_id": Task.READ_CATALOG,
    "role_assignment_id": Task.READ_CATALOG,
    "request_id": Task.READ_REQUEST,
    "approval_id": Task.READ_REQUEST,
    "assignment_id": Task.READ_ASSIGNMENT,
    "grant_id": Task.LIST_ASSIGNMENTS,
}
"""What lets one know of a thing, by the part of a path that names it; others are open to all who are signed in."""

NAMED_BY_BODY = {
    f"POST {PACKAGES}": Task.READ_CATALOG,
    f"POST {PACKAGES.replace('accessPackages', 'assignmentPolicies')}": Task.READ_PACKAGE,
    f"POST {PACKAGES.replace('accessPackages', 'resourceRequests')}": Task.READ_CATALOG,
    f"POST {ROLES}": Task.READ_CATALOG,
    "POST /api/assignments/bulk": Task.READ_PACKAGE,
}
"""Routes whose body says where the matter lies, and what lets one know of that."""

# Each says for itself what came of each of the things it was told of.
EACH_FOR_ITSELF = {"POST /api/assignments/reprocess", "POST /v1.0/$batch"}
# What is open to nobody but a custom extension or an administrator is in test_callbacks.py; delegations and tasks
# by hand, which lie in no catalog, are in test_delegations.py and test_fulfilment_tasks.py.
ELSEWHERE = {Task.ANSWER_CALLOUT, Task.DELEGATE, Task.SEE_DELEGATION, Task.FULFIL}
# For whoever is signed in, and without an end (test_live_updates.py).
STREAMS = {"GET /api/events"}
# Asked for by whom a policy lets; a role does not help.
FOR_ASKING = "availableAccessPackages/{package_id}"

LISTS = {
    "/catalogs": "catalog_id",
    "/accessPackages": "package_id",
    "/assignmentPolicies": "policy_id",
    "/resourceRequests": "resource_request_id",
    "/assignmentRequests": "request_id",
    "/assignments": "assignment_id",
    "/roleAssignments": "role_assignment_id",
    "/api/assignments.csv": "assignment_id",
    "/api/requests.csv": "request_id",
    "/api/separation-of-duties": "assignment_id",
    "/api/package-changes": "held_id",
    "/api/drift": "target",
    "/api/revocations/overdue": "target",
}
"""What each list of everybody's has of a side, by the end of its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """Who walks, with what they hold and what parts they have in Finance."""

    name: str
    person: Person
    held: tuple[Held, ...] = ()
    is_administrator: bool = False
    parts: dict[str, set[Part]] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return Actor(person=self.person, is_administrator=self.is_administrator, held=frozenset(self.held))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One route, as it is called."""

    method: str
    template: str
    task: Task

    @property
    def name(self) -> str:
        return f"{self.method} {self.template.removeprefix(PREFIX)}"

    @property
    def part(self) -> str | None:
        """Return the first part of the path that names what lies in a catalog."""
        return next((part for part in SEEN_BY if f"{{{part}}}" in self.template), None)

    @property
    def lists(self) -> str | None:
        """Return what of a side the route lists, if it lists what everybody has."""
        if self.method != "GET" or self.part or not TABLE[self.task].roles:
            return None
        return next((thing for end, thing in LISTS.items() if self.template.endswith(end)), None)


def steps() -> Iterator[Step]:
    """Yield every route of the app that asks who is calling."""
    for prefix, routers in ((PREFIX, ROUTERS), ("", OPEN_ROUTERS)):
        for route in (one for router in routers for one in router.routes if isinstance(one, APIRoute)):
            for method in route.methods or ():
                if f"{method} {route.path}" not in {*FOR_EVERYBODY, *STREAMS}:
                    yield Step(method=method, template=prefix + route.path, task=task_of(route))


def walkers(finance: Side) -> Iterable[Walker]:
    """Return everybody who walks."""
    there = finance.things["catalog_id"]
    yield Walker(name="stranger", person=EVE)
    yield Walker(name="administrator", person=ADA, is_administrator=True)
    yield Walker(name=Role.CATALOG_CREATOR, person=EVE, held=(Held(Role.CATALOG_CREATOR),))
    for role in (Role.CATALOG_OWNER, Role.CATALOG_READER, Role.PACKAGE_MANAGER, Role.ASSIGNMENT_MANAGER):
        yield Walker(name=role, person=EVE, held=(Held(role, there),))
    mia = {Part.REQUESTOR, Part.MANAGER}
    # Ada assigned what Leo holds; Mia is his manager.
    yield Walker(
        name="requestor and manager",
        person=MIA,
        parts={"package_id": {Part.POLICY}, "request_id": mia, "assignment_id": {Part.MANAGER}},
    )
    yield Walker(
        name="target",
        person=LEO,
        parts={"package_id": {Part.POLICY}, "request_id": {Part.TARGET}, "assignment_id": {Part.TARGET}},
    )
    yield Walker(name="approver", person=BOB, parts={"package_id": {Part.APPROVER}, "request_id": {Part.APPROVER}})


def expected(walker: Walker, step: Step, side: Side, *, is_own: bool) -> str:
    """Say by the table what comes of a call."""
    actor, catalog_id = walker.actor, side.things["catalog_id"]
    sees = NAMED_BY_BODY.get(step.name)
    part = "package_id" if sees is Task.READ_PACKAGE else "catalog_id" if sees else step.part
    if part is None or step.name in EACH_FOR_ITSELF:
        return ALLOWED if holds_any(actor, step.task) else REFUSED
    named = "request_id" if part == "approval_id" else part
    parts = walker.parts.get(named, set()) if is_own else set()
    if step.template.endswith((FOR_ASKING, f"{FOR_ASKING}/resourceRoleScopes")):
        return ALLOWED if Part.POLICY in parts else ABSENT
    if sees is not None and not holds_any(actor, step.task):
        return REFUSED
    # Bob has approved nothing yet that he could take back.
    if may(actor, step.task, catalog_id, parts) and step.name != TAKES_BACK:
        return ALLOWED
    return REFUSED if may(actor, sees or SEEN_BY[part], catalog_id, parts) else ABSENT


def told(step: Step, status: int, text: str) -> str:
    """Say what came of a call. What a body names and is not there for the caller is refused as wrong."""
    if status == 404 or (status == 400 and step.name in NAMED_BY_BODY and "There is no " in text):
        return ABSENT
    if status == 403:
        return REFUSED
    return ALLOWED if status < 500 or '"notSupported"' in text else BROKEN


@pytest.fixture
async def stage(
    sqlite_database: Database, settings: Settings, relay: RecordingRelay, issuer: DevelopmentIssuer, tmp_path: Path
) -> tuple[FastAPI, Database]:
    undone = UndoneDatabase(sqlite_database.engine)
    free = Settings.model_validate(settings.model_dump() | {"rate_limit_per_minute": 0})
    return create_app(settings=free, database=undone, relay=relay, issuer=issuer), sqlite_database


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep three thousand lines of log to ourselves: printing them takes longer than the calls."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Return the one database; who may do what does not depend on its kind."""
    return sqlite_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        administrators=(ADA.user_principal_name,),
        callout_secrets=(SecretStr("walk-" * 10),),
        oidc_issuer=None,
    )


# Two thousand calls: seconds, and more of them where others are at work as well.
@pytest.mark.timeout(240)
async def test_every_route_does_for_every_role_what_the_table_says(
    stage: tuple[FastAPI, Database], as_: Clients, issuer: DevelopmentIssuer
) -> None:
    app, database = stage
    finance, audit = await furnish(database, as_)
    every = [step for step in steps() if step.task not in ELSEWHERE]
    wrong: list[str] = []
    for walker in walkers(finance):
        token = issuer.token(walker.person)
        async with holding(database, walker.person, *walker.held):
            # What everybody may is walked by who may nothing else.
            for step in (one for one in every if one.task is not Task.LOOK_UP or walker.name == "stranger"):
                # To who has no role in Finance, and to what names nothing of a catalog, the sides are alike.
                is_local = any(held.catalog_id for held in walker.held)
                sides = [finance, audit] if is_local and (step.part or step.name in NAMED_BY_BODY) else [finance]
                for side in sides:
                    status, text = await call(app, step.method, side.path(step.template), token, side.body(step.name))
                    wanted, came = expected(walker, step, side, is_own=side is finance), told(step, status, text)
                    if step.task in {Task.LOOK_UP, Task.CHANGE_DIRECTORY, Task.GOVERN} and came == ABSENT:
                        came = ALLOWED
                    where = "own" if side is finance else "other"
                    if came != wanted:
                        wrong.append(
                            f"{walker.name}, {where}: {step.name} is {came}, not {wanted} ({status} {text[:200]})"
                        )
                    if step.lists and came == ALLOWED:
                        wrong += listed(walker, step, text, (finance, audit))
    assert wrong == []


def listed(walker: Walker, step: Step, text: str, sides: tuple[Side, Side]) -> list[str]:
    """Say what a list has that it should not, and what it lacks."""
    task = Task.READ_CATALOG if step.task is Task.LIST_CATALOGS else step.task
    seen = realm(walker.actor, task)
    return [
        f"{walker.name}: {step.name} {'shows' if has else 'hides'} {side.things['catalog_id']}"
        for side in sides
        if (has := thing_of(step, side) in text) is not seen.has(side.things["catalog_id"])
    ]


def thing_of(step: Step, side: Side) -> str:
    """Return what of a side stands in a list."""
    return side.target.id if step.lists == "target" else side.things[step.lists or ""]


def test_every_list_of_everybodys_is_looked_into() -> None:
    """A route that lists by role what lies in catalogs says what of a side it must show."""
    lists = [
        step.name
        for step in steps()
        if step.method == "GET" and step.part is None and step.task not in ELSEWHERE
        if TABLE[step.task].roles - {Role.ADMINISTRATOR}
        if not step.name.endswith(("$count", "additionalAccess()"))
    ]
    assert [name for name in lists if not any(name.endswith(end) for end in LISTS)] == []


def test_every_task_is_walked_or_told_elsewhere() -> None:
    walked = {step.task for step in steps()}
    # Asked about inside of others.
    inside = {Task.KNOW_APPROVERS, Task.CANCEL_DELIVERY, Task.MAKE_CREATORS}
    assert walked | inside == set(Task)


async def test_what_is_not_for_ones_eyes_is_told_as_what_does_not_exist(
    stage: tuple[FastAPI, Database], as_: Clients, issuer: DevelopmentIssuer
) -> None:
    """The very same words, but for the id."""
    app, database = stage
    finance, audit = await furnish(database, as_)
    token = issuer.token(EVE)
    here = finance.things["catalog_id"]
    different: list[str] = []
    async with holding(database, EVE, Held(Role.CATALOG_OWNER, here)):
        for step in (one for one in steps() if one.part and one.task not in ELSEWHERE | {Task.DECIDE}):
            part = step.part or ""
            unknown = "00000000-0000-4000-8000-000000000000"
            nowhere = Side(things={**audit.things, part: unknown}, target=LEO, requestor=MIA, approver=BOB)
            answers = []
            for side in (audit, nowhere):
                status, text = await call(app, step.method, side.path(step.template), token, side.body(step.name))
                error = json.loads(text)["error"]
                answers.append((status, error["code"], error["message"].replace(side.things[part], "…")))
            if answers[0] != answers[1]:
                different.append(f"{step.name}: {answers}")
    assert different == []
