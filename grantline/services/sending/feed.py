"""Live updates: what happened since somebody last looked, as each person may hear of it.

The database is the one source: whichever process made the change, its event is
in the trail, and every process that has listeners reads it there.
"""

from dataclasses import dataclass, field

from grantline.ambient import utc_now
from grantline.model.news import ANYTHING, News
from grantline.model.person import Actor
from grantline.persistence import feed
from grantline.persistence.database import Database
from grantline.rules.concern import Concern, concerned

MOST_AT_ONCE = 500
MOST_BEHIND = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """News up to an event, as they concern each. `of_everybody` is told to all."""

    number: int
    concern: Concern = field(default_factory=Concern)
    of_everybody: News = field(default_factory=News)

    def of(self, actor: Actor) -> News:
        """Return what one of them hears."""
        return self.concern.of(actor) | self.of_everybody


async def position(db: Database) -> int:
    """Return the number of the last event."""
    async with db.read() as tx:
        return await feed.head(tx)


async def since(db: Database, number: int) -> Edition:
    """Return some of what happened after an event; call it again until its number does not move.

    Whoever is very far behind is only told that anything may have changed.
    """
    async with db.read() as tx:
        last = await feed.head(tx)
        if last - number > MOST_BEHIND:
            return Edition(number=last, of_everybody=ANYTHING)
        if last <= number:
            return Edition(number=number)
        upto = min(last, number + MOST_AT_ONCE)
        events = await feed.after(tx, number, upto)
        request_ids = {event.request_id for event in events if event.request_id}
        assignment_ids = {event.assignment_id for event in events if event.assignment_id}
        of_requests = await feed.parties_of_requests(tx, request_ids, utc_now())
        of_assignments = await feed.parties_of_assignments(tx, assignment_ids)
    return Edition(number=upto, concern=concerned(events, of_requests, of_assignments))
