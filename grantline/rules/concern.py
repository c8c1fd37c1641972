"""Whom an event of the trail concerns: the same people who may see what it is about (invariant 8).

Pure: who has which part in a request or an assignment comes as an argument. Whoever
has a role hears by where the matter lies, so an event costs the same however
many have one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grantline.model.event import EventType
from grantline.model.news import Kind, News
from grantline.model.person import Actor
from grantline.rules.permissions import Task, holds_any, holds_roles, realm

DELEGATIONS = frozenset({EventType.DELEGATION_CREATED, EventType.DELEGATION_CHANGED, EventType.DELEGATION_ENDED})
ROLES = frozenset({EventType.ROLE_ASSIGNED, EventType.ROLE_WITHDRAWN})
MOVED = frozenset({EventType.STAGE_REROUTED, EventType.STAGE_REASSIGNED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What of an event says whom it concerns. Its type is text: a newer Grantline may have written it."""

    type: str
    request_id: str | None
    assignment_id: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who sees a request or an assignment: those it is about, those who decide or decided, and those of its catalog."""

    own: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    catalog_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """News by person, those of administrators, who see everything, and by catalog those of whoever has a role there.

    `roles_of` are those whose roles changed.
    """

    by_person: Mapping[str, News] = field(default_factory=dict)
    of_administrators: News = field(default_factory=News)
    of_requests_in: Mapping[str, News] = field(default_factory=dict)
    of_assignments_in: Mapping[str, News] = field(default_factory=dict)
    roles_of: frozenset[str] = frozenset()

    def of(self, actor: Actor) -> News:
        """Return what one of them hears, by the roles that they have."""
        heard = self.by_person.get(actor.id, News())
        if holds_any(actor, Task.GOVERN):
            heard |= self.of_administrators
        for task, by_catalog in (
            (Task.READ_REQUEST, self.of_requests_in),
            (Task.READ_ASSIGNMENT, self.of_assignments_in),
        ):
            for catalog_id in by_catalog.keys() & realm(actor, task).catalog_ids:
                heard |= by_catalog[catalog_id]
        return heard

    def asks_anew(self, actor: Actor) -> bool:
        """Tell whether the roles of an actor may not be what they were; a group's may be anybody's."""
        return bool(self.roles_of) and (holds_roles(actor) or actor.id in self.roles_of)


def concerned(
    events: Iterable[Happened], of_requests: Mapping[str, Parties], of_assignments: Mapping[str, Parties]
) -> Concern:
    """Return whom what happened concerns."""
    people: dict[str, News] = {}
    requests_in: dict[str, News] = {}
    assignments_in: dict[str, News] = {}
    of_all, roles_of = News(), set[str]()
    for event in events:
        of_all |= _of_all(event)
        for person_id, news in _of_each(event, of_requests, of_assignments):
            _add(people, person_id, news)
        if (asked := of_requests.get(event.request_id or "")) is not None:
            _add(requests_in, asked.catalog_id, _news(event, {Kind.REQUESTS}))
        if (held := of_assignments.get(event.assignment_id or "")) is not None:
            _add(assignments_in, held.catalog_id, _of_assignment(event))
        if event.type in ROLES:
            roles_of.add(str(event.details.get("principal")))
    return Concern(
        by_person=people,
        of_administrators=of_all,
        of_requests_in=requests_in,
        of_assignments_in=assignments_in,
        roles_of=frozenset(roles_of),
    )


def _add(found: dict[str, News], whose: str | None, news: News) -> None:
    if whose is not None:
        found[whose] = found.get(whose, News()) | news


def _of_all(event: Happened) -> News:
    kinds = {Kind.TRAIL}
    if event.request_id:
        kinds |= {Kind.REQUESTS}
    if event.assignment_id:
        kinds |= {Kind.ASSIGNMENTS}
    return _news(event, kinds, with_assignment=True)


def _of_each(
    event: Happened, of_requests: Mapping[str, Parties], of_assignments: Mapping[str, Parties]
) -> Iterator[tuple[str, News]]:
    request = of_requests.get(event.request_id or "", Parties())
    assignment = of_assignments.get(event.assignment_id or "", Parties())
    yield from ((person_id, _news(event, {Kind.REQUESTS})) for person_id in request.own)
    yield from ((person_id, _news(event, {Kind.REQUESTS, Kind.APPROVALS})) for person_id in request.approvers)
    yield from ((person_id, _of_assignment(event)) for person_id in assignment.own)
    yield from _named(event.type, event.details)


def _named(kind: str, details: Mapping[str, Any]) -> Iterator[tuple[str, News]]:
    """Tell those whom the event itself names."""
    if kind in MOVED:
        # They may see the request no longer; so they are not told which.
        yield from ((_id(one), News(kinds=frozenset({Kind.APPROVALS}))) for one in details.get("gone", ()))
    elif kind in DELEGATIONS:
        before = details.get("before") or {}
        both = {details.get("delegator"), details.get("delegate"), before.get("delegate")} - {None}
        yield from ((str(one), News(kinds=frozenset({Kind.DELEGATIONS, Kind.APPROVALS}))) for one in both)
    elif kind == EventType.DIRECTORY_CHANGED:
        managers = {one for one in (details.get("manager_id"), details.get("before")) if isinstance(one, str)}
        yield from ((one, News(kinds=frozenset({Kind.TEAM}))) for one in managers)


def _of_assignment(event: Happened) -> News:
    return News(kinds=frozenset({Kind.ASSIGNMENTS}), assignment_ids=frozenset({event.assignment_id or ""}))


def _news(event: Happened, kinds: set[Kind], *, with_assignment: bool = False) -> News:
    return News(
        kinds=frozenset(kinds),
        request_ids=frozenset({event.request_id} if event.request_id else ()),
        assignment_ids=frozenset({event.assignment_id} if with_assignment and event.assignment_id else ()),
    )


def _id(one: str | Mapping[str, str]) -> str:
    return one if isinstance(one, str) else one["id"]
