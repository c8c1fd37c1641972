"""What target systems show otherwise than Grantline brought about, in the caller's catalogs."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api import may
from api.dependencies import Db, Paging
from api.odata import present
from api.wire.base import Guid, Text
from api.wire.lenient import LenientBody
from grantline.persistence import grant_lists
from grantline.persistence.grant_lists import GrantLine
from grantline.rules.permissions import Task, realm
from grantline.services.assignments import drift_correction

router = APIRouter(prefix="/api/drift", tags=["drift"])


class CorrectionBody(LenientBody):
    """The body of a correction: why."""

    reason: Text | None = None


@router.get("")
async def list_drift(
    actor: may.ListAssignments,
    db: Db,
    paging: Paging,
) -> Response:
    """List grants whose target system shows something else, longest first.

    `next`, if not null, is what `after` must be to go on.
    """
    async with db.read() as tx:
        page = await grant_lists.drifted(tx, realm(actor, Task.LIST_ASSIGNMENTS), paging)
    return present.plain_page([_grant(one) for one in page.rows], page)


@router.post("/{grant_id}/correct", status_code=202)
async def correct(grant_id: Guid, actor: may.Reprocess, db: Db, body: CorrectionBody | None = None) -> Response:
    """Bring a grant to its target system again: what is missing is given, what is surplus is taken back."""
    done = await drift_correction.correct(db, actor, grant_id, body.reason if body else None)
    shown = {
        "grantId": done.grant_id,
        "drift": "missing" if done.is_missing else "surplus",
        "assignmentId": done.assignment_id,
    }
    return present.json_response(shown, status=202)


def _grant(one: GrantLine) -> dict[str, Any]:
    return {
        "grantId": one.id,
        "drift": "missing" if one.is_wanted else "surplus",
        "since": one.drifted_at,
        "person": {
            "id": one.person.id,
            "displayName": one.person.display_name,
            "userPrincipalName": one.person.user_principal_name,
        },
        "role": one.role,
        "resource": one.resource,
        "originSystem": one.origin_system,
        "assignmentIds": [reason.assignment_id for reason in one.reasons if reason.ended_at is None],
    }
