"""Policies and asks of the stories about more time."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from grantline.model.policy import (
    Expiration,
    ExpirationType,
    RequestorSettings,
)
from grantline.model.request import Ask, RequestType, Schedule
from grantline.model.subjects import TargetManager
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments
from grantline.services.assignments import lifecycle
from tests.cast import BOB, LEO, MIA
from tests.services.scene import (
    OWNERS_DECIDE,
    approved_by,
    given,
    policy,
)

USER, ADMIN = RequestType.USER_UPDATE, RequestType.ADMIN_UPDATE
MONTHS = timedelta(days=90)
SETTINGS = RequestorSettings(
    allow_custom_schedule=True,
    self_add=True,
    self_update=True,
    self_remove=True,
    on_behalf_add=True,
    on_behalf_update=True,
    on_behalf_remove=True,
    on_behalf_requestors=(TargetManager(manager_level=1),),
)
AT_ONCE = policy(
    requestor_settings=SETTINGS, expiration=Expiration(type=ExpirationType.AFTER_DURATION, duration=MONTHS)
)
APPROVED = replace(AT_ONCE, approval_settings=approved_by(OWNERS_DECIDE, is_required_for_update=True))


def until(end_at: datetime) -> Schedule:
    """Return a schedule with this end."""
    return Schedule(expiration=Expiration(type=ExpirationType.AFTER_DATE_TIME, end_at=end_at))


def extending(assignment_id: str, kind: RequestType = USER, **more: Any) -> Ask:
    """Return an ask for more time."""
    return Ask(type=kind, assignment_id=assignment_id, justification="Another quarter", **more)


async def held_by_leo(db: Database, *, lasts: timedelta = timedelta(days=30)) -> str:
    """Give Leo the package for a time, asked by Mia; return the assignment's id."""
    schedule = Schedule(expiration=Expiration(type=ExpirationType.AFTER_DURATION, duration=lasts))
    held = await given(db, requestor=MIA, target=LEO, by=BOB, schedule=schedule)
    await lifecycle.record_delivery(db, held.assignment_id, {})
    return held.assignment_id


async def set_end(db: Database, assignment_id: str, ends_at: datetime | None) -> None:
    """Let the assignment end at another time, without anybody asking."""
    async with db.write() as tx:
        await tx.changed(update(assignments).where(assignments.c.id == assignment_id).values(ends_at=ends_at))
