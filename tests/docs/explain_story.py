"""The story behind docs/how-to/explain.md: what each example on it shows, as it is today."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic_core import to_json
from sqlalchemy import update

from api.wire.rehearsals import rehearsal_out
from grantline.ambient import utc_now
from grantline.errors import OwnRequest, TryAgain
from grantline.model.explanation import shown
from grantline.model.policy import Expiration, ExpirationType
from grantline.model.request import Schedule, Verdict
from grantline.persistence.database import Database
from grantline.persistence.grants import release
from grantline.persistence.listing import ListQuery
from grantline.persistence.tables import grants
from grantline.services.approvals.decisions import decide
from grantline.services.assignments.provisioning import apply
from grantline.services.requests import explanation
from grantline.services.requests.rehearsal import rehearse
from tests.cast import ADA, BOB, LEO, MIA, acting
from tests.services.scene import ask_for, asking, furnish, policy, request_now, says
from tests.services.target import FakeTarget

FOR_90_DAYS = Expiration(type=ExpirationType.AFTER_DURATION, duration=timedelta(days=90))


async def play(db: Database) -> list[Any]:
    """Play it, and return what the page shows, in the page's order."""
    await furnish(db, policy(expiration=FOR_90_DAYS))
    accepted = rehearsal_out(await rehearse(db, acting(MIA), asking(LEO)), shows_approvers=True)
    request_id = (await ask_for(db, MIA, LEO)).request.id
    with pytest.raises(OwnRequest):
        await decide(db, LEO.id, request_id, None, Verdict.APPROVE, None)
    request = await explanation.of_request(db, acting(MIA), request_id)
    early = asking(LEO, schedule=Schedule(starts_at=utc_now() + timedelta(days=1)))
    refused = rehearsal_out(await rehearse(db, acting(MIA), early), shows_approvers=True)
    await says(db, BOB, request_id, Verdict.APPROVE, "He closes the month.")
    assignment_id = (await request_now(db, request_id)).assignment_id or ""
    await _stumble(db, assignment_id)
    assignment = await explanation.of_assignment(db, acting(LEO), assignment_id)
    late = await _overdue(db, assignment_id)
    told = [shown(request), shown(assignment), accepted, refused, late]
    return [json.loads(to_json(one)) for one in told]


async def _stumble(db: Database, assignment_id: str) -> None:
    """Let the target system fail once."""

    def fail(moment: str) -> None:
        if moment == "before grant":
            raise TryAgain("The directory answered 503.")

    for grant in (await explanation.of_assignment(db, None, assignment_id)).grants:
        with pytest.raises(TryAgain):
            await apply(db, {"AadGroup": FakeTarget(trouble=fail)}, grant.id)


async def _overdue(db: Database, assignment_id: str) -> dict[str, Any]:
    """Let the access end, and nobody take it back for two minutes."""
    async with db.write() as tx:
        await release(tx, [assignment_id], utc_now())
        await tx.changed(update(grants).values(changed_at=utc_now() - timedelta(minutes=2)))
    found = await explanation.overdue_revocations(db, acting(ADA), ListQuery())
    return {"items": shown(found.rows), "next": found.next_cursor}
