"""Whom an event of the trail concerns: the same people who may see what it is about (invariant 8).

Pure: who has which part in a request or an assignment comes as an argument.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grantline.model.event import EventType
from grantline.model.news import Kind, News

DELEGATIONS = frozenset({EventType.DELEGATION_CREATED, EventType.DELEGATION_CHANGED, EventType.DELEGATION_ENDED})
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
    """Who sees a request or an assignment: those it is about, and those who decide or decided."""

    own: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()


def concerned(
    events: Iterable[Happened], of_requests: Mapping[str, Parties], of_assignments: Mapping[str, Parties]
) -> tuple[dict[str, News], News]:
    """Return the news by person, and those of administrators, who see everything."""
    found: dict[str, News] = {}
    of_all = News()
    for event in events:
        of_all |= _of_all(event)
        for person_id, news in _of_each(event, of_requests, of_assignments):
            found[person_id] = found.get(person_id, News()) | news
    return found, of_all


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
    held = News(kinds=frozenset({Kind.ASSIGNMENTS}), assignment_ids=frozenset({event.assignment_id or ""}))
    yield from ((person_id, held) for person_id in assignment.own)
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


def _news(event: Happened, kinds: set[Kind], *, with_assignment: bool = False) -> News:
    return News(
        kinds=frozenset(kinds),
        request_ids=frozenset({event.request_id} if event.request_id else ()),
        assignment_ids=frozenset({event.assignment_id} if with_assignment and event.assignment_id else ()),
    )


def _id(one: str | Mapping[str, str]) -> str:
    return one if isinstance(one, str) else one["id"]
