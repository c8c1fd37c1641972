"""Whom one may ask for as their manager: reports, and their reports as far down as any policy reaches.

Graph knows direct reports alone. Plain JSON below /api; failures look as they do below /v1.0.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Parameter
from typing_extensions import TypedDict

from api import may
from api.answers import PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.base import Guid
from api.wire.shapes import NamedOut, PersonOut, person_out
from grantline.persistence import line
from grantline.persistence.line import LineMember

router = APIRouter(prefix="/api/reports", tags=["reports, direct and indirect"])


class LineMemberOut(PersonOut):
    """Somebody below whoever reads: `level` is 1 for those who report to them."""

    jobTitle: str | None
    department: str | None
    employeeHireDate: date | None
    level: int
    manager: NamedOut


@router.get("")
async def reports(
    *,
    actor: may.SeeOwn,
    db: Db,
    paging: Paging,
    search: Annotated[str, Parameter(max_length=256, description="a part of the name or the job title")] = "",
    person: Annotated[Guid | None, Parameter(description="only this one, if they are in the line")] = None,
) -> PlainPage[LineMemberOut]:
    """List the people below the caller by name; `level` is 1 for those who report to them.

    Which packages may be asked for whom is `/api/packages?for=…`. `next`, if not
    null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        page = await line.page(tx, actor.id, paging, search=search.strip(), person_id=person)
    return present.plain_page([_shown(one) for one in page.rows], page)


class StandingOut(TypedDict):
    """How a direct report stands: what they have, and what is under way about them."""

    id: str
    assignments: int
    openRequests: int


@router.get("/standings")
async def standings(actor: may.SeeOwn, db: Db, paging: Paging) -> PlainPage[StandingOut]:
    """Tell of each of the caller's direct reports how many assignments they have and how many requests are not over.

    Nobody is told of while "managers see what their direct reports have" is off. `next`, if not null, is what
    `after` must be to go on.
    """
    async with db.read() as tx:
        page = await line.standings(tx, actor.id, paging)
    return present.plain_page(
        [{"id": one.person_id, "assignments": one.assignments, "openRequests": one.open_requests} for one in page.rows],
        page,
    )


def _shown(one: LineMember) -> LineMemberOut:
    person = one.profile.person
    return {
        **person_out(person),
        "jobTitle": person.job_title,
        "department": person.department,
        "employeeHireDate": one.profile.hire_date,
        "level": one.level,
        "manager": {"id": one.manager_id, "displayName": one.manager_name},
    }
