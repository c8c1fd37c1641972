"""The outbox as the relay sees it: what is due, what is done, and how a lost workflow would begin again."""

from collections.abc import Callable, Sequence

from sqlalchemy import select

from grantline.ambient import utc_now
from grantline.model.assignment import LIVE_STATES
from grantline.model.briefing import AssignmentBriefing, RequestBriefing
from grantline.model.message import Message
from grantline.persistence import outbox
from grantline.persistence.database import Database
from grantline.persistence.tables import assignments, requests
from grantline.services.assignments import lifecycle


class DatabaseOutbox:
    """The outbox in the database; what `workflows/relay.py` asks of an OutboxStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tell(self, listener: Callable[[Sequence[Message]], None]) -> None:
        """Have the listener told of the messages that this process writes, once they are committed."""
        self._database.on_owed = listener

    async def due(self, limit: int) -> list[Message]:
        """Return messages whose time has come, oldest first."""
        async with self._database.read() as tx:
            return await outbox.due(tx, utc_now(), limit)

    async def delivered(self, ids: Sequence[str]) -> None:
        """Forget messages that Temporal has."""
        async with self._database.write() as tx:
            await outbox.delivered(tx, list(ids))

    async def postpone(self, message: Message, error: str) -> None:
        """Try a message again later, and keep why it did not go now."""
        async with self._database.write() as tx:
            await outbox.postpone(tx, message, error=error, now=utc_now())

    async def briefing(self, subject_id: str) -> RequestBriefing | AssignmentBriefing | None:
        """Tell how the workflow of a request or assignment would begin now; None if the access is over, or neither is.

        A request begins even if it is closed by now: access can be delivered
        before the request's own workflow has begun, and that then ends at once.
        """
        async with self._database.read() as tx:
            request = select(requests.c.id).where(requests.c.id == subject_id)
            held = select(assignments.c.id).where(
                assignments.c.id == subject_id, assignments.c.state.in_([state.value for state in LIVE_STATES])
            )
            is_request, is_held = await tx.scalar(request) is not None, await tx.scalar(held) is not None
        if is_request:
            return await lifecycle.briefing(self._database, subject_id)
        return await lifecycle.assignment_briefing(self._database, subject_id) if is_held else None
