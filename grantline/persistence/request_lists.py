"""Requests as lists and pages read them: whose they are, and who may see one.

Every list is a keyset query along an index of `requests`; its cost follows
the page, not the number of requests there ever were.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    text,
    union_all,
)

from grantline.model.plan import Limit
from grantline.model.question import Answer
from grantline.model.request import RequestState, RequestType, Schedule, StageState
from grantline.persistence import controls, delegations, listing, names
from grantline.persistence.codec import from_json
from grantline.persistence.database import Transaction
from grantline.persistence.listing import Field, Fields, ListQuery, Page, Within
from grantline.persistence.realms import inside
from grantline.persistence.requests import answers_in, limit_in
from grantline.persistence.tables import people, requests, stage_approvers, stages
from grantline.rules.permissions import NOWHERE, Realm


class RequestsOf(StrEnum):
    """Which requests, seen from one person."""

    EVERYBODY = "everybody"
    TARGET = "target"
    CREATED_BY = "createdBy"
    APPROVER = "approver"
    TARGET_OR_REQUESTOR = "targetOrRequestor"
    TARGET_MANAGER = "targetManager"
    FOR_OTHERS = "requestForOthers"
    AGENTS = "targetAgentIdentitySponsorOrOwner"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One request as a list shows it: everything but its plan, and answers only to whom they concern."""

    id: str
    type: RequestType
    state: RequestState
    status: str
    requestor_id: str
    requestor_name: str | None
    target_id: str
    package_id: str
    catalog_id: str
    policy_id: str
    assignment_id: str | None
    justification: str | None
    schedule: Schedule
    created_at: datetime
    completed_at: datetime | None
    answers: tuple[Answer, ...] = ()
    limit: Limit | None = None


COLUMNS = (
    requests.c.id,
    requests.c.type,
    requests.c.state,
    requests.c.status,
    requests.c.requestor_id,
    requests.c.requestor_name,
    requests.c.target_id,
    requests.c.package_id,
    requests.c.catalog_id,
    requests.c.policy_id,
    requests.c.assignment_id,
    requests.c.justification,
    requests.c.schedule,
    requests.c.created_at,
    requests.c.completed_at,
    requests.c.shortened_to,
)

STATES: dict[str, str | tuple[str, ...]] = {
    # Judged at once, nothing of ours stays submitted; a filter may ask for it all the same.
    "submitted": "submitted",
    **{state.value: state.value for state in RequestState if state is not RequestState.EXPIRED},
    RequestState.DENIED.value: (RequestState.DENIED.value, RequestState.EXPIRED.value),
}
"""Which states of ours a `state` on the wire means."""

FIELDS: Fields = {
    "id": requests.c.id,
    "state": Field(column=requests.c.state, members=STATES),
    "status": requests.c.status,
    "requestType": Field(column=requests.c.type, members={kind.value: kind.value for kind in RequestType}),
    "createdDateTime": requests.c.created_at,
    "completedDateTime": requests.c.completed_at,
    "accessPackage/id": requests.c.package_id,
    "requestor/objectId": Field(column=requests.c.requestor_id, is_actor=True),
    "requestor/id": Field(column=requests.c.requestor_id, is_actor=True),
    "assignment/id": requests.c.assignment_id,
    "assignment/target/objectId": requests.c.target_id,
    "assignment/target/id": requests.c.target_id,
    "assignment/targetId": requests.c.target_id,
    "assignment/accessPackage/id": requests.c.package_id,
    "assignment/assignmentPolicy/id": requests.c.policy_id,
}
KEY = (requests.c.created_at, requests.c.id)

NAMED: Fields = {
    **FIELDS,
    "accessPackage/displayName": names.of_package(requests.c.package_id),
    "requestor/displayName": func.coalesce(requests.c.requestor_name, names.of_person(requests.c.requestor_id)),
    "assignment/target/displayName": names.of_person(requests.c.target_id),
}
"""As well by name, where a list is one person's: among everybody's, a part of a name would be looked for in all."""

# In the very words of the partial index; SQLite does not see that `is_open = 1` means the same.
IS_OPEN = text("stage_approvers.is_open")


def reports_shown_to(manager_id: str | BindParameter[str]) -> Select[tuple[str]]:
    """Select the ids of the people who have this manager; nobody's while managers do not look on."""
    return select(people.c.id).where(people.c.manager_id == manager_id, controls.managers_look_on())


async def page(
    tx: Transaction,
    whose: RequestsOf,
    person_id: str,
    query: ListQuery,
    now: datetime,
    *,
    realm: Realm = NOWHERE,
) -> Page[RequestLine]:
    """Return one page of requests, newest first unless the query says otherwise; `EVERYBODY` is those of the realm.

    `now` matters to `APPROVER` alone: a stage whose deadline has passed waits for nobody. The realm is where the
    person reads requests, and so knows approvers.
    """
    base = select(*COLUMNS, _answers(person_id, now, realm)).where(_belonging(whose, person_id, now))
    within = Within(requests.c.catalog_id, realm) if whose is RequestsOf.EVERYBODY else None
    found = await listing.page(tx, base, _fields(whose, person_id, realm), KEY, query, within=within)
    return found.map(line)


