"""What somebody decided, as a list shows it: their approvals that are history (EF-070)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select

from grantline.model.plan import Limit
from grantline.model.request import RequestState, RequestType, Verdict
from grantline.persistence import listing, requestors
from grantline.persistence.database import Transaction
from grantline.persistence.listing import ListQuery, Page
from grantline.persistence.requestors import ASKED, REQUESTOR
from grantline.persistence.requests import limit_in
from grantline.persistence.tables import assignments, packages, people, requests, stages

KEY = (stages.c.decided_at, stages.c.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """One decision, with what it was about and what has become of that since."""

    request_id: str
    request_type: RequestType
    request_state: RequestState
    stage_id: str
    stage_number: int
    verdict: Verdict
    justification: str | None
    limit: Limit | None
    assignment_state: str | None
    decided_at: datetime
    package_id: str
    package_name: str
    requestor_id: str
    requestor_name: str
    target_id: str
    target_name: str


async def page(tx: Transaction, person_id: str, query: ListQuery, *, search: str = "") -> Page[DecisionLine]:
    """Return one page of what a person decided, latest first; `search` is a part of a name in it."""
    target = people.alias("target")
    base = (
        select(
            stages.c.id,
            stages.c.number,
            stages.c.verdict,
            stages.c.justification,
            stages.c.shortened_to,
            stages.c.decided_at,
            requests.c.id.label("request_id"),
            requests.c.type,
            requests.c.state,
            assignments.c.state.label("assignment_state"),
            packages.c.id.label("package_id"),
            packages.c.display_name.label("package_name"),
            requests.c.requestor_id,
            requestors.NAME.label("requestor_name"),
            target.c.id.label("target_id"),
            target.c.display_name.label("target_name"),
        )
        .join(requests, requests.c.id == stages.c.request_id)
        .join(packages, packages.c.id == requests.c.package_id)
        .outerjoin(REQUESTOR, ASKED)
        .join(target, target.c.id == requests.c.target_id)
        .outerjoin(assignments, assignments.c.id == requests.c.assignment_id)
        .where(stages.c.decided_by_id == person_id)
    )
    if search:
        names = (packages.c.display_name, requestors.NAME, target.c.display_name)
        base = base.where(or_(*(name.icontains(search, autoescape=True) for name in names)))
    return (await listing.page(tx, base, {}, KEY, query)).map(_line)


def _line(row: Row[Any]) -> DecisionLine:
    return DecisionLine(
        request_id=row.request_id,
        request_type=RequestType(row.type),
        request_state=RequestState(row.state),
        stage_id=row.id,
        stage_number=row.number,
        verdict=Verdict(row.verdict),
        justification=row.justification,
        limit=limit_in(row),
        assignment_state=row.assignment_state,
        decided_at=row.decided_at,
        package_id=row.package_id,
        package_name=row.package_name,
        requestor_id=row.requestor_id,
        requestor_name=row.requestor_name,
        target_id=row.target_id,
        target_name=row.target_name,
    )
