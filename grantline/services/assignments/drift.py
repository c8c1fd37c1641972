"""What target systems show, against what they are known to show. Found and told, never corrected unasked.

A wanted role that is missing, or one we took back that is there again: somebody
was at it outside Grantline. An administrator sees it at /api/drift and has the
assignment reprocessed, which gives it again.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from grantline.ambient import utc_now
from grantline.connectors.base import Connector, Connectors, KeptHere, connector_for
from grantline.errors import TargetRefused, TryAgain
from grantline.model.event import EventType
from grantline.model.upkeep import DriftStep
from grantline.persistence import grant_states
from grantline.persistence.database import Database
from grantline.persistence.grant_states import GrantState
from grantline.services import trail

PAGE = 50
"""How many grants one call looks at."""

AT_ONCE = 5
"""How many looks a target system gets at the same time."""

PAUSE = timedelta(milliseconds=500)
"""How long a target system is left alone between them: ten looks a second, if it answers at once."""

ONE_LOOK = timedelta(seconds=20)


async def check(db: Database, connectors: Connectors, origin_system: str, after: str) -> DriftStep:
    """Look at the next page of grants in a target system, and put on record what has drifted and what no longer has.

    Raises:
        TryAgain: the target is busy or away; nothing was recorded.
        TargetRefused: no connector is set up.
    """
    connector = connector_for(connectors, origin_system)
    async with db.read() as tx:
        states = await grant_states.applied(tx, origin_system, after, PAGE)
    shown = await _look(connector, states)
    drifted = [state for state, is_held in shown.items() if is_held is not None and is_held is not state.is_wanted]
    await _record(db, {state: state in drifted for state, is_held in shown.items() if is_held is not None})
    return DriftStep(
        cursor=states[-1].id if len(states) == PAGE else None,
        looked=len(states),
        drifted=len(drifted),
        unreadable=sum(is_held is None for is_held in shown.values()),
    )


async def _look(connector: Connector, states: Sequence[GrantState]) -> dict[GrantState, bool | None]:
    """Ask the target what it shows of each grant, gently; None where it refuses to say."""
    shown: dict[GrantState, bool | None] = {}
    for begin in range(0, len(states), AT_ONCE):
        few = states[begin : begin + AT_ONCE]
        shown |= dict(zip(few, await asyncio.gather(*(_holds(connector, state) for state in few)), strict=True))
        if not isinstance(connector, KeptHere):
            await asyncio.sleep(PAUSE.total_seconds())
    return shown


async def _holds(connector: Connector, state: GrantState) -> bool | None:
    try:
        async with asyncio.timeout(ONE_LOOK.total_seconds()):
            return await connector.holds(state.entitlement)
    except TargetRefused:
        return None
    except TimeoutError as error:
        raise TryAgain(
            f"{state.summary}: {connector.origin_system} did not answer within {int(ONE_LOOK.total_seconds())} seconds."
        ) from error


async def _record(db: Database, found: dict[GrantState, bool]) -> None:
    news = [(state, has_drifted) for state, has_drifted in found.items() if has_drifted is not bool(state.drifted_at)]
    if not news:
        return
    now = utc_now()
    async with db.write() as tx:
        for state, has_drifted in news:
            # Whatever moved since it was read is about to be brought to the target anyway.
            if await grant_states.note_drift(tx, state, now if has_drifted else None) and has_drifted:
                what = "missing" if state.is_wanted else "surplus"
                tx.audit(trail.about_grant(state, EventType.GRANT_DRIFTED, now, drift=what))