def _fields(whose: RequestsOf, person_id: str, realm: Realm) -> Fields:
    """Return what may be filtered and ordered by; who took an approval back is nobody there whom one may not know."""
    if whose is RequestsOf.EVERYBODY:
        return FIELDS
    if whose in {RequestsOf.CREATED_BY, RequestsOf.FOR_OTHERS} or realm.is_everything:
        return NAMED
    is_open = or_(
        requests.c.type != RequestType.APPROVER_REMOVE.value,
        requests.c.requestor_id == person_id,
        inside(requests.c.catalog_id, realm),
    )
    requestor = Field(column=case((is_open, requests.c.requestor_id)), is_actor=True)
    name = func.coalesce(requests.c.requestor_name, names.of_person(requests.c.requestor_id))
    veiled = {
        "requestor/objectId": requestor,
        "requestor/id": requestor,
        "requestor/displayName": case((is_open, name)),
    }
    return {**NAMED, **veiled}


async def visible(
    tx: Transaction, request_id: str, viewer_id: str, now: datetime, realm: Realm = NOWHERE
) -> RequestLine | None:
    """Return a request if the viewer may see it at this instant: by a part in it, or because the realm has it."""
    statement = select(*COLUMNS, _answers(viewer_id, now, realm)).where(requests.c.id == request_id)
    if not realm.is_everything:
        statement = statement.where(or_(may_see(viewer_id, now), inside(requests.c.catalog_id, realm)))
    row = await tx.first(statement)
    return line(row) if row else None


def may_see(person_id: str | BindParameter[str], now: delegations.At) -> ColumnElement[bool]:
    """Hold for whoever asked or gets, the target's manager, who is asked to decide, and who stands in for these now."""
    return or_(_takes_part(person_id, now), requests.c.target_id.in_(reports_shown_to(person_id)))


def _takes_part(person_id: str | BindParameter[str], now: delegations.At) -> ColumnElement[bool]:
    return or_(
        requests.c.requestor_id == person_id,
        requests.c.target_id == person_id,
        exists().where(stage_approvers.c.request_id == requests.c.id, stage_approvers.c.person_id == person_id),
        delegations.sees_in_place(person_id, now),
    )


def _answers(viewer_id: str, now: datetime, realm: Realm) -> ColumnElement[Any]:
    """Select the answers for those who asked, get, decide or govern; a manager who only looks on sees none."""
    if realm.is_everything:
        return requests.c.answers
    # Nobody is looked up where there is nothing to keep from them.
    seen = and_(requests.c.answers.is_not(None), or_(_takes_part(viewer_id, now), inside(requests.c.catalog_id, realm)))
    return case((seen, requests.c.answers)).label("answers")


def awaits(person_id: str, now: datetime) -> ColumnElement[bool]:
    """Hold for the requests this person may decide on at this instant, in their own name or in somebody's place.

    The same as `rules/voices.py` says of one request.
    """
    themselves = select(people.c.id).where(people.c.id == person_id)
    by_right_of = union_all(themselves, delegations.in_whose_place(person_id, now))
    waiting = (
        select(stage_approvers.c.request_id)
        .join(stages, stages.c.id == stage_approvers.c.stage_id)
        .where(
            stage_approvers.c.person_id.in_(by_right_of),
            IS_OPEN,
            stages.c.state == StageState.OPEN.value,
            stages.c.deadline_at > now,
        )
    )
    return and_(
        requests.c.id.in_(waiting),
        requests.c.requestor_id != person_id,
        requests.c.target_id != person_id,
    )


def line(row: Row[Any]) -> RequestLine:
    """Read one row of `COLUMNS` and answers."""
    return RequestLine(
        id=row.id,
        type=RequestType(row.type),
        state=RequestState(row.state),
        status=row.status,
        requestor_id=row.requestor_id,
        requestor_name=row.requestor_name,
        target_id=row.target_id,
        package_id=row.package_id,
        catalog_id=row.catalog_id,
        policy_id=row.policy_id,
        assignment_id=row.assignment_id,
        justification=row.justification,
        schedule=from_json(Schedule, row.schedule),
        created_at=row.created_at,
        completed_at=row.completed_at,
        answers=answers_in(row),
        limit=limit_in(row),
    )


def _belonging(whose: RequestsOf, person_id: str, now: datetime) -> ColumnElement[bool]:
    requestor, target = requests.c.requestor_id, requests.c.target_id
    conditions: dict[RequestsOf, ColumnElement[bool]] = {
        RequestsOf.EVERYBODY: requests.c.id.is_not(None),
        RequestsOf.TARGET: target == person_id,
        RequestsOf.CREATED_BY: requestor == person_id,
        RequestsOf.APPROVER: awaits(person_id, now),
        RequestsOf.TARGET_OR_REQUESTOR: or_(target == person_id, requestor == person_id),
        RequestsOf.TARGET_MANAGER: target.in_(reports_shown_to(person_id)),
        RequestsOf.FOR_OTHERS: and_(requestor == person_id, target != person_id),
        RequestsOf.AGENTS: false(),
    }
    return conditions[whose]
