"""Switches that hold for everybody: a row for each that was ever turned."""

from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import ColumnElement, exists, insert, select, update

from grantline.model.controls import Controls
from grantline.persistence.control_tables import controls
from grantline.persistence.database import Transaction

REPORTS_ACCESS = "managers_see_reports_access"

# Built once: nearly every page that shows a request runs it.
_ALL = select(controls.c.name, controls.c.is_on)
_LOCKED = _ALL.with_for_update()


async def load(tx: Transaction, *, lock: bool = False) -> Controls:
    """Return how the switches stand; one that nobody has turned yet stands at its default."""
    rows = await tx.all(_LOCKED if lock else _ALL)
    default = Controls()
    known = asdict(default)
    return replace(default, **{row.name: bool(row.is_on) for row in rows if row.name in known})


async def turn(tx: Transaction, name: str, at: datetime, *, is_on: bool) -> None:
    """Turn one switch; two who turn it for the first time at one instant are an IntegrityError."""
    values = {"is_on": is_on, "changed_at": at}
    if not await tx.changed(update(controls).where(controls.c.name == name).values(**values)):
        await tx.execute(insert(controls).values(name=name, **values))


def managers_look_on() -> ColumnElement[bool]:
    """Hold while managers see what their direct reports have without having asked for it."""
    return ~exists().where(controls.c.name == REPORTS_ACCESS, controls.c.is_on.is_(False))
