"""Administrators turn the switches that hold for everybody."""

from dataclasses import asdict, replace

from grantline.ambient import utc_now
from grantline.errors import Conflict
from grantline.model.controls import Controls
from grantline.persistence import controls as store
from grantline.persistence.database import Database
from grantline.services.configuration.changes import record_changed, unless_taken


async def turn(
    db: Database,
    actor_id: str,
    *,
    managers_see_reports_access: bool | None = None,
    shows_approvers: bool | None = None,
) -> Controls:
    """Turn switches; None leaves one as it stands, and what stands so already is not on record again."""
    wanted = {"managers_see_reports_access": managers_see_reports_access, "shows_approvers": shows_approvers}
    at = utc_now()
    async with db.write() as tx:
        before = await store.load(tx, lock=True)
        after = replace(before, **{name: is_on for name, is_on in wanted.items() if is_on is not None})
        if after == before:
            return before
        stood, stands = asdict(before), asdict(after)
        with unless_taken(Conflict("Somebody else turned a switch at this instant; look again, then turn it.")):
            for name in wanted:
                if stood[name] != stands[name]:
                    await store.turn(tx, name, at, is_on=stands[name])
        record_changed(tx, actor_id, "controls", before, after)
    return after
