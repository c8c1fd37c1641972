"""What target systems show otherwise than Grantline brought about, in the caller's catalogs."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from typing_extensions import TypedDict

from api import may
from api.answers import Json, PlainPage
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.base import Guid, Text
from api.wire.lenient import ExactBody
from api.wire.shapes import PersonOut, person_out
from grantline.persistence import grant_lists
from grantline.persistence.grant_lists import GrantLine
from grantline.rules.permissions import Task, realm
from grantline.services.assignments import drift_correction

router = APIRouter(prefix="/api/drift", tags=["drift"])


class DriftOut(TypedDict):
    """A grant whose target system shows something else than is wanted."""

    grantId: str
    drift: Literal["missing", "surplus"]
    since: datetime | None
    person: PersonOut
    role: str
    resource: str
    originSystem: str
    assignmentIds: list[str]


class CorrectedOut(TypedDict):
    """What is being corrected, and for which assignment."""

    grantId: str
    drift: Literal["missing", "surplus"]
    assignmentId: str | None


class CorrectionBody(ExactBody):
    """The body of a correction: why."""

    reason: Text | None = None


@router.get("")
async def list_drift(
    actor: may.ListAssignments,
    db: Db,
    paging: Paging,
) -> PlainPage[DriftOut]:
    """List grants whose target system shows something else, longest first.

    `next`, if not null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        page = await grant_lists.drifted(tx, realm(actor, Task.LIST_ASSIGNMENTS), paging)
    return present.plain_page([_grant(one) for one in page.rows], page)


@router.post("/{grant_id}/correct", status_code=202)
async def correct(
    grant_id: Guid, actor: may.Reprocess, db: Db, body: CorrectionBody | None = None
) -> Json[CorrectedOut]:
    """Bring a grant to its target system again: what is missing is given, what is surplus is taken back."""
    done = await drift_correction.correct(db, actor, grant_id, body.reason if body else None)
    shown: CorrectedOut = {
        "grantId": done.grant_id,
        "drift": "missing" if done.is_missing else "surplus",
        "assignmentId": done.assignment_id,
    }
    return present.json_response(shown, status=202)


def _grant(one: GrantLine) -> DriftOut:
    return {
        "grantId": one.id,
        "drift": "missing" if one.is_wanted else "surplus",
        "since": one.drifted_at,
        "person": person_out(one.person),
        "role": one.role,
        "resource": one.resource,
        "originSystem": one.origin_system,
        "assignmentIds": [reason.assignment_id for reason in one.reasons if reason.ended_at is None],
    }
